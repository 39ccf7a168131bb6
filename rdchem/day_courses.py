"""The days of a verdict with the courses of their sensors: what needs all readings, not the newest alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy import Engine

from rdchem import calendar
from rdchem.enterprise_day import DayFacts
from rdchem.limits import Limits
from rdchem.model.course import Course
from rdchem.model.day import EnterpriseDay
from rdchem.settings import Settings
from rdchem.store import intake
from rdchem.store.courses import CourseLimits, Files, courses


def with_courses(
    known: DayFacts, settings: Settings, engine: Engine, *, day: date, as_of: datetime, limits: Limits
) -> DayFacts:
    """The same facts, every day with the courses of its registered sensors, as of the same instant."""
    start, end = calendar.day_bounds(day)
    asked = CourseLimits(
        limits.duration("signal_past"),
        limits.duration("signal_past_least"),
        limits.duration("flapping_gap"),
    )
    with engine.connect() as connection:
        today = intake.readings_files(connection, start, min(as_of, end))
        past = intake.readings_files(connection, start - asked.past, start - timedelta(microseconds=1))
    folder = settings.readings_path
    files = Files(
        [folder / name for name in today], [folder / name for name in past], folder.parent / "learned"
    )
    owned = {one.company_code: one.register.sources for one in known.days}
    sent_as = owned | {code: owned[owner] for code, owner in known.aliases.items()}
    found = courses(files, sent_as, start=start, as_of=min(as_of, end), limits=asked)
    for code, owner in known.aliases.items():
        found[owner] = found.get(code, {}) | found.get(owner, {})
    return replace(known, days=tuple(_with(one, found) for one in known.days))


def _with(day: EnterpriseDay, found: Mapping[str, Mapping[str, Course]]) -> EnterpriseDay:
    return replace(day, courses=dict(sorted(found.get(day.company_code, {}).items())))
