"""Part of a day played again: hours of a signal that move as the same hours of an earlier day did. Pure.

Noise of an instrument never comes twice. Laid over an earlier day, the bends (second differences) of a
signal are as independent as its noise, also where both days ramp or swing alike; of a replay, exact,
under fresh noise or led over at its seams, they are the same, or nearly. What is summed is the product
of both days' bends, each in units of its usual size and cut at three of them, less a third: chance
drives such a sum down, a replay up. The greatest rise is the finding, its interval what rose; it must
be out of reach of chance, of what the days of the past come to among each other, and of what the same
day comes to laid a little earlier or later, for what hunts in a steady rhythm resembles itself at many
lags. Hours of the very same means are the same finding: a signal that moves has none by chance.
"""

from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.grid import Grid, gridded
from rdchem.readings.learned import Learned
from rdchem.readings.screen import instant
from rdchem.readings.series import DAY_S, Floats, Series

_CUT: Final = 3.0
_TAKEN: Final = 0.33
_LEAST_RISE: Final = 25.0
"""Chance reaches it once in some hundred thousand days."""
_ABOVE_PAST: Final = 1.5
_LEAST_HOURS: Final = 2.0
_ASIDE: Final = 36


def part_replay(series: Series, learned: Learned) -> list[SignalInterval]:
    """At most one interval of the series that repeats the same hours of an earlier day of the past."""
    past = learned.past
    today = gridded(series, past.step_s)
    day = round(DAY_S / past.step_s)
    days = past.values.size // day
    best: tuple[float, int, int, int] | None = None
    for back in range(1, days + 1):
        rise, first, last = _rise(_laid(today, past, back * day))
        if best is None or rise > best[0]:
            best = (rise, first, last, back)
    same = max((_same(today, past, back * day), back) for back in range(1, days + 1)) if days else None
    if best is None or same is None:
        return []
    rise, first, last, back = best
    fits = f"吻合度 {rise:.0f},偶然不超过 {_LEAST_RISE:.0f}"
    (length, first_same), back_same = same
    if length * past.step_s >= _LEAST_HOURS * 3600:
        first, last, back = first_same, first_same + length - 1, back_same
        fits = f"每 {past.step_s / 60:.0f} 分钟的均值全部相同"
    elif rise < _LEAST_RISE or rise < _ABOVE_PAST * max(
        _rise_nearby(today, past, back * day), _own_rise(past, day, days, today.values.size)
    ):
        return []
    if (last - first) * past.step_s < _LEAST_HOURS * 3600:
        return []
    start = instant((today.first + first) * past.step_s)
    end = instant(min((today.first + last + 1) * past.step_s, float(series.seconds[-1])))
    why = f"{(end - start) / timedelta(hours=1):.1f} 小时的起伏与 {back} 天前同一时段相同({fits})"
    ago = timedelta(days=back)
    measure = {"rise": rise, "days_before": float(back)}
    like = Resemblance(start - ago, end - ago)
    return [SignalInterval(start, end, SignalState.REPLAYED, why, like, measure)]


def _same(today: Grid, past: Grid, lag: int) -> tuple[int, int]:
    """How many steps on end the means are the very same, and the first of them: of steps that move."""
    ours, theirs = _laid(today, past, lag)
    same = np.isclose(ours, theirs, rtol=1e-12, atol=1e-12)
    moves = np.diff(ours, prepend=np.nan) != 0
    edges = np.flatnonzero(np.diff((same & moves).astype(np.int8), prepend=0, append=0))
    lengths = edges[1::2] - edges[::2]
    if not lengths.size:
        return 0, 0
    longest = int(np.argmax(lengths))
    return int(lengths[longest]), int(edges[2 * longest])


def _laid(today: Grid, past: Grid, lag: int) -> tuple[Floats, Floats]:
    """A grid, and what the past showed `lag` steps before each of its places; NaN where it showed nothing."""
    place = np.arange(today.values.size) + today.first - lag - past.first
    there = (place >= 0) & (place < past.values.size)
    before = np.where(there, past.values[np.clip(place, 0, past.values.size - 1)], np.nan)
    return today.values, before


def _rise(laid: tuple[Floats, Floats]) -> tuple[float, int, int]:
    """The greatest rise of the sum, and the first and last place of it."""
    least = _size(np.diff(laid[1], n=2))
    ours, theirs = (_bends(values, least) for values in laid)
    product = np.nan_to_num(ours * theirs, nan=0.0) - _TAKEN
    total = np.concatenate(([0.0], np.cumsum(product)))
    lowest = np.minimum.accumulate(total)
    rises = total - lowest
    last = int(np.argmax(rises))
    first = int(np.flatnonzero(total[: last + 1] == lowest[last])[-1])
    return float(rises[last]), first, min(last + 1, laid[0].size - 1)


def _size(bends: Floats) -> float:
    there = bends[np.isfinite(bends)]
    return float(np.median(np.abs(there))) / 0.6745 if there.size else 0.0


def _bends(values: Floats, least: float) -> NDArray[np.float64]:
    """Second differences in units of their usual size, or of the past's where that is more; cut. All nought
    for a signal that does not move.
    """
    bends = np.diff(values, n=2)
    size = max(_size(bends), least)
    return np.clip(bends / size, -_CUT, _CUT) if size > 0 else np.zeros_like(bends)


def _rise_nearby(today: Grid, past: Grid, lag: int) -> float:
    """The greatest rise at lags up to three hours from the one that fits."""
    return max(
        _rise(_laid(today, past, lag + aside))[0] for aside in range(-_ASIDE, _ASIDE + 1) if abs(aside) > 1
    )


def _own_rise(past: Grid, day: int, days: int, length: int) -> float:
    """The greatest rise among the days of the past, of stretches as long as the one judged."""
    rises = [0.0]
    for later in range(1, days + 1):
        begin = past.values.size - later * day
        if begin < 0:
            break
        own = Grid(past.first + begin, past.step_s, past.values[begin : begin + length])
        rises += [_rise(_laid(own, past, back * day))[0] for back in range(1, days - later + 1)]
    return max(rises)
