"""The courses of all sources within a day, out of the readings files; and what is usual for each, kept.

What is usual is learned from what was received before the day began: it is the same as of every instant of
the day, so it is learned once and kept in a file of its own. Such a file is a projection: its name comes from
the readings files it was made from, and where these are others it is made anew.
"""

import hashlib
import pickle  # written and read by ourselves only, beside the readings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rdchem.model.course import Course, Shown
from rdchem.model.source import Source, SourceKind
from rdchem.readings.courses import Rows, with_past
from rdchem.readings.learned import Learned, learn_all
from rdchem.readings.series import Series
from rdchem.readings.steady import courses_of
from rdchem.segment import microseconds
from rdchem.store.readings import received_rows

_COLUMNS = [
    "company_code",
    "source_code",
    "occurred_us",
    "received_us",
    "heard_us",
    "value",
    "quality",
    "journal_id",
]
_ORDER = ["company_code", "source_code", "occurred_us", "heard_us", "journal_id"]


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
    """Readings files with anything received within the day, and within the past before it."""

    today: Sequence[Path]
    past: Sequence[Path]
    kept: Path
    """The folder in which what was learned is kept."""


def courses(
    files: Files,
    sources: Mapping[str, Mapping[str, Source]],
    *,
    start: datetime,
    as_of: datetime,
    limits: CourseLimits,
    wanted: set[str] | None = None,
    signals: bool = True,
) -> dict[str, dict[str, Course]]:
    """Company (as it sends) -> source -> its course within [start, as_of]; `sources` are those registered.

    `wanted`: of these companies alone; what is usual is learned of all. Without `signals` it is told when a
    source sent and how steadily, not whether what it sent is true: that takes far longer.
    """
    usual = usual_of_day(files, sources, start=start, limits=limits) if signals else {}
    found: dict[str, dict[str, Course]] = {}
    of_today = _by_company(files.today, since=start, until=as_of, received=(start, as_of), companies=wanted)
    for company, own in of_today:
        known = {
            code: source
            for code, source in sources.get(company, {}).items()
            if source.kind is SourceKind.SENSOR
        }
        learned = {code: usual[company, code] for code in own if (company, code) in usual}
        found[company] = courses_of(
            own, known, learned, as_of=as_of, least_gap=limits.least_gap, signals=signals
        )
    return _with_pasts(found, files, start=start, as_of=as_of, limits=limits)


def usual_of_day(
    files: Files, sources: Mapping[str, Mapping[str, Source]], *, start: datetime, limits: CourseLimits
) -> dict[tuple[str, str], Learned]:
    """What is usual for each source, as kept, or learned now."""
    if not files.past:
        return {}
    names = [path.name for path in files.past] + [str(limits), *Learned.__dataclass_fields__]
    name = hashlib.sha256("\n".join(names).encode()).hexdigest()[:24]
    kept = files.kept / f"{start:%Y%m%d%H}-{name}.learned"
    if kept.is_file():
        found: dict[tuple[str, str], Learned] = pickle.loads(kept.read_bytes())  # noqa: S301 - our own file
        return found
    before = start - timedelta(microseconds=1)
    learned: dict[tuple[str, str], Learned] = {}
    for company, own in _by_company(
        files.past, since=start - limits.past, until=before, received=(start - limits.past, before)
    ):
        long = [
            code
            for code, rows in own.items()
            if code in sources.get(company, {})
            and rows.seconds[-1] - rows.seconds[0] >= limits.least_past.total_seconds()
        ]
        told = learn_all([Series(own[code].seconds, own[code].values) for code in long])
        learned |= {(company, code): usual for code, usual in zip(long, told, strict=True) if usual}
    files.kept.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(".part")
    draft.write_bytes(pickle.dumps(learned))
    draft.rename(kept)
    return learned


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
        if shown.interval.resembles is not None
    ]
    if not wanted:
        return found
    earliest = min(one.interval.resembles.start for *_, one in wanted if one.interval.resembles)
    paths = sorted({*files.past, *files.today})
    rows = dict(
        _by_company(
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


def _by_company(
    paths: Iterable[Path],
    *,
    since: datetime,
    until: datetime,
    received: tuple[datetime, datetime],
    companies: set[str] | None = None,
) -> Iterator[tuple[str, dict[str, Rows]]]:
    """Company -> source -> its readings collected in [since, until], of those received in an interval."""
    parts = []
    low, high = microseconds(since), microseconds(until)
    for path in paths:
        table = received_rows(path, _COLUMNS, *received)
        wanted = pc.and_(
            pc.greater_equal(table["occurred_us"], low), pc.less_equal(table["occurred_us"], high)
        )
        if companies is not None:
            wanted = pc.and_(wanted, pc.is_in(table["company_code"], pa.array(sorted(companies))))
        parts.append(table.filter(wanted))
    if not parts:
        return
    whole = pa.concat_tables(parts).sort_by([(name, "ascending") for name in _ORDER])
    company = _codes(whole, "company_code")
    for first, after in _runs(company[0]):
        name = company[1][int(company[0][first])]
        yield name, dict(_by_source(whole.slice(first, after - first)))


def _by_source(table: pa.Table) -> Iterator[tuple[str, Rows]]:
    """Of copies of a batch the first one heard, of batches that state one instant the last one heard."""
    source, names = _codes(table, "source_code")
    journal, ids = _codes(table, "journal_id")
    occurred, heard = table["occurred_us"].to_numpy(), table["heard_us"].to_numpy()
    value = np.where(
        table["quality"].to_numpy(zero_copy_only=False) == "bad", np.nan, table["value"].to_numpy()
    )
    seconds, delays = occurred / 1e6, (heard - occurred) / 1e6
    twice = bool(((np.diff(occurred) <= 0) & (np.diff(source) == 0)).any())
    for first, after in _runs(source):
        kept: Any = slice(first, after)
        if twice:
            kept = _counted(occurred[kept], journal[kept]) + first
        yield names[int(source[first])], Rows(seconds[kept], value[kept], journal[kept], ids, delays[kept])


def _counted(occurred: Any, journal: Any) -> Any:
    """Which rows of a source count, rows of one instant being in the order they were heard."""
    if (np.diff(occurred) > 0).all():
        return np.arange(occurred.size)
    seen: set[tuple[int, int]] = set()
    last: dict[int, int] = {}
    for row, key in enumerate(zip(occurred.tolist(), journal.tolist(), strict=True)):
        if key not in seen:
            seen.add(key)
            last[key[0]] = row
    return np.fromiter(last.values(), np.int64, len(last))


def _codes(table: pa.Table, name: str) -> tuple[Any, list[str]]:
    coded = table[name].combine_chunks().dictionary_encode()
    return coded.indices.to_numpy(), coded.dictionary.to_pylist()


def _runs(codes: Any) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(codes, prepend=-1, append=-1))
    return zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
