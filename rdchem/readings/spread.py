"""Stuck with jitter: a signal that trembles around one value, and moves less than it ever did.

A live process moves within hours even where it is steady; noise laid over a constant does not, and is spread
less than the quietest hours of the past. The spread is the standard deviation of all values in a window.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.grid import HOUR_S, gridded
from rdchem.readings.series import Floats, Series

WINDOWS_S: Final = (6 * HOUR_S, 12 * HOUR_S, 18 * HOUR_S)
LEAST_ROWS: Final = 10
"""A window of fewer values tells nothing of their spread."""
MEASURES: Final = tuple((name, window_s) for name in ("rows", "hours") for window_s in WINDOWS_S)
"""The spread of all values, and that of hourly means: in the latter noise over a constant hardly shows."""


@dataclass(frozen=True, slots=True)
class Spreads:
    """`spread[k]`: standard deviation from second `begins[k]` on, for `window_s` seconds; NaN: not told."""

    of: str
    window_s: float
    begins: Floats
    spread: Floats


def spreads(series: Series, step_s: float) -> Iterator[Spreads]:
    """The spreads by every one of `MEASURES`, windows beginning every `step_s` (or hour).

    Not told where a window holds fewer than half of the usual rows, or is mostly flat: that is stuck, not
    jitter, and nothing to be measured by.
    """
    hours = gridded(series, max(HOUR_S, step_s))
    there = np.isfinite(hours.values)
    means = Series((hours.first + np.flatnonzero(there)) * np.float64(hours.step_s), hours.values[there])
    for of, window_s in MEASURES:
        told, step = (series, step_s) if of == "rows" else (means, hours.step_s)
        begins, spread = _spreads(told, window_s, step)
        yield Spreads(of, window_s, begins, spread)


def least_spreads(series: Series, step_s: float) -> tuple[float, ...]:
    """The least spread by every one of `MEASURES`; NaN where none could be told."""
    told = [one.spread[np.isfinite(one.spread) & (one.spread > 0)] for one in spreads(series, step_s)]
    return tuple(float(spread.min()) if spread.size else float("nan") for spread in told)


def _spreads(series: Series, window_s: float, step_s: float) -> tuple[Floats, Floats]:
    width = round(window_s / step_s)
    first = np.floor(series.seconds[0] / step_s)
    place = (np.floor(series.seconds / step_s) - first).astype(np.int64)
    if width < 2 or place[-1] + 1 < width:
        return np.zeros(0), np.zeros(0)
    values = series.values - np.median(series.values)
    rows = _rolled(np.bincount(place), width)
    mean = _rolled(np.bincount(place, values), width) / np.maximum(rows, 1)
    square = _rolled(np.bincount(place, values * values), width) / np.maximum(rows, 1)
    spread = np.sqrt(np.maximum(square - mean * mean, 0.0))
    moves = _rolled(np.bincount(place[1:], np.diff(series.values) != 0, place[-1] + 1), width)
    enough = max(LEAST_ROWS, 0.5 * float(np.median(rows)))
    spread[(rows < enough) | (moves < _LEAST_MOVES * rows)] = np.nan
    return (first + np.arange(spread.size)) * step_s, spread


_LEAST_MOVES: Final = 0.3


def _rolled(amounts: NDArray[Any], width: int) -> Floats:
    total = np.concatenate(([0.0], np.cumsum(amounts)))
    return total[width:] - total[:-width]
