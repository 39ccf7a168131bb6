"""Where the readings of a source lie beyond its registered alarm thresholds. Pure.

What lies outside the measuring range is a fault of the instrument or the wiring, told as such, and no
exceedance; what has no value breaks no stretch and makes none.
"""

from typing import Final

import numpy as np

from rdchem.model.course import Beyond
from rdchem.model.source import Source
from rdchem.readings.rows import Rows
from rdchem.readings.runs import lasting
from rdchem.readings.screen import instant

_MOST: Final = 50


def beyond(rows: Rows, source: Source) -> tuple[Beyond, ...]:
    """The longest stretches beyond the first high or the first low threshold, oldest first."""
    found = []
    for side, threshold in alarms_from(source).items():
        values = rows.values if side == "high" else -rows.values
        edge = threshold if side == "high" else -threshold
        if (values > edge).any():
            found += _stretches(rows, source, side, threshold)
    longest = sorted(found, key=lambda one: (one.start - one.end, one.start))[:_MOST]
    return tuple(sorted(longest, key=lambda one: (one.start, one.side)))


def alarms_from(source: Source) -> dict[str, float]:
    """Side -> the threshold at which a source has to raise its first alarm; none where it has none."""
    highs = [one for one in (source.high, source.high_high) if one is not None]
    lows = [one for one in (source.low, source.low_low) if one is not None]
    return ({"high": min(highs)} if highs else {}) | ({"low": max(lows)} if lows else {})


def _stretches(rows: Rows, source: Source, side: str, threshold: float) -> list[Beyond]:
    there = np.flatnonzero(np.isfinite(rows.values))
    values = rows.values[there]
    out = values > threshold if side == "high" else values < threshold
    if source.range_low is not None:
        out &= values >= source.range_low
    if source.range_high is not None:
        out &= values <= source.range_high
    found = []
    for first, after in lasting(out):
        part = values[first:after]
        farthest = int(there[first + int(np.argmax(part) if side == "high" else np.argmin(part))])
        begin, end = int(there[first]), int(there[after - 1])
        ids = tuple(dict.fromkeys((rows.id_of(begin), rows.id_of(farthest))))
        start, last = instant(float(rows.seconds[begin])), instant(float(rows.seconds[end]))
        found.append(Beyond(side, threshold, start, last, float(rows.values[farthest]), ids))
    return found
