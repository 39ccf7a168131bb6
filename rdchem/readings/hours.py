"""A signal hour by hour, and its usual day."""

import numpy as np

from rdchem.readings.grid import HOUR_S, Grid
from rdchem.readings.series import Floats


def hourly(grid: Grid) -> Grid:
    """The median of the steps of each hour; the grid itself where an hour has fewer than three.

    A median of two would draw a leap within the hour out into two halves.
    """
    times = round(HOUR_S / grid.step_s)
    if times < 3:
        return grid
    lead = grid.first % times
    tail = -(lead + grid.values.size) % times
    padded = np.concatenate((np.full(lead, np.nan), grid.values, np.full(tail, np.nan))).reshape(-1, times)
    ranked = np.sort(padded, axis=1)  # NaN last
    counts = np.isfinite(ranked).sum(axis=1)
    rows = np.arange(counts.size)
    low, high = np.maximum(counts - 1, 0) // 2, counts // 2
    middle = (ranked[rows, low] + ranked[rows, np.minimum(high, times - 1)]) / 2
    return Grid(grid.first // times, grid.step_s * times, np.where(counts > 0, middle, np.nan))


def usual_day(first: int, values: Floats, per_day: int) -> Floats:
    """The median at each step of the day, less the median of all; zeros for fewer than three days."""
    if values.size < 3 * per_day:
        return np.zeros(per_day)
    lead = first % per_day
    tail = -(lead + values.size) % per_day
    days = np.concatenate((np.full(lead, np.nan), values, np.full(tail, np.nan))).reshape(-1, per_day)
    ranked = np.sort(days, axis=0)
    counts = np.isfinite(ranked).sum(axis=0)
    places = np.arange(per_day)
    middle = (
        ranked[np.maximum(counts - 1, 0) // 2, places]
        + ranked[np.minimum(counts // 2, len(days) - 1), places]
    ) / 2
    known = values[np.isfinite(values)]
    return np.where(counts > 0, middle - np.median(known), 0.0)
