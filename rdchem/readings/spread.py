"""Stuck with jitter: a signal that trembles around one value, and moves less than it ever did.

A live process moves within hours even where it is steady; noise laid over a constant does not, and is spread
less than the quietest hours of the past at such a level. It is noise besides: each value unlike the one
before it, while what is merely calm moves smoothly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.grid import HOUR_S
from rdchem.readings.series import Floats, Series

QUIETER: Final = {6 * HOUR_S: 0.5, 12 * HOUR_S: 0.55, 18 * HOUR_S: 0.7, 23 * HOUR_S: 0.9}
"""Windows, and the share of the least spread of the past that noise over a constant stays below there."""
LEAST_ROWS: Final = 10
"""A window of fewer values tells nothing of their spread."""
SMOOTH: Final = 0.05
_WIDE: Final = 0.5
_MOST_LEVELS: Final = 24
_NEAR: Final = 2
_OFTEN: Final = 0.5


@dataclass(frozen=True, slots=True)
class Spreads:
    """`spread[k]`: standard deviation from second `begins[k]` on, for `window_s` seconds; NaN: not told.
    `level[k]`: the mean there. `white[k]`: mean square of successive differences over twice the variance, 1
    for noise and little for what moves smoothly.
    """

    window_s: float
    begins: Floats
    spread: Floats
    level: Floats
    white: Floats


@dataclass(frozen=True, slots=True)
class Calm:
    """The least spread of the past, by window (rows) and level: of windows with a mean from `low + k * width`
    on to the next, or near; in the last column that of all levels, which counts for any other level as well
    as for those where few windows were. NaN: never told.

    How calm a plant is while it stands still says nothing of how calm it may be while it runs.
    """

    low: float
    width: float
    least: Floats

    def at(self, window: int, level: Floats) -> Floats:
        """The least spread at these levels."""
        levels = self.least.shape[1] - 1
        place = np.floor((level - self.low) / self.width) if self.width > 0 else np.zeros(level.shape)
        inside = (place >= 0) & (place < levels)
        calmest: Floats = self.least[window][np.where(inside, place, levels).astype(np.int64)]
        return calmest


def spreads(series: Series, step_s: float) -> Iterator[Spreads]:
    """The spreads in all windows of `QUIETER`, beginning every `step_s`.

    Not told where a window holds fewer than half of the usual rows, or hardly a move: that is stuck, not
    jitter, and nothing to be measured by.
    """
    summed = _Sums.of(series, step_s)
    for window_s in QUIETER:
        yield Spreads(window_s, *summed.spreads(window_s))


def trembles(one: Spreads, calmest: Floats) -> NDArray[np.bool_]:
    """Which windows are noise over a constant: the less white, the calmer they have to be."""
    return one.spread < QUIETER[one.window_s] * calmest * np.clip(one.white, SMOOTH, 1.0)


def calm(series: Series, step_s: float) -> Calm:
    """How calm a past was."""
    low, high = float(series.values.min()), float(series.values.max())
    width = max(_WIDE * float(series.values.std()), (high - low) / _MOST_LEVELS)
    levels = int((high - low) / width) + 1 if width > 0 else 1
    told = []
    for one in spreads(series, step_s):
        some = np.isfinite(one.spread) & (one.spread > 0)
        place = (one.level[some] - low) / width if width > 0 else np.zeros(np.count_nonzero(some))
        told.append(_by_level(np.clip(place, 0, levels - 1).astype(np.int64), one.spread[some], levels))
    return Calm(low, width, np.stack(told))


def _by_level(level: NDArray[np.int64], spread: Floats, levels: int) -> Floats:
    """The least of the spreads near each level; in the end, and where few are near, of all."""
    if not spread.size:
        return np.full(levels + 1, np.nan)
    least = np.full(levels + 2 * _NEAR, np.inf)
    np.minimum.at(least, level + _NEAR, spread)
    count = np.bincount(level + _NEAR, minlength=least.size)
    around = [slice(at, at + levels) for at in range(2 * _NEAR + 1)]
    often = np.sum([count[one] for one in around], axis=0) >= _OFTEN * spread.size
    near = np.min([least[one] for one in around], axis=0)
    return np.append(np.where(often, near, spread.min()), spread.min())


LEAST_MOVES: Final = 3
SOME_MOVES: Final = 0.15


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums, step by step, of rows, values, their squares, and rows unlike the one before."""

    step_s: float
    start: float
    middle: float
    rows: Floats
    values: Floats
    squares: Floats
    moves: Floats
    bends: Floats

    @classmethod
    def of(cls, series: Series, step_s: float) -> "_Sums":
        place = np.floor(series.seconds / step_s).astype(np.int64)
        start, place = float(place[0]) * step_s, place - place[0]
        middle = float(series.values.mean())
        values = series.values - middle
        moved = np.diff(values, prepend=values[:1])
        parts = (
            np.bincount(place),
            *(np.bincount(place, part) for part in (values, values * values, moved != 0, moved * moved)),
        )
        return cls(step_s, start, middle, *(np.concatenate(([0.0], np.cumsum(part))) for part in parts))

    def spreads(self, window_s: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Begins, standard deviations, means and whiteness of all windows of a length."""
        width = round(window_s / self.step_s)
        steps = self.rows.size - 1
        if width < 2 or steps < width:
            return np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0)
        rows, values, squares, moves, bends = (
            total[width:] - total[:-width]
            for total in (self.rows, self.values, self.squares, self.moves, self.bends)
        )
        some = np.maximum(rows, 1.0)
        mean = values / some
        spread = np.sqrt(np.maximum(squares / some - mean**2, 0.0))
        enough = max(LEAST_ROWS, 0.5 * self.rows[-1] / steps * width)
        spread[(rows < enough) | (moves < np.maximum(LEAST_MOVES, SOME_MOVES * rows))] = np.nan
        begins: Floats = self.start + np.arange(spread.size) * np.float64(self.step_s)
        white = bends / some / np.maximum(2 * spread**2, 1e-300)
        return begins, spread.astype(np.float64), self.middle + mean, white
