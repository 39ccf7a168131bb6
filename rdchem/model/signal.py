"""What can be said of one signal: flags of its rows, intervals of its states.

Flags are QARTOD's (U.S. IOOS, after UNESCO 2013): 1 good, 2 not evaluated, 3 suspect, 4 fail, 9 missing.
A state is plain: what the signal did in an interval, why that is said, and what it resembles.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final


class Flag(IntEnum):
    """What a test says of one row."""

    GOOD = 1
    NOT_EVALUATED = 2
    SUSPECT = 3
    FAIL = 4
    MISSING = 9


class SignalState(StrEnum):
    """What a signal did in an interval, in the order of precedence where two would be said of one moment."""

    SILENT = "silent"
    GAP = "gap"
    STUCK = "stuck"
    REPLAYED = "replayed"
    COPIED = "copied"
    STUCK_WITH_JITTER = "stuck_with_jitter"
    OUT_OF_RANGE = "out_of_range"
    OFFSET = "offset"
    DRIFT = "drift"
    DISAGREES = "disagrees"
    CONTRADICTED = "contradicted"
    DIGITS = "digits"
    NOISY = "noisy"
    SPIKE = "spike"


SHIFTED: Final = (SignalState.OFFSET, SignalState.DRIFT)
"""The signal goes on as it did, elsewhere."""
STATE_LABELS = {
    SignalState.SILENT: "无数据",
    SignalState.GAP: "中断",
    SignalState.STUCK: "卡死",
    SignalState.REPLAYED: "重放",
    SignalState.COPIED: "与另一测点雷同",
    SignalState.STUCK_WITH_JITTER: "抖动式卡死",
    SignalState.OUT_OF_RANGE: "超量程",
    SignalState.OFFSET: "偏移",
    SignalState.DRIFT: "漂移",
    SignalState.DISAGREES: "与同类测点不一致",
    SignalState.CONTRADICTED: "与工艺不符",
    SignalState.DIGITS: "末位数字异常",
    SignalState.NOISY: "噪声异常",
    SignalState.SPIKE: "尖峰",
}
"""The states as officers read them."""
APART = "sibling_apart"
"""A measure of a shift that a sibling did not go along with: it is not the plant's."""


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What an interval repeats, or is held against: another source's, or the own past.

    `source_code` None: the source itself; `company_code` None: the enterprise itself.
    """

    start: datetime
    end: datetime
    source_code: str | None = None
    company_code: str | None = None


@dataclass(frozen=True, slots=True)
class SignalInterval:
    """One state of one signal from `start` to `end` (UTC), and why.

    `why` is a Chinese sentence with both numbers compared; `measure` holds the same numbers by name, in the
    unit of the source or as shares.
    """

    start: datetime
    end: datetime
    state: SignalState
    why: str
    resembles: Resemblance | None = None
    measure: dict[str, float] = field(default_factory=dict)
