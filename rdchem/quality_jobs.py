"""The verbs of data quality: check a day, tell its score and the trend, write Data Docs for developers."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pandas as pd
from sqlalchemy import Connection

from rdchem import calendar, copied
from rdchem.day_facts import facts, refuse_an_empty_register
from rdchem.enterprise_day import DayFacts
from rdchem.errors import NotReadyError
from rdchem.facts import frames
from rdchem.facts.streams import flows
from rdchem.home import Home
from rdchem.known import by_enterprise
from rdchem.model.quality import Dimension, QualityScore
from rdchem.store import intake, readings_files, versions
from rdchem.store import quality as store
from rdchem.store.last_seen import newest_rows
from rdchem.store.volumes import counted
from rdchem.uncollected import uncollected

_HOUR: Final = timedelta(hours=1)
_LIKE_DAYS: Final = 3


def tables(home: Home, day: date, as_of: datetime) -> dict[str, pd.DataFrame]:
    """The day's facts as the suites are asked about them. Raises NotReadyError if no enterprise is known."""
    known = facts(home, day, as_of, readings=False)
    known.refuse_removed()
    refuse_an_empty_register(known, as_of)
    start, _ = calendar.day_bounds(day)
    with home.engine.connect() as connection:
        said = intake.messages_applying(
            connection, ["commitment"], start=start - copied.HISTORY, end=start, as_of=as_of
        )
        changed = versions.changed(connection, since=start, as_of=as_of)
        streams = _flows(home, connection, known)
        alarms = intake.messages(connection, ["alarm"], as_of=as_of, since=start)
        paths = _readings(home, connection, known.since, as_of)
    return frames(
        known.days,
        copied=copied.copied(known.days, by_enterprise(said)),
        changed=changed,
        flows=streams,
        alarms=by_enterprise(alarms),
        newest=newest_rows(paths, since=known.since, as_of=as_of).to_pandas(),
    )


def _flows(home: Home, connection: Connection, known: DayFacts) -> pd.DataFrame | None:
    """The last hour of each sensor, beside the same hour of like days before; None where we were blind."""
    first = known.days[0]
    if any(gap.overlap(first.as_of - _HOUR, first.as_of) for gap in known.blind) or known.exports is not None:
        return None
    earlier = calendar.like_days_before(first.day, _LIKE_DAYS)
    ends = [first.as_of, *(first.as_of - (first.day - one) for one in earlier)]
    now, *before = (_counted(home, connection, end) for end in ends)
    return flows(now, [counts for counts in before if len(counts)], _LIKE_DAYS)


def _counted(home: Home, connection: Connection, end: datetime) -> pd.DataFrame:
    return counted(_readings(home, connection, end - _HOUR, end), end - _HOUR, end)


def _readings(home: Home, connection: Connection, since: datetime, until: datetime) -> list[Path]:
    names = readings_files.within(connection, since, until)
    return [home.settings.readings_path / name for name in names]


@uncollected()
def check(day: date, as_of: datetime) -> dict[str, Any]:
    """Data quality of the day's facts; every offending row and the scores are kept with the day."""
    from rdchem import quality  # imports Great Expectations, seconds

    home = Home.open()
    checked = quality.check(tables(home, day, as_of), day)
    with home.engine.begin() as connection:
        store.replace(connection, day, as_of, checked)
    return {
        "failures": len(checked.failures),
        "critical": sum(one.critical for one in checked.failures),
    }


def data_docs(day: date, as_of: datetime, folder: Path) -> Path:
    """Great Expectations' own pages of the day's suites, for developers; returns the first page."""
    from rdchem.quality.docs import write

    return write(tables(Home.open(), day, as_of), day, folder)


@dataclass(frozen=True, slots=True)
class Quality:
    """What the checks of some days came to: by day, enterprise and dimension, (asked, failed) summed."""

    first: date
    last: date
    by_day: Mapping[date, Mapping[Dimension, tuple[int, int]]]
    by_enterprise: Mapping[str, Mapping[Dimension, tuple[int, int]]]


def quality(first: date, last: date, enterprise: str = "") -> Quality:
    """The scores of the days from first to last on which checks ran, of all enterprises or one.

    Raises NotReadyError if there were none.
    """
    with Home.open().engine.connect() as connection:
        scores = store.scores(connection, first, last)
    scores = [(day, one) for day, one in scores if one.enterprise and enterprise in ("", one.enterprise)]
    if not scores:
        raise NotReadyError(f"{first} 至 {last} 没有数据质量得分。请先运行 rdchem check。")
    by_day: dict[date, list[QualityScore]] = {}
    by_enterprise: dict[str, list[QualityScore]] = {}
    for day, one in scores:
        by_day.setdefault(day, []).append(one)
        by_enterprise.setdefault(one.enterprise, []).append(one)
    return Quality(
        first,
        last,
        {day: by_dimension(some) for day, some in by_day.items()},
        {code: by_dimension(some) for code, some in sorted(by_enterprise.items())},
    )


def by_dimension(scores: list[QualityScore]) -> dict[Dimension, tuple[int, int]]:
    """(asked, failed) of each dimension, summed over tables, in the order of the dimensions."""
    asked: Counter[Dimension] = Counter()
    failed: Counter[Dimension] = Counter()
    for one in scores:
        asked[one.dimension] += one.asked
        failed[one.dimension] += one.failed
    return {one: (asked[one], failed[one]) for one in Dimension if asked[one]}


def days_of(text: str) -> tuple[date, date]:
    """First and last day of a month (2026-09) or of one day (2026-09-15). Raises ValueError otherwise."""
    if len(text) == len("2026-09"):
        first = date.fromisoformat(f"{text}-01")
        following = (first + timedelta(days=31)).replace(day=1)
        return first, following - timedelta(days=1)
    return date.fromisoformat(text), date.fromisoformat(text)
