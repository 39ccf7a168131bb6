"""The newest reading of every source, out of the readings files."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rdchem.model.day import LastSeen
from rdchem.store.held import EVER, held
from rdchem.store.readings import (
    READINGS_SCHEMA,
    Numbers,
    Wanted,
    as_text,
    coded,
    is_compacted,
    ranks,
    received_rows,
    together,
)

_COLUMNS: Final = ("company_code", "source_code", "occurred_us", "received_us", "heard_us", "journal_id")
_OF_A_SOURCE: Final = ("company_code", "source_code")
_TOLD: Final = pa.schema(
    [READINGS_SCHEMA.field(name) for name in (*_OF_A_SOURCE, "occurred_us", "heard_us", "journal_id")]
)
_LOT: Final = 2_000_000
"""So many rows are held before all but the newest of each source are let go."""


def last_readings(
    paths: Iterable[Path], *, since: datetime, as_of: datetime, without: frozenset[str] = frozenset()
) -> dict[str, dict[str, LastSeen]]:
    """Company -> source -> newest reading received in [since, as_of]; of all companies but some."""
    rows = newest_rows(paths, since=since, as_of=as_of, without=without)
    company, code, journal_id = (
        rows[name].to_pylist() for name in ("company_code", "source_code", "journal_id")
    )
    occurred_at, heard_at = (_instants(rows[name].to_numpy()) for name in ("occurred_us", "heard_us"))
    found: dict[str, dict[str, LastSeen]] = defaultdict(dict)
    for who, what, *seen in zip(company, code, occurred_at, heard_at, journal_id, strict=True):
        found[who][what] = LastSeen(*seen)
    return dict(found)


def newest_rows(
    paths: Iterable[Path], *, since: datetime, as_of: datetime, without: frozenset[str] = frozenset()
) -> pa.Table:
    """The same as rows: `company_code`, `source_code`, `occurred_us`, `heard_us`, `journal_id`; in order of
    company and source.

    Newest by collect time, but a collect time ahead of our clock counts as the instant of receipt. Of copies
    of one batch the first one heard counts; of batches that state one collect time, the last one heard.
    """

    def asked(company: str) -> bool:
        return company not in without

    lot: list[pa.Table] = []
    for path in paths:
        if is_compacted(path):
            lot.append(_newest_of_compacted(path, asked, (since, as_of)))
        else:
            lot.append(received_rows(path, _COLUMNS, since, as_of, wanted=asked if without else None))
        if sum(table.num_rows for table in lot) > _LOT:
            lot = [_newest(together(lot))]
    return _last(_newest(together(lot))) if lot else _TOLD.empty_table()


def _newest_of_compacted(path: Path, asked: Wanted, received: tuple[datetime, datetime]) -> pa.Table:
    """Of each source the rows that may be its newest; hardly ever more than one."""
    found: list[tuple[str, str, int, int, int, str]] = []
    for company, part in held([path], asked, collected=EVER, received=received):
        believed = np.minimum(part.occurred, part.received)
        greatest = np.maximum.reduceat(believed, part.starts[:-1])
        rows = np.flatnonzero(believed == np.repeat(greatest, np.diff(part.starts)))
        source = np.searchsorted(part.starts, rows, side="right") - 1
        columns = (part.occurred, part.received, part.heard, part.journal)
        for at, occurred, came, heard, journal in zip(
            source.tolist(), *(column[rows].tolist() for column in columns), strict=True
        ):
            found.append((company, part.sources[at], occurred, came, heard, part.ids[journal]))
    columns_of = zip(*found, strict=True) if found else [[]] * len(_COLUMNS)
    schema = pa.schema([READINGS_SCHEMA.field(name) for name in _COLUMNS])
    return pa.table([pa.array(one) for one in columns_of], schema=schema)


def _sources(table: pa.Table) -> Numbers:
    """A number for each source of a company, from 0 on."""
    company, _ = coded(table, "company_code")
    source, names = coded(table, "source_code")
    numbers: Numbers = pd.factorize(company * max(1, len(names)) + source)[0]
    return numbers


def _newest(table: pa.Table) -> pa.Table:
    """The rows with the greatest believed instant of their source."""
    if not table.num_rows:
        return table
    source = _sources(table)
    believed = np.minimum(table["occurred_us"].to_numpy(), table["received_us"].to_numpy())
    greatest = np.full(int(source.max()) + 1, np.iinfo(np.int64).min)
    np.maximum.at(greatest, source, believed)
    return table.filter(pa.array(believed == greatest[source]))


def _last(newest: pa.Table) -> pa.Table:
    """What counts of each source, of rows that all have its greatest believed instant."""
    if not newest.num_rows:
        return _TOLD.empty_table()
    source, (journal, ids) = _sources(newest), coded(newest, "journal_id")
    rank = ranks(ids)[journal]
    heard, occurred = newest["heard_us"].to_numpy(), newest["occurred_us"].to_numpy()
    copies = np.lexsort((heard, rank, source))
    begins = np.flatnonzero(_changes(source[copies]) | _changes(rank[copies]))
    latest = np.maximum.reduceat(occurred[copies], begins)  # of the copies of each batch
    batches = copies[begins]  # with their first one heard
    order = np.lexsort((rank[batches], heard[batches], source[batches]))
    last = order[np.append(_changes(source[batches][order])[1:], True)]
    rows = as_text(newest.select(_OF_A_SOURCE).take(pa.array(batches[last])))
    in_order = pc.sort_indices(rows, [(name, "ascending") for name in _OF_A_SOURCE])
    place = last[in_order.to_numpy()]
    batch = batches[place]
    said = pa.array(ids, pa.string()).take(pa.array(journal[batch]))
    return pa.table([*rows.take(in_order).columns, latest[place], heard[batch], said], schema=_TOLD)


def _instants(microseconds: Numbers) -> list[datetime]:
    """The UTC instants of microseconds since 1970, many at a time."""
    instants = pd.DatetimeIndex(microseconds.astype("datetime64[us]")).tz_localize("UTC")
    found: list[datetime] = instants.to_pydatetime().tolist()
    return found


def _changes(column: Numbers) -> NDArray[np.bool_]:
    """Where a value differs from the one before; the first does."""
    return np.append(True, np.diff(column) != 0)
