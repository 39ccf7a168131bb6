"""How many decimals the values of a signal have: the instrument's, for ever the same.

Who makes readings up by arithmetic gives himself away in too many of them. What the precision of a number
adds to a value is no decimal. An instrument may show small values more finely, so nothing is told of
values below all of the past; and a past that mostly rested tells little of what the instrument can show.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.series import Floats, Series
from rdchem.readings.told import interval

UNTOLD: Final = -1
"""More decimals than can be told."""
MOST_DECIMALS: Final = 10
_POWERS: Final = np.array([float(10**decimals) for decimals in range(MOST_DECIMALS + 1)])
_WHOLE: Final = 0.999
"""The past has so many decimals where all but one in a thousand of its values have no more."""
_SINGLE: Final = 2e-7
"""What single precision may add to a value, a share of it,"""
_DOUBLE: Final = 1e-15
"""… and what double precision may: for values of more digits than single precision has."""
_COARSE: Final = 0.02
"""Where it may add more of a last digit than this, no last digit is told by it."""
_LITTLE: Final = 1e-9
_LEAST_MOVES: Final = 100
_LEAST_VALUES: Final = 12
_ENOUGH: Final = 10_000
LEAST_FINER: Final = 6
_LEAST_S: Final = 1800.0
_APART: Final = 3


def scaled_by(values: Floats, decimals: int | NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Values in units of their last digit, and the whole numbers next to them; decimals of all or of each."""
    scaled: Floats = values * _POWERS[decimals]
    return scaled, np.rint(scaled)


def finer(values: Floats, decimals: int | NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which values have more decimals; what the precision of a number adds to it is none."""
    scaled, whole = scaled_by(values, decimals)
    size = np.abs(whole)
    single = _SINGLE * size
    left = np.abs(scaled - whole)
    more: NDArray[np.bool_] = left > np.where(single < _COARSE, single, _DOUBLE * size) + _LITTLE
    return more


def usual_decimals(values: Floats) -> int:
    """The fewest decimals that nearly all values have no more of, of those the signal moved to: what rests,
    or is on or off, tells little of what the instrument can show.
    """
    values = values[1:][values[1:] != values[:-1]]
    values = values[:: max(1, values.size // _ENOUGH)]
    if values.size < _LEAST_MOVES or np.unique(values).size < _LEAST_VALUES:
        return UNTOLD
    greatest = float(np.abs(values).max())
    for decimals in range(MOST_DECIMALS + 1):
        if _DOUBLE * greatest * 10.0**decimals > _COARSE:
            break
        if np.count_nonzero(finer(values, decimals)) <= (1 - _WHOLE) * values.size:
            return decimals
    return UNTOLD


def finer_stretches(shown: Series, decimals: int, between: tuple[float, float]) -> Iterator[SignalInterval]:
    """Stretches of values with more decimals than the past had; none where all lie beyond the least and the
    greatest of it: an instrument may show smaller ones more finely.
    """
    if decimals == UNTOLD or not shown.values.size:
        return
    inside = (shown.values >= between[0]) & (shown.values <= between[1])
    at = np.flatnonzero(finer(shown.values, decimals))
    if at.size < LEAST_FINER:
        return
    for part in np.split(at, np.flatnonzero(np.diff(at) > _APART) + 1):
        start, end = shown.seconds[part[[0, -1]]]
        if np.count_nonzero(inside[part]) >= LEAST_FINER and end - start >= _LEAST_S:
            why = (
                f"{part.size} 条读数的小数多于 {decimals} 位(如 {shown.values[part[0]]:.9g}),"
                f"过去的读数至多 {decimals} 位"
            )
            yield interval(start, end, SignalState.DIGITS, why, finer=float(part.size))
