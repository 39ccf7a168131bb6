"""Copied: the same values in the same order at two sources, of one enterprise or of two.

Every hour of a signal has a fingerprint: a hash of its values, if it moves enough to tell it from another.
No two instruments show the same hour; several hours one after the other that another source shows too, then
or at another time, are copied, and nothing says by whom from whom: both are told of.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.grid import HOUR_S
from rdchem.readings.series import Series
from rdchem.readings.told import instant, interval

LEAST_HOURS: Final = 3
"""Fewer hours one after the other may be chance."""
_LEAST_MOVES: Final = 6


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """One hour of a signal (hours since 1970) and the hash of its values."""

    hour: int
    of_values: bytes


def fingerprints(series: Series) -> list[Fingerprint]:
    """The hours of a signal without missing values that move often enough: six times, to six other values."""
    if not series.seconds.size:
        return []
    hours = np.floor(series.seconds / HOUR_S).astype(np.int64)
    begins = np.concatenate(([0], np.flatnonzero(np.diff(hours)) + 1))
    ends = np.append(begins[1:], hours.size)
    told = []
    for begin, end in zip(begins, ends, strict=True):
        values = series.values[begin:end]
        if end - begin > _LEAST_MOVES and np.unique(values).size > _LEAST_MOVES:
            digest = hashlib.blake2b(values.tobytes(), digest_size=16).digest()
            told.append(Fingerprint(int(hours[begin]), digest))
    return told


def copies(told: Mapping[str, Sequence[Fingerprint]]) -> dict[str, list[SignalInterval]]:
    """Source -> the stretches another source shows too, by the fingerprints of all of them."""
    shown: dict[bytes, list[tuple[str, int]]] = defaultdict(list)
    for source, prints in sorted(told.items()):
        for one in prints:
            shown[one.of_values].append((source, one.hour))
    shared: dict[tuple[str, str, int], list[int]] = defaultdict(list)
    for places in shown.values():
        for source, hour in places:
            for other, there in places:
                if other != source:
                    shared[source, other, there - hour].append(hour)
    found: dict[str, list[SignalInterval]] = defaultdict(list)
    for (source, other, later), hours in sorted(shared.items()):
        for run in np.split(np.sort(hours), np.flatnonzero(np.diff(np.sort(hours)) != 1) + 1):
            if run.size >= LEAST_HOURS:
                found[source].append(_copied(int(run[0]), run.size, other, later))
    return dict(found)


def _copied(hour: int, hours: int, other: str, later: int) -> SignalInterval:
    start, end = hour * HOUR_S, (hour + hours) * HOUR_S
    there = Resemblance(instant(start + later * HOUR_S), instant(end + later * HOUR_S), other)
    when = "同一时段" if later == 0 else f"{abs(later)} 小时{'后' if later > 0 else '前'}"
    why = f"连续 {hours} 小时的每个读数都与测点 {other} {when}的相同"
    return interval(start, end, SignalState.COPIED, why, there, hours=float(hours), later_s=later * HOUR_S)
