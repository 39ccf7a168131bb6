"""Offset and drift: a stretch that lies beside where the signal would be, or moves away from it.

Hour by hour the source's usual day is taken off. What remains wanders, each hour from the one before (an
autoregression of order one, learned). Against that wandering two shapes are held at every place and of every
length: a step up and back (offset), and a slope and back (drift). `strength` is how many standard errors of
the source's own wandering the shape is high: the same is asked of the past, whose greatest is the measure.
A step must rise and fall at once, a slope only fall: what goes over hours is the process, not the instrument.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.series import Floats

SHORTEST: Final = 5
LONGEST: Final = 48
"""Lengths of a shape, in steps of the hourly grid."""
SLOW: Final = 12
"""A slope is at least so long: what is gone sooner is the process."""
_ABRUPT: Final = 0.5
"""At once: at least this share of the height within two hours."""


@dataclass(frozen=True, slots=True)
class Wander:
    """From hour to hour: the next is `keeps` times this one, and a step of standard error `step`."""

    keeps: float
    step: float


@dataclass(frozen=True, slots=True)
class Shapes:
    """Fits at every length (rows, from `SHORTEST` up) and first hour (columns)."""

    height: Floats
    strength: Floats


def wander(rest: Floats) -> Wander:
    """The wandering of what remains; its step from the median of the steps: few jumps do not widen it."""
    before, after = rest[:-1], rest[1:]
    told = np.isfinite(before) & np.isfinite(after)
    before, after = before[told], after[told]
    power = float(before @ before)
    keeps = min(max(float(before @ after) / power, 0.0), 0.99) if power > 0 else 0.0
    steps = after - keeps * before
    step = 1.4826 * float(np.median(np.abs(steps))) if steps.size else 0.0
    return Wander(keeps, max(step, 0.3 * float(steps.std()) if steps.size else 0.0))


def shapes(rest: Floats, usual: Wander) -> tuple[Shapes, Shapes]:
    """Steps and slopes fitted to what remains of a signal; its first value is taken as usual."""
    keeps = usual.keeps
    told = np.isfinite(rest)
    moved = np.zeros(rest.size)
    moved[1:] = rest[1:] - keeps * rest[:-1]
    weight = np.isfinite(moved).astype(np.float64)
    weight[0] = 0.0
    weight[1:][~told[:-1]] = 0.0
    moved = np.where(weight > 0, moved, 0.0)
    sums = _Sums.of(moved, weight)
    lengths = np.arange(SHORTEST, min(LONGEST, rest.size - 1) + 1)[:, None]
    begin = np.arange(rest.size)[None, :]
    end = np.minimum(begin + lengths, rest.size)
    fits = begin + lengths <= rest.size
    back = np.where(end < rest.size, np.append(moved, 0.0)[end], 0.0)
    returns = np.append(weight, 0.0)[end]
    none = np.zeros(lengths.shape)
    rises = _combined(sums, begin, end, none + (1 - keeps), none)
    step = _fit(
        rises[0] + keeps * moved[begin] - keeps * back,
        rises[1] + (1 - (1 - keeps) ** 2) * weight[begin] + keeps**2 * returns,
        usual,
        fits,
    )
    slope_a = (1 - (1 - keeps) * begin) / lengths
    slopes = _combined(sums, begin, end, slope_a, (1 - keeps) / lengths)
    slope = _fit(slopes[0] - keeps * back, slopes[1] + keeps**2 * returns, usual, fits)
    jump = _jumps(rest)
    for shape, rises_at_once in ((step, True), (slope, False)):
        least = _ABRUPT * np.abs(shape.height)
        way = np.sign(shape.height)
        rise, fall = way * jump[begin], -way * np.append(jump, np.nan)[end]
        unlike = (rise < least) if rises_at_once else (rise > least)
        shape.strength[unlike | (fall < least)] = 0.0
    slope.strength[: SLOW - SHORTEST] = 0.0
    return step, slope


def strongest(shape: Shapes, tall: float, *, spared: int) -> float:
    """The greatest strength of a shape at least `tall` high, days apart from the `spared` strongest ones."""
    strength = np.where(np.abs(shape.height) >= tall, np.abs(shape.strength), 0.0)
    begin = np.arange(strength.shape[1])[None, :]
    end = begin + SHORTEST + np.arange(strength.shape[0])[:, None]
    for _ in range(spared if strength.size else 0):
        length, at = np.unravel_index(int(np.argmax(strength)), strength.shape)
        strength[(begin < end[length, at] + LONGEST) & (end > at - LONGEST)] = 0.0
    return float(strength.max(initial=0.0))


def _jumps(rest: Floats) -> Floats:
    """How far the two hours from a place on lie from the two before; NaN where that cannot be told."""
    jump = np.full(rest.size, np.nan)
    if rest.size >= 4:
        jump[2:-1] = (rest[2:-1] + rest[3:] - rest[1:-2] - rest[:-3]) / 2
    return jump


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums: of weights times 1, place, place², and of movements times 1, place."""

    one: Floats
    place: Floats
    square: Floats
    moved: Floats
    moved_place: Floats

    @classmethod
    def of(cls, moved: Floats, weight: Floats) -> "_Sums":
        places = np.arange(moved.size)
        parts = (weight, weight * places, weight * places**2, moved, moved * places)
        return cls(*(np.concatenate(([0.0], np.cumsum(part))) for part in parts))


def _combined(
    sums: _Sums, begin: NDArray[np.intp], end: NDArray[np.intp], constant: Floats, per_place: Floats
) -> tuple[Floats, Floats]:
    """Projection on, and energy of, the shape `constant + per_place * place` between two places."""

    def between(total: Floats) -> Floats:
        return total[end] - total[begin]

    projection = constant * between(sums.moved) + per_place * between(sums.moved_place)
    energy = (
        constant**2 * between(sums.one)
        + 2 * constant * per_place * between(sums.place)
        + per_place**2 * between(sums.square)
    )
    return projection, energy


def _fit(projection: Floats, energy: Floats, usual: Wander, fits: NDArray[np.bool_]) -> Shapes:
    with np.errstate(divide="ignore", invalid="ignore"):
        height = np.where(fits & (energy > 0), projection / energy, 0.0)
        strength = np.where(usual.step > 0, height * np.sqrt(np.maximum(energy, 0.0)) / usual.step, 0.0)
    return Shapes(height, np.nan_to_num(strength))
