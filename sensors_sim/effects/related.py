"""Scenarios of what sensors of one hazard say against each other; on the days before they went together."""

from dataclasses import replace
from datetime import time
from itertools import product
from typing import Final, Literal

from rdchem.model.source import Quantity, Source
from sensors_sim import faults
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.plan import Plan
from sensors_sim.processes import Level, TankFlow, honest_signal

_NOISE: Final = 0.004
_BATCH_S: Final = 23_400
_BEGINS: Final = time(2)
"""Of a batch of today."""
_RESTS: Final = (8, 4)
"""The tank stays empty for some batches: so many before it."""
_EVER: Final = 2**62


class DisagreeWithSibling(Effect, frozen=True, kw_only=True):
    """Two flow meters of a gateway sit in one line; from a time of day on one is off by a share of its range
    (0: not).
    """

    since: time
    by: float = 0.0

    def fits(self, plan: Plan) -> bool:
        return bool(_in_line(plan))

    def apply(self, plan: Plan) -> list[Hit]:
        one, other = plan.random("siblings").choice(_in_line(plan))
        since, width = plan.window.at(self.since), _top(other)
        line = faults.Scaled(plan.signal(one), width / _top(one))
        shown = faults.Noisy(line, _NOISE * width, plan.random("noise of a sibling").getrandbits(32))
        off = faults.Offset(shown, self.by * width)
        plan.signals[other.source_code] = faults.During(shown, off, int(since.timestamp()))
        plan.recorded |= {one.source_code, other.source_code}
        return [Hit(f"sensor:{each.source_code}", since) for each in (one, other)]


class MeterTank(Effect, frozen=True, kw_only=True):
    """A flow meter shows what fills a tank, or empties it, batch by batch but for a day of rest; from a time
    of day on (null: never) it shows that nothing flows, and still the tank is filled, or emptied.
    """

    way: Literal["in", "out"]
    shut_since: time | None

    def fits(self, plan: Plan) -> bool:
        return bool(_pairs(plan, Quantity.LEVEL, Quantity.FLOW))

    def apply(self, plan: Plan) -> list[Hit]:
        tank, meter = plan.random("tank").choice(_pairs(plan, Quantity.LEVEL, Quantity.FLOW))
        level = honest_signal(plan.seed, tank)
        assert isinstance(level, Level)  # noqa: S101 - it is the process of this quantity
        begins = int(plan.window.at(_BEGINS).timestamp())
        batches = replace(level, period_s=_BATCH_S, phase_s=-begins % _BATCH_S)
        rest, until = (begins - before * _BATCH_S - _BATCH_S // 20 for before in _RESTS)
        idle = [(rest, until)]
        if self.shut_since is not None:
            idle.append((int(plan.window.at(self.shut_since).timestamp()), _EVER))
        emptied = faults.Noisy(faults.Stuck(batches, rest), _NOISE / 4 * level.width, level.salt)
        plan.signals[tank.source_code] = faults.During(batches, emptied, rest, until)
        salt = plan.random("noise of a meter").getrandbits(32)
        plan.signals[meter.source_code] = TankFlow(batches, self.way, _top(meter), salt, tuple(idle))
        plan.recorded |= {tank.source_code, meter.source_code}
        if self.shut_since is None:
            return [Hit(f"sensor:{each.source_code}") for each in (tank, meter)]
        return [Hit(f"sensor:{tank.source_code}", plan.window.at(self.shut_since))]


def _in_line(plan: Plan) -> list[tuple[Source, Source]]:
    """Flow meters a gateway asks at once: they see the same of what swings by the second."""
    both = _pairs(plan, Quantity.FLOW, Quantity.FLOW)
    return [(one, other) for one, other in both if one.gateway_code == other.gateway_code]


def _pairs(plan: Plan, one: Quantity, other: Quantity) -> list[tuple[Source, Source]]:
    """Two working sensors of one hazard, of these quantities."""
    ours, theirs = ([each for each in plan.site.working_sensors if each.quantity is q] for q in (one, other))
    return [
        (first, second)
        for first, second in product(ours, theirs)
        if first.hazard_code == second.hazard_code
        and (one is not other or first.source_code < second.source_code)
    ]


def _top(meter: Source) -> float:
    """What a flow meter shows at most; at least it shows zero."""
    return meter.range_high or 0.0
