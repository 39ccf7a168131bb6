"""Part of a day played again: hours of a signal that move as the same hours of an earlier day did. Pure.

Noise of an instrument never comes twice. Laid over an earlier day, the bends (second differences) of a
signal are as independent as its noise, also where both days ramp or swing alike; of a replay, exact,
under fresh noise or led over at its seams, they are the same, or nearly. What is summed is the product
of both days' bends, each in units of its usual size and cut at three of them, less a third: chance
drives such a sum down, a replay up. The greatest rise is the finding, its interval what rose; it must
be out of reach of chance, of what the days of the past come to among each other, and of what the same
day comes to laid a little earlier or later, for what hunts in a steady rhythm resembles itself at many
lags. And the two days must differ by noise alone: tanks turn by the clock, but to heights of their own.
Hours of the very same means are the same finding: a signal that moves has none by chance.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.grid import Grid, gridded
from rdchem.readings.hours import middles
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
_SEAM_S: Final = 7200.0
_NOTHING: Final = 0.01
"""Less between two days than this share of how the signal moves is none."""
_WHITE: Final = 0.5
"""Of noise the mean square of successive differences is twice its variance; of what moves far less."""


def part_replay(series: Series, learned: Learned) -> list[SignalInterval]:
    """At most one interval of the series that repeats the same hours of an earlier day of the past."""
    return part_replays([(series, learned)])[0]


def part_replays(asked: Sequence[tuple[Series, Learned]]) -> list[list[SignalInterval]]:
    """The same of each of several series: those on one grid are sifted together."""
    found: list[list[SignalInterval]] = [[] for _ in asked]
    alike: dict[tuple[float, int, int, int, int], list[tuple[int, Grid, Grid]]] = defaultdict(list)
    for place, (series, learned) in enumerate(asked):
        past = learned.past
        today = gridded(series, past.step_s)
        key = past.step_s, past.first, past.values.size, today.first, today.values.size
        alike[key].append((place, today, past))
    for together in alike.values():
        places, todays, pasts = zip(*together, strict=True)
        for at in _suspects(_rows(todays), _rows(pasts)).tolist():
            alone = (_rows(one[at : at + 1]) for one in (todays, pasts))
            found[places[at]] = _told(asked[places[at]][0], *alone)
    return found


def _rows(grids: Sequence[Grid]) -> Grid:
    """Grids that begin and end within the same steps as one, a signal a row."""
    return Grid(grids[0].first, grids[0].step_s, np.stack([one.values for one in grids]))


def _suspects(today: Grid, past: Grid) -> NDArray[np.int64]:
    """The rows that rise beyond chance at some day's lag, or show the same means for long."""
    day = round(DAY_S / past.step_s)
    found = np.zeros(today.values.shape[0], np.bool_)
    for back in range(1, past.values.shape[1] // day + 1):
        laid = _laid(today, past, back * day)
        found |= _rises(laid).max(axis=1) >= _LEAST_RISE
        lasts, _ = _same(laid)
        found |= lasts * past.step_s >= _LEAST_HOURS * 3600
    return np.flatnonzero(found)


def _told(series: Series, today: Grid, past: Grid) -> list[SignalInterval]:
    """What is told of a suspect; grids of a single row."""
    day = round(DAY_S / past.step_s)
    days = past.values.shape[1] // day
    laid = {back: _laid(today, past, back * day) for back in range(1, days + 1)}
    rise, back = max((_rise(one), -back) for back, one in laid.items())
    back = -back  # of days alike the latest
    first, last = _risen(laid[back])
    same = {back: _same(one) for back, one in laid.items()}
    length, first_same, back_same = max((int(many[0]), int(at[0]), back) for back, (many, at) in same.items())
    fits = f"吻合度 {rise:.0f},偶然不超过 {_LEAST_RISE:.0f}"
    if length * past.step_s >= _LEAST_HOURS * 3600:
        first, last, back = first_same, first_same + length - 1, back_same
        fits = f"每 {past.step_s / 60:.0f} 分钟的均值全部相同"
    elif (
        rise < _LEAST_RISE
        or rise < _ABOVE_PAST * _rise_nearby(today, past, back * day)
        or rise < _ABOVE_PAST * _own_rise(past, day, days, today.values.shape[1])
        or not _differ_by_noise(laid[back], first, last, round(_SEAM_S / past.step_s))
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


def _differ_by_noise(laid: tuple[Floats, Floats], first: int, last: int, seam: int) -> bool:
    """Whether two days (single rows) are the same but for noise between two places, seams of so many steps
    aside. Batches by the clock turn at the same minutes each day, but to heights of their own.
    """
    seam = min(seam, (last - first) // 4)
    ours, theirs = (values[0, first + seam : last + 1 - seam] for values in laid)
    apart = (ours - theirs)[np.isfinite(ours - theirs)]
    if apart.size < 3 or apart.std() <= _NOTHING * np.nanstd(ours):
        return True
    return bool(np.mean(np.diff(apart) ** 2) >= _WHITE * 2 * apart.var())


def _same(laid: tuple[Floats, Floats]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """By row how many steps on end the means are the very same, and the first of them: of steps that move."""
    ours, theirs = laid
    same = np.isclose(ours, theirs, rtol=1e-12, atol=1e-12)
    same &= np.diff(ours, prepend=np.nan) != 0
    place = np.arange(1, same.shape[1] + 1)
    lasted = place - np.maximum.accumulate(np.where(same, 0, place), axis=1)
    last = np.argmax(lasted, axis=1)
    longest = lasted[np.arange(last.size), last]
    return longest, np.where(longest > 0, last - longest + 1, 0)


def _laid(today: Grid, past: Grid, lag: int) -> tuple[Floats, Floats]:
    """A grid, and what the past showed `lag` steps before each of its places; NaN where it showed nothing."""
    size = past.values.shape[1]
    place = np.arange(today.values.shape[1]) + today.first - lag - past.first
    there = (place >= 0) & (place < size)
    before = np.where(there, past.values[:, np.clip(place, 0, size - 1)], np.nan)
    return today.values, before


def _rises(laid: tuple[Floats, Floats]) -> Floats:
    """By row how far the sum has risen from its lowest, up to each place."""
    total = _total(laid)
    rises: Floats = total - np.minimum.accumulate(total, axis=1)
    return rises


def _rise(laid: tuple[Floats, Floats]) -> float:
    """The greatest rise of a single row."""
    return float(_rises(laid).max())


def _risen(laid: tuple[Floats, Floats]) -> tuple[int, int]:
    """The first and last place of the greatest rise of a single row."""
    total = _total(laid)[0]
    lowest = np.minimum.accumulate(total)
    last = int(np.argmax(total - lowest))
    first = int(np.flatnonzero(total[: last + 1] == lowest[last])[-1])
    return first, min(last + 1, laid[0].shape[1] - 1)


def _total(laid: tuple[Floats, Floats]) -> Floats:
    """The sums of the products of both days' bends, less chance, from none on."""
    least = _sizes(np.diff(laid[1], n=2, axis=1))
    ours, theirs = (_bends(values, least) for values in laid)
    product = np.nan_to_num(ours * theirs, nan=0.0) - _TAKEN
    return np.cumsum(np.concatenate((np.zeros((product.shape[0], 1)), product), axis=1), axis=1)


def _sizes(bends: Floats) -> Floats:
    """The usual size of each row's bends, in a column; nought of one without any."""
    if not bends.shape[1]:
        return np.zeros((bends.shape[0], 1))
    return np.nan_to_num(middles(np.abs(bends)), nan=0.0)[:, None] / 0.6745


def _bends(values: Floats, least: Floats) -> Floats:
    """Second differences in units of their usual size, or of the past's where that is more; cut. All nought
    for a signal that does not move.
    """
    bends = np.diff(values, n=2, axis=1)
    size = np.maximum(_sizes(bends), least)
    cut: Floats = np.where(size > 0, np.clip(bends / np.where(size > 0, size, 1.0), -_CUT, _CUT), 0.0)
    return cut


def _rise_nearby(today: Grid, past: Grid, lag: int) -> float:
    """The greatest rise at lags up to three hours from the one that fits."""
    return max(
        _rise(_laid(today, past, lag + aside)) for aside in range(-_ASIDE, _ASIDE + 1) if abs(aside) > 1
    )


def _own_rise(past: Grid, day: int, days: int, length: int) -> float:
    """The greatest rise among the days of the past, of stretches as long as the one judged."""
    rises = [0.0]
    for later in range(1, days + 1):
        begin = past.values.shape[1] - later * day
        if begin < 0:
            break
        own = Grid(past.first + begin, past.step_s, past.values[:, begin : begin + length])
        rises += [_rise(_laid(own, past, back * day)) for back in range(1, days - later + 1)]
    return max(rises)
