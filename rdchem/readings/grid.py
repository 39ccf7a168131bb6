"""A series on a common grid: one mean a step, so that stretches of it can be laid one over the other."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rdchem.readings.series import DAY_S, Floats, Series

HOUR_S: Final = 3600.0
_STEPS_S: Final = (300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0, 10800.0, 21600.0, 43200.0, DAY_S)


@dataclass(frozen=True, slots=True)
class Grid:
    """`values[k]` is the mean from second `(first + k) * step_s` to the next step; NaN where no row falls."""

    first: int
    step_s: float
    values: Floats

    @property
    def start(self) -> float:
        """The second the grid begins with."""
        return self.first * self.step_s

    def second(self, place: int) -> float:
        """The second the step at a place begins with."""
        return (self.first + place) * self.step_s


def step_for(cadence_s: float) -> float:
    """The shortest step that a signal of this cadence fills: 5 minutes to a day, whole parts of a day."""
    return next((step for step in _STEPS_S if cadence_s <= 1.01 * step), DAY_S)


def gridded(series: Series, step_s: float) -> Grid:
    """A series without missing values on the grid; empty where it is."""
    if not series.seconds.size:
        return Grid(0, step_s, np.zeros(0))
    place = np.floor(series.seconds / step_s).astype(np.int64)
    first = int(place[0])
    counts = np.bincount(place - first)
    with np.errstate(invalid="ignore"):
        means = np.bincount(place - first, series.values) / counts
    return Grid(first, step_s, means)


def joined(one: Grid, other: Grid) -> Grid:
    """Two grids of one step as one; where both have a value the other's stands."""
    if not (one.values.size and other.values.size):
        return one if one.values.size else other
    first = min(one.first, other.first)
    values = np.full(max(grid.first + grid.values.size for grid in (one, other)) - first, np.nan)
    for grid in (one, other):
        part = values[grid.first - first : grid.first - first + grid.values.size]
        np.copyto(part, grid.values, where=np.isfinite(grid.values))
    return Grid(first, one.step_s, values)


def filled(values: Floats) -> Floats:
    """Missing values drawn straight between their neighbours; at the ends as the nearest.

    Several signals at once: steps along the last axis.
    """
    there = np.isfinite(values)
    if there.all():
        return values
    if values.ndim > 1:
        return np.stack([filled(one) for one in values])
    if not there.any():
        return values
    places = np.arange(values.size)
    return np.interp(places, places[there], values[there])
