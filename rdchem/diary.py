"""The listener's clock, and what the listener writes of itself: the source of our blind intervals.

In replay mode the clock is the simulated county's own, told on `CLOCK_TOPIC`. What happened before its first
tick waits for it, and is dated at the start of that simulated day; by a listener that goes on where
it left off on that day, at the tick: what went by in between was lost on it.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec
import structlog

from rdchem import calendar
from rdchem.messages import TOPIC_ROOT, encode
from rdchem.model.listener import ListenerEvent
from rdchem.model.message import Instant
from rdchem.segment import OWN_ORIGIN, Record, microseconds

_log = structlog.get_logger(__name__)
HEARTBEAT_S: Final = 15.0
SIMULATED_HEARTBEAT_S: Final = 60.0
SIMULATED_PERIOD_S: Final = 86_400.0
"""A simulated clock jumps as it likes; within one day no jump is a silence of the listener."""

Event = Literal["started", "connected", "disconnected", "alive", "stopped"]
Append = Callable[[Sequence[Record]], object]


class Tick(msgspec.Struct):
    """A tick of the simulated county's clock."""

    now: Instant


class Diary:
    """What one listener says of itself, appended like everything else."""

    def __init__(
        self,
        listener: str,
        append: Append,
        *,
        replay: bool,
        last_heard: datetime | None = None,
        topics: Sequence[str] = (),
    ) -> None:
        self._listener, self._append, self._replay = listener, append, replay
        self._topics = list(topics)
        self._last_heard = last_heard
        self._waiting: list[tuple[Event, bool | None]] = []
        self._simulated_now: datetime | None = None
        self._written_at: float | None = None
        self.since: datetime | None = None
        """What came before the first tick counts as received then; None outside replay and before it."""

    @property
    def now(self) -> datetime | None:
        """The time; None in replay mode before the first tick."""
        return self._simulated_now if self._replay else datetime.now(UTC)

    def tick(self, payload: bytes) -> None:
        """Take the time from a tick; an unreadable one is passed over, and the clock never goes back."""
        try:
            now = msgspec.json.decode(payload, type=Tick).now.astimezone(UTC)
            start, _ = calendar.day_bounds(calendar.business_day(now))
        except (msgspec.DecodeError, OverflowError, ValueError) as error:
            _log.warning("unreadable clock tick", error=str(error))
            return
        if self._simulated_now is None:
            goes_on = self._last_heard is not None and start <= self._last_heard < now
            self.since = self._simulated_now = now if goes_on else start
            self._write()
        self._simulated_now = max(now, self._simulated_now)

    def note(self, event: Event, session_present: bool | None = None) -> None:
        """Write what happened, once there is a clock to date it by."""
        self._waiting.append((event, session_present))
        self._write()

    def beat(self) -> None:
        """Say that we live, if nothing was said for a while."""
        if self._written_at is None:
            return
        quiet = self._elapsed_s() - self._written_at
        if quiet >= (SIMULATED_HEARTBEAT_S if self._replay else HEARTBEAT_S):
            self.note("alive")

    def _elapsed_s(self) -> float:
        """What tells how long ago something was: the simulated clock, or one that nobody can set back."""
        return self._simulated_now.timestamp() if self._simulated_now else time.monotonic()

    def _write(self) -> None:
        now = self.now
        if now is None or not self._waiting:
            return
        records = [self._record(event, present, now) for event, present in self._waiting]
        self._waiting.clear()
        self._written_at = self._elapsed_s()
        self._append(records)

    def _record(self, event: Event, session_present: bool | None, now: datetime) -> Record:
        said = ListenerEvent(
            listener=self._listener,
            event=event,
            occurred_at=now,
            session_present=session_present,
            period_s=SIMULATED_PERIOD_S if self._replay else HEARTBEAT_S,
            topics=self._topics,
            simulated=self._replay,
        )
        topic = f"{TOPIC_ROOT}/self/{self._listener}/listener_event"
        return Record(microseconds(now), topic, encode(said), origin=OWN_ORIGIN)
