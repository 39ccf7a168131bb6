"""The days of a verdict with the courses of their sensors: what needs all readings, not the newest alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from rdchem import calendar
from rdchem.enterprise_day import DayFacts
from rdchem.limits import Limits
from rdchem.model.course import Course
from rdchem.model.day import EnterpriseDay
from rdchem.model.source import Source
from rdchem.settings import Settings
from rdchem.store import readings_files
from rdchem.store.courses import EARLIER, EVE, CourseLimits, Files, courses, usual_of_day
from rdchem.store.learned_past import FOLDER, LearnedPast


def with_courses(
    known: DayFacts,
    settings: Settings,
    engine: Engine,
    *,
    day: date,
    as_of: datetime,
    limits: Limits,
    only: Callable[[str], bool] | None = None,
    signals: bool = True,
) -> DayFacts:
    """The same facts, days with the courses of their registered sensors, as of the same instant: every day,
    or those of the enterprises `only` is true of. Without `signals` it is told when a sensor sent and how
    steadily, not whether what it sent is true: that takes several times as long.
    """
    start, end = calendar.day_bounds(day)
    asked, until = _asked(limits), min(as_of, end)
    files, sent_as = _files(settings, engine, day, until, asked), _sent_as(known)
    wanted = None if only is None else {code for code in sent_as if only(known.aliases.get(code, code))}
    found = courses(
        files,
        sent_as,
        start=start,
        as_of=until,
        limits=asked,
        owners=known.aliases,
        wanted=wanted,
        signals=signals,
    )
    for code, owner in known.aliases.items():
        found[owner] = found.get(code, {}) | found.get(owner, {})
    return replace(known, days=tuple(_with(one, found) for one in known.days))


def learn_ahead(known: DayFacts, settings: Settings, engine: Engine, *, day: date, limits: Limits) -> int:
    """Learn what is usual for every source as of the beginning of a day, for the verdicts of that day: it is
    the slowest part of the first of them. Returns of how many sources.
    """
    start, _ = calendar.day_bounds(day)
    asked = _asked(limits)
    files = _files(settings, engine, day, start, asked)
    kept = usual_of_day(files, _sent_as(known), start=start, limits=asked)
    if kept is None:
        return 0
    with LearnedPast(str(kept)) as usual:
        return usual.sources


def _asked(limits: Limits) -> CourseLimits:
    return CourseLimits(
        limits.duration("signal_past"),
        limits.duration("signal_past_least"),
        limits.duration("flapping_gap"),
    )


def _files(settings: Settings, engine: Engine, day: date, until: datetime, asked: CourseLimits) -> Files:
    start, _ = calendar.day_bounds(day)
    with engine.connect() as connection:
        today = readings_files.within(connection, start, until)
        eve = start - asked.past - EVE
        past = readings_files.within(connection, eve, start - timedelta(microseconds=1))
        earliest = start - EARLIER * asked.past
        earlier = readings_files.within(connection, earliest, eve - timedelta(microseconds=1))
    folder = settings.readings_path
    paths = [[folder / name for name in some] for some in (today, past, sorted({*earlier} - {*past}))]
    return Files(paths[0], paths[1], folder.parent / FOLDER, paths[2])


def _sent_as(known: DayFacts) -> dict[str, Mapping[str, Source]]:
    """Company as it sends -> its registered sources."""
    owned = {one.company_code: one.register.sources for one in known.days}
    return owned | {code: owned[owner] for code, owner in known.aliases.items()}


def _with(day: EnterpriseDay, found: Mapping[str, Mapping[str, Course]]) -> EnterpriseDay:
    return replace(day, courses=dict(sorted(found.get(day.company_code, {}).items())))
