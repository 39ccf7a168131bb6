"""How an honest tank farm moves: one process a quantity, all of a hazard in step with how its plant runs.

Honest values stay between the low and the high threshold, on every day, also while a plant is shut down:
what is small then is what circulates and what is left. Shares are shares of the measuring range.
"""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from random import Random
from typing import ClassVar, Final, Literal

from rdchem.model.source import Quantity, Source
from sensors_sim.signals import DAY_S, event, noise, share, walk, wave
from sensors_sim.streams import stream

_HOUR_S: Final = 3600
SHIFT_S: Final = 8 * _HOUR_S
"""Shifts change at 08:00, 16:00 and 24:00 local time, which are multiples of it."""
_RAMP_S: Final = 2 * _HOUR_S
_HANDOVER_S: Final = 1200
_FILLING: Final = 0.35
"""So much of a batch a tank is filled."""
_EMPTYING: Final = 0.55
_EMPTIED: Final = 0.85
"""From where to where of a batch it is emptied."""


@dataclass(frozen=True, slots=True)
class Operation:
    """How one hazard's plant runs: for weeks, then a shutdown of hours; each shift at a rate of its own."""

    campaign_s: int
    shutdown_s: int
    phase_s: int
    salt: int

    def load(self, second: int) -> float:
        """1 while running, 0 while shut down, straight in the two hours between."""
        into = (second + self.phase_s) % self.campaign_s
        left = self.campaign_s - self.shutdown_s - into
        if into >= _RAMP_S and left >= _RAMP_S:
            return 1.0
        return max(0.0, min(into, left) / _RAMP_S)

    def rate(self, second: int) -> float:
        """What the shift aims at, in [-1, 1); it takes over from the shift before within twenty minutes."""
        shift, into = divmod(second, SHIFT_S)
        aim = noise(self.salt, shift)
        if into >= _HANDOVER_S:
            return aim
        before = noise(self.salt, shift - 1)
        return before + (aim - before) * (into / _HANDOVER_S)


def operation(seed: int, hazard_code: str) -> Operation:
    """How a hazard's plant runs: 12–40 days, then 8–36 hours of shutdown."""
    random = stream(seed, hazard_code, "operation")
    campaign_s = random.randrange(12, 41) * DAY_S
    return Operation(
        campaign_s=campaign_s,
        shutdown_s=random.randrange(8, 37) * _HOUR_S,
        phase_s=random.randrange(campaign_s),
        salt=random.getrandbits(32),
    )


@dataclass(frozen=True, slots=True)
class Process(ABC):
    """The honest signal of one point. `period_s`: the length of one of its own swings in seconds."""

    RESTS: ClassVar[tuple[float, float]]
    PERIODS_S: ClassVar[tuple[int, int]]

    bottom: float
    width: float
    rest: float
    period_s: int
    phase_s: int
    salt: int
    operation: Operation

    def at(self, second: int) -> float:
        """The value at a second, in the unit of the source."""
        return self.bottom + self.width * self.share(second)

    @abstractmethod
    def share(self, second: int) -> float:
        """The value at a second as a share of the measuring range."""


class Temperature(Process):
    """Warmest at three in the afternoon, wandering with the process, cooler while shut down."""

    __slots__ = ()
    RESTS = (0.36, 0.55)
    PERIODS_S = (3600, 14400)

    def share(self, second: int) -> float:
        day = wave((second - _HOUR_S) % DAY_S / DAY_S)
        moved = 0.03 * day + 0.04 * walk(self.salt, second + self.phase_s, self.period_s)
        return self.rest + moved - 0.12 * (1 - self.operation.load(second)) + 0.003 * noise(self.salt, second)


class Pressure(Process):
    """Held by a controller that hunts a little; now and then an upset it brings back within half an hour."""

    __slots__ = ()
    RESTS = (0.32, 0.5)
    PERIODS_S = (300, 900)

    def share(self, second: int) -> float:
        hunting = wave((second + self.phase_s) % self.period_s / self.period_s)
        upset = event(self.salt, second, 3 * _HOUR_S, _HOUR_S // 2)
        load = self.operation.load(second)
        held = self.rest - 0.15 * (1 - load) + load * (0.01 * hunting + 0.09 * upset)
        return held + 0.004 * noise(self.salt, second)


class Level(Process):
    """A tank in batches: filled, full, emptied, empty; each batch to a height of its own."""

    __slots__ = ()
    RESTS = (0.16, 0.24)
    PERIODS_S = (14400, 43200)

    def share(self, second: int) -> float:
        batch, into = divmod(second + self.phase_s, self.period_s)
        return self.rest + self._filled(batch, into / self.period_s) + 0.001 * noise(self.salt, second)

    def is_filled(self, second: int) -> bool:
        """Whether something flows in at a second."""
        return self._turn(second) < _FILLING

    def is_emptied(self, second: int) -> bool:
        """Whether something flows out at a second."""
        return _EMPTYING <= self._turn(second) < _EMPTIED

    def _turn(self, second: int) -> float:
        return (second + self.phase_s) % self.period_s / self.period_s

    def _filled(self, batch: int, turn: float) -> float:
        height = 0.3 + 0.26 * share(self.salt, batch)
        if turn < _FILLING:
            return height * turn / _FILLING
        return height * min(1.0, max(0.0, (_EMPTIED - turn) / (_EMPTIED - _EMPTYING)))


@dataclass(frozen=True, slots=True)
class TankFlow:
    """What flows into a tank, or out of it, as a meter up to `top` shows it; but for some times, when nothing
    does.
    """

    tank: Level
    way: Literal["in", "out"]
    top: float
    salt: int
    idle: tuple[tuple[int, int], ...] = ()

    def at(self, second: int) -> float:
        """The value at a second, in the unit of the meter."""
        runs = self.tank.is_filled(second) if self.way == "in" else self.tank.is_emptied(second)
        runs = runs and not any(begin <= second < end for begin, end in self.idle)
        return self.top * ((0.55 if runs else 0.07) + (0.02 if runs else 0.004) * noise(self.salt, second))


class Flow(Process):
    """As much as the shift aims at; while shut down only what circulates."""

    __slots__ = ()
    RESTS = (0.38, 0.56)
    PERIODS_S = (600, 2400)

    def share(self, second: int) -> float:
        load = self.operation.load(second)
        swing = wave((second + self.phase_s) % self.period_s / self.period_s)
        running = self.rest + 0.12 * self.operation.rate(second) + 0.03 * swing
        return running * load + 0.08 * (1 - load) + (0.004 + 0.016 * load) * noise(self.salt, second)


class Gas(Process):
    """Next to nothing; in days once a whiff of minutes, well below the low alarm. Never less than zero."""

    __slots__ = ()
    RESTS = (0.0, 0.01)
    PERIODS_S = (300, 1200)

    def share(self, second: int) -> float:
        whiff = event(self.salt, second, 4 * _HOUR_S, self.period_s)
        return max(0.0, self.rest + 0.12 * whiff + 0.006 * noise(self.salt, second))


_PROCESSES: Final[dict[Quantity, type[Process]]] = {
    Quantity.TEMPERATURE: Temperature,
    Quantity.PRESSURE: Pressure,
    Quantity.LEVEL: Level,
    Quantity.FLOW: Flow,
    Quantity.COMBUSTIBLE_GAS: Gas,
    Quantity.TOXIC_GAS: Gas,
}


def honest_signal(seed: int, sensor: Source) -> Process:
    """The honest signal of a sensor. Raises ValueError for one without quantity or measuring range."""
    bottom, top = sensor.range_low, sensor.range_high
    if sensor.quantity is None or bottom is None or top is None:
        raise ValueError(f"{sensor.source_code} has no quantity or no measuring range")
    random: Random = stream(seed, sensor.source_code, "signal")
    kind = _PROCESSES[sensor.quantity]
    low, high = kind.RESTS
    period_s = random.randrange(*kind.PERIODS_S)
    return kind(
        bottom=bottom,
        width=top - bottom,
        rest=low + (high - low) * random.random(),
        period_s=period_s,
        phase_s=random.randrange(period_s),
        salt=random.getrandbits(32),
        operation=operation(seed, sensor.hazard_code or sensor.source_code),
    )
