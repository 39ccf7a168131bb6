"""What was made of a signal by arithmetic, told by the decimals that gives it away.

An instrument's values are whole in units of their last digit. Where a stretch has more decimals than the past
had, somebody calculated it, and what is left over beyond the last digit says how. A constant added leaves the
same everywhere; what grows evenly leaves what grows evenly; noise leaves anything. Noise over a constant, and
over a stretch of the past, is known by what it lies over. Of the rest it is told only that it has too many
decimals (`rdchem.readings.decimals`).
"""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import numpy as np

from rdchem.model.signal import APART, Resemblance, SignalInterval, SignalState
from rdchem.readings.context import context
from rdchem.readings.decimals import scaled_by
from rdchem.readings.grid import HOUR_S, filled
from rdchem.readings.learned import Learned
from rdchem.readings.series import Floats, Series
from rdchem.readings.spread import is_noise

_LITTLE: Final = 0.15
"""Noise laid over something is less than this share of the standard deviation of the past."""
_CALM: Final = 0.25
"""What is held at a constant moves less than the signal did in three of four times as long."""
_EVEN: Final = 0.98
"""How even what is left over has to be: 1 for all the same, about 0 for anything."""
_GROWS: Final = 3.0
"""What grows evenly grows by so many times more at each step than the steps differ by."""
_LEAST_ROWS: Final = 12
_LASTS_S: Final = 3 * HOUR_S
"""In less time a process hardly moves, and goes as it went before, by itself."""


def explained(one: SignalInterval, shown: Series, usual: Learned) -> SignalInterval:
    """A stretch of too many decimals as what it is, where that can be told; else as it was told. No plant,
    and nothing a sibling shows, explains decimals (`APART`).
    """
    found = _explained(one, shown, usual)
    return replace(found, measure=found.measure | {APART: 1.0})


def _explained(one: SignalInterval, shown: Series, usual: Learned) -> SignalInterval:
    part = shown.between(one.start.timestamp(), one.end.timestamp() + 1e-6)
    if part.values.size < _LEAST_ROWS:
        return one
    if (one.end - one.start).total_seconds() >= _LASTS_S:
        made_of = _again(one, part, shown, usual) or _held(one, part, usual)
        if made_of is not None:
            return made_of
    left, _ = scaled_by(part.values, usual.texture.decimals)
    even, _ = _turn(left)
    if even >= _EVEN:
        return replace(one, state=SignalState.OFFSET, why=f"{one.why},余下的处处相同:加了一个固定的数")
    even, step = _turn(np.diff(left))
    if even >= _EVEN and abs(step) > _GROWS * np.sqrt(-2 * np.log(min(even, 1.0))):
        return replace(one, state=SignalState.DRIFT, why=f"{one.why},余下的均匀增减:加了一个均匀变化的数")
    return one


def _turn(values: Floats) -> tuple[float, float]:
    """How even values are beyond whole numbers, and where they are, as an angle: whole numbers are a turn."""
    mean = complex(np.exp(2j * np.pi * values).mean())
    return abs(mean), float(np.angle(mean))


def _held(one: SignalInterval, part: Series, usual: Learned) -> SignalInterval | None:
    """Noise over a constant, or None."""
    spread = float(part.values.std())
    little = spread < _LITTLE * usual.deviation and spread < _calm_spread(part, usual)
    if not (little and is_noise(part.values)):
        return None
    level = float(np.median(part.values))
    why = f"只在 {level:.6g} 附近抖动(标准差 {spread:.3g}),{one.why}"
    held = {"level": level, "spread": spread, "usual_spread": usual.deviation}
    return replace(one, state=SignalState.STUCK_WITH_JITTER, why=why, measure=one.measure | held)


def _calm_spread(part: Series, usual: Learned) -> float:
    """The standard deviation of the past in as long a time where it is calm."""
    past = filled(usual.past.values)
    steps = max(2, round((part.seconds[-1] - part.seconds[0]) / usual.past.step_s))
    windows = np.lib.stride_tricks.sliding_window_view(past, min(steps, past.size))[:: max(1, steps // 4)]
    return float(np.quantile(windows.std(axis=1), _CALM))


def _again(one: SignalInterval, part: Series, shown: Series, usual: Learned) -> SignalInterval | None:
    """Little noise over a stretch of what was before, or None."""
    told = context(usual.past, shown, usual.past.step_s)
    grid = told.grid
    first, after = (
        int(part.seconds[at] // grid.step_s) - grid.first + beyond for at, beyond in ((0, 1), (-1, 0))
    )
    values = filled(grid.values)
    now = values[first:after]
    if now.size < _LEAST_ROWS or first < now.size:
        return None
    best = _nearest(now, values[:first])
    apart = now - values[best : best + now.size]
    spread = float(apart.std())
    little = spread < _LITTLE * min(usual.deviation, float(now.std()))
    if not (little and abs(float(apart.mean())) < spread and is_noise(apart)):
        return None
    lag = timedelta(seconds=told.second(first) - told.second(best))
    hours = lag.total_seconds() / 3600
    why = f"与 {hours:.4g} 小时前相差的只是噪声(标准差 {spread:.3g}),{one.why}"
    measure = one.measure | {"distance": spread, "lag_s": lag.total_seconds()}
    past = Resemblance(one.start - lag, one.end - lag)
    return replace(one, state=SignalState.REPLAYED, why=why, measure=measure, resembles=past)


def _nearest(now: Floats, past: Floats) -> int:
    """The place at which as much of the past differs by the least spread."""
    middle = float(now.mean())
    now, past = now - middle, past - middle
    total, squares = (np.cumsum(np.concatenate(([0.0], one))) for one in (past, past * past))
    sums, power = (one[now.size :] - one[: -now.size] for one in (total, squares))
    apart = power - 2 * np.correlate(past, now, "valid") - sums * sums / now.size
    return int(np.argmin(apart))
