"""The readings of all sources out of the readings files, an enterprise at a time, each one's in order.

Only so many readings are in memory at once, however many enterprises there are: enterprises are read in lots
of about `LOT` readings, in order of their codes. Compacted files hold an enterprise in a row group of its
own; the files of projection runs, which hold everybody's, are gone through once for each lot.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rdchem.readings.rows import Rows
from rdchem.readings.series import Floats
from rdchem.store.compacted import rows_by_company
from rdchem.store.readings import Numbers, as_coded, between, coded, is_compacted, ranks, received_rows

LOT: Final = 8_000_000
"""Readings in memory at once, at about 100 bytes each; an enterprise is never divided."""
_COLUMNS: Final = (
    "company_code",
    "source_code",
    "occurred_us",
    "received_us",
    "heard_us",
    "value",
    "quality",
    "journal_id",
)


def by_company(
    paths: Iterable[Path],
    *,
    since: datetime,
    until: datetime,
    received: tuple[datetime, datetime],
    companies: set[str] | None = None,
) -> Iterator[tuple[str, dict[str, Rows]]]:
    """Company -> source -> its readings collected in [since, until], of those received in an interval; of
    all companies or of some, in order of their codes.
    """
    paths = list(paths)
    for lot in _lots(paths, companies):
        parts = []
        for path in paths:
            table = received_rows(path, _COLUMNS, *received, wanted=lot.__contains__)
            parts.append(as_coded(between(table, "occurred_us", since, until)))
        yield from _of_lot(pa.concat_tables(parts))


def _lots(paths: Sequence[Path], companies: set[str] | None) -> Iterator[set[str]]:
    """The companies of some files, or those of them that are asked for, in lots of about so many readings."""
    counts: Counter[str] = Counter()
    for path in paths:
        counts.update(_counts(path))
    lot: set[str] = set()
    size = 0
    for company in sorted(counts.keys() if companies is None else counts.keys() & companies):
        if lot and size + counts[company] > LOT:
            yield lot
            lot, size = set(), 0
        lot.add(company)
        size += counts[company]
    if lot:
        yield lot


def _counts(path: Path) -> dict[str, int]:
    """How many readings a file has of each company."""
    if is_compacted(path):
        return rows_by_company(path)
    counted = pc.value_counts(pq.read_table(path, columns=["company_code"])["company_code"])
    return {one["values"]: one["counts"] for one in counted.to_pylist()}


@dataclass(frozen=True, slots=True)
class _Columns:
    """Readings in order of source, collect time and receipt; `source` numbers those of all companies."""

    source: Numbers
    occurred: Numbers
    heard: Numbers
    values: Floats
    journal: Numbers
    ids: Sequence[str]


def _of_lot(table: pa.Table) -> Iterator[tuple[str, dict[str, Rows]]]:
    (company, companies), (code, codes) = (coded(table, name) for name in ("company_code", "source_code"))
    rank, place = ranks(companies), ranks(codes)
    source = rank[company] * len(codes) + place[code]
    columns = _ordered(table, source)
    edges = np.flatnonzero(np.diff(columns.source, prepend=-1, append=-1))
    repeated = (np.diff(columns.occurred) <= 0) & (np.diff(columns.source) == 0)
    twice = np.add.reduceat(np.append(repeated, False), edges[:-1]).tolist() if edges.size > 1 else []
    names, known = sorted(companies), sorted(codes)
    found: dict[str, dict[str, Rows]] = {}
    for first, after, again in zip(edges[:-1].tolist(), edges[1:].tolist(), twice, strict=True):
        of, at = divmod(int(columns.source[first]), len(known))
        found.setdefault(names[of], {})[known[at]] = _rows(columns, slice(first, after), bool(again))
    yield from found.items()


def _ordered(table: pa.Table, source: Numbers) -> _Columns:
    journal, ids = coded(table, "journal_id")
    occurred, heard = table["occurred_us"].to_numpy(), table["heard_us"].to_numpy()
    bad = pc.equal(table["quality"], "bad").to_numpy()
    values = np.where(bad, np.nan, table["value"].to_numpy())
    order = _order(source, occurred, heard)
    return _Columns(source[order], occurred[order], heard[order], values[order], journal[order], ids)


def _order(source: Numbers, occurred: Numbers, heard: Numbers) -> Numbers:
    """Of source, collect time and receipt. What is in order for the most part, as of compacted files, is
    brought into it in a fraction of the time as long as no source was collected twice at one instant.
    """
    if not len(source):
        return np.zeros(0, np.int64)
    first = occurred.min()
    at = source * (int(occurred.max() - first) + 1) + (occurred - first)
    order = np.argsort(at, kind="stable")
    return order if (np.diff(at[order]) > 0).all() else np.lexsort((heard, at))


def _rows(columns: _Columns, part: slice, again: bool) -> Rows:
    """Those of one source. `again`: several were collected at one instant, and only one of them counts."""
    kept: Any = part
    if again:
        kept = _counted(columns, part) + part.start
    occurred = columns.occurred[kept]
    delays = (columns.heard[kept] - occurred) / 1e6
    return Rows(occurred / 1e6, columns.values[kept], columns.journal[kept], columns.ids, delays)


def _counted(columns: _Columns, part: slice) -> NDArray[np.int64]:
    """Which rows of a source count: of copies of a batch the first one heard, of batches that state one
    instant the last one heard; of two heard at once the one with the greater id.
    """
    occurred, heard = columns.occurred[part], columns.heard[part]
    names = [columns.ids[one] for one in columns.journal[part].tolist()]
    order = sorted(range(len(names)), key=lambda row: (occurred[row], heard[row], names[row]))
    seen: set[tuple[int, str]] = set()
    last: dict[int, int] = {}
    for row in order:
        key = int(occurred[row]), names[row]
        if key not in seen:
            seen.add(key)
            last[key[0]] = row
    return np.fromiter(last.values(), np.int64, len(last))
