"""Runs of equal values, a signal that does not move at all, and of whatever else is told row by row."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.series import DAY_S, Floats, Series

_ALONE: Final = 1.5
_FEW: Final = 5
_ONCE: Final = 100.0
_SHORT_S: Final = 3600.0
"""Runs no longer than this are never called stuck, and say nothing of those that might be."""


def runs(series: Series) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """First and last row of every run of equal values, of a series without missing ones."""
    change = np.flatnonzero(np.diff(series.values) != 0)
    first = np.concatenate(([0], change + 1))
    last = np.append(change, series.values.size - 1)
    return first, last


def lasting(told: NDArray[np.bool_], least: int = 1) -> list[tuple[int, int]]:
    """The runs of at least so many places that are told, from the first to before the last."""
    edges = np.flatnonzero(np.diff(told.astype(np.int8), prepend=0, append=0))
    ends = zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    return [(begin, end) for begin, end in ends if end - begin >= least]


def usual_runs(series: Series) -> tuple[float, float, float]:
    """The value a signal rests at (that of the longest run), and how long runs usually last at most, in
    seconds: those away from it, those at it.

    A fault of the past that stood at one value makes that the value of rest, and no other run longer.
    """
    first, last = runs(series)
    lasted = series.seconds[last] - series.seconds[first]
    rest = float(series.values[first[np.argmax(lasted)]])
    resting = series.values[first] == rest
    days = float(series.seconds[-1] - series.seconds[0]) / DAY_S
    if resting.sum() == 1 and rest == series.values.min():  # it went down, or was off, but once
        return rest, _usual(lasted[~resting], days), float(lasted[resting][0])
    return rest, _usual(lasted[~resting], days), _usual(lasted[resting], days)


def _usual(lasted: Floats, days: float) -> float:
    """The longest; half as long again as the next one where it is longer: it may have been a fault.

    Where runs reach far beyond one another, longer: as long as one lasts that comes once in `_ONCE` days, by
    the longest few (a tail that falls as a power; Weissman's estimate), at most half as long again.
    """
    if not lasted.size:
        return 0.0
    longest = np.sort(np.partition(lasted, -min(_FEW, lasted.size))[-_FEW:])[::-1]
    usual = float(min(longest[0], _ALONE * max(_SHORT_S, longest[1] if longest.size > 1 else 0.0)))
    if usual <= _SHORT_S:
        return usual
    told = np.maximum(longest[1:], _SHORT_S)
    if not told.size:
        return usual
    tail = float(np.log(np.append(told[:-1], usual) / told[-1]).mean())
    rare = told[-1] * max(1.0, longest.size * _ONCE / max(days, 1.0)) ** tail
    return float(min(max(usual, rare), _ALONE * usual))
