"""A signal hour by hour, and its usual day."""

import numpy as np

from rdchem.readings.grid import HOUR_S, Grid
from rdchem.readings.series import Floats


def middles(values: Floats) -> Floats:
    """The medians along the last axis of what is there; NaN where nothing is."""
    ranked = np.array(values, order="C")  # neighbours in memory are sorted soonest
    ranked.sort(axis=-1)  # NaN last
    counts = np.isfinite(ranked).sum(axis=-1, keepdims=True)
    if counts.size and (count := int(counts.flat[0])) and (counts == count).all():
        even: Floats = (ranked[..., (count - 1) // 2] + ranked[..., count // 2]) / 2
        return even
    low, high = np.maximum(counts - 1, 0) // 2, np.minimum(counts // 2, values.shape[-1] - 1)
    middle = (np.take_along_axis(ranked, low, -1) + np.take_along_axis(ranked, high, -1)) / 2
    found: Floats = np.where(counts > 0, middle, np.nan)[..., 0]
    return found


def hour_steps(step_s: float) -> int:
    """How many steps of a grid make one of its hours: a step each where an hour has fewer than three."""
    times = round(HOUR_S / step_s)
    return times if times >= 3 else 1


def hourly(grid: Grid) -> Grid:
    """The median of the steps of each hour; the grid itself where an hour has fewer than three.

    Of an even number the last is left out: the mean of the middle two would draw a leap in the midst of an
    hour out into two halves, as would a median of two. Several signals at once: steps along the last axis.
    """
    times = hour_steps(grid.step_s)
    if times == 1:
        return grid
    rows = in_rows(grid.values, grid.first, times)
    return Grid(grid.first // times, grid.step_s * times, middles(rows[..., : times - 1 + times % 2]))


def in_rows(values: Floats, first: int, per_row: int) -> Floats:
    """Steps along the last axis, from step `first` of all time on, as rows of so many; NaN at the ends."""
    lead = first % per_row
    tail = -(lead + values.shape[-1]) % per_row
    none = values.shape[:-1]
    padded = np.concatenate((np.full((*none, lead), np.nan), values, np.full((*none, tail), np.nan)), axis=-1)
    return padded.reshape(*none, -1, per_row)


def usual_day(first: int, values: Floats, per_day: int) -> Floats:
    """The median at each step of the day, less the median of all; zeros for fewer than three days.

    Several signals at once: steps along the last axis.
    """
    if values.shape[-1] < 3 * per_day:
        return np.zeros((*values.shape[:-1], per_day))
    middle = middles(np.swapaxes(in_rows(values, first, per_day), -1, -2))
    return np.nan_to_num(middle - middles(values)[..., None], nan=0.0)
