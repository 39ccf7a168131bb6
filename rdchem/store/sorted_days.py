"""From compacted files to what the kernel wants: one enterprise's sorted day after the other.

What need not be read is not: names of enterprises, decimals that are the same everywhere, qualities that are
all good and the receipt of readings that all came in time are told by the statistics of a row group. A path
may be any address fsspec knows.
"""

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rdchem.readings.sorted_day import QUALITIES, SortedDay, has_copies, only, without_copies
from rdchem.store.compacted import POWERS, batches_name, companies, microseconds_of, values_of

_COLUMNS: Final = {
    name: at
    for at, name in enumerate(
        ("company_code", "source_code", "occurred_at", "scaled", "decimals", "exact", "quality", "batch")
    )
}


def sorted_days(address: str, *, as_of_us: int, end_us: int) -> Iterator[tuple[str, SortedDay]]:
    """Company code and sorted day of every enterprise in a compacted file, in order of the code.

    Only what was received by `as_of_us` and collected before `end_us`; who has none of that is left out.
    """
    with ExitStack() as stack:
        file = stack.enter_context(opened(address))
        batches = stack.enter_context(opened(batches_name(address)))
        for at, company in enumerate(companies(file)):
            day = _sorted_day(file, batches, at, as_of_us, end_us)
            if day is not None:
                yield company, day


def opened(address: str) -> pq.ParquetFile:
    """A Parquet file by its path or address."""
    if "://" not in address:
        return pq.ParquetFile(address)
    import fsspec  # only whoever keeps files elsewhere needs it

    return pq.ParquetFile(fsspec.open(address, "rb").open())


def _statistics(file: pq.ParquetFile, at: int, name: str) -> Any:
    return file.metadata.row_group(at).column(_COLUMNS[name]).statistics


def whole_day(file: pq.ParquetFile, at: int) -> SortedDay:
    """All that is in a row group, whatever is stated twice in it."""
    rows = file.metadata.row_group(at).num_rows
    decimals = _statistics(file, at, "decimals")
    columns = ["source_code", "occurred_at", "scaled"]
    if decimals.min < decimals.max:
        columns.append("decimals")
    if _statistics(file, at, "exact").null_count < rows:
        columns.append("exact")
    quality = _statistics(file, at, "quality")
    all_good = quality.min == quality.max == QUALITIES[0]
    table = file.read_row_group(at, columns=columns, use_threads=False)
    source = table["source_code"].combine_chunks()
    codes = source.indices.to_numpy()
    starts = np.r_[0, np.flatnonzero(codes[1:] != codes[:-1]) + 1, rows]
    power = POWERS[decimals.min]
    if "decimals" in columns:
        power = np.repeat(POWERS[table["decimals"].to_numpy()[starts[:-1]]], np.diff(starts))
    return SortedDay(
        sources=tuple(source.dictionary.take(source.indices.take(starts[:-1])).to_pylist()),
        starts=starts,
        occurred_us=microseconds_of(table["occurred_at"]),
        value=values_of(
            table["scaled"],
            table["exact"] if "exact" in columns else None,
            power,
        ),
        quality=np.zeros(rows, np.uint8) if all_good else _quality(file, at),
        copies=np.zeros(len(starts) - 1, np.int64),
    )


def _sorted_day(
    file: pq.ParquetFile, batches: pq.ParquetFile, at: int, as_of_us: int, end_us: int
) -> SortedDay | None:
    day = whole_day(file, at)
    in_time = batches.metadata.row_group(at).column(2).statistics.max <= as_of_us
    ended = bool(day.occurred_us[day.starts[1:] - 1].max() < end_us)
    if in_time and ended and not has_copies(day.occurred_us, day.starts):
        return day
    batch = file.read_row_group(at, columns=["batch"], use_threads=False)["batch"].to_numpy()
    shared = batches.read_row_group(at, columns=["received_us", "heard_us", "journal_id"], use_threads=False)
    kept = (shared["received_us"].to_numpy()[batch] <= as_of_us) & (day.occurred_us < end_us)
    left = only(day, kept)
    if left is None:
        return None
    batch = batch[kept]
    return without_copies(left, shared["heard_us"].to_numpy()[batch], shared["journal_id"].to_numpy()[batch])


def _quality(file: pq.ParquetFile, at: int) -> NDArray[np.uint8]:
    coded = file.read_row_group(at, columns=["quality"], use_threads=False)["quality"].combine_chunks()
    places = np.array([QUALITIES.index(name) for name in coded.dictionary.to_pylist()], np.uint8)
    codes: NDArray[np.uint8] = places[coded.indices.to_numpy()]
    return codes
