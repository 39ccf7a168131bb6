"""Scenarios of what a sensor shows: values that come in time and are not what is measured."""

from abc import abstractmethod
from datetime import time
from itertools import combinations

from rdchem.model.source import Quantity, Source
from sensors_sim import faults
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.instruments import INSTRUMENTS
from sensors_sim.plan import Plan
from sensors_sim.processes import operation
from sensors_sim.signals import DAY_S, Signal

_NEIGHBOURS = 7
_HOUR_S = 3600


class SignalEffect(Effect, frozen=True, kw_only=True):
    """From a time of day, perhaps to another, a sensor of a quantity does not show what it measures.

    Amounts are shares of the measuring range. Several of one quantity at one enterprise hit the same sensor,
    one fault over the other. The past of it and of some sensors of the same hazard is told as well: who is to
    see that a signal is not as usual must know what is usual.
    """

    quantity: Quantity
    since: time
    until: time | None = None

    def fits(self, plan: Plan) -> bool:
        return bool(self.sensors(plan))

    def apply(self, plan: Plan) -> list[Hit]:
        sensor = plan.random(f"signal {self.quantity}").choice(self.sensors(plan))
        since = plan.window.at(self.since)
        until = plan.window.at(self.until) if self.until else None
        plan.recorded |= {sensor.source_code, *_neighbours(plan, sensor)}
        honest, second = plan.signal(sensor), int(since.timestamp())
        plan.signals[sensor.source_code] = faults.During(
            honest,
            self.fault(honest, second, _width(sensor)),
            second,
            int(until.timestamp()) if until else None,
            self.seam_s(),
        )
        return [Hit(f"sensor:{sensor.source_code}", since, until)]

    def sensors(self, plan: Plan) -> list[Source]:
        """The sensors one of which may be hit."""
        return _sensors(plan, self.quantity)

    def seam_s(self) -> int:
        """Seconds within which the honest signal goes over into the faulty one."""
        return 0

    @abstractmethod
    def fault(self, honest: Signal, since: int, width: float) -> Signal:
        """The faulty signal, from second `since` on; `width` of the measuring range."""


class Stick(SignalEffect, frozen=True, kw_only=True):
    """The value stands still, or trembles around it by `tremble`."""

    tremble: float = 0.0

    def fault(self, honest: Signal, since: int, width: float) -> Signal:
        return faults.Noisy(faults.Stuck(honest, since), self.tremble * width, since)


class ReplayYesterday(SignalEffect, frozen=True, kw_only=True):
    """Yesterday's values instead of today's; with noise laid over, or led over within `seam` seconds."""

    noise: float = 0.0
    seam: int = 0

    def seam_s(self) -> int:
        return self.seam

    def fault(self, honest: Signal, since: int, width: float) -> Signal:
        return faults.Noisy(faults.Replayed(honest, DAY_S), self.noise * width, since)


class CopyAnother(Effect, frozen=True, kw_only=True):
    """From a time of day a sensor shows what another one of its quantity, range and gateway shows."""

    quantity: Quantity
    since: time

    def fits(self, plan: Plan) -> bool:
        return bool(_twins(plan, self.quantity))

    def apply(self, plan: Plan) -> list[Hit]:
        twins = plan.random(f"copied {self.quantity}").choice(_twins(plan, self.quantity))
        since = plan.window.at(self.since)
        plan.recorded |= {one.source_code for one in twins}
        shown, copy = twins
        plan.signals[copy.source_code] = faults.During(
            plan.signal(copy), plan.signal(shown), int(since.timestamp())
        )
        return [Hit(f"sensor:{one.source_code}", since) for one in twins]


class Drift(SignalEffect, frozen=True, kw_only=True):
    """The value moves away from what is measured."""

    per_hour: float

    def fault(self, honest: Signal, since: int, width: float) -> Signal:
        return faults.Drifting(honest, since, self.per_hour * width)


class Offset(SignalEffect, frozen=True, kw_only=True):
    """The value is too high by a fixed amount; of a plant that ran all the day before. While one stops or
    starts, nobody can tell an instrument that leaps from one that had drifted and is right again.
    """

    by: float

    def sensors(self, plan: Plan) -> list[Source]:
        since = int(plan.window.at(self.since).timestamp())
        hours = range(since - DAY_S, since, _HOUR_S)
        return [
            one
            for one in super().sensors(plan)
            if one.hazard_code is None
            or all(operation(plan.seed, one.hazard_code).load(hour) == 1 for hour in hours)
        ]

    def fault(self, honest: Signal, since: int, width: float) -> Signal:  # noqa: ARG002
        return faults.Offset(honest, self.by * width)


class Tremble(SignalEffect, frozen=True, kw_only=True):
    """Noise of up to an amount lies over the value, as of a loose contact."""

    by: float

    def fault(self, honest: Signal, since: int, width: float) -> Signal:
        return faults.Noisy(honest, self.by * width, since)


class Smooth(SignalEffect, frozen=True, kw_only=True):
    """The mean of so many minutes is shown for the value: it moves, but hardly trembles."""

    minutes: int

    def fault(self, honest: Signal, since: int, width: float) -> Signal:  # noqa: ARG002
        return faults.Smoothed(honest, self.minutes)


class TypeByHand(SignalEffect, frozen=True, kw_only=True):
    """Somebody types the values: to the nearest five of the last digit."""

    def fault(self, honest: Signal, since: int, width: float) -> Signal:  # noqa: ARG002
        return faults.Typed(honest, 5 * 10.0 ** -INSTRUMENTS[self.quantity].digits)


class Calculate(SignalEffect, frozen=True, kw_only=True):
    """The value has more decimals than its instrument gives: somebody calculated it."""

    def apply(self, plan: Plan) -> list[Hit]:
        (hit,) = super().apply(plan)
        _, _, code = hit.subject.partition(":")
        plan.finer_from[code] = plan.window.at(self.since)
        return [hit]

    def fault(self, honest: Signal, since: int, width: float) -> Signal:  # noqa: ARG002
        return honest


class Spike(SignalEffect, frozen=True, kw_only=True):
    """Every so many seconds a minute that is far too high."""

    every_s: int
    height: float

    def fault(self, honest: Signal, since: int, width: float) -> Signal:
        return faults.Spiking(honest, since, self.every_s, self.height * width)


class MistakeUnit(SignalEffect, frozen=True, kw_only=True):
    """The value is given in a unit so many times smaller than the registered one, as kPa for MPa."""

    factor: float

    def fault(self, honest: Signal, since: int, width: float) -> Signal:  # noqa: ARG002
        return faults.Scaled(honest, self.factor)


def _sensors(plan: Plan, quantity: Quantity) -> list[Source]:
    return [sensor for sensor in plan.site.working_sensors if sensor.quantity is quantity]


def _twins(plan: Plan, quantity: Quantity) -> list[tuple[Source, Source]]:
    """Sensors of one gateway that could show the same values."""
    return [
        pair
        for pair in combinations(_sensors(plan, quantity), 2)
        if len({(one.gateway_code, one.range_low, one.range_high) for one in pair}) == 1
    ]


def _neighbours(plan: Plan, sensor: Source) -> list[str]:
    """Some sensors of the same hazard, on which nothing is wrong."""
    others = [one.source_code for one in plan.site.working_sensors if one.hazard_code == sensor.hazard_code]
    return others[:_NEIGHBOURS]


def _width(sensor: Source) -> float:
    return (sensor.range_high or 0.0) - (sensor.range_low or 0.0)
