"""Runs of equal values: a signal that does not move at all."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.series import Floats, Series

_ALONE: Final = 1.5


def runs(series: Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last row of every run of equal values, of a series without missing ones."""
    change = np.flatnonzero(np.diff(series.values) != 0)
    first = np.concatenate(([0], change + 1))
    last = np.append(change, series.values.size - 1)
    return first, last


def usual_runs(series: Series, rest: float) -> tuple[float, float]:
    """How long runs usually last at most, in seconds: those away from the value `rest`, those at it."""
    first, last = runs(series)
    lasted = series.seconds[last] - series.seconds[first]
    resting = series.values[first] == rest
    return _usual(lasted[~resting]), _usual(lasted[resting])


def _usual(lasted: Floats) -> float:
    """The longest; half as long again as the next one where it is longer: it may have been a fault."""
    if lasted.size < 2:
        return float(lasted.max(initial=0.0))
    second, longest = np.partition(lasted, -2)[-2:]
    return float(min(longest, _ALONE * second)) if second > 0 else float(longest)
