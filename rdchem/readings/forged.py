"""Forged: stretches that repeat the past."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.context import Context, context, densest
from rdchem.readings.grid import Grid, filled
from rdchem.readings.hours import usual_day
from rdchem.readings.learned import Learned
from rdchem.readings.replay import (
    COARSE_S,
    coarse,
    likest,
    may_be_near,
    movements,
    nearest,
    smoothed,
    stretches,
)
from rdchem.readings.series import DAY_S, Floats, Series
from rdchem.readings.told import instant, interval
from rdchem.readings.whiter import Noise, noise_between

NEARER: Final = 0.5
"""A distance less than this share of the least one of the past: a replay."""
ALONE: Final = 1.5
"""… if it is so many times nearer than any two hours aside: what fits at many places is merely calm. One that
is so many times more alone than any of the past need only be nearer than those.
"""
LIKER: Final = 0.5
"""What is missing from a perfect likeness, less than this share of what was missing in the past: a replay."""
_WHITE: Final = 0.6
"""What a replay differs by is nothing, or noise: of white noise the successive differences are as great."""
_CHANCE: Final = 2.0
_ASIDE: Final = 2
_LEAST_STEPS: Final = 6
_GREAT: Final = 6.0
_SHARP: Final = 0.3
_NEAR: Final = 2.5


@dataclass(frozen=True, slots=True)
class _Repeat:
    begin: int
    end: int
    lag: int
    distance: float
    likeness: float = float("nan")
    noise: Noise | None = None


def replays(shown: Series, usual: Learned, *, alike: bool = True, near: bool = True) -> list[SignalInterval]:
    """Stretches that repeat the past, the signal's own earlier part included: that are `alike` in how they
    move, or `near` in what they show; what is not asked for is known not to be found.
    """
    if not (alike or near):
        return []
    told = context(usual.past, shown, usual.past.step_s)
    if _short(told):
        return []
    found: list[_Repeat] = []
    repeats = [*(_by_likeness(told, usual) if alike else ()), *(_by_distance(told, usual) if near else ())]
    for repeat in repeats:
        if repeat is not None and all(repeat.end <= one.begin or one.end <= repeat.begin for one in found):
            found.append(repeat)
    return [_replayed(told, one, usual) for one in found]


def _short(told: Context) -> bool:
    """Whether what is judged is less than a day, also in quarters of an hour."""
    steps = told.grid.values.size - told.since
    return steps < round(DAY_S / told.grid.step_s) - max(1, round(COARSE_S / told.grid.step_s))


def _by_likeness(told: Context, usual: Learned) -> list[_Repeat | None]:
    grid = told.grid
    width = round(DAY_S / grid.step_s)
    missing = 1 - usual.likeness
    if not missing > 1e-6:
        return []
    day = usual_day(usual.past.first, usual.past.values, width)
    moved = movements(grid, day)
    found = []
    for at in stretches(grid, max(told.since, width)):
        if at < width:
            continue
        likeness, place = likest(moved[at : at + width], moved[:at])
        if 1 - likeness < LIKER * missing:
            repeat = _refined(grid, at, at - place, told.since, usual)
            found.append(repeat and replace(repeat, likeness=likeness))
    return found


def _by_distance(told: Context, usual: Learned) -> list[_Repeat | None]:
    grid = coarse(told.grid)
    times = round(grid.step_s / told.grid.step_s)
    lead = told.grid.first % times
    since = -(-(told.since + lead) // times)
    width = round(DAY_S / grid.step_s)
    level = smoothed(grid)
    found = []
    for at in stretches(grid, max(since, width)):
        now, before = level[None, at : at + width], level[None, :at]
        if not may_be_near(now, before, np.array([usual.distance])).any():
            continue
        fit = nearest(level[at : at + width], level[:at], grid.step_s)
        near = fit.distance < NEARER * usual.distance and fit.alone > ALONE
        near |= fit.distance < usual.distance and fit.alone > ALONE * max(usual.alone, ALONE)
        near |= 1 - fit.same < LIKER * (1 - usual.sameness)
        begin = max(at * times - lead, told.since)
        lag = (at - fit.place) * times
        repeat = _refined(told.grid, begin, lag, told.since, usual) if near else None
        if repeat is None and (near or (fit.distance < usual.distance and fit.alone > ALONE)):
            repeat = _noisy(told, begin, lag, usual)
        found.append(repeat)
    return found


def _noisy(told: Context, at: int, lag: int, usual: Learned) -> _Repeat | None:
    """One that is no nearer than days of the past were, but differs by noise as none of them did."""
    grid = told.grid
    values = filled(grid.values)
    width = round(DAY_S / grid.step_s)
    lag = _best_lag(values, at, width, lag)
    found = noise_between(values, min(told.since, usual.past.values.size), at, lag, grid.step_s)
    if found is None:
        return None
    return replace(_bounded(grid, found.begin, lag, told.since, usual), noise=found)


def _refined(grid: Grid, at: int, lag: int, since: int, usual: Learned) -> _Repeat | None:
    """From where to where a signal is what it was `lag` steps before; None if more than noise is between."""
    width = round(DAY_S / grid.step_s)
    values = filled(grid.values)
    lag = _best_lag(values, at, width, lag)
    now = values[at : at + width]
    if not _again(now, values[at - lag : at - lag + now.size], usual.likeness):
        return None
    return _bounded(grid, at, lag, since, usual)


def _best_lag(values: Floats, at: int, width: int, lag: int) -> int:
    """The lag near another at which a day is nearest to what was."""
    now = values[at : at + width]
    return min(
        (one for one in range(lag - _ASIDE, lag + _ASIDE + 1) if 0 < one <= at),
        key=lambda one: (float(np.median(np.abs(now - values[at - one : at - one + now.size]))), one),
    )


def _bounded(grid: Grid, at: int, lag: int, since: int, usual: Learned) -> _Repeat:
    """From where to where a signal is what it was `lag` steps before, around a day that is."""
    width = round(DAY_S / grid.step_s)
    values = filled(grid.values)
    lead, tail = max(since, lag, at - width), min(grid.values.size, at + 2 * width)
    for level in (values, smoothed(grid)):  # the ends are sharper where noise does not need smoothing
        apart = np.abs(level[lead:tail] - level[lead - lag : tail - lag])
        distance = float(np.quantile(apart[at - lead : at - lead + width], 0.6))
        if distance <= _SHARP * usual.distance:
            break
    if distance > 0.5 * usual.distance:
        return _Repeat(at, min(at + width, tail), lag, distance)
    begin, end = densest(apart <= max(_NEAR * distance, 1e-9 * float(np.abs(values).max())))
    return _Repeat(lead + begin, lead + end, lag, distance)


def _again(now: Floats, then: Floats, usual: float) -> bool:
    """Whether for most of its length a signal is one from before, or that and noise.

    What they differ by is white then, and the movements of then are in those of now: all of them, or as much
    of them as the noise leaves, and more than in any two days of the past (`usual`: how like those are). Two
    calm days differ by white noise as well, but move each by its own.
    """
    if now.size < _LEAST_STEPS:
        return False
    apart = now - then
    size = float(np.median(np.abs(apart - np.median(apart))))
    if float(np.median(np.abs(np.diff(apart)))) < _WHITE * np.sqrt(2) * size:
        return False
    near = np.abs(apart) <= _NEAR * float(np.quantile(np.abs(apart), 0.6))
    moved, moved_then = (np.diff(one)[near[1:] & near[:-1]] for one in (now, then))
    if not (moved_then.any() and (size == 0 or _white(apart, near))):  # rest is like any other rest
        return False
    sizes = [float(np.median(np.abs(one))) if one.size else 0.0 for one in (moved, moved_then)]
    if not min(sizes) > 0:
        return True
    with np.errstate(over="ignore"):
        moved, moved_then = (
            np.clip(one / most, -_GREAT, _GREAT) for one, most in zip((moved, moved_then), sizes, strict=True)
        )
    power, power_then = float(moved @ moved), float(moved_then @ moved_then)
    likeness = float(moved @ moved_then) / np.sqrt(power * power_then)
    left = min(1.0, float(np.sqrt(power_then / power)) * sizes[1] / sizes[0])
    return bool(likeness >= ((left + usual) / 2 if left > usual else 0.5 * left - 0.1))


def _white(apart: Floats, near: NDArray[np.bool_]) -> bool:
    """Whether what is left where two days are near may be noise, but for what chance does in so few steps."""
    bends = np.diff(apart)[near[1:] & near[:-1]]
    power = 2 * float(apart[near].var())
    return not power > 0 or float((bends * bends).mean()) >= (1 - _CHANCE / np.sqrt(near.sum())) * power


def _replayed(told: Context, one: _Repeat, usual: Learned) -> SignalInterval:
    start, end = told.second(one.begin), told.second(one.end)
    came = told.second(one.begin - one.lag)
    resembles = Resemblance(instant(came), instant(came + end - start))
    why = f"{(end - start) / 3600:.1f} 小时与 {(start - came) / 3600:.4g} 小时前重复:"
    if one.noise is not None:
        why += (
            f"相差的只是噪声(六成时刻不到 {one.distance:.3g}),白度 {one.noise.white:.2f}(噪声为 1),"
            f"过去任何两天同一时刻相差的至多 {one.noise.usual_white:.2f}"
        )
    else:
        why += f"六成时刻相差不到 {one.distance:.3g},过去最像的两天(两小时均值)也差 {usual.distance:.3g}"
    if np.isfinite(one.likeness):
        why += f";逐步变化的相关 {one.likeness:.3f},过去最高 {usual.likeness:.3f}"
    return interval(
        start, end, SignalState.REPLAYED, why, resembles,
        distance=one.distance, usual_distance=usual.distance, lag_s=start - came,
    )  # fmt: skip
