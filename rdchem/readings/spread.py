"""Stuck with jitter: a signal that trembles around one value, and moves less than it ever did.

A live process moves within hours even where it is steady; noise laid over a constant does not, and is spread
less than the quietest hours of the past at such a level. It is noise besides: each value unlike the one
before it, while what is merely calm moves smoothly.
"""

from collections.abc import Iterator, Sequence
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
_CHANCE: Final = 2.5


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
    if series.seconds[-1] - series.seconds[0] + 2 * step_s <= min(QUIETER):
        return  # not one window fits
    summed = _Sums.of([series], step_s)
    for window_s in QUIETER:
        yield Spreads(window_s, *(part[0] for part in summed.spreads(window_s)))


def trembles(one: Spreads, calmest: Floats) -> NDArray[np.bool_]:
    """Which windows are noise over a constant: the less white, the calmer they have to be."""
    return one.spread < QUIETER[one.window_s] * calmest * np.clip(one.white, SMOOTH, 1.0)


def is_noise(values: Floats) -> bool:
    """Whether values may be noise over a constant: of noise the whiteness is 1, give or take what chance does
    in so few values. Calm stretches of a process move on from one value to the next.
    """
    bends = np.diff(values)
    white = float((bends * bends).mean() / max(2 * float(values.var()), 1e-300))
    return bool(white >= 1 - _CHANCE / np.sqrt(values.size))


def calms(several: Sequence[Series], step_s: float, deviations: Sequence[float]) -> list[Calm]:
    """How calm each of several pasts was that share a grid: its first step and its last; `deviations` are
    those of their values.
    """
    low, high = (np.array([edge(one.values) for one in several]) for edge in (np.min, np.max))
    width = np.maximum(_WIDE * np.array(deviations), (high - low) / _MOST_LEVELS)
    wide = np.where(width > 0, width, np.inf)  # all values are one: one level
    levels = ((high - low) / wide).astype(np.int64) + 1
    summed, told = _Sums.of(several, step_s), []
    for window_s in QUIETER:
        _, spread, level, _ = summed.spreads(window_s)
        some = np.isfinite(spread) & (spread > 0)
        place = np.where(some, (level - low[:, None]) / wide[:, None], 0.0)
        place = np.clip(place, 0, levels[:, None] - 1).astype(np.int64)
        told.append(_by_level(place, np.where(some, spread, np.nan), int(levels.max())))
    least = np.stack(told, axis=1)  # sources, windows, levels and the one of all
    return [
        Calm(float(low[at]), float(width[at]), np.append(own[:, : levels[at]], own[:, -1:], axis=1))
        for at, own in enumerate(least)
    ]


def _by_level(level: NDArray[np.int64], spread: Floats, levels: int) -> Floats:
    """The least of the spreads near each level; in the end, and where few are near, of all. A source a row;
    NaN counts for nothing, and stands where nothing is.
    """
    there = np.isfinite(spread)
    size = levels + 2 * _NEAR
    flat = (level + _NEAR + size * np.arange(level.shape[0])[:, None])[there]
    least = np.full(level.shape[0] * size, np.inf)
    np.minimum.at(least, flat, spread[there])
    count = np.bincount(flat, minlength=least.size).reshape(-1, size)
    least = least.reshape(-1, size)
    around = [slice(at, at + levels) for at in range(2 * _NEAR + 1)]
    often = np.sum([count[:, one] for one in around], axis=0) >= _OFTEN * there.sum(axis=1, keepdims=True)
    near = np.min([least[:, one] for one in around], axis=0)
    of_all = least.min(axis=1, keepdims=True)
    found = np.append(np.where(often, near, of_all), of_all, axis=1)
    return np.where(there.any(axis=1, keepdims=True), found, np.nan)


LEAST_MOVES: Final = 3
SOME_MOVES: Final = 0.15


@dataclass(frozen=True, slots=True)
class _Sums:
    """Running sums, step by step, of rows, values, their squares, and rows unlike the one before; of several
    series (rows) that begin and end within the same steps.
    """

    step_s: float
    start: float
    middle: Floats
    rows: Floats
    values: Floats
    squares: Floats
    moves: Floats
    bends: Floats

    @classmethod
    def of(cls, several: Sequence[Series], step_s: float) -> "_Sums":
        first, last = (int(np.floor(several[0].seconds[at] / step_s)) for at in (0, -1))
        steps = last - first + 1
        summed = np.zeros((5, len(several), steps + 1))
        middle = np.array([one.values.mean() for one in several])
        for at, one in enumerate(several):  # one at a time stays in the cache
            place = np.floor(one.seconds / step_s).astype(np.int64) - first
            values = one.values - middle[at]
            moved = np.diff(values, prepend=values[:1])
            weights = (None, values, values * values, moved != 0, moved * moved)
            for number, weight in enumerate(weights):
                summed[number, at, 1:] = np.bincount(place, weight)
        return cls(step_s, first * step_s, middle, *np.cumsum(summed, axis=-1))

    def spreads(self, window_s: float) -> tuple[Floats, Floats, Floats, Floats]:
        """Begins, standard deviations, means and whiteness of all windows of a length."""
        width = round(window_s / self.step_s)
        steps = self.rows.shape[1] - 1
        if width < 2 or steps < width:
            none = np.zeros((self.rows.shape[0], 0))
            return none, none, none, none
        rows, values, squares, moves, bends = (
            total[:, width:] - total[:, :-width]
            for total in (self.rows, self.values, self.squares, self.moves, self.bends)
        )
        some = np.maximum(rows, 1.0)
        mean = values / some
        spread = np.sqrt(np.maximum(squares / some - mean**2, 0.0))
        enough = np.maximum(LEAST_ROWS, 0.5 * self.rows[:, -1:] / steps * width)
        spread[(rows < enough) | (moves < np.maximum(LEAST_MOVES, SOME_MOVES * rows))] = np.nan
        begins: Floats = self.start + np.arange(spread.shape[1]) * np.float64(self.step_s)
        with np.errstate(over="ignore"):  # infinitely white is white
            white = bends / some / np.maximum(2 * spread**2, 1e-300)
        return np.broadcast_to(begins, spread.shape), spread, self.middle[:, None] + mean, white
