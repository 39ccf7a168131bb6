"""The courses of all sources within a day, out of the readings files; and what is usual for each, kept.

What is usual is learned from what was received before the day began: it is the same as of every instant of
the day, so it is learned once and kept in a file of its own. Such a file is a projection: its name comes from
the readings files it was made from, and where these are others it is made anew.
"""

import hashlib
import math
from collections.abc import Iterator, Mapping, Sequence, Set
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Final

from rdchem.model.course import Course, Shown
from rdchem.model.source import Source
from rdchem.readings.against import Against, with_against
from rdchem.readings.beside import sensors
from rdchem.readings.changed import changed
from rdchem.readings.copies import Fingerprints
from rdchem.readings.drawn import with_last_hours, with_past
from rdchem.readings.grid import gridded, joined
from rdchem.readings.learned import LEARNED_AS, Learned, learn_all
from rdchem.readings.related import related
from rdchem.readings.rows import Rows
from rdchem.readings.series import Series
from rdchem.readings.steady import courses_of
from rdchem.store.copies import Today
from rdchem.store.learned_past import LearnedPast, is_kept, keep_pasts
from rdchem.store.rows import by_company

EVE: Final = timedelta(days=1)
"""So much longer than the past is looked at for sources that go together no more."""
EARLIER: Final = 3
"""Where some do not: so many times the past."""


@dataclass(frozen=True, slots=True)
class CourseLimits:
    """`past`: how far back the normal past reaches; `least_past`: a shorter one teaches nothing; `least_gap`:
    a time without readings that is worth naming.
    """

    past: timedelta
    least_past: timedelta
    least_gap: timedelta


@dataclass(frozen=True, slots=True)
class Files:
    """Readings files with anything received within the day, within the past and the eve before it, and within
    the time before that which may be asked about.
    """

    today: Sequence[Path]
    past: Sequence[Path]
    kept: Path
    """The folder in which what was learned is kept."""
    earlier: Sequence[Path] = ()


def courses(
    files: Files,
    sources: Mapping[str, Mapping[str, Source]],
    *,
    start: datetime,
    as_of: datetime,
    limits: CourseLimits,
    owners: Mapping[str, str] = MappingProxyType({}),
    wanted: set[str] | None = None,
    signals: bool = True,
) -> dict[str, dict[str, Course]]:
    """Company (as it sends) -> source -> its course within [start, as_of]; `sources` are those registered.

    `owners`: companies that also send as another -> as whom they are registered. `wanted`: of these companies
    alone; what is usual is learned of all, and all are asked who shows what another shows. Without `signals`
    it is told when a source sent and how steadily, not whether what it sent is true: that takes far longer.
    """
    kept = usual_of_day(files, sources, start=start, limits=limits) if signals else None
    found: dict[str, dict[str, Course]] = {}
    today = Today(files.today, sources, owners, start, as_of)
    prints: list[Fingerprints] = []
    against: dict[str, list[Against]] = {}
    with LearnedPast(str(kept)) if kept else nullcontext() as usual:
        for company, own in today.rows(wanted):
            known = today.sensors(company)
            learned = usual.of(company) if usual else {}
            told = courses_of(own, known, learned, least_gap=limits.least_gap, signals=signals)
            found[company] = {
                code: with_last_hours(one, own[code], until=as_of, least_gap=limits.least_gap)
                for code, one in told.items()
            }
            if signals:
                prints.append(today.prints([(company, own)]))
                against[company] = related(own, known, learned, least_s=limits.least_past.total_seconds())
    if signals:
        others = [] if wanted is None else today.prints_but(wanted)
        found = today.with_copies(found, [*prints, *others])
        found = {company: with_against(own, against[company]) for company, own in found.items()}
    return _with_pasts(found, files, start=start, as_of=as_of, limits=limits)


def usual_of_day(
    files: Files, sources: Mapping[str, Mapping[str, Source]], *, start: datetime, limits: CourseLimits
) -> Path | None:
    """The file of what is usual for each source, made if it is not there; None without any past."""
    if not files.past:
        return None
    names = [path.name for path in (*files.past, *files.earlier)]
    names += [str(limits), LEARNED_AS]
    name = hashlib.sha256("\n".join(names).encode()).hexdigest()[:24]
    kept = files.kept / f"{start:%Y%m%d%H}-{name}.parquet"
    if not is_kept(kept):
        keep_pasts(kept, _learned(files, sources, start, limits), exact=True)
    return kept


def _learned(
    files: Files, sources: Mapping[str, Mapping[str, Source]], start: datetime, limits: CourseLimits
) -> Iterator[tuple[str, dict[str, Learned]]]:
    """Company and what is usual for its registered sources, of those whose past is long enough.

    Whether sources go together is looked for in a day more. Of the few enterprises of which some began or
    ceased to, what they showed before is read too, when all others are done.
    """
    since, before = start - limits.past, start - timedelta(microseconds=1)
    asked: dict[str, tuple[dict[str, Learned], set[str]]] = {}
    for company, own in by_company(
        files.past, since=since - EVE, until=before, received=(since - EVE, before)
    ):
        known = sources.get(company, {})
        learned = _usual({code: rows for code, rows in own.items() if code in known}, since, limits)
        compared = sensors(known)
        eves = _with_earlier(learned, own, compared.keys(), until=since)
        pasts = {code: joined(one.earlier, one.past) for code, one in eves.items() if code in compared}
        changes = changed(pasts, compared)
        if changes:
            asked[company] = learned, changes
        elif learned:
            yield company, learned
    earlier = start - EARLIER * limits.past
    for company, own in by_company(
        [*files.earlier, *files.past],
        since=earlier,
        until=since,
        received=(earlier, before),
        companies={*asked},
    ):
        learned, changes = asked[company]
        asked[company] = _with_earlier(learned, own, changes, until=since), changes
    yield from ((company, learned) for company, (learned, _) in asked.items())


def _usual(own: Mapping[str, Rows], since: datetime, limits: CourseLimits) -> dict[str, Learned]:
    """What is usual for the sources of an enterprise whose past is long enough."""
    least_s = limits.least_past.total_seconds()
    parts = {code: rows.series.between(since.timestamp(), math.inf) for code, rows in own.items()}
    long = {
        code: one
        for code, one in parts.items()
        if one.seconds.size and one.seconds[-1] - one.seconds[0] >= least_s
    }
    told = learn_all(list(long.values()))
    return {code: usual for code, usual in zip(long, told, strict=True) if usual}


def _with_earlier(
    learned: Mapping[str, Learned], own: Mapping[str, Rows], codes: Set[str], *, until: datetime
) -> dict[str, Learned]:
    """The same with what some of the sources showed before a time."""
    return {
        code: replace(one, earlier=gridded(_before(own[code], until), one.past.step_s))
        if code in codes and code in own
        else one
        for code, one in learned.items()
    }


def _before(rows: Rows, until: datetime) -> Series:
    return rows.series.between(-math.inf, until.timestamp()).present()


def _with_pasts(
    found: dict[str, dict[str, Course]],
    files: Files,
    *,
    start: datetime,
    as_of: datetime,
    limits: CourseLimits,
) -> dict[str, dict[str, Course]]:
    """Where an interval resembles another time or source, the rows of that time beside it."""
    wanted = [
        (company, code, position, shown)
        for company, own in found.items()
        for code, one in own.items()
        for position, shown in enumerate(one.shown)
        if shown.interval.resembles is not None and not shown.repeated
    ]
    if not wanted:
        return found
    earliest = min(one.interval.resembles.start for *_, one in wanted if one.interval.resembles)
    paths = sorted({*files.past, *files.today})
    rows = dict(
        by_company(
            paths,
            since=earliest,
            until=as_of,
            received=(start - limits.past, as_of),
            companies={company for company, *_ in wanted},
        )
    )
    for company, code, position, shown in wanted:
        told = list(found[company][code].shown)
        told[position] = _resembling(shown, rows.get(company, {}), code)
        found[company][code] = replace(found[company][code], shown=tuple(told))
    return found


def _resembling(shown: Shown, rows: Mapping[str, Rows], code: str) -> Shown:
    other = shown.interval.resembles
    if other is None or (other.source_code or code) not in rows:
        return shown
    past = rows[other.source_code or code].between(other.start.timestamp(), other.end.timestamp())
    return with_past(shown, past)
