"""The texture of a signal: how much it trembles from reading to reading, and the last digits of its values.

Both are the instrument's own and not the process's: it trembles by about as much today as it did in the past
fortnight, and its last digits are any. Who makes readings up gives himself away in them: too many decimals
(`rdchem.readings.decimals`), last digits that are all 0 or 5, no noise where there always was some. A loose
contact shows in them too: noise as never before.

A signal is counted window by window, of a dozen readings or more. What is told of it is held against the
most, or least, that its past ever came to.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.decimals import UNTOLD, scaled_by, usual_decimals
from rdchem.readings.grid import HOUR_S
from rdchem.readings.runs import lasting
from rdchem.readings.series import Floats, Series
from rdchem.readings.told import instant, interval

LEAST_ROWS: Final = 12
"""So many readings make a window."""
LONGEST_S: Final = 12 * HOUR_S
_NOISE_LONGEST_S: Final = 4 * HOUR_S
"""In longer windows a signal does what it does all day."""
_LEAST_WINDOWS: Final = 24
"""A past of fewer says nothing of the most and the least."""
NOISE_LASTS: Final = 6
"""Noise is other than ever for so many windows on end."""
LOUDER: Final = 2.5
"""… so many times as much as in the loudest of the past,"""
QUIETER: Final = 0.3
"""… or so much of what it was in the quietest."""
_LATE: Final = 0.1
_SELDOM: Final = 0.5
_OFTEN: Final = 1.5
MOVES: Final = 0.5
"""What hardly moves is not quiet, but at rest."""
TYPED: Final = 0.95
"""Of last digits that are 0 or 5 at least so many are; of an instrument's, two in ten."""
MOST_TYPED: Final = 0.75
"""What the past of a signal may have come to, for that to say anything."""
TYPED_LASTS: Final = 3


@dataclass(frozen=True, slots=True)
class Texture:
    """What is usual: `decimals` its values have, or `UNTOLD`; `typed`: the greatest share of last digits 0
    and 5 a window had among those that changed; `quietest`, `loudest`: the least and the most noise, in the
    unit of the source, that lasted. As it stands: not known, and nothing is told by it.
    """

    decimals: int = UNTOLD
    typed: float = 1.0
    quietest: float = 0.0
    loudest: float = float("inf")


@dataclass(frozen=True, slots=True)
class _Windows:
    """Windows of a signal, the first from second `begin` on: how many readings, how many unlike the one
    before, how many of those end in 0 or 5; mean distance of a reading from the middle of its neighbours,
    doubled.
    """

    begin: float
    length_s: float
    rows: Floats
    moves: Floats
    typed: Floats
    noise: Floats


def usual_texture(rows: Series, step_s: float) -> Texture:
    """The texture of a past, of rows without missing values."""
    decimals = usual_decimals(rows.values)
    counted = _windows(rows, step_s, decimals)
    if counted is None or counted.rows.size < _LEAST_WINDOWS:
        return Texture(decimals)
    shares = _shares(counted)
    typed = float(shares.max()) if shares.size and decimals != UNTOLD else 1.0
    if counted.length_s > _NOISE_LONGEST_S:
        return Texture(decimals, typed)
    least, most = _lasting_noise(counted)
    some = np.isfinite(least) & np.isfinite(most)
    if not some.any():
        return Texture(decimals, typed)
    return Texture(decimals, typed, float(most[some].min()), float(least[some].max()))


def textures(shown: Series, usual: Texture, step_s: float) -> list[SignalInterval]:
    """Where last digits of a signal are all 0 or 5, or its noise is other than ever."""
    counted = _windows(shown, step_s, usual.decimals)
    if counted is None:
        return []
    told = [*_typed(counted, usual), *_noise(counted, usual)]
    first, last = (instant(float(shown.seconds[at])) for at in (0, -1))
    return [replace(one, start=max(one.start, first), end=min(one.end, last)) for one in told]


def window_length_s(step_s: float) -> float:
    """How long a dozen readings take, in whole hours; one that comes a little late is in as well."""
    return HOUR_S * max(1.0, float(np.ceil(LEAST_ROWS * step_s / HOUR_S - _LATE)))


def _windows(rows: Series, step_s: float, decimals: int) -> _Windows | None:
    """A signal window by window; None where a dozen readings take too long."""
    length_s = window_length_s(step_s)
    if not length_s <= LONGEST_S or rows.seconds.size < LEAST_ROWS:
        return None
    first, last = (int(rows.seconds[at] // length_s) for at in (0, -1))
    bounds = np.searchsorted(rows.seconds, np.arange(first, last + 2) * length_s)
    moved, typed, bend = row_by_row(rows.values, max(decimals, 0))
    count = np.diff(bounds).astype(np.float64)
    moves, bends = _sums(moved, bounds), _sums(bend, bounds)
    noise = np.where(as_often(count, length_s, step_s), bends / np.maximum(count, 1.0), np.nan)
    return _Windows(first * length_s, length_s, count, moves, _sums(typed, bounds), noise)


def row_by_row(
    values: Floats, decimals: int | NDArray[np.int64]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_], Floats]:
    """Which values are unlike the one before, which of those end in 0 or 5, and how far each lies from the
    middle of its neighbours, doubled; nothing of the first and the last. Decimals of all or of each.
    """
    step = np.diff(values, prepend=values[:1])
    moved: NDArray[np.bool_] = step != 0
    bend = np.zeros(values.size)
    np.abs(np.subtract(step[2:], step[1:-1], out=bend[1:-1]), out=bend[1:-1])
    _, whole = scaled_by(values, decimals)
    typed: NDArray[np.bool_] = moved & (np.rint(whole / 5) == whole / 5)
    return moved, typed, bend


def as_often(rows: Floats, length_s: float, step_s: float | Floats) -> NDArray[np.bool_]:
    """Whether so many readings came in a time as usual: those that follow sooner differ by less."""
    usually = length_s / step_s
    often: NDArray[np.bool_] = (rows >= _SELDOM * usually) & (rows <= _OFTEN * usually)
    return often


def _sums(values: NDArray[np.generic], bounds: NDArray[np.intp]) -> Floats:
    total = np.concatenate(([0.0], np.cumsum(values, dtype=np.float64)))
    sums: Floats = total[bounds[1:]] - total[bounds[:-1]]
    return sums


def _shares(counted: _Windows) -> Floats:
    """Of windows with enough moves, the share of last digits 0 and 5."""
    some = counted.moves >= LEAST_ROWS / 2
    shares: Floats = counted.typed[some] / counted.moves[some]
    return shares


def _lasting_noise(counted: _Windows) -> tuple[Floats, Floats]:
    """The least and the most noise of so many windows on end, from each on; NaN where one says nothing."""
    if counted.noise.size < NOISE_LASTS:
        return np.zeros(0), np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(counted.noise, NOISE_LASTS)
    return windows.min(axis=1), windows.max(axis=1)


def _typed(counted: _Windows, usual: Texture) -> Iterator[SignalInterval]:
    """Stretches of last digits that are all 0 or 5."""
    if usual.typed > MOST_TYPED:
        return
    told = (counted.moves >= LEAST_ROWS / 2) & (counted.typed >= TYPED * counted.moves)
    for begin, after in lasting(told, TYPED_LASTS):
        moves, typed = (float(part[begin:after].sum()) for part in (counted.moves, counted.typed))
        why = (
            f"{moves:.0f} 次变化中 {typed:.0f} 次末位是 0 或 5(第 {usual.decimals} 位小数),"
            f"过去任何 {counted.length_s / 3600:.0f} 小时至多 {usual.typed:.0%}"
        )
        yield _of(
            counted, begin, after, SignalState.DIGITS, why, typed=typed / moves, usual_typed=usual.typed
        )


def _noise(counted: _Windows, usual: Texture) -> Iterator[SignalInterval]:
    """Stretches of more noise than ever, or less while it moves."""
    if not usual.loudest > 0:
        return
    loud = counted.noise > LOUDER * usual.loudest
    calm = (counted.noise < QUIETER * usual.quietest) & (counted.moves >= MOVES * counted.rows)
    for told, other, word in ((loud, usual.loudest, "大"), (calm, usual.quietest, "小")):
        for begin, after in lasting(told, NOISE_LASTS):
            noise = float(np.median(counted.noise[begin:after]))
            why = (
                f"相邻读数的抖动约 {noise:.3g},比过去任何 {NOISE_LASTS * counted.length_s / 3600:.0f} 小时都"
                f"{word}(过去{'最大' if word == '大' else '最小'} {other:.3g})"
            )
            yield _of(counted, begin, after, SignalState.NOISY, why, noise=noise, usual_noise=other)


def _of(
    counted: _Windows, begin: int, after: int, state: SignalState, why: str, **measure: float
) -> SignalInterval:
    start, end = (counted.begin + at * counted.length_s for at in (begin, after))
    return interval(start, end, state, why, None, **measure)
