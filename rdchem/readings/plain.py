"""The plain part of the kernel: waits, range, spikes and flat runs of all sources of an enterprise. Pure.

All sources lie end to end in a few arrays; what is asked of each is answered by segmented reductions over
them, and only sources that exceed a limit are looked at again. `rdchem.readings.kernel` says what is found.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.sorted_day import Integers, Numbers, SortedDay

NEVER: Final = 2**62
"""A time nothing takes, in microseconds."""


@dataclass(frozen=True, slots=True)
class PointLimits:
    """What is asked of the sources of a sorted day, one entry each in their order; NaN, NEVER: nothing."""

    silent_us: Integers
    flat_us: Integers
    low: Numbers
    high: Numbers
    spike: Numbers


@dataclass(frozen=True, slots=True)
class Stretches:
    """Intervals of one state: places of their sources, first and last instants, how many readings."""

    state: str
    source: Integers
    begin_us: Integers
    end_us: Integers
    readings: Integers
    why: Sequence[str] = ()
    """A sentence each, or none for all."""


def plain(
    day: SortedDay, limits: PointLimits, start_us: int, end_us: int
) -> tuple[dict[str, Any], list[Stretches]]:
    """Columns of the summary and intervals of one enterprise's day, as `kernel.measure` tells them."""
    count = np.diff(day.starts)
    columns: dict[str, Any] = {
        "source_code": np.array(day.sources, dtype=object),
        "count": count,
        "copies": day.copies,
        "missing": np.zeros(len(count), np.int64),
        "uncertain": _times(day.quality, 1, day.starts),
        "bad": _times(day.quality, 2, day.starts),
    }
    silences = _silences(day, limits, start_us, end_us, columns)
    return columns, [silences, *_values(day, limits, columns)]


def _times(quality: NDArray[np.uint8], code: int, starts: Integers) -> Integers:
    """How often each source says a quality of its readings."""
    if not len(quality) or quality.max() < code:
        return np.zeros(len(starts) - 1, np.int64)
    return np.add.reduceat((quality == code).astype(np.int64), starts[:-1])


def _silences(
    day: SortedDay, limits: PointLimits, start_us: int, end_us: int, columns: dict[str, Any]
) -> Stretches:
    """First and last readings, time online, and the silences between, before and after them."""
    time, first, last = day.occurred_us, day.starts[:-1], day.starts[1:] - 1
    after = np.empty_like(time)  # how long until the next reading of the source; 0 after its last
    np.subtract(time[1:], time[:-1], out=after[:-1])
    after[last] = 0
    before_first, after_last = time[first] - start_us, end_us - time[last]
    columns["first_us"], columns["last_us"] = time[first], time[last]
    longest = np.maximum.reduceat(after, first)
    columns["longest_gap_us"] = np.maximum(longest, np.maximum(before_first, after_last))
    silent = limits.silent_us
    inner = np.flatnonzero(after >= silent.min(initial=NEVER)) if (longest >= silent).any() else first[:0]
    inner_source = np.searchsorted(day.starts, inner, "right") - 1
    long_enough = after[inner] >= silent[inner_source]
    inner, inner_source = inner[long_enough], inner_source[long_enough]
    leading = np.flatnonzero(before_first >= silent)
    trailing = np.flatnonzero(after_last >= silent)
    source = np.r_[leading, inner_source, trailing]
    begin = np.r_[np.full(len(leading), start_us), time[inner], time[last[trailing]]]
    end = np.r_[
        time[first[leading]], time[np.minimum(inner + 1, len(time) - 1)], np.full(len(trailing), end_us)
    ]
    offline = np.bincount(source, end - begin - silent[source], len(first)).astype(np.int64)
    columns["online_us"] = end_us - start_us - offline
    columns["silent_count"] = np.bincount(source, minlength=len(first))
    return Stretches("silent", source, begin, end, np.zeros(len(source), np.int64))


def _values(day: SortedDay, limits: PointLimits, columns: dict[str, Any]) -> list[Stretches]:
    """What the values say, of the readings that have one."""
    size = len(day.sources)
    columns |= {
        name: np.zeros(size, np.int64) for name in ("out_of_range", "spikes", "flat_count", "flat_us")
    }
    columns |= {name: np.full(size, np.nan) for name in ("last_value", "lowest", "highest")}
    columns["last_change_us"] = columns["first_us"].copy()
    values = _Values.of(day)
    columns["missing"] = columns["count"] - np.bincount(
        values.source, np.diff(np.r_[values.first, len(values.value)]), size
    ).astype(np.int64)
    if not len(values.source):
        return []
    columns["lowest"][values.source] = lowest = np.minimum.reduceat(values.value, values.first)
    columns["highest"][values.source] = highest = np.maximum.reduceat(values.value, values.first)
    columns["last_value"][values.source] = values.value[values.last]
    beyond = (lowest < limits.low[values.source]) | (highest > limits.high[values.source])
    outside = _out_of_range(values, np.flatnonzero(beyond), limits)
    columns["out_of_range"] += np.bincount(outside.source, outside.readings, size).astype(np.int64)
    step = np.empty_like(values.value)  # to the next value of the source; NaN after its last
    np.subtract(values.value[1:], values.value[:-1], out=step[:-1])
    step[values.last] = np.nan
    columns["spikes"][values.source] = _spikes(values, step, limits)
    flat = _flat(values, step, limits, columns)
    columns["flat_count"] += np.bincount(flat.source, minlength=size)
    columns["flat_us"] += np.bincount(flat.source, flat.end_us - flat.begin_us, size).astype(np.int64)
    return [outside, flat]


@dataclass(frozen=True, slots=True)
class _Values:
    """The readings that have a value: of source `source[k]` those from `first[k]` to `last[k]`."""

    source: Integers
    first: Integers
    last: Integers
    time: Integers
    value: Numbers

    @classmethod
    def of(cls, day: SortedDay) -> "_Values":
        given = ~np.isnan(day.value)
        if given.all():
            starts, time, value = day.starts, day.occurred_us, day.value
        else:
            starts = np.r_[0, np.cumsum(given)][day.starts]
            time, value = day.occurred_us[given], day.value[given]
        source = np.flatnonzero(np.diff(starts))
        return cls(source, starts[source], starts[source + 1] - 1, time, value)


def _out_of_range(values: _Values, places: Sequence[int] | Integers, limits: PointLimits) -> Stretches:
    """Runs of readings outside the range, of the sources that have any."""
    parts = []
    for place in places:
        source, first, last = values.source[place], values.first[place], values.last[place]
        value = values.value[first : last + 1]
        outside = np.r_[False, (value < limits.low[source]) | (value > limits.high[source]), False]
        edges = np.flatnonzero(outside[1:] != outside[:-1]) + first
        begin, end = edges[::2], edges[1::2] - 1
        parts.append((np.full(len(begin), source), values.time[begin], values.time[end], end - begin + 1))
    return Stretches("out_of_range", *_joined(parts))


def _spikes(values: _Values, step: Numbers, limits: PointLimits) -> Integers:
    """How many readings of each source stand out from both neighbours."""
    bend = np.zeros_like(step)  # twice the distance from the middle of the neighbours; NaN at both ends
    np.subtract(step[1:], step[:-1], out=bend[1:])
    bend[values.first] = np.nan
    np.abs(bend, out=bend)
    least = 2 * limits.spike[values.source]
    counts = np.zeros(len(values.source), np.int64)
    for place in np.flatnonzero(np.fmax.reduceat(bend, values.first) > least):
        counts[place] = np.count_nonzero(bend[values.first[place] : values.last[place] + 1] > least[place])
    return counts


def _flat(values: _Values, step: Numbers, limits: PointLimits, columns: dict[str, Any]) -> Stretches:
    """Runs of equal values that last; and since when each newest value has been the same."""
    least_us = limits.flat_us.min()
    begin, end = _runs(step, single=bool(least_us <= 0))
    newest = np.searchsorted(end, values.last)
    in_run = np.append(end, -1)[newest] == values.last
    since = np.where(in_run, np.append(begin, -1)[newest], values.last)
    columns["last_change_us"][values.source] = values.time[since]
    begun, ended = values.time[begin], values.time[end]
    lasting = np.flatnonzero(ended - begun >= least_us)
    source = values.source[np.searchsorted(values.first, begin[lasting], "right") - 1]
    held = ended[lasting] - begun[lasting] >= limits.flat_us[source]
    kept = lasting[held]
    return Stretches("flat", source[held], begun[kept], ended[kept], end[kept] - begin[kept] + 1)


def _runs(step: Numbers, *, single: bool) -> tuple[Integers, Integers]:
    """First and last places of runs of equal values; of a `single` value too, or of more: those are few.

    `step` leads from each value to the next; NaN, at the end of a source, is not zero either.
    """
    if single:
        end = np.flatnonzero(step)
        return np.r_[0, end[:-1] + 1], end
    equal = np.flatnonzero(step == 0)
    fresh = np.diff(equal, prepend=-2) > 1
    return equal[fresh], equal[np.append(fresh[1:], True)[: len(equal)]] + 1


def _joined(parts: Sequence[tuple[Integers, ...]]) -> tuple[Integers, Integers, Integers, Integers]:
    if not parts:
        none = np.zeros(0, np.int64)
        return none, none, none, none
    source, begin, end, readings = (np.concatenate(column) for column in zip(*parts, strict=True))
    return source, begin, end, readings
