"""What combustible-gas detectors read on a day, as far as permits ask: above their alarm, and when at all.

One pass over the readings of these detectors alone; what comes back is bounded by how often they crossed it.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rdchem.gas_watch import GasReading, watch
from rdchem.model.day import GasWatch
from rdchem.segment import instant, microseconds
from rdchem.store.readings import as_text, coded, stored

_COLUMNS = ("company_code", "source_code", "occurred_us", "received_us", "value", "quality", "journal_id")
Thresholds = Mapping[str, Mapping[str, float]]
"""Company -> detector -> the value above which it is told."""


def gas_watches(
    paths: Iterable[Path], thresholds: Thresholds, *, since: datetime, as_of: datetime
) -> dict[str, dict[str, GasWatch]]:
    """Company -> detector -> what its good readings of [since, as_of], received by then, come to."""
    codes = pa.array(sorted({code for known in thresholds.values() for code in known}))
    read = (stored(path, _COLUMNS, thresholds.__contains__) for path in paths)
    parts = (table for tables in read for table in tables) if len(codes) else ()
    tables = [_wanted(table, codes, since, as_of) for table in parts]
    if not tables:
        return {}
    order = [(name, "ascending") for name in ("company_code", "source_code", "occurred_us", "journal_id")]
    rows = pa.concat_tables(tables).sort_by(order)
    occurred = rows["occurred_us"].to_numpy()
    found: dict[str, dict[str, GasWatch]] = {}
    for company, code, first, after, greatest in _by_detector(rows):
        threshold = thresholds.get(company, {}).get(code)
        if threshold is not None:
            found.setdefault(company, {})[code] = (
                GasWatch(instant(int(occurred[first])), instant(int(occurred[after - 1])), threshold)
                if greatest <= threshold  # as of most: nothing between the first and the last is looked at
                else _watched(rows.slice(first, after - first), threshold)
            )
    return found


def _by_detector(rows: pa.Table) -> Iterator[tuple[str, str, int, int, float]]:
    """Company, detector, where its rows begin and end, and its greatest value, of rows in their order."""
    if not rows.num_rows:
        return
    (company, companies), (source, sources) = (coded(rows, name) for name in ("company_code", "source_code"))
    changes = (np.diff(company) != 0) | (np.diff(source) != 0)
    begins = np.concatenate(([0], np.flatnonzero(changes) + 1))
    greatest = np.fmax.reduceat(rows["value"].to_numpy(), begins)
    edges = [*begins.tolist(), len(company)]
    for (first, after), most in zip(pairwise(edges), greatest.tolist(), strict=True):
        yield companies[company[first]], sources[source[first]], first, after, most


def _watched(rows: pa.Table, threshold: float) -> GasWatch:
    columns = zip(*(rows[name].to_pylist() for name in ("occurred_us", "value", "journal_id")), strict=True)
    return watch([GasReading(instant(at), value, journal_id) for at, value, journal_id in columns], threshold)


def _wanted(table: pa.Table, codes: Any, since: datetime, as_of: datetime) -> pa.Table:
    table = table.filter(pc.is_in(table["source_code"], value_set=codes))
    wanted = pc.equal(table["quality"], "good")
    for condition in (
        pc.is_valid(table["value"]),
        pc.greater_equal(table["occurred_us"], microseconds(since)),
        pc.less_equal(table["occurred_us"], microseconds(as_of)),
        pc.less_equal(table["received_us"], microseconds(as_of)),
    ):
        wanted = pc.and_(wanted, condition)
    return as_text(table.filter(wanted))
