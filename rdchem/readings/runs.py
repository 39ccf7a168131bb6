"""Runs of equal values: a signal that does not move at all."""

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.series import Series


def runs(series: Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last row of every run of equal values, of a series without missing ones."""
    change = np.flatnonzero(np.diff(series.values) != 0)
    first = np.concatenate(([0], change + 1))
    last = np.append(change, series.values.size - 1)
    return first, last


def longest_runs(series: Series, rest: float) -> tuple[float, float]:
    """How long the longest run lasted, in seconds: one away from the value `rest`, one at it."""
    first, last = runs(series)
    lasted = series.seconds[last] - series.seconds[first]
    resting = series.values[first] == rest
    return float(lasted[~resting].max(initial=0.0)), float(lasted[resting].max(initial=0.0))
