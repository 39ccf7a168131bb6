"""Shifted: stretches that lie beside the usual, or on their way from it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.context import context
from rdchem.readings.grid import Grid
from rdchem.readings.hours import hour_steps, hourly
from rdchem.readings.learned import Learned
from rdchem.readings.series import Floats, Series
from rdchem.readings.shift import Leaps, Shapes, leap_steps, leaps, shapes
from rdchem.readings.told import interval

TALL: Final = 1.9
"""An offset or drift counts from so many standard deviations of the past on."""
STRONGER: Final = 1.15
"""An offset or drift is so many times as strong as the source's own strongest."""
STRONG: Final = 6.5
"""… and so many standard errors."""
_MOST_SHAPES: Final = 20
MOVED: Final = 0.75
"""Where all hours lie within this share of a tall shape, none is looked for."""


def shifts(shown: Series, usual: Learned) -> list[SignalInterval]:
    """Stretches beside where the signal would be, or on their way from it."""
    if not usual.wander.step > 0:
        return []
    told = context(usual.past, shown, usual.past.step_s)
    times = hour_steps(told.grid.step_s)
    since = (told.since + told.grid.first % times) // times
    lead = max(0, since - 24)
    hours = hourly(_from_hour(told.grid, lead, times))
    place = (hours.first + np.arange(hours.values.size)) % usual.day.size
    rest = hours.values - usual.middle - usual.day[place]
    if (
        not np.nanmax(rest, initial=-np.inf) - np.nanmin(rest, initial=np.inf)
        > MOVED * TALL * usual.deviation
    ):
        return []
    whole = leaps(told.grid, hourly(told.grid), leap_steps(told.grid.step_s, usual.step_s))
    leapt = Leaps(whole.up[None, lead:], whole.down[None, lead:])
    steps, slopes = (one.of(0) for one in shapes(rest[None], [usual.wander], leapt, hours.step_s))
    found = []
    for one in told_shapes(steps, slopes, usual, since - lead):
        start_s = max(hours.second(one.begin), float(shown.seconds[0]))
        end_s = min(hours.second(one.end), float(shown.seconds[-1]))
        found.append(_shifted(one, start_s, end_s, usual))
    return found


def _from_hour(grid: Grid, hour: int, times: int) -> Grid:
    """A grid from one of its hours on, each of so many steps."""
    place = max(0, hour * times - grid.first % times)
    return Grid(grid.first + place, grid.step_s, grid.values[place:])


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
    from where to where, is what fits its stretch best.
    """
    kinds = (steps, slopes)
    least = TALL * usual.deviation
    strength = [
        np.where((one.ends > since) & (np.abs(one.height) >= least), np.abs(one.strength), 0.0)
        for one in kinds
    ]
    strong = [
        size > max(STRONGER * past, STRONG)
        for size, past in zip(strength, (usual.strongest_step, usual.strongest_slope), strict=True)
    ]
    found: list[_Shape] = []
    while len(found) < _MOST_SHAPES:
        best = _best(kinds, [size * told for size, told in zip(strength, strong, strict=True)])
        if best is None:
            break
        like = [
            size * (_shared(one, best) >= 0.5 * np.maximum(one.lengths[:, None], best.end - best.begin))
            for one, size in zip(kinds, strength, strict=True)
        ]
        fits = _best(kinds, like) or best
        found.append(fits)
        for one, size in zip(kinds, strength, strict=True):
            size[_shared(one, fits) >= -1] = 0.0  # one leap is not told of as the edge of two shapes
    return found


def _best(kinds: tuple[Shapes, Shapes], strength: list[Floats]) -> _Shape | None:
    """The strongest of all fits; None where none has any strength."""
    best: _Shape | None = None
    for state, one, size in zip((SignalState.OFFSET, SignalState.DRIFT), kinds, strength, strict=True):
        if not size.size:
            continue
        length, at = np.unravel_index(int(np.argmax(size)), size.shape)
        if size[length, at] > (best.strength if best else 0.0):
            end = int(at + one.lengths[length])
            best = _Shape(state, int(at), end, float(one.height[length, at]), float(size[length, at]))
    return best


def _shared(one: Shapes, other: _Shape) -> NDArray[np.int64]:
    """How many hours each fit shares with a shape; less than nothing: how far apart they are."""
    begin = np.arange(one.height.shape[1])[None, :]
    return np.minimum(one.ends, other.end) - np.maximum(begin, other.begin)


def _shifted(one: _Shape, start: float, end: float, usual: Learned) -> SignalInterval:
    height, strength = one.height, one.strength
    usually = usual.strongest_step if one.state is SignalState.OFFSET else usual.strongest_slope
    way = "高" if height > 0 else "低"
    moved = f"偏{way}" if one.state is SignalState.OFFSET else f"渐{way}至"
    why = (
        f"{(end - start) / 3600:.1f} 小时{moved} {abs(height):.4g}(过去标准差 {usual.deviation:.3g} 的 "
        f"{abs(height) / usual.deviation:.1f} 倍),强度 {strength:.1f},过去自身最强 {usually:.1f}"
    )
    return interval(start, end, one.state, why, height=height, strength=strength, usual_strength=usually)
