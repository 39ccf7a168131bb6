"""What the readings of one source came to within a day: bounded, however many readings there were."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from rdchem.model.signal import SignalInterval

Point = tuple[int, float]
"""A second since 1970-01-01 UTC, and a value in the unit of the source."""


@dataclass(frozen=True, slots=True)
class Gap:
    """No reading from `start` to `end`, by the sender's clock; the messages before and after it."""

    start: datetime
    end: datetime
    journal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Beyond:
    """Readings beyond an alarm threshold one after the other: from the first to the last of them, the one
    farthest out, and the messages of the first and the farthest. `side`: "high" or "low".
    """

    side: str
    threshold: float
    start: datetime
    end: datetime
    farthest: float
    journal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """An interval in which a signal was not as it should be: messages it rests on, and a picture of it.

    `drawn`: the signal around the interval; `repeated`: what it resembles, at its own time; both thinned out.
    """

    interval: SignalInterval
    journal: tuple[str, ...]
    drawn: tuple[Point, ...] = ()
    repeated: tuple[Point, ...] = ()


@dataclass(frozen=True, slots=True)
class Course:
    """A sensor's readings of a day, as of an instant.

    `step`: the usual time between two of them, None for fewer than three. `delay`: how late nearly all of the
    last half hour's were heard. `gaps`: those that stand out, oldest first, of `gap_count` the first ones.
    `past`: how long a stretch its normal behaviour was learned from, zero where there was none, and then
    nothing is said of what needs one. `shown`: intervals in which the signal was not as it should be.
    `beyond`: the longest stretches beyond its registered alarm thresholds, in the measuring range, in order.
    `last_hours`: two hours of its signal, thinned out, before it stopped or around its last pause.
    """

    rows: int
    first_at: datetime
    last_at: datetime
    journal: tuple[str, ...]
    step: timedelta | None = None
    delay: timedelta = timedelta(0)
    gaps: tuple[Gap, ...] = ()
    gap_count: int = 0
    past: timedelta = timedelta(0)
    shown: tuple[Shown, ...] = field(default=())
    beyond: tuple[Beyond, ...] = ()
    last_hours: tuple[Point, ...] = ()


class Seen(StrEnum):
    """What a camera's status messages say of a time: its picture moved, it stood still, the camera was
    offline, or nothing was said for longer than the limit.
    """

    MOVING = "moving"
    FROZEN = "frozen"
    OFFLINE = "offline"
    SILENT = "silent"


@dataclass(frozen=True, slots=True)
class Spell:
    """A camera from `start` to `end` in one state; `count` status messages say so, the first and last
    of them.
    """

    state: Seen
    start: datetime
    end: datetime
    count: int
    journal: tuple[str, ...]
