"""What a sweep remembers of one enterprise's sources, so that the next one need read only what came since.

Pure. Of each source its newest word; which of them are silent, and which need no watching (strays, out of
service). An enterprise is examined anew only if what it sent may change a state (a silent source spoke, or
one nobody knew; a camera says otherwise), or if time alone may: the oldest newest word grows too old, a
planned return passes, a stop begins or ends. What we could not judge is asked again in every sweep.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from rdchem.liveness import OFFLINE_AFTER, Liveness
from rdchem.model.day import CameraSeen, EnterpriseDay, LastSeen
from rdchem.model.source import CameraState, SourceKind

_GONE: Final = (Liveness.SILENT, Liveness.NEVER_SEEN)
_ASK_AGAIN: Final = (Liveness.NEW, Liveness.UNKNOWN, Liveness.LAGGING)
_FAR: Final = datetime.max.replace(tzinfo=UTC)


class Word(msgspec.Struct, frozen=True, array_like=True):
    """The newest word of a source, with the camera's state where it is one."""

    occurred_at: datetime
    received_at: datetime
    journal_id: str
    camera: CameraState | None = None

    @property
    def age_from(self) -> datetime:
        """From when its age counts."""
        return min(self.occurred_at, self.received_at)

    @property
    def seen(self) -> LastSeen:
        """As a verdict knows it."""
        return LastSeen(self.occurred_at, self.received_at, self.journal_id)


class Watch(msgspec.Struct, kw_only=True):
    """One enterprise under watch. `silent` and `idle` are source codes; limits are in seconds."""

    sensors: dict[str, Word] = {}
    cameras: dict[str, Word] = {}
    silent: set[str] = set()
    idle: set[str] = set()
    sensor_limit_s: float = 0.0
    camera_limit_s: float = 0.0
    wake_at: datetime | None = None
    """When something said before begins, ends, or is overdue."""

    def hear(self, sensors: Mapping[str, LastSeen], cameras: Mapping[str, CameraSeen]) -> bool:
        """Take in newer words; whether they may change what is known of any source."""
        matters = False
        for code, seen in sensors.items():
            word = Word(seen.occurred_at, seen.received_at, seen.journal_id)
            matters |= self._take(self.sensors, code, word)
        for code, camera in cameras.items():
            word = Word(camera.occurred_at, camera.received_at, camera.journal_id, camera.state)
            known = self.cameras.get(code)
            flipped = known is None or known.camera is None or known.camera.online != camera.state.online
            matters |= self._take(self.cameras, code, word) and (flipped or code in self.silent)
        return matters

    def _take(self, words: dict[str, Word], code: str, word: Word) -> bool:
        known = words.get(code)
        if known is not None and (word.age_from, word.received_at) <= (known.age_from, known.received_at):
            return False
        words[code] = word
        return known is None or code in self.silent or (word.camera is not None and code not in self.idle)

    def examine_at(self) -> datetime | None:
        """When time alone may change a state; None: never."""
        due = _FAR if self.wake_at is None else self.wake_at
        for words, limit_s in ((self.sensors, self.sensor_limit_s), (self.cameras, self.camera_limit_s)):
            lively = [word.age_from for code, word in words.items() if not self._rests(code)]
            if lively:
                due = min(due, min(lively) + timedelta(seconds=limit_s))
        return None if due == _FAR else due

    def _rests(self, code: str) -> bool:
        return code in self.silent or code in self.idle

    def cameras_seen(self) -> dict[str, CameraSeen]:
        """The cameras as a verdict knows them."""
        return {
            code: CameraSeen(word.camera, word.occurred_at, word.received_at, word.journal_id)
            for code, word in sorted(self.cameras.items())
            if word.camera is not None
        }

    def examined(self, day: EnterpriseDay, live: Mapping[str, Liveness]) -> None:
        """Remember what an examination came to."""
        self.silent = {code for code, state in live.items() if state in _GONE}
        self.idle = {code for code in (*self.sensors, *self.cameras) if code not in live}
        self.sensor_limit_s = day.limits.duration(OFFLINE_AFTER[SourceKind.SENSOR]).total_seconds()
        self.camera_limit_s = day.limits.duration(OFFLINE_AFTER[SourceKind.CAMERA]).total_seconds()
        self.wake_at = min((at for at in _turns(day) if at > day.as_of), default=None)
        if any(state in _ASK_AGAIN for state in live.values()):
            self.wake_at = day.as_of


def _turns(day: EnterpriseDay) -> Iterable[datetime]:
    """Instants at which something said takes effect or loses it."""
    for declared in day.declarations:
        said = declared.message
        yield from (at for at in (said.offline_at, said.plan_online_at) if at is not None)
    for stopped in day.out_of_service:
        stop = stopped.message
        yield from (at for at in (stop.stop_at, stop.start_at) if at is not None)
