"""Copied: the same values in the same order at two sources, of one enterprise or of two.

No two instruments show the same movements for hours. Every window of readings that move has a fingerprint, a
hash of its values alone; one in eight is kept, and which of them follows from the hash, so that two sources
keep the same ones whenever each of them collects. What a source shows twice itself (a pump that runs in a
rhythm) tells nothing. Where two sources share fingerprints, their readings are held against each other one by
one, so that nobody is accused by a hash. Nothing says who copied from whom: both are told of.

Sources that seldom send (sixteen readings in more than the stretch asked for) are not judged.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.grid import HOUR_S
from rdchem.readings.rows import Rows
from rdchem.readings.series import MOST, Floats, Series
from rdchem.readings.told import instant, interval

LEAST_S: Final = 3 * HOUR_S
"""A shorter stretch may be chance."""
WIDTH: Final = 16
_ONE_IN: Final = np.uint64(8)
_LEAST_MOVES: Final = 6
_LEAST_SHARED: Final = 2
_MOST_OTHERS: Final = 3
"""With so many of those who share a fingerprint each is compared: among many all alike it is enough."""
_SAME_LAG_S: Final = 120.0

Key = tuple[str, str]
"""Enterprise and source."""
Hashes = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Windows of sources: the place in `keys`, the second of the first reading, the hash of the values."""

    keys: Sequence[Key]
    source: NDArray[np.int64]
    second: Floats
    of_values: Hashes


class Suspicion(NamedTuple):
    """A source may show at `second` what another shows at `there`."""

    key: Key
    other: Key
    second: float
    there: float


def fingerprints(signals: Mapping[Key, Series]) -> Fingerprints:
    """The fingerprints of some sources, without their missing values."""
    keys = sorted(signals)
    own = [signals[key] for key in keys]
    source = np.repeat(np.arange(len(keys)), [one.seconds.size for one in own])
    values = np.concatenate([np.zeros(0), *(one.values for one in own)]) + 0.0  # of two zeros one
    seconds = np.concatenate([np.zeros(0), *(one.seconds for one in own)])
    there = np.abs(values) <= MOST
    if not there.all():
        source, values, seconds = source[there], values[there], seconds[there]
    if source.size < WIDTH:
        return Fingerprints(keys, source[:0], np.zeros(0), np.zeros(0, np.uint64))
    told = _hashes(values)
    moved = np.cumsum(np.r_[0, np.diff(values) != 0])
    first = np.flatnonzero(told % _ONE_IN == 0)
    last = first + WIDTH - 1
    chosen = first[(source[first] == source[last]) & (moved[last] - moved[first] >= _LEAST_MOVES)]
    return Fingerprints(keys, source[chosen], seconds[chosen], told[chosen])


def _hashes(values: Floats) -> Hashes:
    """A hash of every window of values."""
    bits = _mixed(values.view(np.uint64))
    count = bits.size - WIDTH + 1
    told = np.zeros(count, np.uint64)
    for place in range(WIDTH):
        told = told * np.uint64(0x9E3779B97F4A7C15) + bits[place : place + count]
    return _mixed(told)


def _mixed(bits: Hashes) -> Hashes:
    """Every bit of the result depends on every bit given (Stafford's mix 13 of MurmurHash3's finalizer)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


def together(parts: Sequence[Fingerprints]) -> Fingerprints:
    """The fingerprints of several lots of sources as one."""
    offsets = np.cumsum([0, *(len(one.keys) for one in parts)])
    sources = [one.source + offset for one, offset in zip(parts, offsets[:-1], strict=True)]
    empty: Any = np.zeros(0, np.int64)
    return Fingerprints(
        [key for one in parts for key in one.keys],
        np.concatenate([empty, *sources]),
        np.concatenate([empty, *(one.second for one in parts)]).astype(np.float64),
        np.concatenate([empty.astype(np.uint64), *(one.of_values for one in parts)]),
    )


def suspicions(told: Fingerprints) -> dict[Key, list[Suspicion]]:
    """Source -> where another may show the same, in order of time; to be held against the readings."""
    shared: dict[tuple[Key, Key], list[Suspicion]] = defaultdict(list)
    for places in _shared(told):
        for at in places:
            for other in [one for one in places if one != at][:_MOST_OTHERS]:
                pair = told.keys[int(told.source[at])], told.keys[int(told.source[other])]
                shared[pair].append(Suspicion(*pair, float(told.second[at]), float(told.second[other])))
    found: dict[Key, list[Suspicion]] = defaultdict(list)
    for (key, _), several in sorted(shared.items()):
        found[key] += [one for one in sorted(several) if _again(one, several)]
    return {key: sorted(several, key=lambda one: one.second) for key, several in found.items() if several}


def _shared(told: Fingerprints) -> Iterator[list[int]]:
    """The places of each fingerprint that several sources have, and none of them twice."""
    _, number, times = np.unique(told.of_values, return_inverse=True, return_counts=True)
    several = np.flatnonzero(times[number] > 1)
    among = several[np.argsort(number[several], kind="stable")].tolist()
    for _, group in groupby(among, key=lambda at: number[at]):
        first: dict[Key, int] = {}
        often = False
        for at in group:
            before = first.setdefault(told.keys[int(told.source[at])], at)
            often |= told.second[before] != told.second[at]  # one moment may come under two codes
        if len(first) > 1 and not often:
            yield [first[key] for key in sorted(first)]


def _again(one: Suspicion, several: Sequence[Suspicion]) -> bool:
    """Whether the two share more than this one, so much later."""
    later = one.there - one.second
    alike = sum(abs(other.there - other.second - later) <= _SAME_LAG_S for other in several)
    return alike >= _LEAST_SHARED


def stretches(suspected: Sequence[Suspicion], rows: Mapping[Key, Rows]) -> list[tuple[SignalInterval, Rows]]:
    """The stretches that stand up to being compared, with what the other showed then."""
    found: list[tuple[SignalInterval, Rows]] = []
    for one in suspected:
        if any(told.start.timestamp() <= one.second <= told.end.timestamp() for told, _ in found):
            continue
        told = copied(rows[one.key].series, rows[one.other].series, one)
        if told is not None and told.resembles is not None:
            span = told.resembles.start.timestamp(), told.resembles.end.timestamp()
            found.append((told, rows[one.other].between(*span)))
    return found


def copied(own: Series, other: Series, suspected: Suspicion) -> SignalInterval | None:
    """The stretch around a suspicion in which two sources have the same readings; None if it is short."""
    own, other = own.present(), other.present()
    at = int(np.searchsorted(own.seconds, suspected.second))
    there = int(np.searchsorted(other.seconds, suspected.there))
    back = _alike(own.values[:at][::-1], other.values[:there][::-1])
    ahead = _alike(own.values[at:], other.values[there:])
    begin, end = at - back, at + ahead
    if ahead == 0 or own.seconds[end - 1] - own.seconds[begin] < LEAST_S:
        return None
    if np.unique(own.values[begin:end]).size <= _LEAST_MOVES:
        return None
    start, until = float(own.seconds[begin]), float(own.seconds[end - 1])
    came, went = float(other.seconds[there - back]), float(other.seconds[there + ahead - 1])
    company = None if suspected.other[0] == suspected.key[0] else suspected.other[0]
    resembles = Resemblance(instant(came), instant(went), suspected.other[1], company)
    named = f"测点 {suspected.other[1]}" if company is None else f"企业 {company} 的测点 {suspected.other[1]}"
    later = came - start
    hours = f"{abs(later) / HOUR_S:.1f} 小时"
    when = "同一时段" if abs(later) < _SAME_LAG_S else hours + ("后" if later > 0 else "前")
    why = f"{(until - start) / HOUR_S:.1f} 小时 {end - begin} 条读数与{named} {when}的逐条相同"
    return interval(
        start, until, SignalState.COPIED, why, resembles, readings=float(end - begin), later_s=later
    )


def _alike(one: Floats, other: Floats) -> int:
    """How many values from the first on are the same."""
    size = min(one.size, other.size)
    differ = np.flatnonzero(one[:size] != other[:size])
    return int(differ[0]) if differ.size else size
