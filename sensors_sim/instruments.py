"""The instruments of a tank farm: ranges and thresholds they are registered with, values they show.

A value is a pure function of the source and the instant, of sums and products only: no library of the machine
decides a last digit, and any window of any day can be asked for by itself.
"""

from dataclasses import dataclass
from datetime import datetime
from random import Random
from typing import Final

from rdchem.model.source import Quantity
from sensors_sim.streams import stream

_MASK: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Instrument:
    """A kind of instrument: its unit, the measuring ranges it is sold with, and how its process moves.

    `low_low … high_high` are shares of the range; `rest` is where the value hovers, `swing` how far it moves
    and `jitter` its noise, all shares of the range; `period_s` the length of one swing in seconds.
    """

    code: str
    label: str
    tag: str
    unit: str
    ranges: tuple[tuple[float, float], ...]
    digits: int
    low_low: float
    low: float
    high: float
    high_high: float
    rest: tuple[float, float]
    swing: float
    jitter: float
    period_s: tuple[int, int]


INSTRUMENTS: Final[dict[Quantity, Instrument]] = {
    Quantity.TEMPERATURE: Instrument(
        "01", "温度", "TI", "℃", ((-20.0, 80.0), (0.0, 200.0), (0.0, 400.0)), 1,
        0.05, 0.1, 0.8, 0.9, (0.35, 0.55), 0.08, 0.004, (3600, 14400),
    ),
    Quantity.PRESSURE: Instrument(
        "02", "压力", "PI", "MPa", ((0.0, 1.0), (0.0, 1.6), (0.0, 4.0)), 3,
        0.04, 0.08, 0.75, 0.85, (0.3, 0.5), 0.06, 0.006, (900, 5400),
    ),
    Quantity.LEVEL: Instrument(
        "03", "液位", "LI", "m", ((0.0, 6.0), (0.0, 10.0), (0.0, 15.0)), 3,
        0.05, 0.1, 0.85, 0.9, (0.4, 0.6), 0.2, 0.001, (14400, 43200),
    ),
    Quantity.FLOW: Instrument(
        "04", "流量", "FI", "m3/h", ((0.0, 50.0), (0.0, 120.0), (0.0, 300.0)), 2,
        0.02, 0.05, 0.85, 0.95, (0.35, 0.6), 0.1, 0.02, (600, 2400),
    ),
    Quantity.COMBUSTIBLE_GAS: Instrument(
        "05", "可燃气体", "GA", "%LEL", ((0.0, 100.0),), 1,
        0.0, 0.0, 0.25, 0.5, (0.0, 0.01), 0.002, 0.006, (1800, 7200),
    ),
    Quantity.TOXIC_GAS: Instrument(
        "06", "有毒气体", "GT", "ppm", ((0.0, 20.0), (0.0, 50.0)), 2,
        0.0, 0.0, 0.4, 0.6, (0.0, 0.01), 0.002, 0.006, (1800, 7200),
    ),
}  # fmt: skip


def thresholds(instrument: Instrument, span: tuple[float, float]) -> dict[str, float]:
    """Range and thresholds as registered: range_low ≤ low_low ≤ low < high ≤ high_high ≤ range_high."""
    bottom, top = span
    shares = {name: getattr(instrument, name) for name in ("low_low", "low", "high", "high_high")}
    marks = {
        name: round(bottom + share * (top - bottom), instrument.digits) for name, share in shares.items()
    }
    return {"range_low": bottom, **marks, "range_high": top}


@dataclass(frozen=True, slots=True)
class Signal:
    """What one sensor shows over time: a slow swing about its resting value, and noise."""

    rest: float
    swing: float
    jitter: float
    floor: float
    period_s: int
    phase_s: int
    salt: int
    digits: int

    def at(self, instant: datetime) -> float:
        """The value at an instant, in the unit of the sensor."""
        second = int(instant.timestamp())
        turn = ((second + self.phase_s) % self.period_s) / self.period_s
        wave = 4 * abs(turn - 0.5) - 1
        value = self.rest + self.swing * wave + self.jitter * _noise(self.salt, second)
        return round(max(self.floor, value), self.digits)


def signal(seed: int, source_code: str, quantity: Quantity, span: tuple[float, float]) -> Signal:
    """The signal of a registered sensor; it stays between the low and high thresholds."""
    random: Random = stream(seed, source_code, "signal")
    instrument, width = INSTRUMENTS[quantity], span[1] - span[0]
    low, high = instrument.rest
    period_s = random.randrange(*instrument.period_s)
    return Signal(
        rest=span[0] + width * (low + (high - low) * random.random()),
        swing=width * instrument.swing,
        jitter=width * instrument.jitter,
        floor=span[0],
        period_s=period_s,
        phase_s=random.randrange(period_s),
        salt=random.getrandbits(64),
        digits=instrument.digits,
    )


def _noise(salt: int, second: int) -> float:
    """Noise in [-1, 1) from a number's bits well mixed (splitmix64)."""
    mixed = (salt + second * 0x9E3779B97F4A7C15) & _MASK
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
    return (mixed ^ (mixed >> 31)) / (1 << 63) - 1
