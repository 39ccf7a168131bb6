"""What combustible-gas detectors read on a day, as far as permits ask: above their alarm, and when at all.

One pass over the readings of these detectors alone; what comes back is bounded by how often they crossed it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from rdchem.gas_watch import GasReading, watch
from rdchem.model.day import GasWatch
from rdchem.readings.sorted_day import QUALITIES
from rdchem.segment import instant
from rdchem.store.held import EVER, Held, held
from rdchem.store.readings import Numbers

Thresholds = Mapping[str, Mapping[str, float]]
"""Company -> detector -> the value above which it is told."""
_GOOD: Final = QUALITIES.index("good")


class _Good(NamedTuple):
    """What a file holds of an enterprise, which of its rows are a detector's good readings, and their highest
    value.
    """

    part: Held
    rows: Numbers
    peak: float


def gas_watches(
    paths: Iterable[Path], thresholds: Thresholds, *, since: datetime, as_of: datetime
) -> dict[str, dict[str, GasWatch]]:
    """Company -> detector -> what its good readings of [since, as_of], received by then, come to."""
    codes = {code for known in thresholds.values() for code in known}
    if not codes:
        return {}
    good: defaultdict[tuple[str, str], list[_Good]] = defaultdict(list)
    for company, part in held(
        [*paths],
        thresholds.__contains__,
        collected=(since, as_of),
        received=(EVER[0], as_of),
        sources=codes,
    ):
        for code, one in _good_readings(part):
            if code in thresholds[company]:
                good[company, code].append(one)
    found: dict[str, dict[str, GasWatch]] = {}
    for company, code in sorted(good):
        found.setdefault(company, {})[code] = _watched(good[company, code], thresholds[company][code])
    return found


def _good_readings(part: Held) -> Iterator[tuple[str, _Good]]:
    """Of each source that has any; all are looked at together, for of a nation's there are many."""
    told = (part.quality == _GOOD) & ~np.isnan(part.values)
    peaks = np.maximum.reduceat(np.where(told, part.values, -np.inf), part.starts[:-1])
    rows = np.flatnonzero(told)
    edges = np.searchsorted(rows, part.starts)
    for at in np.flatnonzero(np.diff(edges)).tolist():
        yield part.sources[at], _Good(part, rows[edges[at] : edges[at + 1]], peaks[at])


def _watched(good: Sequence[_Good], threshold: float) -> GasWatch:
    if all(one.peak <= threshold for one in good):  # most never cross it
        edges = [int(one.part.occurred[one.rows[at]]) for one in good for at in (0, -1)]
        return GasWatch(instant(min(edges)), instant(max(edges)), threshold)
    readings = [
        GasReading(instant(at), value, part.ids[journal])
        for part, rows, _ in good
        for at, value, journal in zip(
            *(column[rows].tolist() for column in (part.occurred, part.values, part.journal)), strict=True
        )
    ]
    return watch(sorted(readings, key=lambda one: (one.at, one.journal_id)), threshold)
