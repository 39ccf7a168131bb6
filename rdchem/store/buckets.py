"""A bucket of enterprises' readings is sorted and written as compacted files (`rdchem.store.compacted`)."""

import zlib
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rdchem.readings.sorted_day import QUALITIES
from rdchem.store.compacted import (
    BATCH_COLUMNS,
    BATCHES_ENCODING,
    BATCHES_SCHEMA,
    MOST_DECIMALS,
    POWERS,
    READINGS_ENCODING,
    batches_path,
    schema_of,
)

READINGS_A_BUCKET: Final = 6_000_000
"""A bucket is sorted in memory, at about 100 bytes a reading."""
_MOST_SCALED: Final = 2**31 - 2


@dataclass(frozen=True, slots=True)
class Bucket:
    """Readings in any order: `batches` has BATCH_COLUMNS; reading `i` came in row `batch[i]` of it.

    `source` is the place in `sources`; `quality` in QUALITIES; a value that was not given is NaN.
    """

    batches: pa.Table
    sources: NDArray[np.str_]
    batch: NDArray[np.int64]
    source: NDArray[np.int32]
    occurred_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]


def bucket_count(readings: int) -> int:
    """Into how many buckets a day of so many readings goes: a power of two."""
    count = 1
    while readings > count * READINGS_A_BUCKET:
        count *= 2
    return count


def bucket_of(company_code: str, count: int) -> int:
    """The bucket of an enterprise: the same in every process and on every day of as many buckets."""
    return zlib.crc32(company_code.encode()) % count


def write_compacted(path: Path, bucket: Bucket) -> None:
    """Write both files of a bucket. Neither may count before both are written."""
    batches, batch = _one_row_a_batch(bucket)
    company = _codes(batches["company_code"])
    order = _order(bucket, company, batch)
    companies = company[batch[order]]
    edges = np.flatnonzero(np.diff(companies, prepend=-1, append=-1))
    batch_edges = np.searchsorted(company, np.arange(company[-1] + 2))
    milliseconds = not (bucket.occurred_us % 1000).any()
    schema = schema_of("ms" if milliseconds else "us")
    with (
        pq.ParquetWriter(path, schema, **READINGS_ENCODING) as readings_file,
        pq.ParquetWriter(batches_path(path), BATCHES_SCHEMA, **BATCHES_ENCODING) as batches_file,
    ):
        for begin, end in pairwise(edges):
            at = companies[begin]
            own = batches.slice(batch_edges[at], batch_edges[at + 1] - batch_edges[at])
            rows = order[begin:end]
            name = own["company_code"][0].as_py()
            table = _row_group(name, bucket, rows, batch[rows] - batch_edges[at], schema)
            readings_file.write_table(table, row_group_size=max(1, len(rows)))
            numbers = pa.array(np.arange(len(own), dtype=np.int32))
            own = own.append_column(BATCHES_SCHEMA.field("batch"), numbers)
            batches_file.write_table(own, row_group_size=max(1, len(own)))


def _one_row_a_batch(bucket: Bucket) -> tuple[pa.Table, NDArray[np.int64]]:
    """The batches, each once and in order of BATCH_COLUMNS, and the new `batch` of every reading."""
    keys = [_codes(bucket.batches[name]) for name in ("company_code", "gateway_code")]
    keys += [bucket.batches[name].to_numpy() for name in ("received_us", "heard_us")]
    keys.append(_codes(bucket.batches["journal_id"]))
    order = np.lexsort(keys[::-1])
    fresh = np.zeros(len(order), bool)
    fresh[:1] = True
    for key in keys:
        fresh[1:] |= np.diff(key[order]) != 0
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(fresh) - 1
    once = bucket.batches.select(BATCH_COLUMNS).take(order[fresh])
    once = once.cast(BATCHES_SCHEMA.remove(len(BATCH_COLUMNS)))
    return once.combine_chunks(), place[bucket.batch]


def _dense(key: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], int]:
    """Numbers below `size` renumbered in their order without gaps, and how many different ones there are."""
    if size > 8 * len(key) + 2**20:
        used, place = np.unique(key, return_inverse=True)
        return place.astype(np.int64), len(used)
    seen = np.zeros(size, bool)
    seen[key] = True
    return (np.cumsum(seen) - 1)[key], int(np.count_nonzero(seen))


def _codes(column: pa.ChunkedArray) -> NDArray[np.int64]:
    """Numbers that are in order as the texts of a column are."""
    coded = column.combine_chunks()
    if not pa.types.is_dictionary(coded.type):
        coded = coded.dictionary_encode()
    ranks = pc.rank(coded.dictionary.cast(pa.string()), tiebreaker="dense").to_numpy().astype(np.int64) - 1
    codes: NDArray[np.int64] = ranks[coded.indices.to_numpy()]
    return codes


def _order(bucket: Bucket, company: NDArray[np.int64], batch: NDArray[np.int64]) -> NDArray[np.int64]:
    """The readings in order of (company, source, occurred, batch, value, quality).

    They come nearly in order of time, so it is enough to sort by source, and by time what is out of order.
    """
    names = np.argsort(np.argsort(bucket.sources))
    key, used = _dense(company[batch] * len(names) + names[bucket.source], int(company[-1] + 1) * len(names))
    order = np.argsort(key.astype(np.uint16) if used < 2**16 else key, kind="stable")
    edges = np.r_[0, np.cumsum(np.bincount(key, minlength=used))]
    step = np.diff(bucket.occurred_us[order])
    step[edges[1:-1] - 1] = 1
    unsorted = np.unique(np.searchsorted(edges, np.flatnonzero(step < 0), "right"))
    for at in unsorted:
        begin, end = edges[at - 1], edges[at]
        rows = order[begin:end]
        order[begin:end] = rows[np.argsort(bucket.occurred_us[rows], kind="stable")]
    if len(unsorted):
        step = np.diff(bucket.occurred_us[order])
        step[edges[1:-1] - 1] = 1
    if not step.all():
        same = np.r_[False, step == 0]
        tied = np.flatnonzero(same | np.r_[same[1:], False])
        rows, group = order[tied], np.cumsum(~same)[tied]
        bits = bucket.value.view(np.int64)
        order[tied] = rows[np.lexsort((bucket.quality[rows], bits[rows], batch[rows], group))]
    return order


def _row_group(
    company_code: str, bucket: Bucket, rows: NDArray[np.int64], batch: NDArray[np.int64], schema: pa.Schema
) -> pa.Table:
    source, value = bucket.source[rows], bucket.value[rows]
    first = np.flatnonzero(np.diff(source, prepend=-1))
    scaled, decimals, exact = _scaled(value, first)
    occurred = bucket.occurred_us[rows]
    ticks = occurred // 1000 if schema.field("occurred_at").type.unit == "ms" else occurred
    counts = np.diff(first, append=len(rows))
    columns = {
        "company_code": _dictionary(np.zeros(len(rows), np.int32), [company_code]),
        "source_code": _dictionary(
            np.repeat(np.arange(len(first), dtype=np.int32), counts), bucket.sources[source[first]]
        ),
        "occurred_at": pa.array(ticks).cast(schema.field("occurred_at").type),
        "scaled": pa.array(scaled.astype(np.int32), mask=np.isnan(value) | ~_is_null(exact)),
        "decimals": pa.array(decimals),
        "exact": pa.array(exact, mask=_is_null(exact)),
        "quality": _dictionary(bucket.quality[rows].astype(np.int32), list(QUALITIES)),
        "batch": pa.array(batch.astype(np.int32)),
    }
    return pa.table(columns, schema=schema)


def _is_null(exact: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Where a value is told by `scaled`, or was not given."""
    return np.isnan(exact)


def _scaled(
    value: NDArray[np.float64], first: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.int8], NDArray[np.float64]]:
    """Values as whole numbers of 10 ** -decimals where that is exact for the whole source, NaN elsewhere
    among `exact`.
    """
    counts = np.diff(first, append=len(value))
    own: NDArray[np.float64]
    scaled, exact = np.zeros(len(value)), np.full(len(value), np.nan)
    decimals = np.zeros(len(first), np.int8)
    for at, (begin, count) in enumerate(zip(first, counts, strict=True)):
        own = value[begin : begin + count]
        for digits in range(MOST_DECIMALS + 1):
            with np.errstate(over="ignore"):
                whole = np.rint(own * POWERS[digits])
            same = whole / POWERS[digits] == own
            if same.all() or (same | np.isnan(own)).all():
                break
        else:
            whole = np.full(count, np.inf)
        given = whole[~np.isnan(own)]
        if (np.abs(given) > _MOST_SCALED).any() or np.signbit(own[own == 0]).any():
            exact[begin : begin + count] = own
        else:
            scaled[begin : begin + count] = np.nan_to_num(whole)
            decimals[at] = digits
    return scaled, np.repeat(decimals, counts), exact


def _dictionary(indices: NDArray[np.int32], names: Any) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(indices), pa.array(names, pa.string()))
