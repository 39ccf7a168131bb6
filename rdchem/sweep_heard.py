"""What was received since the last sweep, and how many enterprises were heard in each minute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import Connection

from rdchem.cameras import newest_cameras
from rdchem.home import Home
from rdchem.known import STANDING, Known, as_received, decoded
from rdchem.limits import Limits
from rdchem.model.day import CameraSeen, LastSeen
from rdchem.store import intake, readings_files
from rdchem.store.last_seen import last_readings
from rdchem.store.readings import heard_by_minute

_OVERLAP: Final = timedelta(minutes=2)
_HEARD_MINUTES: Final = timedelta(hours=3)


@dataclass
class Heard:
    """What was received since the last sweep, by the enterprise it came from."""

    since: datetime
    files: int
    sensors: Mapping[str, Mapping[str, LastSeen]]
    cameras: Mapping[str, Mapping[str, CameraSeen]]
    spoke: set[str]
    """Enterprises that said something that stands."""
    minutes: dict[datetime, int]


def hear(
    connection: Connection, home: Home, as_of: datetime, last: Mapping[Any, Any] | None, limits: Limits
) -> Heard:
    """What was received by an instant since the last sweep (None: since readings are looked back for)."""
    lookback = as_of - limits.duration("reading_lookback")
    since = lookback if last is None else max(lookback, last["as_of"] - _OVERLAP)
    since = since.replace(second=0, microsecond=0)
    names = readings_files.within(connection, since, as_of)
    paths = [home.settings.readings_path / name for name in names]
    sensors = last_readings(paths, since=since, as_of=as_of)
    cameras: dict[str, list[Known]] = {}
    for status in intake.messages(connection, ["camera_status"], as_of=as_of, since=since):
        cameras.setdefault(status.company_code, []).append(status)
    said = intake.messages(connection, STANDING, as_of=as_of, since=since)
    minutes = {} if last is None else _minutes_of(last["heard"])
    minutes = {at: count for at, count in minutes.items() if as_of - _HEARD_MINUTES <= at < since}
    minutes |= heard_by_minute(paths, since=max(since, as_of - _HEARD_MINUTES), as_of=as_of)
    seen = {
        code: newest_cameras(as_received(one, decoded(one)) for one in statuses)
        for code, statuses in cameras.items()
    }
    return Heard(since, len(names), sensors, seen, {one.company_code for one in said}, minutes)


def minutes_text(minutes: Mapping[datetime, int]) -> dict[str, int]:
    """The same with instants as text, to be kept."""
    return {at.isoformat(): count for at, count in sorted(minutes.items())}


def _minutes_of(text: str) -> dict[datetime, int]:
    return {datetime.fromisoformat(at): count for at, count in msgspec.json.decode(text).items()}
