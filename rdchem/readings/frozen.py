"""Frozen: stretches that tremble around a constant."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.context import densest
from rdchem.readings.grid import filled, gridded
from rdchem.readings.learned import Learned
from rdchem.readings.runs import lasting
from rdchem.readings.series import DAY_S, Series
from rdchem.readings.spread import is_noise, spreads, trembles
from rdchem.readings.told import interval
from rdchem.readings.whiter import WINDOW_S, white_windows

_FEW: Final = 40
"""Of fewer rows chance makes noise: all that is told of is noise, not only the calmest hours of it."""


@dataclass(frozen=True, slots=True)
class _Held:
    """Rows, from the first to before the last, that tremble around a level; their spread, and whether that is
    noise from end to end.
    """

    begin: int
    end: int
    level: float
    spread: float
    noise: bool


def jitter(shown: Series, usual: Learned) -> list[SignalInterval]:
    """Stretches spread less than ever around one value, or noise around it as never before."""
    told = np.zeros(shown.seconds.size, bool)
    return [*_calm(shown, usual, told), *_white(shown, usual, told)]


def _calm(shown: Series, usual: Learned, told: NDArray[np.bool_]) -> Iterator[SignalInterval]:
    """Those spread less than the calmest hours of the past; marks their rows."""
    taken = told.copy()
    for window, one in reversed([*enumerate(spreads(shown, usual.past.step_s))]):
        window_s, begins = one.window_s, one.begins
        calmest = usual.calm.at(window, one.level)
        for at in np.flatnonzero(trembles(one, calmest)):
            first, last = np.searchsorted(shown.seconds, (begins[at], begins[at] + window_s))
            if taken[first:last].any():
                continue
            held = _held(shown, int(first), int(last))
            if held is None:
                continue
            taken[held.begin : held.end] = True
            if held.spread < calmest[at] and (held.noise or last - first >= _FEW):
                told[held.begin : held.end] = True
                calm = f"过去最平静的 {window_s / 3600:.0f} 小时也有 {calmest[at]:.3g}"
                yield _told(shown, held, calm, usual_spread=float(calmest[at]))


def _white(shown: Series, usual: Learned, told: NDArray[np.bool_]) -> Iterator[SignalInterval]:
    """Others that are noise as never before, though no calmer than the past was."""
    grid = gridded(shown, usual.past.step_s)
    now, past = (filled(one)[None] for one in (grid.values, usual.past.values))
    (white,), (most,) = white_windows(now, past, grid.step_s)
    for begin, end in lasting(white > 0):
        best = begin + int(np.argmax(white[begin:end]))
        first, last = np.searchsorted(shown.seconds, grid.second(best) + np.array([0.0, WINDOW_S]))
        if told[first:last].any() or not is_noise(shown.values[first:last]):
            continue
        level, spread = (float(part(shown.values[first:last])) for part in (np.median, np.std))
        noise = f"每条都像与前一条无关的噪声:白度 {white[best]:.2f}(噪声为 1),过去任何 23 小时至多 {most:.2f}"
        held = _Held(int(first), int(last), level, spread, True)
        yield _told(shown, held, noise, white=float(white[best]), usual_white=float(most))


def _held(shown: Series, first: int, last: int) -> _Held | None:
    """What trembles around the level of some rows, beyond their ends too; None if they mostly rest."""
    lead, tail = np.searchsorted(shown.seconds, shown.seconds[[first, last - 1]] + np.array([-DAY_S, DAY_S]))
    level = float(np.median(shown.values[first:last]))
    size = 1.4826 * float(np.median(np.abs(shown.values[first:last] - level)))
    if not (size > 0 and is_noise(shown.values[first:last])):  # what mostly rests does not tremble
        return None
    near = np.abs(shown.values[lead:tail] - level) <= 4 * size
    begin, end = densest(near)
    values = shown.values[lead + begin : lead + end][near[begin:end]]
    return _Held(int(lead) + begin, int(lead) + end, level, float(values.std()), is_noise(values))


def _told(shown: Series, held: _Held, calm: str, **measure: float) -> SignalInterval:
    begin, end = float(shown.seconds[held.begin]), float(shown.seconds[held.end - 1])
    why = f"{(end - begin) / 3600:.1f} 小时只在 {held.level:.6g} 附近抖动(标准差 {held.spread:.3g}),{calm}"
    measure |= {"level": held.level, "spread": held.spread}
    return interval(begin, end, SignalState.STUCK_WITH_JITTER, why, None, **measure)
