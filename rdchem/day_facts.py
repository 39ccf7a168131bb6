"""All that was known of a business day as of an instant, read from the store."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import Connection

from rdchem import calendar
from rdchem.calendar import local_text
from rdchem.day_courses import with_courses
from rdchem.enterprise_day import DayFacts, enterprise_days
from rdchem.errors import NotReadyError
from rdchem.fitness import PAPER, volumes
from rdchem.gas_days import detectors, with_gas
from rdchem.home import Home
from rdchem.known import STANDING, Known
from rdchem.limits import Limits
from rdchem.model.day import Volume
from rdchem.past_volume import past_volume
from rdchem.platform_outage import Heard
from rdchem.reliefs import relieved
from rdchem.rulebook import Rulebook, rulebook_on
from rdchem.store import intake, readings_files, retention
from rdchem.store.gas import gas_watches
from rdchem.store.last_seen import last_readings
from rdchem.store.readings import heard_by_minute

_LATELY: Final = ("camera_status", "listener_event", "gateway_presence")
_OF_THE_DAY: Final = ("commitment", "declared_work", "hot_work_permit", "special_work_permit")
_OF_THE_COUNTY: Final = ("register", "hot_work_permit", "special_work_permit", "listener_event", "alarm")
"""Kinds in which one enterprise's messages may bear on another's verdict."""


def refuse_an_empty_register(known: DayFacts, as_of: datetime) -> None:
    """Raise NotReadyError if nothing is known of any enterprise."""
    if not known.days:
        raise NotReadyError(
            f"截至 {local_text(as_of)} 没有任何企业登记。"
            "请先接入登记信息(rdchem ingest,或 rdchem load 企业登记表);"
            "此后才收到的,请用 --as-of 给出更晚的时刻。"
        )


def facts(
    home: Home,
    day: date,
    as_of: datetime,
    rulebook: Rulebook | None = None,
    only: Callable[[str], bool] | None = None,
    *,
    courses: bool = False,
    signals: bool = True,
    readings: bool = True,
) -> DayFacts:
    """All that was known of a day as of an instant; by the rulebook of the installation, or by another.

    `only`: the days of the enterprises it is true of are whole, and so is what concerns the county; of the
    others less is read, and their days must not be judged. `courses`: also what each sensor's readings of the
    day came to, for which all of them must be looked at; `signals`: and whether they are true. `readings`:
    also the newest of each sensor, and what gas detectors told.
    """
    rulebook = rulebook or rulebook_on(day, home.settings.rulebook_files)
    limits = rulebook.limits
    start, end = calendar.day_bounds(day)
    since = min(start, as_of - limits.duration("reading_lookback"))
    with home.engine.connect() as connection:
        known = _messages(connection, (start, end), as_of, since, limits)
        files = readings_files.within(connection, since, as_of)
        loaded = intake.loaded(connection, as_of)
        known_since = intake.first_registered(connection, as_of=as_of)
        volume = () if loaded is not None else _volumes(connection, day, as_of, limits)
        removed = retention.removed_of(connection, start=start, since=since)
    paths = [home.settings.readings_path / name for name in files]
    registered = {one.company_code for one in known if one.kind == "register"}
    aside = frozenset(code for code in registered if only and loaded is None and not only(code))
    known = [one for one in known if one.kind in _OF_THE_COUNTY or one.company_code not in aside]
    seen = last_readings(paths if readings else (), since=since, as_of=as_of, without=aside)
    heard = {} if "readings" in removed else heard_by_minute(paths, since=since, as_of=as_of)
    past: Sequence[Heard] = ()
    if "readings" not in removed:
        with home.engine.connect() as connection:
            past = past_volume(
                connection, home.settings.readings_path, heard, since=since, as_of=as_of, limits=limits
            )
    found = enterprise_days(
        day,
        as_of,
        limits,
        known,
        seen,
        start=since,
        loaded=loaded,
        heard=heard,
        past=past,
        known_since=known_since,
        volumes=volume,
        removed=removed,
    )
    if readings:
        asked = detectors(found, aside)
        found = with_gas(found, gas_watches(paths, asked, since=start, as_of=min(end, as_of)))
    if courses:
        found = with_courses(
            found,
            home.settings,
            home.engine,
            day=day,
            as_of=as_of,
            limits=limits,
            only=only,
            signals=signals,
        )
    return relieved(found, rulebook.decisions.reliefs, as_of)


def _messages(
    connection: Connection,
    bounds: tuple[datetime, datetime],
    as_of: datetime,
    since: datetime,
    limits: Limits,
) -> list[Known]:
    """What was said by `as_of` that a day of these bounds rests on; of what is said all day, `since`."""
    start, end = bounds
    alarms_since = start - limits.duration("alarm_past")
    known = intake.standing(connection, STANDING, as_of=as_of)
    known += intake.messages(connection, _LATELY, as_of=as_of, since=since)
    known += intake.messages(connection, ("alarm",), as_of=as_of, since=alarms_since)
    return known + intake.messages_applying(connection, _OF_THE_DAY, start=start, end=end, as_of=as_of)


def _volumes(connection: Connection, day: date, as_of: datetime, limits: Limits) -> tuple[Volume, ...]:
    """How much came of each kind of paper this day, and on the days of its kind (working or rest) before."""
    start, end = calendar.day_bounds(day)
    until = min(as_of, end) - start
    earlier = calendar.like_days_before(day, int(limits["volume_days"].value))
    starts = [calendar.day_bounds(one)[0] for one in earlier]
    return volumes(
        intake.counts(connection, [*PAPER], start, start + until),
        [intake.counts(connection, [*PAPER], one, one + until) for one in starts],
    )
