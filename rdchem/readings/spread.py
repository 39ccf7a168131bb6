"""Stuck with jitter: a signal that trembles around one value, and moves less than it ever did.

A live process moves within hours even where it is steady; noise laid over a constant does not, and is spread
less than the quietest hours of the past. The spread is the standard deviation of all values in a window.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

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
    summed = {"rows": _Sums.of(series, step_s), "hours": _Sums.of(means, hours.step_s)}
    for of, window_s in MEASURES:
        yield Spreads(of, window_s, *summed[of].spreads(window_s))


def least_spreads(series: Series, step_s: float) -> tuple[float, ...]:
    """The least spread by every one of `MEASURES`; NaN where none could be told."""
    told = [one.spread[np.isfinite(one.spread) & (one.spread > 0)] for one in spreads(series, step_s)]
    return tuple(float(spread.min()) if spread.size else float("nan") for spread in told)


_LEAST_MOVES: Final = 0.3


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums, step by step, of rows, values, their squares, and rows unlike the one before."""

    step_s: float
    start: float
    rows: Floats
    values: Floats
    squares: Floats
    moves: Floats

    @classmethod
    def of(cls, series: Series, step_s: float) -> "_Sums":
        place = np.floor(series.seconds / step_s).astype(np.int64)
        start, place = float(place[0]) * step_s, place - place[0]
        values = series.values - series.values.mean()
        moved = np.concatenate(([0.0], np.diff(values) != 0))
        parts = (np.bincount(place), *(np.bincount(place, part) for part in (values, values * values, moved)))
        return cls(step_s, start, *(np.concatenate(([0.0], np.cumsum(part))) for part in parts))

    def spreads(self, window_s: float) -> tuple[Floats, Floats]:
        """Begins and standard deviations of all windows of a length."""
        width = round(window_s / self.step_s)
        steps = self.rows.size - 1
        if width < 2 or steps < width:
            return np.zeros(0), np.zeros(0)
        rows, values, squares, moves = (
            total[width:] - total[:-width] for total in (self.rows, self.values, self.squares, self.moves)
        )
        some = np.maximum(rows, 1.0)
        spread = np.sqrt(np.maximum(squares / some - (values / some) ** 2, 0.0))
        enough = max(LEAST_ROWS, 0.5 * self.rows[-1] / steps * width)
        spread[(rows < enough) | (moves < _LEAST_MOVES * rows)] = np.nan
        begins: Floats = self.start + np.arange(spread.size) * np.float64(self.step_s)
        return begins, spread.astype(np.float64)
