"""What combustible-gas detectors read on a day, as far as permits ask: above their alarm, and when at all.

One pass over the readings of these detectors alone; what comes back is bounded by how often they crossed it.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from rdchem.gas_watch import GasReading, watch
from rdchem.model.day import GasWatch
from rdchem.segment import instant, microseconds
from rdchem.store.readings import stored

_COLUMNS = ("company_code", "source_code", "occurred_us", "received_us", "value", "quality", "journal_id")
Thresholds = Mapping[str, Mapping[str, float]]
"""Company -> detector -> the value above which it is told."""


def gas_watches(
    paths: Iterable[Path], thresholds: Thresholds, *, since: datetime, as_of: datetime
) -> dict[str, dict[str, GasWatch]]:
    """Company -> detector -> what its good readings of [since, as_of], received by then, come to."""
    codes = pa.array(sorted({code for known in thresholds.values() for code in known}))
    parts = (table for path in paths for table in stored(path, _COLUMNS)) if len(codes) else ()
    tables = [_wanted(table, codes, since, as_of) for table in parts]
    if not tables:
        return {}
    order = [(name, "ascending") for name in ("company_code", "source_code", "occurred_us", "journal_id")]
    rows = pa.concat_tables(tables).sort_by(order)
    found: dict[str, dict[str, GasWatch]] = {}
    columns = zip(*(rows[name].to_pylist() for name in (*_COLUMNS[:3], "value", "journal_id")), strict=True)
    for (company, code), readings in groupby(columns, key=itemgetter(0, 1)):
        threshold = thresholds.get(company, {}).get(code)
        if threshold is not None:
            told = [GasReading(instant(at), value, journal_id) for _, _, at, value, journal_id in readings]
            found.setdefault(company, {})[code] = watch(told, threshold)
    return found


def _wanted(table: pa.Table, codes: Any, since: datetime, as_of: datetime) -> pa.Table:
    wanted = pc.is_in(table["source_code"], value_set=codes)
    for condition in (
        pc.equal(table["quality"], "good"),
        pc.is_valid(table["value"]),
        pc.greater_equal(table["occurred_us"], microseconds(since)),
        pc.less_equal(table["occurred_us"], microseconds(as_of)),
        pc.less_equal(table["received_us"], microseconds(as_of)),
    ):
        wanted = pc.and_(wanted, condition)
    return table.filter(wanted)
