"""What is usual for a source, learned from an earlier stretch of it; small, and all that is kept of it."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rdchem.readings.grid import Grid, gridded, step_for
from rdchem.readings.hours import hourly, usual_day
from rdchem.readings.replay import apart_from, coarse, likest, movements, nearest, smoothed, stretches
from rdchem.readings.runs import usual_runs
from rdchem.readings.series import DAY_S, Floats, Series, cadence
from rdchem.readings.shift import Wander, leaps, shapes, strongest, wander
from rdchem.readings.spread import Calm, calm

_LEARNING_HOP_S: Final = 43_200.0
USUAL: Final = 0.995
"""A wait is usual if so many are no longer."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What is usual for one source; in its unit, in seconds.

    `rows`: values it was learned from, between `start` and `end`. `step_s`: cadence. `longest_wait_s`:
    longest time between two values; `usual_wait_s`: what all but one in 200 stay below. `longest_run_s`:
    longest usual time without a change away from the lowest value; `longest_rest_s`: at it. `greatest_spike`:
    farthest from the middle of two neighbours; `greatest_rate`: fastest change, per second. `low`, `high`,
    `middle`, `deviation`: smallest and greatest value, median, standard deviation. `calm`: least standard
    deviations. `day`: usual hours of the day, less the middle.
    `wander`: how it wanders from hour to hour; `strongest_step`, `strongest_slope`: the strongest shape its
    wandering made. `past`: means on a grid. `distance`, `alone`,
    `sameness`, `likeness`: the best that two stretches of the past fit; NaN where that cannot be told.
    """

    rows: int
    start: float
    end: float
    step_s: float
    longest_wait_s: float
    usual_wait_s: float
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


def learn(series: Series, *, grid_s: float = 0.0) -> Learned | None:
    """What is usual in a series; None where it has fewer than three values: nothing can be said of it.

    `grid_s`: the past is kept in steps no shorter than this. Its own cadence, five minutes at least, finds
    more; a quarter of an hour makes of two weeks 1,344 numbers.
    """
    past = series.present()
    if past.seconds.size < 3:
        return None
    low, high = float(past.values.min()), float(past.values.max())
    moving, resting = usual_runs(past, low)
    step_s = cadence(past.seconds)
    grid = gridded(past, step_for(max(step_s, grid_s)))
    hours = hourly(grid)
    day = usual_day(hours.first, hours.values, round(DAY_S / hours.step_s))
    middle = float(np.median(past.values))
    rest = hours.values - middle - day[(hours.first + np.arange(hours.values.size)) % day.size]
    wanders = wander(rest)
    leapt = leaps(grid, hours, grid.step_s / step_s)
    step, slope = (strongest(shape) for shape in shapes(rest, wanders, leapt, hours.step_s))
    distance, alone, sameness, likeness = closest(grid)
    return Learned(
        rows=past.seconds.size,
        start=float(past.seconds[0]),
        end=float(past.seconds[-1]),
        step_s=step_s,
        longest_wait_s=float(np.diff(past.seconds).max()),
        usual_wait_s=float(np.quantile(np.diff(past.seconds), USUAL)),
        longest_run_s=moving,
        longest_rest_s=resting,
        greatest_spike=greatest_spike(past.values),
        greatest_rate=float(np.abs(np.diff(past.values) / np.diff(past.seconds)).max()),
        low=low,
        high=high,
        middle=middle,
        deviation=float(past.values.std()),
        calm=calm(past, grid.step_s),
        day=day,
        wander=wanders,
        strongest_step=step,
        strongest_slope=slope,
        past=grid,
        distance=distance,
        alone=alone,
        sameness=sameness,
        likeness=likeness,
    )


def greatest_spike(values: Floats) -> float:
    """How far a value ever lay from the middle of its two neighbours."""
    return float(np.abs(values[1:-1] - (values[:-2] + values[2:]) / 2).max(initial=0.0))


def closest(grid: Grid) -> tuple[float, float, float, float]:
    """The least distance, how far it stands alone at most, the greatest
    share of equal steps and likeness of two days of the past.

    NaN where it is shorter than three days.
    """
    width = round(DAY_S / grid.step_s)
    if grid.values.size < 3 * width:
        return float("nan"), float("nan"), float("nan"), float("nan")
    moved = movements(grid, usual_day(grid.first, grid.values, width))
    likeness = max(
        (
            likest(moved[at : at + width], moved, apart_from(at, width, moved.size))[0]
            for at in stretches(grid, 0, _LEARNING_HOP_S)
        ),
        default=float("nan"),
    )
    rough = coarse(grid)
    width = round(DAY_S / rough.step_s)
    level = smoothed(rough)
    fits = [
        nearest(level[at : at + width], level, rough.step_s, apart_from(at, width, level.size))
        for at in stretches(rough, 0, _LEARNING_HOP_S)
    ]
    distance = min((fit.distance for fit in fits), default=float("nan"))
    sameness = max((fit.same for fit in fits), default=float("nan"))
    alone = max((fit.alone for fit in fits), default=float("nan"))
    return distance, alone, sameness, likeness
