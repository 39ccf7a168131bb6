"""Frozen and forged: stretches that tremble around a constant, repeat the past, or lie beside the usual."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np

from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.context import Context, context, densest
from rdchem.readings.grid import Grid, filled
from rdchem.readings.hours import hourly, usual_day
from rdchem.readings.learned import TALL, Learned
from rdchem.readings.replay import coarse, likest, may_be_near, movements, nearest, stretches
from rdchem.readings.series import DAY_S, Series
from rdchem.readings.shift import SHORTEST, Shapes, shapes
from rdchem.readings.spread import spreads

QUIETER: Final = {"rows": 0.6, "hours": 0.4}
"""Spread less than this share of the least spread of the past: a constant with jitter."""
NEARER: Final = 0.45
"""A distance less than this share of the least one of the past: a replay."""
LIKER: Final = 0.35
"""What is missing from a perfect likeness, less than this share of what was missing in the past: a replay."""
STRONGER: Final = 1.15
"""An offset or drift is so many times as strong as the source's own strongest."""
STRONG: Final = 5.5
"""… and so many standard errors."""
_MOST_SHAPES: Final = 20
_MOVED: Final = 0.7
"""Where all hours lie within this share of a tall shape, none is looked for."""


def instant(second: float) -> datetime:
    """The UTC instant of a second since 1970-01-01."""
    return datetime.fromtimestamp(second, UTC)


def interval(
    start: float,
    end: float,
    state: SignalState,
    why: str,
    resembles: Resemblance | None = None,
    **measure: float,
) -> SignalInterval:
    """An interval between two seconds."""
    return SignalInterval(instant(start), instant(end), state, why, resembles, measure)


def jitter(shown: Series, usual: Learned) -> list[SignalInterval]:
    """Stretches spread less than ever around one value."""
    found: list[SignalInterval] = []
    taken = np.zeros(shown.seconds.size, bool)
    for one, least in zip(spreads(shown, usual.past.step_s), usual.least_spread, strict=True):
        window_s, begins, spread = one.window_s, one.begins, one.spread
        for at in np.flatnonzero(spread < QUIETER[one.of] * least):
            first, last = np.searchsorted(shown.seconds, (begins[at], begins[at] + window_s))
            if taken[first:last].any():
                continue
            lead, tail = np.searchsorted(shown.seconds, (begins[at] - DAY_S, begins[at] + window_s + DAY_S))
            level = float(np.median(shown.values[first:last]))
            size = 1.4826 * float(np.median(np.abs(shown.values[first:last] - level)))
            near = np.abs(shown.values[lead:tail] - level) <= 4 * size
            begin, end = densest(near)
            begin, end = lead + begin, lead + end
            taken[begin:end] = True
            size = float(shown.values[begin:end].std())
            why = (
                f"{(shown.seconds[end - 1] - shown.seconds[begin]) / 3600:.1f} 小时只在 {level:.6g} 附近抖动"
                f"(标准差 {size:.3g}),过去最平静的 {window_s / 3600:.0f} 小时也有 {least:.3g}"
            )
            found.append(
                interval(
                    shown.seconds[begin], shown.seconds[end - 1], SignalState.STUCK_WITH_JITTER, why,
                    level=level, spread=size, usual_spread=least,
                )
            )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class _Repeat:
    begin: int
    end: int
    lag: int
    distance: float
    likeness: float


def replays(shown: Series, usual: Learned) -> list[SignalInterval]:
    """Stretches that repeat the past, the signal's own earlier part included."""
    told = context(usual.past, shown, usual.past.step_s)
    found: list[_Repeat] = []
    for repeat in (*_by_likeness(told, usual), *_by_distance(told, usual)):
        if all(repeat.end <= one.begin or one.end <= repeat.begin for one in found):
            found.append(repeat)
    return [_replayed(told, one, usual) for one in found]


def _by_likeness(told: Context, usual: Learned) -> list[_Repeat]:
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
            found.append(_refined(grid, at, at - place, told.since, usual.distance, likeness))
    return found


def _by_distance(told: Context, usual: Learned) -> list[_Repeat]:
    grid = coarse(told.grid)
    times = round(grid.step_s / told.grid.step_s)
    lead = told.grid.first % times
    since = -(-(told.since + lead) // times)
    width = round(DAY_S / grid.step_s)
    level = filled(grid.values)
    found = []
    for at in stretches(grid, max(since, width)):
        if not may_be_near(level[at : at + width], level[:at], NEARER * usual.distance):
            continue
        distance, same, place = nearest(level[at : at + width], level[:at])
        if distance < NEARER * usual.distance or 1 - same < LIKER * (1 - usual.sameness):
            begin = max(at * times - lead, told.since)
            found.append(
                _refined(told.grid, begin, (at - place) * times, told.since, usual.distance, float("nan"))
            )
    return found


def _refined(grid: Grid, at: int, lag: int, since: int, usual: float, likeness: float) -> _Repeat:
    """From where to where the signal is what it was `lag` steps before."""
    width = round(DAY_S / grid.step_s)
    lead, tail = max(since, lag, at - width), min(grid.values.size, at + 2 * width)
    values = filled(grid.values)
    apart = np.abs(values[lead:tail] - values[lead - lag : tail - lag])
    inside = apart[at - lead : at - lead + width]
    distance = float(np.quantile(inside, 0.6))
    if distance > 0.5 * usual:
        return _Repeat(at, min(at + width, tail), lag, distance, likeness)
    begin, end = densest(apart <= max(2.5 * distance, 1e-9 * float(np.abs(values).max())))
    return _Repeat(lead + begin, lead + end, lag, distance, likeness)


def _replayed(told: Context, one: _Repeat, usual: Learned) -> SignalInterval:
    start, end = told.second(one.begin), told.second(one.end)
    came = told.second(one.begin - one.lag)
    resembles = Resemblance(instant(came), instant(came + end - start))
    why = (
        f"{(end - start) / 3600:.1f} 小时与 {(start - came) / 3600:.4g} 小时前重复:六成时刻相差不到 "
        f"{one.distance:.3g},过去最像的两天也差 {usual.distance:.3g}"
    )
    if np.isfinite(one.likeness):
        why += f";逐步变化的相关 {one.likeness:.3f},过去最高 {usual.likeness:.3f}"
    return interval(
        start, end, SignalState.REPLAYED, why, resembles,
        distance=one.distance, usual_distance=usual.distance, lag_s=start - came,
    )  # fmt: skip


def shifts(shown: Series, usual: Learned) -> list[SignalInterval]:
    """Stretches beside where the signal would be, or on their way from it."""
    told = context(usual.past, shown, usual.past.step_s)
    hours = hourly(told.grid)
    times = round(hours.step_s / told.grid.step_s)
    since = (told.since + told.grid.first % times) // times
    lead = max(0, since - 24)
    values = hours.values[lead:]
    rest = values - usual.middle - usual.day[(hours.first + lead + np.arange(values.size)) % usual.day.size]
    if rest.size <= SHORTEST or not np.nanmax(rest) - np.nanmin(rest) > _MOVED * TALL * usual.deviation:
        return []
    steps, slopes = shapes(rest, usual.wander)
    found = []
    for one in told_shapes(steps, slopes, usual, since - lead):
        start_s = max(hours.second(lead + one.begin), float(shown.seconds[0]))
        end_s = min(hours.second(lead + one.end), float(shown.seconds[-1]))
        found.append(_shifted(one, start_s, end_s, usual))
    return found


@dataclass(frozen=True, slots=True)
class _Shape:
    state: SignalState
    begin: int
    end: int
    height: float
    strength: float


def told_shapes(steps: Shapes, slopes: Shapes, usual: Learned, since: int) -> list[_Shape]:
    """The shapes that are told of, strongest first, none over another.

    One that is stronger than the source's own strongest is told of; as what it is, a step or a slope, and
    from where to where, is what fits its stretch best.
    """
    height = np.stack([steps.height, slopes.height])
    strength = np.abs(np.stack([steps.strength, slopes.strength]))
    begin = np.arange(height.shape[2])[None, :]
    end = begin + SHORTEST + np.arange(height.shape[1])[:, None]
    strength[(np.abs(height) < TALL * usual.deviation) | (end <= since)] = 0.0
    least = np.maximum(STRONGER * np.array([usual.strongest_step, usual.strongest_slope]), STRONG)
    strong = strength > least[:, None, None]
    found: list[_Shape] = []
    while strong.any() and len(found) < _MOST_SHAPES:
        _, length, at = np.unravel_index(int(np.argmax(strength * strong)), strength.shape)
        first, last = int(at), int(end[length, at])
        shared = np.minimum(end, last) - np.maximum(begin, first)
        like = shared >= 0.5 * np.maximum(end - begin, last - first)
        kind, length, at = np.unravel_index(int(np.argmax(strength * like)), strength.shape)
        first, last = int(at), int(end[length, at])
        found.append(
            _Shape(
                (SignalState.OFFSET, SignalState.DRIFT)[kind], first, last,
                float(height[kind, length, at]), float(strength[kind, length, at]),
            )
        )  # fmt: skip
        over = (begin <= last + 1) & (end >= first - 1)  # one leap is not told of as the edge of two shapes
        strong[:, over] = False
        strength[:, over] = 0.0
    return found


def _shifted(one: _Shape, start: float, end: float, usual: Learned) -> SignalInterval:
    height, strength = one.height, one.strength
    usually = usual.strongest_step if one.state is SignalState.OFFSET else usual.strongest_slope
    way = "高" if height > 0 else "低"
    moved = f"偏{way}" if one.state is SignalState.OFFSET else f"渐{way}至"
    why = (
        f"{(end - start) / 3600:.1f} 小时{moved} {abs(height):.4g}(过去标准差 {usual.deviation:.3g} 的 "
        f"{abs(height) / usual.deviation:.1f} 倍),强度 {strength:.1f},过去自身最强 {usually:.1f}"
    )
    return interval(start, end, one.state, why, height=height, strength=strength, usual_strength=usually)
