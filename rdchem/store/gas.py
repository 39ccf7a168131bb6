"""What combustible-gas detectors read on a day, as far as permits ask: above their alarm, and when at all.

One pass over the readings of these detectors alone; what comes back is bounded by how often they crossed it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np

from rdchem.gas_watch import GasReading, watch
from rdchem.model.day import GasWatch
from rdchem.readings.sorted_day import QUALITIES
from rdchem.segment import instant
from rdchem.store.held import EVER, Held, held

Thresholds = Mapping[str, Mapping[str, float]]
"""Company -> detector -> the value above which it is told."""
_GOOD: Final = QUALITIES.index("good")
_Good = tuple[Held, np.ndarray]
"""What a file holds, and which of its rows are a detector's good readings."""


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
        told = (part.quality == _GOOD) & ~np.isnan(part.values)
        for code, rows in part.parts():
            if code in thresholds[company] and told[rows].any():
                good[company, code].append((part, np.flatnonzero(told[rows]) + rows.start))
    found: dict[str, dict[str, GasWatch]] = {}
    for company, code in sorted(good):
        found.setdefault(company, {})[code] = _watched(good[company, code], thresholds[company][code])
    return found


def _watched(good: Sequence[_Good], threshold: float) -> GasWatch:
    if all(part.values[rows].max() <= threshold for part, rows in good):  # most never cross it
        edges = [int(part.occurred[rows[at]]) for part, rows in good for at in (0, -1)]
        return GasWatch(instant(min(edges)), instant(max(edges)), threshold)
    readings = [
        GasReading(instant(at), value, part.ids[journal])
        for part, rows in good
        for at, value, journal in zip(
            *(column[rows].tolist() for column in (part.occurred, part.values, part.journal)), strict=True
        )
    ]
    return watch(sorted(readings, key=lambda one: (one.at, one.journal_id)), threshold)
