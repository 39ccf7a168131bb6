"""Offset and drift: a stretch that lies beside where the signal would be, or moves away from it.

Hour by hour the source's usual day is taken off. What remains wanders, each hour from the two before it (an
autoregression of order two, learned). Against that wandering two shapes are held at every place and of every
length: a step up and back (offset), and a slope and back (drift). `strength` is how many standard errors of
the source's own wandering the shape is high (generalised least squares): the same is asked of the past, whose
greatest is the measure. An instrument leaves and comes back between two readings: a shape counts only where
the signal itself leaps by most of its height at its ends (a slope: at its end). What goes over hours is the
process, not the instrument.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.grid import HOUR_S, Grid, filled
from rdchem.readings.series import Floats

STEPS_H: Final = tuple(range(6, 49))
"""Lengths of a step, in hours: to the hour, for what moves smoothly says where both its ends are."""
SLOPES_H: Final = tuple(range(14, 49, 2))
"""Lengths of a slope: what is gone sooner is the process."""
_ABRUPT: Final = 0.6
"""At once: at least this share of the height from one reading to the next."""
_LEAST_TOLD: Final = 0.6
_LEAST_ENERGY: Final = 1e-9
"""A shape the wandering hides nearly all of has no height."""
_HUBER: Final = 2.0


@dataclass(frozen=True, slots=True)
class Wander:
    """From hour to hour: the next is `near` times this one and `far` times the one before it, and a step of
    standard error `step`.
    """

    near: float
    far: float
    step: float


@dataclass(frozen=True, slots=True)
class Leaps:
    """The farthest the signal goes up, and down (≤ 0), from one reading to the next around the beginning of
    each hour; one more for the end of the last.
    """

    up: Floats
    down: Floats


@dataclass(frozen=True, slots=True)
class Shapes:
    """Fits of one shape to each of some signals, at every length (`lengths` in hours of the grid) and first
    hour: shape (signals, lengths, hours).
    """

    lengths: NDArray[np.int64]
    height: Floats
    strength: Floats

    @property
    def ends(self) -> NDArray[np.int64]:
        """The hour each fit ends before, by length and first hour."""
        return np.arange(self.height.shape[-1])[None, :] + self.lengths[:, None]

    def of(self, signal: int) -> "Shapes":
        """Those of one of the signals, by length and first hour."""
        return Shapes(self.lengths, self.height[signal], self.strength[signal])


def wander(rest: Floats) -> Wander:
    """The wandering of what remains; few great steps count for little (Huber's weights)."""
    now, near, far = rest[2:], rest[1:-1], rest[:-2]
    told = np.isfinite(now) & np.isfinite(near) & np.isfinite(far)
    now, before = now[told], np.stack((near[told], far[told]))
    if now.size < 8 or not before.any():
        return Wander(0.0, 0.0, 0.0)
    weight = np.ones(now.size)
    for _ in range(3):
        weighed = before * weight
        power = weighed @ before.T
        power += 1e-3 * np.trace(power) / 2 * np.eye(2)
        if not np.linalg.det(power) > 0:  # so far apart in size that no number holds both
            return Wander(0.0, 0.0, 0.0)
        keeps = np.linalg.solve(power, weighed @ now)
        steps = now - keeps @ before
        size = 1.4826 * float(np.median(np.abs(steps)))
        weight = _HUBER * size / np.maximum(np.abs(steps), _HUBER * size) if size > 0 else weight
    return Wander(float(keeps[0]), float(keeps[1]), max(size, 0.3 * float(steps.std())))


def leap_steps(step_s: float, cadence_s: float) -> int:
    """Over how many steps of a grid a leap goes: two where a step holds several readings."""
    return 1 if step_s / cadence_s <= 1.02 else 2


def leaps(grid: Grid, hours: Grid, over: int) -> Leaps:
    """The leaps of a signal over so many steps. Of several signals at once: steps along the last axis.

    `hours` must be made of `grid` by `hours.hourly`.
    """
    values = filled(grid.values)
    times = round(hours.step_s / grid.step_s)
    rows, size = values.shape[:-1], values.shape[-1]
    moved = np.zeros((*rows, hours.values.shape[-1] * times))
    lead = grid.first - hours.first * times
    if size > over:
        moved[..., lead + over : lead + size] = values[..., over:] - values[..., :-over]
    by_hour = moved.reshape(*rows, -1, times)
    up, down = by_hour.max(axis=-1, initial=0.0), by_hour.min(axis=-1, initial=0.0)
    at_begin, at_end = (  # an hour begins where the one before it ends
        [np.concatenate(parts, axis=-1) for parts in both]
        for both in (
            ((up[..., :1], up), (down[..., :1], down)),
            ((up, up[..., -1:]), (down, down[..., -1:])),
        )
    )
    return Leaps(np.maximum(at_begin[0], at_end[0]), np.minimum(at_begin[1], at_end[1]))


def shapes(
    rest: Floats, usual: Sequence[Wander], leapt: Leaps, step_s: float = HOUR_S
) -> tuple[Shapes, Shapes]:
    """Steps and slopes fitted to what remains of some signals, at strength 0 where they are not abrupt.

    A signal a row. The first two hours are taken as usual.
    """
    near, far, step = (np.array([getattr(one, name) for one in usual])[:, None] for name in _WANDER)
    size = rest.shape[1]
    told = np.isfinite(rest)
    moved = np.zeros(rest.shape)
    moved[:, 2:] = rest[:, 2:] - near * rest[:, 1:-1] - far * rest[:, :-2]
    moved[~np.isfinite(moved)] = 0.0
    back = moved.copy()  # what each hour says of a shape over it: its own step, and those it leads to
    back[:, :-1] -= near * moved[:, 1:]
    back[:, :-2] -= far * moved[:, 2:]
    sums = _sums(back), _sums(back * np.arange(size)), _sums(told.astype(np.float64))
    wanders = near[..., None], far[..., None], step[..., None]
    return (
        _fitted(sums, _lengths(STEPS_H, step_s), wanders, leapt, slope=False),
        _fitted(sums, _lengths(SLOPES_H, step_s), wanders, leapt, slope=True),
    )


_WANDER: Final = ("near", "far", "step")


def strongest(shape: Shapes) -> Floats:
    """The greatest strength of a shape, by signal."""
    most: Floats = np.abs(shape.strength).max(axis=(1, 2), initial=0.0)
    return most


def _lengths(hours: tuple[int, ...], step_s: float) -> NDArray[np.int64]:
    steps = np.unique(np.round(np.array(hours) * HOUR_S / step_s).astype(np.int64))
    return steps[steps >= 2]


def _sums(values: Floats) -> Floats:
    """Sums of the first so many hours, from none on."""
    return np.cumsum(np.concatenate((np.zeros((values.shape[0], 1)), values), axis=1), axis=1)


def _fitted(
    sums: tuple[Floats, Floats, Floats],
    lengths: NDArray[np.int64],
    usual: tuple[Floats, Floats, Floats],
    leapt: Leaps,
    *,
    slope: bool,
) -> Shapes:
    size = sums[0].shape[1] - 1
    lengths = lengths[lengths <= size]
    length = lengths[:, None]
    begin = np.arange(size)[None, :]
    end = np.minimum(begin + length, size)
    of_back, of_place, of_told = sums
    projection = of_back[:, end] - of_back[:, begin]
    if slope:
        projection = (of_place[:, end] - of_place[:, begin] - (begin - 1) * projection) / length
    share = (of_told[:, end] - of_told[:, begin]) / length
    energy = _energies(lengths, size, usual, slope=slope)
    energy *= share
    fits = (begin + length <= size) & (begin >= 2) & (share >= _LEAST_TOLD) & (energy > _LEAST_ENERGY)
    height = np.where(fits, projection / np.where(fits, energy, 1.0), 0.0)
    there = usual[2] > 0
    strength = np.where(there, height * np.sqrt(energy) / np.where(there, usual[2], 1.0), 0.0)
    up = height > 0
    least = _ABRUPT * np.abs(height)
    fall = np.where(up, -leapt.down[:, end], leapt.up[:, end])
    unlike = (fall < least) & (end < size)
    if not slope:
        unlike |= np.where(up, leapt.up[:, begin], -leapt.down[:, begin]) < least
    return Shapes(lengths, height, np.where(unlike, 0.0, strength))


def _energies(
    lengths: NDArray[np.int64], size: int, usual: tuple[Floats, Floats, Floats], *, slope: bool
) -> Floats:
    """The sums of squares of shapes one high as the wandering of each signal sees them, by length and first
    hour. Less at the end of the signal: what the return would have shown is not there.
    """
    near, far, _ = usual
    length = lengths[:, None]
    place = np.arange(1, int(lengths.max(initial=0)) + 3)[None, :]
    shape = np.where(place <= length, place / length if slope else 1.0, 0.0)[None]
    seen = np.repeat(shape, near.shape[0], axis=0)
    seen[..., 1:] -= near * shape[..., :-1]
    seen[..., 2:] -= far * shape[..., :-2]
    told = np.cumsum(seen * seen, axis=-1)
    left = np.minimum(size - np.arange(size)[None, :], length + 2)  # hours of the shape and its return
    energies: Floats = np.take_along_axis(told, left[None] - 1, axis=-1)
    return energies
