"""What is usual for a source, learned from an earlier stretch of it; small, and all that is kept of it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from rdchem.readings.grid import Grid, gridded, step_for
from rdchem.readings.hours import hourly, usual_day
from rdchem.readings.replay import (
    apart_from,
    coarse,
    likenesses,
    movements,
    nearest_days,
    smoothed,
    stretches,
)
from rdchem.readings.runs import usual_runs
from rdchem.readings.series import DAY_S, Floats, Series, cadence
from rdchem.readings.shift import Wander, leap_steps, leaps, shapes, strongest, wander
from rdchem.readings.spread import Calm, calms
from rdchem.readings.texture import Texture, usual_texture

LEARNED_AS: Final = "3"
"""Another where something else is learned of the same readings: what was kept before is learned anew."""
_LEARNING_HOP_S: Final = 43_200.0
USUAL: Final = 0.995
"""A wait is usual if so many are no longer."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What is usual for one source; in its unit, in seconds.

    `rows`: values it was learned from, between `start` and `end`. `step_s`: cadence. `longest_wait_s`:
    longest time between two values; `usual_wait_s`: what all but one in 200 stay below. `rest`: value it
    rested at longest; `longest_run_s`: longest usual time without a change away from it; `longest_rest_s`: at
    it. `greatest_spike`:
    farthest from the middle of two neighbours; `greatest_rate`: fastest change, per second. `low`, `high`,
    `middle`, `deviation`: smallest and greatest value, median, standard deviation. `calm`: least standard
    deviations. `day`: usual hours of the day, less the middle.
    `wander`: how it wanders from hour to hour; `strongest_step`, `strongest_slope`: the strongest shape its
    wandering made. `past`: means on a grid. `distance`, `alone`,
    `sameness`, `likeness`: the best that two stretches of the past fit; NaN where that cannot be told.
    `texture`: its noise and its last digits.
    `earlier`: means of the days before the past, of those that go together with others no more, or anew.
    """

    rows: int
    start: float
    end: float
    step_s: float
    longest_wait_s: float
    usual_wait_s: float
    rest: float
    longest_run_s: float
    longest_rest_s: float
    greatest_spike: float
    greatest_rate: float
    low: float
    high: float
    middle: float
    deviation: float
    calm: Calm
    day: Floats
    wander: Wander
    strongest_step: float
    strongest_slope: float
    past: Grid
    distance: float
    alone: float
    sameness: float
    likeness: float
    texture: Texture = field(default_factory=Texture)
    earlier: Grid = field(default_factory=lambda: Grid(0, 1.0, np.zeros(0)))


def learn(series: Series, *, grid_s: float = 0.0) -> Learned | None:
    """What is usual in a series; None where it has fewer than three values: nothing can be said of it.

    `grid_s`: the past is kept in steps no shorter than this. Its own cadence, five minutes at least, finds
    more; a quarter of an hour makes of two weeks 1,344 numbers.
    """
    return learn_all([series], grid_s=grid_s)[0]


def learn_all(several: Sequence[Series], *, grid_s: float = 0.0) -> list[Learned | None]:
    """What is usual in each of several series: the same, to the byte, as of each by itself, but sooner, for
    those on one grid (of one step, beginning and ending within the same) are learned from together.
    """
    found: list[Learned | None] = [None] * len(several)
    alike: dict[tuple[float, int, int, int], list[tuple[int, _Past]]] = defaultdict(list)
    for place, series in enumerate(several):
        rows = series.present()
        if rows.seconds.size >= 3:
            step_s = cadence(rows.seconds)
            grid = gridded(rows, step_for(max(step_s, grid_s)))
            over = leap_steps(grid.step_s, step_s)
            alike[grid.step_s, grid.first, grid.values.size, over].append((place, _Past(rows, step_s, grid)))
    for (*_, over), together in alike.items():
        for first in range(0, len(together), _TOGETHER):
            places, pasts = zip(*together[first : first + _TOGETHER], strict=True)
            for place, usual in zip(places, _learned(pasts, over), strict=True):
                found[place] = usual
    return found


_TOGETHER: Final = 64
"""So many stay in the cache."""


@dataclass(frozen=True, slots=True)
class _Past:
    rows: Series
    step_s: float
    grid: Grid


def _learned(pasts: Sequence[_Past], over: int) -> list[Learned]:
    """Of pasts on one grid, whose leaps go over so many of its steps."""
    one = pasts[0].grid
    grid = Grid(one.first, one.step_s, np.stack([past.grid.values for past in pasts]))
    hours = hourly(grid)
    days = usual_day(hours.first, hours.values, round(DAY_S / hours.step_s))
    middles = np.array([np.median(past.rows.values) for past in pasts])
    place = (hours.first + np.arange(hours.values.shape[1])) % days.shape[1]
    rest = hours.values - middles[:, None] - days[:, place]
    wanders = [wander(one) for one in rest]
    steps, slopes = _strongest(rest, wanders, grid, hours, over)
    deviations = [float(past.rows.values.std()) for past in pasts]
    quiet = calms([past.rows for past in pasts], grid.step_s, deviations)
    near = closest(grid)
    return [
        _of_rows(
            past,
            middle=float(middles[at]),
            deviation=deviations[at],
            calm=quiet[at],
            day=days[at].copy(),
            wander=wanders[at],
            strongest_step=float(steps[at]),
            strongest_slope=float(slopes[at]),
            distance=near[at][0],
            alone=near[at][1],
            sameness=near[at][2],
            likeness=near[at][3],
        )
        for at, past in enumerate(pasts)
    ]


def _strongest(
    rest: Floats, wanders: Sequence[Wander], grid: Grid, hours: Grid, over: int
) -> tuple[Floats, Floats]:
    """The strongest step and slope of each signal; none of one of which no wandering is known."""
    found = np.zeros((2, len(wanders)))
    some = np.flatnonzero([one.step > 0 for one in wanders])
    if some.size:
        leapt = leaps(Grid(grid.first, grid.step_s, grid.values[some]), hours, over)
        fitted = shapes(rest[some], [wanders[at] for at in some.tolist()], leapt, hours.step_s)
        found[:, some] = [strongest(shape) for shape in fitted]
    return found[0], found[1]


def _of_rows(past: _Past, **known: Any) -> Learned:
    """What its rows tell, with what is known already."""
    seconds, values = past.rows.seconds, past.rows.values
    waits = np.diff(seconds)
    rest, moving, resting = usual_runs(past.rows)
    return Learned(
        rows=seconds.size,
        start=float(seconds[0]),
        end=float(seconds[-1]),
        step_s=past.step_s,
        longest_wait_s=float(waits.max()),
        usual_wait_s=float(np.quantile(waits, USUAL)),
        rest=rest,
        longest_run_s=moving,
        longest_rest_s=resting,
        greatest_spike=greatest_spike(values),
        greatest_rate=float(np.abs(np.diff(values) / waits).max()),
        low=float(values.min()),
        high=float(values.max()),
        past=past.grid,
        texture=usual_texture(past.rows, past.step_s),
        **known,
    )


def greatest_spike(values: Floats) -> float:
    """How far a value ever lay from the middle of its two neighbours."""
    return float(np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2).max(initial=0.0))


def closest(grid: Grid) -> list[tuple[float, float, float, float]]:
    """Of each signal of a grid (rows) the least distance, how far it stands alone at most, the greatest share
    of equal steps and the greatest likeness of two days of the past.

    NaN where it is shorter than three days, or none of its days is nearly whole.
    """
    count = grid.values.shape[0]
    width = round(DAY_S / grid.step_s)
    if grid.values.shape[1] < 3 * width:
        return [(float("nan"),) * 4] * count
    rough = coarse(grid)
    places, rough_places = ([_days(one, at) for at in range(count)] for one in (grid, rough))
    moved = movements(grid, usual_day(grid.first, grid.values, width)) if any(places) else grid.values
    level = smoothed(rough) if any(rough_places) else rough.values
    return [
        (*_nearest(level[at], rough.step_s, rough_places[at]), _likest(moved[at], width, places[at]))
        for at in range(count)
    ]


def _days(grid: Grid, at: int) -> list[int]:
    """The places at which nearly whole days of a signal begin."""
    return list(stretches(Grid(grid.first, grid.step_s, grid.values[at]), 0, _LEARNING_HOP_S))


def _likest(moved: Floats, width: int, places: Sequence[int]) -> float:
    if not places:
        return float("nan")
    days = np.stack([moved[at : at + width] for at in places])
    apart = apart_from(np.array(places)[:, None], width, moved.size)
    return min(float(np.where(apart, likenesses(days, moved[None]), -1.0).max()), 1.0)


def _nearest(level: Floats, step_s: float, places: Sequence[int]) -> tuple[float, float, float]:
    if not places:
        return (float("nan"),) * 3
    fits = nearest_days(level, places, step_s)
    return min(fit.distance for fit in fits), max(fit.alone for fit in fits), max(fit.same for fit in fits)
