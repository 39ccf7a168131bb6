"""How many enterprises were heard in the same minutes of past days; read only for a quiet spell."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
from sqlalchemy import Connection

from rdchem.limits import Limits
from rdchem.model.listener import ListenerEvent
from rdchem.platform_outage import Heard, quiet_spell, witnessed
from rdchem.store import intake, readings_files, retention
from rdchem.store.readings import heard_by_minute
from rdchem.store.retention import READINGS

_MARGIN = timedelta(hours=1)
_EVENTS = msgspec.json.Decoder(ListenerEvent)


def past_volume(
    connection: Connection, folder: Path, heard: Heard, *, since: datetime, as_of: datetime, limits: Limits
) -> Sequence[Heard]:
    """For each past day that somebody listened on: minute of this day -> enterprises heard in it then.

    Days whose readings were removed tell nothing.
    """
    spell = quiet_spell(heard, since=since, as_of=as_of, limits=limits)
    if spell is None:
        return ()
    start, end = spell
    days = []
    for number in range(1, int(limits.number("platform_outage_past_days")) + 1):
        ago = timedelta(days=number)
        between = {"since": start - ago - _MARGIN, "as_of": end - ago + _MARGIN}
        if READINGS in retention.removed(connection, between["since"]):
            break
        files = readings_files.within(connection, **between)
        then = heard_by_minute([folder / name for name in files], **between)
        known = intake.messages(connection, ("listener_event",), **between)
        events = [_EVENTS.decode(one.body) for one in known]
        factor = limits.number("listener_silence")
        days.append(witnessed(then, events, start=start, end=end, ago=ago, factor=factor))
    return [day for day in days if day]
