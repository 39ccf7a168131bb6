"""A camera's status messages, one after the other -> its newest status, and spells in which it was seen,
frozen, offline or silent. Pure.

Between two messages the earlier one speaks, but not for longer than the offline limit. A picture stands
still where the running number or the hash of the newest picture is that of the message before, and both
say online; an interval of the same number of which the hash moved is no freeze, the platform's counter
may not run. Where neither is told, a bit rate of 0 says that no picture comes; any other says nothing of
whether it moves.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from rdchem.model.course import Seen, Spell
from rdchem.model.day import CameraSeen, Received
from rdchem.model.source import CameraState, CameraStatus

_MOST_SPELLS: Final = 200
_Said = tuple[datetime, CameraState, str]


def camera_spells(
    statuses: Iterable[Received[CameraStatus]], *, as_of: datetime, limit: timedelta
) -> dict[str, tuple[Spell, ...]]:
    """Camera -> its spells up to `as_of`, oldest first, the newest of very many."""
    said: dict[str, list[_Said]] = {}
    for status in statuses:
        at = min(status.message.occurred_at, status.received_at)
        for state in status.message.cameras:
            said.setdefault(state.camera_code, []).append((at, state, status.journal_id))
    return {
        code: _spells(sorted(own, key=lambda one: (one[0], one[2])), as_of, limit)
        for code, own in sorted(said.items())
    }


def _spells(said: Sequence[_Said], as_of: datetime, limit: timedelta) -> tuple[Spell, ...]:
    parts: list[Spell] = []
    for position, (at, state, journal_id) in enumerate(said):
        before = said[position - 1] if position else None
        after = said[position + 1][0] if position + 1 < len(said) else as_of
        start = at
        if not state.online and state.since is not None and state.since < at:
            start = state.since if before is None else max(state.since, before[0])
            if parts and parts[-1].end > start:
                parts[-1] = _until(parts[-1], start)
        if _stands_still(before, state) and before is not None and parts:
            parts[-1] = _until(parts[-1], min(parts[-1].end, before[0]))
            start = before[0]
        what = Seen.OFFLINE if not state.online else Seen.MOVING
        what = Seen.FROZEN if start < at and state.online else what
        heard = min(after, at + limit)
        ids = (before[2], journal_id) if what is Seen.FROZEN and before is not None else (journal_id,)
        parts.append(Spell(what, start, heard, 1, ids))
        if heard < after:
            parts.append(Spell(Seen.SILENT, heard, after, 0, (journal_id,)))
    return _merged([one for one in parts if one.end > one.start])[-_MOST_SPELLS:]


def _stands_still(before: _Said | None, now: CameraState) -> bool:
    """Whether the newest picture is still the one of the message before."""
    if before is None or not (before[1].online and now.online):
        return False
    old = before[1]
    if now.picture_hash is not None and old.picture_hash is not None:
        return now.picture_hash == old.picture_hash
    if now.frame_no is not None and old.frame_no is not None:
        return now.frame_no == old.frame_no
    return now.bitrate_kbps == old.bitrate_kbps == 0


def _until(spell: Spell, end: datetime) -> Spell:
    return Spell(spell.state, spell.start, end, spell.count, spell.journal)


def _merged(parts: Iterable[Spell]) -> tuple[Spell, ...]:
    found: list[Spell] = []
    for one in parts:
        if found and found[-1].state is one.state:
            last = found[-1]
            ids = tuple(dict.fromkeys((last.journal[0], one.journal[-1])))
            found[-1] = Spell(last.state, last.start, one.end, last.count + one.count, ids)
        else:
            found.append(one)
    return tuple(found)


def newest_cameras(statuses: Iterable[Received[CameraStatus]]) -> dict[str, CameraSeen]:
    """The newest status of each camera; a status from a clock running ahead is only as new as its receipt."""
    newest: dict[str, CameraSeen] = {}
    for status in sorted(statuses, key=lambda item: min(item.message.occurred_at, item.received_at)):
        for state in status.message.cameras:
            heard = status.message.occurred_at if status.from_platform else status.received_at
            newest[state.camera_code] = CameraSeen(
                state, status.message.occurred_at, heard, status.journal_id
            )
    return dict(sorted(newest.items()))
