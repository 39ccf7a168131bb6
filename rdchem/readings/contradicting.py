"""Contradicted: a level and a flow of one hazard do what in the past they never did together.

Hour by hour a level rises clearly, falls clearly, or stands; a flow runs all the hour, or is idle. Where the
level never rose while the flow was idle, though both came often enough, the flow fills that tank; where it
never fell then, the flow empties it; where it never stood while the flow ran, the flow always moves it. That
is learned, and only where the one begins as the other ends: else two habits of one timetable would be taken
for cause and effect. If today both come together for longer than an hour, one of the two is not true, or
something flows that nobody measures: a leak. (The platform tells of no valve; a shut one shows in its flow.)
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

import numpy as np

from rdchem.model.course import Shown
from rdchem.model.signal import Resemblance, SignalState
from rdchem.model.source import Quantity
from rdchem.readings.against import Against, Line
from rdchem.readings.beside import Beside
from rdchem.readings.exclusive import Bools, exclusive, no_more, often
from rdchem.readings.grid import HOUR_S
from rdchem.readings.runs import lasting
from rdchem.readings.series import Floats
from rdchem.readings.siblings import LONGER
from rdchem.readings.told import instant, interval

_LEAST_S: Final = 20 * HOUR_S
"""From fewer hours of either nothing is learned."""
_RISES: Final = 0.05
_STANDS: Final = 0.01
"""Shares of the width of the past."""
_NOISES: Final = 6.0
_LITTLE: Final = 0.03
_IDLE: Final = 0.2
_RUNS: Final = 0.4
"""Shares of what the flow runs at, at most but for one step in 50."""
_TOP: Final = 0.98


class _Way(NamedTuple):
    """What is asked of hours of levels and of flows, and how it is told.

    `turns`: what the level does as the flow begins, +1 rise or -1 fall; 0 where it is the flow that begins.
    """

    level: str
    flow: str
    turns: int
    words: str


_FILLS: Final = _Way(
    "rising",
    "idle",
    1,
    "液位由 {first:.4g} 升至 {last:.4g},而流量测点 {code} 停在 {flow:.4g}(运行时可达 {top:.4g}),"
    "过去液位上升时它总在运行;二者不能都真实(或另有未计量的进料)",
)
_EMPTIES: Final = _Way(
    "falling",
    "idle",
    -1,
    "液位由 {first:.4g} 降至 {last:.4g},而流量测点 {code} 停在 {flow:.4g}(运行时可达 {top:.4g}),"
    "过去液位下降时它总在运行;二者不能都真实(或有泄漏,或另有未计量的出料)",
)
_MOVES: Final = _Way(
    "standing",
    "running",
    0,
    "液位停在 {last:.4g},而流量测点 {code} 在运行,约 {flow:.4g},过去它运行时液位总在变动;"
    "二者不能都真实(或另有未计量的进出料)",
)
_WAYS: Final = _FILLS, _EMPTIES, _MOVES


def contradictions(beside: Beside) -> Iterator[Against]:
    """Where a level and a flow of a hazard contradict each other."""
    levels, flows = beside.of(Quantity.LEVEL), beside.of(Quantity.FLOW)
    hour = round(HOUR_S / beside.step_s)
    if not (levels.codes and flows.codes) or hour < 2 or beside.past.shape[1] <= hour:
        return
    least, of_flows = _LEAST_S / beside.step_s, _flow_hours(flows.past, flows.past, hour)
    if not often(of_flows["idle"], least).any():  # most flows never stand, and tell nothing
        return
    of_levels = _level_hours(levels.past, levels.past, hour)
    for way in _WAYS:
        known = _known(way, of_levels[way.level], of_flows[way.flow], least, hour)
        if not known.any():
            continue
        now = _level_hours(levels.past, levels.today, hour)[way.level]
        at_once = _flow_hours(flows.past, flows.today, hour)[way.flow]
        for level, flow in np.argwhere(known).tolist():
            pair = _Pair(levels, flows, level, flow, way)
            for begin, end in lasting(now[level] & at_once[flow], hour // 2 + 1):
                first, after = pair.trimmed(begin, end + hour)
                if after - first > hour:
                    yield pair.against(first, after)


def _known(way: _Way, of_levels: Bools, of_flows: Bools, least: float, hour: int) -> Bools:
    """Which levels (rows) and flows never did the one while the other did; or never did so until they always
    do: what they go on with must not teach that it is so, unless they have for long.
    """
    one, other = (of_levels, of_flows) if way.turns else (of_flows, of_levels)
    known = exclusive(one, other, least=least, within=hour)
    for (row, column), since in no_more(one, other).items():
        if not known[row, column] and since >= LONGER * (one.shape[1] - since):
            pair = one[[row], :since], other[[column], :since]
            known[row, column] = exclusive(*pair, least=least, within=hour)[0, 0]
    return known if way.turns else known.T


def changes(levels: Floats, flows: Floats, hour: int) -> Bools:
    """Which levels (rows) and flows began to come at once, that had not before."""
    found: Bools = np.zeros((levels.shape[0], flows.shape[0]), np.bool_)
    if not found.size or levels.shape[1] <= hour:
        return found
    of_levels, of_flows = _level_hours(levels, levels, hour), _flow_hours(flows, flows, hour)
    for way in _WAYS:
        both = of_levels[way.level], of_flows[way.flow]
        one, other = both if way.turns else both[::-1]
        for (row, column), since in no_more(one, other).items():
            never = not (one[row, :since] & other[column, :since]).any()
            if never and one[row, :since].any() and other[column, :since].any():
                found[(row, column) if way.turns else (column, row)] = True
    return found


def _level_hours(past: Floats, values: Floats, hour: int) -> dict[str, Bools]:
    """The hours in which each level rises or falls clearly, and in which it stands, by its past."""
    low, high = _ends(past)
    bends = np.sort(np.abs(past[:, 2:] - 2 * past[:, 1:-1] + past[:, :-2]), axis=1)  # NaN last
    noise = 1.4826 * bends[:, bends.shape[1] // 2] / np.sqrt(6)
    least = np.maximum(_RISES * (high - low), _NOISES * noise)[:, None]
    most = np.maximum(_STANDS * (high - low), _NOISES * noise)[:, None]
    rose = values[:, hour:] - values[:, :-hour]
    stood = _all(np.abs(np.diff(values, axis=1)) <= most, hour)
    return {"rising": rose > least, "falling": rose < -least, "standing": stood & (np.abs(rose) <= most)}


def _flow_hours(past: Floats, values: Floats, hour: int) -> dict[str, Bools]:
    """The hours all through which each flow is idle, and in which it runs, by its past."""
    top = _tops(past)[:, None]
    known = top > 0
    return {
        "idle": _all((values <= _IDLE * top) & known, hour + 1),
        "running": _all((values >= _RUNS * top) & known, hour + 1),
    }


def _ends(past: Floats) -> tuple[Floats, Floats]:
    return np.fmin.reduce(past, axis=1), np.fmax.reduce(past, axis=1)


def _tops(past: Floats) -> Floats:
    """What each flow runs at, at most but for some steps."""
    ranked = np.sort(past, axis=1)  # NaN last
    count = np.isfinite(past).sum(axis=1)
    tops: Floats = ranked[np.arange(past.shape[0]), np.maximum(np.ceil(_TOP * count).astype(np.int64) - 1, 0)]
    return tops


def _all(told: Bools, size: int) -> Bools:
    """At each place, whether it is told of so many from there on."""
    count = np.zeros((told.shape[0], told.shape[1] + 1), np.int64)
    np.cumsum(told, axis=1, out=count[:, 1:])
    whole: Bools = count[:, size:] - count[:, :-size] == size
    return whole


@dataclass(frozen=True, slots=True)
class _Pair:
    """A level and a flow, by row, that cannot both be true."""

    levels: Beside
    flows: Beside
    level: int
    flow: int
    way: _Way

    def trimmed(self, begin: int, end: int) -> tuple[int, int]:
        """From when to when a level rises or falls that does so somewhere within: without the rest around."""
        if not self.way.turns:
            return begin, end
        level = self.way.turns * self.levels.today[self.level, begin:end]
        top = int(np.nanargmax(level))
        low, high = float(np.nanmin(level[: top + 1])), float(level[top])
        last = int(np.flatnonzero(level[: top + 1] <= low + _LITTLE * (high - low))[-1])
        full = int(np.flatnonzero(level >= high - _LITTLE * (high - low))[0])
        return begin + last, begin + full + 1

    def against(self, begin: int, end: int) -> Against:
        """What is told of the level, from a step of today to before another."""
        code, other = self.levels.codes[self.level], self.flows.codes[self.flow]
        level = self.levels.today[self.level, begin:end]
        start, until = self.levels.span(code, begin, end)
        measure = {
            "first": float(level[0]),
            "last": float(level[-1]),
            "flow": float(np.nanmedian(self.flows.today[self.flow, begin:end])),
            "top": float(_tops(self.flows.past)[self.flow]),
        }
        words = self.way.words.format(code=other, **measure)
        why = f"{(until - start) / HOUR_S:.1f} 小时{words}"
        like = Resemblance(instant(start), instant(until), other)
        told = interval(start, until, SignalState.CONTRADICTED, why, like, **measure)
        low, high = (float(one[self.level]) for one in _ends(self.levels.past))
        line = Line((high - low) / measure["top"], low)
        strength = abs(measure["last"] - measure["first"])
        return Against({code: Shown(told, ())}, {code: line}, (code, other), (), strength)
