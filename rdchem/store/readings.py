"""Readings as Parquet files: one a projection run, or compacted.

Only files entered in `readings_file` count, so a file left behind by a crash is never read. Those of a
projection run lie in the folder of readings, in the order of receipt; the compacted ones of a day in a folder
of that day below it, named as partitioned Parquet is (`rdchem.store.compacted`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rdchem.projection import ReadingBatch, ReadingColumns
from rdchem.segment import instant, microseconds
from rdchem.store.compacted import batches_path, coded_text, microseconds_of, row_groups

READINGS_SCHEMA = pa.schema(
    [
        ("company_code", pa.string()),
        ("gateway_code", pa.string()),
        ("source_code", pa.string()),
        ("occurred_us", pa.int64()),
        ("received_us", pa.int64()),
        ("heard_us", pa.int64()),
        ("value", pa.float64()),
        ("quality", pa.string()),
        ("journal_id", pa.string()),
    ]
)


Numbers = NDArray[np.int64]
Wanted = Callable[[str], bool]
"""Whether the readings of a company are asked for."""
_DAY = "day="
_MINUTE_US = 60_000_000
_REPEATED = ["company_code", "gateway_code", "quality", "journal_id"]
_INSTANTS = ["occurred_us", "received_us", "heard_us"]
READINGS_ENCODING: Final[dict[str, Any]] = {
    "compression": "zstd",
    "use_dictionary": ["company_code", "gateway_code", "quality", "value"],
    "column_encoding": dict.fromkeys(_INSTANTS, "DELTA_BINARY_PACKED"),
}


def write_readings(path: Path, readings: ReadingColumns) -> None:
    """Write readings to one file, in place of an earlier attempt at the same file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    pq.write_table(_table(readings), draft, **READINGS_ENCODING)
    draft.rename(path)


def _table(readings: ReadingColumns) -> pa.Table:
    company, gateway, occurred, received, exported, journal_id, counts = (
        zip(*readings.batches, strict=True) if readings.batches else ((),) * len(ReadingBatch._fields)
    )
    batch_of = np.repeat(np.arange(len(counts)), np.array(counts, np.int64))
    received_us = np.array(received, np.int64)[batch_of]
    occurred_us = np.array(occurred, np.int64)[batch_of] + 1000 * np.array(readings.offset_ms, np.int64)
    columns = [
        pa.array(company, pa.string()).take(batch_of),
        pa.array(gateway, pa.string()).take(batch_of),
        pa.array(readings.source_code, pa.string()),
        occurred_us,
        received_us,
        np.where(np.array(exported, np.bool_)[batch_of], occurred_us, received_us),
        pa.array(readings.value, pa.float64()),
        pa.array(readings.quality, pa.string()),
        pa.array(journal_id, pa.string()).take(batch_of),
    ]
    return pa.table(columns, schema=READINGS_SCHEMA)


def day_folder(folder: Path, day: date) -> Path:
    """Where the compacted files of a day are, below the folder of readings."""
    return folder / f"{_DAY}{day.isoformat()}"


def is_compacted(path: Path) -> bool:
    """Whether a readings file is in the compacted form."""
    return path.parent.name.startswith(_DAY)


def occurred_within(path: Path, start_us: int, end_us: int) -> int:
    """How many readings of a file were collected in [start_us, end_us)."""
    name = "occurred_at" if is_compacted(path) else "occurred_us"
    with pq.ParquetFile(path) as file:
        at = file.schema_arrow.get_field_index(name)
        count = 0
        for group in range(file.num_row_groups):
            about = file.metadata.row_group(group)
            spans = about.column(at).statistics
            low, high = _as_us(spans.min), _as_us(spans.max)
            if start_us <= low and high < end_us:
                count += about.num_rows
            elif low < end_us and start_us <= high:
                column = file.read_row_group(group, columns=[name])[name]
                occurred = column.to_numpy() if name == "occurred_us" else microseconds_of(column)
                count += int(((occurred >= start_us) & (occurred < end_us)).sum())
    return count


def _as_us(edge: int | datetime) -> int:
    return edge if isinstance(edge, int) else microseconds(edge)


def stored(path: Path, columns: Sequence[str], wanted: Wanted | None = None) -> Iterator[pa.Table]:
    """The rows of a readings file of either form, a part at a time; some columns of READINGS_SCHEMA; of all
    companies or of those that are `wanted` (`company_code` must be one of the columns then). Text is a
    dictionary's, or plain.
    """
    if is_compacted(path):
        yield from row_groups(path, columns, wanted)
    else:
        table = pq.read_table(path, columns=[*columns], read_dictionary=_REPEATED)
        if wanted is not None:
            companies = [code for code in pc.unique(table["company_code"]).to_pylist() if wanted(code)]
            table = table.filter(pc.is_in(table["company_code"], pa.array(companies, pa.string())))
        yield table


def received_rows(
    path: Path,
    columns: Sequence[str],
    since: datetime,
    as_of: datetime,
    wanted: Wanted | None = None,
) -> pa.Table:
    """The rows of a file, in either form, that were received in [since, as_of]; text is plain or a
    dictionary's.
    """
    parts = [_within(table, since, as_of) for table in stored(path, columns, wanted)]
    return pa.concat_tables(parts) if parts else READINGS_SCHEMA.empty_table().select([*columns])


def together(tables: Sequence[pa.Table]) -> pa.Table:
    """The rows of some tables, at least one, as one. Text that is plain in all of them stays so: coding it at
    once takes half the time of coding it table by table and making their dictionaries one.
    """
    alike = all(table.schema.equals(tables[0].schema) for table in tables)
    return pa.concat_tables(tables if alike else [as_coded(table) for table in tables])


def as_coded(table: pa.Table) -> pa.Table:
    """The same rows, text as a dictionary's."""
    return pa.table({name: coded_text(table[name]) for name in table.column_names})


def as_text(table: pa.Table) -> pa.Table:
    """The same rows, text as text."""
    return table.cast(pa.schema([READINGS_SCHEMA.field(name) for name in table.column_names]))


def _within(table: pa.Table, since: datetime, as_of: datetime) -> pa.Table:
    return between(table, "received_us", since, as_of)


def between(table: pa.Table, column: str, since: datetime, until: datetime) -> pa.Table:
    """The rows with an instant in [since, until]; where all have, which is usual, nothing is copied."""
    instants, low, high = table[column], microseconds(since), microseconds(until)
    edges = pc.min_max(instants).as_py()
    if not table.num_rows or (low <= edges["min"] and edges["max"] <= high):
        return table
    return table.filter(pc.and_(pc.greater_equal(instants, low), pc.less_equal(instants, high)))


def heard_by_minute(paths: Iterable[Path], *, since: datetime, as_of: datetime) -> dict[datetime, int]:
    """Minute -> how many enterprises had readings received in it, of those received in [since, as_of]."""
    pairs = []
    for path in paths:
        messages = batches_path(path) if is_compacted(path) else path
        table = pq.read_table(messages, columns=["company_code", "received_us"])
        table = as_text(_within(table, since, as_of))
        minutes = table.append_column("minute", pc.divide(table["received_us"], _MINUTE_US))
        pairs.append(minutes.group_by(["minute", "company_code"]).aggregate([]))
    if not pairs:
        return {}
    heard = pa.concat_tables(pairs).group_by("minute").aggregate([("company_code", "count_distinct")])
    counted = zip(*heard.select(["minute", "company_code_count_distinct"]).to_pydict().values(), strict=True)
    return {instant(minute * _MINUTE_US): count for minute, count in counted}


def coded(table: pa.Table, name: str) -> tuple[Numbers, list[str]]:
    """A column of text as places in a list of its texts."""
    column = table[name]
    plain = pa.types.is_string(column.type)  # then all chunks are coded by one dictionary
    encoded = column.dictionary_encode() if plain else column.unify_dictionaries()
    names = encoded.chunk(0).dictionary.to_pylist() if encoded.num_chunks else []
    parts = [np.zeros(0, np.int64), *(chunk.indices.to_numpy() for chunk in encoded.iterchunks())]
    places: Numbers = np.concatenate(parts, dtype=np.int64)
    return places, names


def ranks(names: Sequence[str]) -> Numbers:
    """The place of each name in their order."""
    places = np.empty(len(names), np.int64)
    places[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return places
