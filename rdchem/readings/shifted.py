"""Shifted: stretches that lie beside the usual, or on their way from it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.context import Context, context
from rdchem.readings.grid import Grid
from rdchem.readings.hours import hour_steps, hourly
from rdchem.readings.learned import Learned
from rdchem.readings.series import Floats, Series
from rdchem.readings.shift import Shapes, leap_steps, leaps, shapes
from rdchem.readings.told import interval

TALL: Final = 2.3
"""An offset counts from so many standard deviations of the past on: honest signals lie aside less far."""
TALL_SLOPE: Final = 1.9
"""… and a drift, whose height is that of its end."""
SLOPES_COUNT: Final = 1.05
"""A slope counts for so many times its strength beside a step. Of a true step the best slope has 0.94 of its
strength where the rest is white, and a true slope's best step as much of the slope's; where it wanders both
have 0.71. But what leaps by itself has a step for any slope's end, so the doubt is the slope's.
"""
STRONGER: Final = 1.15
"""An offset or drift is so many times as strong as the source's own strongest."""
STRONG: Final = 6.5
"""… and so many standard errors."""
_MOST_SHAPES: Final = 20
MOVED: Final = 0.75
"""Where all hours lie within this share of a tall shape, none is looked for."""


def shifts(several: Sequence[tuple[Series, Learned]]) -> list[list[SignalInterval]]:
    """Of each signal, by what is usual for it, the stretches beside where it would be, or on their way from
    it. Signals on one grid are looked at together.
    """
    found: list[list[SignalInterval]] = [[] for _ in several]
    alike: defaultdict[tuple[float, int, int, int, int, int], list[int]] = defaultdict(list)
    contexts: dict[int, Context] = {}
    for place, (shown, usual) in enumerate(several):
        if usual.wander.step > 0 and usual.deviation > 0:
            contexts[place] = told = context(usual.past, shown, usual.past.step_s)
            grid, over = told.grid, leap_steps(told.grid.step_s, usual.step_s)
            alike[grid.step_s, grid.first, grid.values.size, told.since, usual.day.size, over].append(place)
    for (*_, over), places in alike.items():
        some = [several[place] for place in places]
        told_of = _on_one_grid([contexts[place] for place in places], some, over)
        for place, intervals in zip(places, told_of, strict=True):
            found[place] = intervals
    return found


def _on_one_grid(
    contexts: Sequence[Context], several: Sequence[tuple[Series, Learned]], over: int
) -> list[list[SignalInterval]]:
    """The same of signals that begin and end within the same steps; `over`: steps a leap goes over."""
    one = contexts[0]
    times = hour_steps(one.grid.step_s)
    since = (one.since + one.grid.first % times) // times
    lead = max(0, since - 24)
    values = np.stack([told.grid.values for told in contexts])
    grid = _from_hour(Grid(one.grid.first, one.grid.step_s, values), lead, times)
    hours = hourly(grid)
    rest = _beside_usual(hours, [usual for _, usual in several])
    reach = np.fmax.reduce(rest, axis=1) - np.fmin.reduce(rest, axis=1)
    apart = np.flatnonzero(reach > [MOVED * TALL_SLOPE * usual.deviation for _, usual in several])
    found: list[list[SignalInterval]] = [[] for _ in several]
    if apart.size:
        moving, by_hour = (Grid(part.first, part.step_s, part.values[apart]) for part in (grid, hours))
        wanders = [several[at][1].wander for at in apart.tolist()]
        steps, slopes = shapes(rest[apart], wanders, leaps(moving, by_hour, over), hours.step_s)
        for row, at in enumerate(apart.tolist()):
            shown, usual = several[at]
            told = told_shapes(steps.of(row), slopes.of(row), usual, since - lead)
            found[at] = [_shifted(shape, hours, shown, usual) for shape in told]
    return found


def _beside_usual(hours: Grid, usual: Sequence[Learned]) -> Floats:
    """What remains of the hours of some signals without their usual day."""
    middle, day = np.array([one.middle for one in usual]), np.stack([one.day for one in usual])
    place = (hours.first + np.arange(hours.values.shape[1])) % day.shape[1]
    rest: Floats = hours.values - middle[:, None] - day[:, place]
    return rest


def _from_hour(grid: Grid, hour: int, times: int) -> Grid:
    """A grid from one of its hours on, each of so many steps."""
    place = max(0, hour * times - grid.first % times)
    return Grid(grid.first + place, grid.step_s, grid.values[..., place:])


@dataclass(frozen=True, slots=True)
class _Shape:
    state: SignalState
    begin: int
    end: int
    height: float
    strength: float


def told_shapes(steps: Shapes, slopes: Shapes, usual: Learned, since: int) -> list[_Shape]:
    """The shapes that are told of, strongest first, none over another.

    One that is stronger than the source's own strongest is told of; as what it is, a step or a slope, and
    from where to where, is what fits its stretch best, and as nothing where that is not tall.
    """
    kinds = (steps, slopes)
    strength = [np.where(one.ends > since, np.abs(one.strength), 0.0) for one in kinds]
    told = [
        (size > max(STRONGER * past, STRONG)) & (np.abs(one.height) >= tall * usual.deviation)
        for one, size, past, tall in zip(
            kinds, strength, (usual.strongest_step, usual.strongest_slope), (TALL, TALL_SLOPE), strict=True
        )
    ]
    found: list[_Shape] = []
    for _ in range(_MOST_SHAPES):
        best = _best(kinds, [size * counts for size, counts in zip(strength, told, strict=True)])
        if best is None:
            break
        like = [
            size * (_shared(one, best) >= 0.5 * np.maximum(one.lengths[:, None], best.end - best.begin))
            for one, size in zip(kinds, strength, strict=True)
        ]
        fits = _best(kinds, like, SLOPES_COUNT) or best
        tall = TALL_SLOPE if fits.state is SignalState.DRIFT else TALL
        if abs(fits.height) >= tall * usual.deviation:
            found.append(fits)
        for one, size in zip(kinds, strength, strict=True):  # one leap is no edge of two shapes
            size[(_shared(one, fits) >= -1) | (_shared(one, best) >= -1)] = 0.0
    return found


def _best(kinds: tuple[Shapes, Shapes], strength: list[Floats], slopes: float = 1.0) -> _Shape | None:
    """The strongest of all fits, a slope's strength counted so many times; None where none has any."""
    best: _Shape | None = None
    for state, one, size in zip((SignalState.OFFSET, SignalState.DRIFT), kinds, strength, strict=True):
        if not size.size:
            continue
        length, at = np.unravel_index(int(np.argmax(size)), size.shape)
        counted = slopes if state is SignalState.DRIFT else 1.0
        if counted * size[length, at] > (best.strength if best else 0.0):
            end = int(at + one.lengths[length])
            best = _Shape(state, int(at), end, float(one.height[length, at]), float(size[length, at]))
    return best


def _shared(one: Shapes, other: _Shape) -> NDArray[np.int64]:
    """How many hours each fit shares with a shape; less than nothing: how far apart they are."""
    begin = np.arange(one.height.shape[1])[None, :]
    return np.minimum(one.ends, other.end) - np.maximum(begin, other.begin)


def _shifted(one: _Shape, hours: Grid, shown: Series, usual: Learned) -> SignalInterval:
    start = max(hours.second(one.begin), float(shown.seconds[0]))
    end = min(hours.second(one.end), float(shown.seconds[-1]))
    height, strength = one.height, one.strength
    usually = usual.strongest_step if one.state is SignalState.OFFSET else usual.strongest_slope
    way = "高" if height > 0 else "低"
    moved = f"偏{way}" if one.state is SignalState.OFFSET else f"渐{way}至"
    why = (
        f"{(end - start) / 3600:.1f} 小时{moved} {abs(height):.4g}(过去标准差 {usual.deviation:.3g} 的 "
        f"{abs(height) / usual.deviation:.1f} 倍),强度 {strength:.1f},过去自身最强 {usually:.1f}"
    )
    return interval(start, end, one.state, why, height=height, strength=strength, usual_strength=usually)
