"""The readings of all sources out of the readings files, an enterprise at a time, each one's in order."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rdchem.readings.courses import Rows
from rdchem.segment import microseconds
from rdchem.store.readings import coded, received_rows

_COLUMNS = [
    "company_code",
    "source_code",
    "occurred_us",
    "received_us",
    "heard_us",
    "value",
    "quality",
    "journal_id",
]
_ORDER = ["company_code", "source_code", "occurred_us", "heard_us", "journal_id"]


def by_company(
    paths: Iterable[Path],
    *,
    since: datetime,
    until: datetime,
    received: tuple[datetime, datetime],
    companies: set[str] | None = None,
) -> Iterator[tuple[str, dict[str, Rows]]]:
    """Company -> source -> its readings collected in [since, until], of those received in an interval."""
    parts = []
    low, high = microseconds(since), microseconds(until)
    for path in paths:
        table = received_rows(path, _COLUMNS, *received)
        wanted = pc.and_(
            pc.greater_equal(table["occurred_us"], low), pc.less_equal(table["occurred_us"], high)
        )
        if companies is not None:
            wanted = pc.and_(wanted, pc.is_in(table["company_code"], pa.array(sorted(companies))))
        parts.append(table.filter(wanted))
    if not parts:
        return
    whole = pa.concat_tables(parts).sort_by([(name, "ascending") for name in _ORDER])
    company = coded(whole, "company_code")
    for first, after in _runs(company[0]):
        name = company[1][int(company[0][first])]
        yield name, dict(_by_source(whole.slice(first, after - first)))


def _by_source(table: pa.Table) -> Iterator[tuple[str, Rows]]:
    """Of copies of a batch the first one heard, of batches that state one instant the last one heard."""
    source, names = coded(table, "source_code")
    journal, ids = coded(table, "journal_id")
    occurred, heard = table["occurred_us"].to_numpy(), table["heard_us"].to_numpy()
    value = np.where(
        table["quality"].to_numpy(zero_copy_only=False) == "bad", np.nan, table["value"].to_numpy()
    )
    seconds, delays = occurred / 1e6, (heard - occurred) / 1e6
    twice = bool(((np.diff(occurred) <= 0) & (np.diff(source) == 0)).any())
    for first, after in _runs(source):
        kept: Any = slice(first, after)
        if twice:
            kept = _counted(occurred[kept], journal[kept]) + first
        yield names[int(source[first])], Rows(seconds[kept], value[kept], journal[kept], ids, delays[kept])


def _counted(occurred: Any, journal: Any) -> Any:
    """Which rows of a source count, rows of one instant being in the order they were heard."""
    if (np.diff(occurred) > 0).all():
        return np.arange(occurred.size)
    seen: set[tuple[int, int]] = set()
    last: dict[int, int] = {}
    for row, key in enumerate(zip(occurred.tolist(), journal.tolist(), strict=True)):
        if key not in seen:
            seen.add(key)
            last[key[0]] = row
    return np.fromiter(last.values(), np.int64, len(last))


def _runs(codes: Any) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(codes, prepend=-1, append=-1))
    return zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True)
