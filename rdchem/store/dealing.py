"""The first half of a compaction: readings files dealt out into buckets of enterprises, on disk.

What all readings of one message have in common is kept once: a reading takes 8 to 15 bytes here, unpacked 30.
Each process that deals writes files of its own, and one more with what belongs to other days.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
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
from rdchem.store.buckets import Bucket, bucket_of
from rdchem.store.compacted import BATCH_COLUMNS, POWERS, batches_path, microseconds_of, values_of
from rdchem.store.readings import READINGS_SCHEMA, is_compacted

_TEXTS: Final = ["company_code", "gateway_code", "source_code", "quality", "journal_id"]
_QUALITY_PLACE: Final = pa.array(QUALITIES)
_PACKED: Final = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)


@dataclass(frozen=True, slots=True)
class Dealing:
    """What to deal: files, the day's first and last-but-one instants, how many buckets, into which folder."""

    name: str
    paths: tuple[Path, ...]
    start_us: int
    end_us: int
    buckets: int
    folder: Path


def deal(dealing: Dealing) -> int:
    """Deal some files out; returns how many of their readings belong to other days and were put aside."""
    apart = 0
    with ExitStack() as stack:
        hands: dict[int, _Hand] = {}
        rest: pq.ParquetWriter | None = None
        for path in dealing.paths:
            for part in _parts(path):
                ours = (part.occurred_us >= dealing.start_us) & (part.occurred_us < dealing.end_us)
                for at, own in _by_bucket(part, ours, dealing.buckets):
                    if at not in hands:
                        hands[at] = stack.enter_context(_Hand(dealing.folder, f"{at}-{dealing.name}"))
                    hands[at].add(own)
                if not ours.all():
                    table = _as_received(part, np.flatnonzero(~ours))
                    rest = rest or stack.enter_context(
                        pq.ParquetWriter(rest_path(dealing), READINGS_SCHEMA, compression="zstd")
                    )
                    rest.write_table(table)
                    apart += len(table)
    return apart


def rest_path(dealing: Dealing) -> Path:
    """Where a dealing puts the readings of other days."""
    return dealing.folder / f"rest-{dealing.name}.parquet"


def gather(folder: Path, at: int) -> Bucket:
    """A bucket, of what everybody dealt into it."""
    parts: list[tuple[pa.Table, pa.Table]] = []
    for path in sorted(folder.glob(f"{at}-*.rows")):
        with pa.memory_map(str(path)) as rows, pa.memory_map(str(path.with_suffix(".batches"))) as batches:
            parts.append((pa.ipc.open_stream(batches).read_all(), pa.ipc.open_stream(rows).read_all()))
    offsets = np.cumsum([0, *(len(batches) for batches, _ in parts)])
    table = pa.concat_tables([rows for _, rows in parts]).unify_dictionaries()
    sources = table["source"].combine_chunks()
    return Bucket(
        batches=pa.concat_tables([batches for batches, _ in parts]),
        sources=sources.dictionary.to_numpy(zero_copy_only=False).astype(str),
        batch=np.concatenate(
            [rows["batch"].to_numpy() + offset for (_, rows), offset in zip(parts, offsets, strict=False)]
        ),
        source=sources.indices.to_numpy(),
        occurred_us=table["occurred_us"].to_numpy(),
        value=table["value"].to_numpy(),
        quality=table["quality"].to_numpy(),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Some readings of a file: reading `i` came in row `batch[i]` of `batches`."""

    batches: pa.Table
    batch: NDArray[np.int64]
    source: pa.DictionaryArray
    occurred_us: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]


class _Hand:
    """What one process deals into one bucket."""

    def __init__(self, folder: Path, name: str) -> None:
        self._rows_path, self._batches_path = folder / f"{name}.rows", folder / f"{name}.batches"
        self._stack = ExitStack()
        self._batches: Any = None
        self._rows: Any = None
        self._count = 0

    def __enter__(self) -> "_Hand":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def add(self, part: _Part) -> None:
        """Readings of this bucket."""
        table = pa.table(
            {
                "batch": (part.batch + self._count).astype(np.int32),
                "source": part.source,
                "occurred_us": part.occurred_us,
                "value": part.value,
                "quality": part.quality,
            }
        )
        if self._rows is None:
            self._batches = self._stream(self._batches_path, part.batches.schema)
            self._rows = self._stream(self._rows_path, table.schema)
        self._batches.write_table(part.batches)
        self._rows.write_table(table)
        self._count += len(part.batches)

    def _stream(self, path: Path, schema: pa.Schema) -> Any:
        sink = self._stack.enter_context(pa.OSFile(str(path), "wb"))
        return self._stack.enter_context(pa.ipc.new_stream(sink, schema, options=_PACKED))


def _parts(path: Path) -> Iterator[_Part]:
    """A file, a row group at a time."""
    if is_compacted(path):
        yield from _compacted_parts(path)
        return
    with pq.ParquetFile(path, read_dictionary=_TEXTS) as file:
        for at in range(file.num_row_groups):
            table = file.read_row_group(at, use_threads=False).combine_chunks()
            fresh = np.zeros(len(table), bool)
            fresh[:1] = True
            for name in BATCH_COLUMNS:
                column = table[name].combine_chunks()
                key = column.indices if pa.types.is_dictionary(column.type) else column
                fresh[1:] |= np.diff(key.to_numpy()) != 0
            batches = _plain(table.select(BATCH_COLUMNS).take(np.flatnonzero(fresh)))
            yield _Part(
                batches,
                np.cumsum(fresh) - 1,
                table["source_code"].combine_chunks(),
                table["occurred_us"].to_numpy(),
                table["value"].to_numpy(),
                _quality(table["quality"]),
            )


def _compacted_parts(path: Path) -> Iterator[_Part]:
    texts = ["company_code", "source_code", "quality"]
    with pq.ParquetFile(path, read_dictionary=texts) as file, pq.ParquetFile(batches_path(path)) as batches:
        for at in range(file.num_row_groups):
            table = file.read_row_group(at, use_threads=False).combine_chunks()
            yield _Part(
                _plain(batches.read_row_group(at, columns=[*BATCH_COLUMNS], use_threads=False)),
                table["batch"].to_numpy().astype(np.int64),
                table["source_code"].combine_chunks(),
                microseconds_of(table["occurred_at"]),
                values_of(table["scaled"], table["exact"], POWERS[table["decimals"].to_numpy()]),
                _quality(table["quality"]),
            )


def _plain(table: pa.Table) -> pa.Table:
    return table.cast(pa.schema([(name, READINGS_SCHEMA.field(name).type) for name in table.column_names]))


def _quality(column: pa.ChunkedArray) -> NDArray[np.uint8]:
    coded = column.combine_chunks()
    places = pc.index_in(coded.dictionary, _QUALITY_PLACE).to_numpy().astype(np.uint8)
    codes: NDArray[np.uint8] = places[coded.indices.to_numpy()]
    return codes


def _by_bucket(part: _Part, ours: NDArray[np.bool_], buckets: int) -> Iterator[tuple[int, _Part]]:
    """Bucket -> what of a part goes there, in order, with no batch and no source but those of its readings.

    All is brought into order of the buckets at once: of a nation's there are hundreds.
    """
    rows = np.flatnonzero(ours)
    if not len(rows):
        return
    bucket = _buckets(part.batches, buckets)
    rows = rows[np.argsort(bucket[part.batch[rows]], kind="stable")]
    kept, batch = _used(part.batch[rows], bucket)
    batches, source = part.batches.take(kept), part.source.indices.to_numpy()[rows]
    room = np.empty(len(part.source.dictionary), np.int32)
    numbers, firsts = np.unique(bucket[kept], return_index=True)
    batch_edges = pairwise([*firsts.tolist(), len(kept)])
    row_edges = pairwise([*np.searchsorted(bucket[kept][batch], numbers).tolist(), len(rows)])
    for number, (first, after), (begin, end) in zip(numbers.tolist(), batch_edges, row_edges, strict=True):
        own = rows[begin:end]
        yield (
            number,
            _Part(
                batches.slice(first, after - first),
                batch[begin:end] - first,
                _named(source[begin:end], part.source.dictionary, room),
                part.occurred_us[own],
                part.value[own],
                part.quality[own],
            ),
        )


def _used(
    batch: NDArray[np.int64], bucket: NDArray[np.uint16]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The batches that are any reading's, in order of their buckets, and of each reading its place there."""
    used = np.zeros(len(bucket), bool)
    used[batch] = True
    kept = np.flatnonzero(used)
    kept = kept[np.argsort(bucket[kept], kind="stable")]
    place = np.empty(len(bucket), np.int64)
    place[kept] = np.arange(len(kept))
    return kept, place[batch]


def _buckets(batches: pa.Table, buckets: int) -> NDArray[np.uint16]:
    """The bucket of each batch."""
    companies = batches["company_code"].combine_chunks().dictionary_encode()
    by_name = np.array([bucket_of(name, buckets) for name in companies.dictionary.to_pylist()], np.uint16)
    bucket: NDArray[np.uint16] = by_name[companies.indices.to_numpy()]
    return bucket


def _named(places: NDArray[np.int32], names: pa.Array, room: NDArray[np.int32]) -> pa.DictionaryArray:
    """The names at some places, with no other names beside them; `room` is for as many numbers as names."""
    count = np.arange(len(places), dtype=np.int32)
    room[places] = count  # the last of each place stands
    used = places[room[places] == count]
    room[used] = count[: len(used)]
    return pa.DictionaryArray.from_arrays(pa.array(room[places]), names.take(pa.array(used)))


def _as_received(part: _Part, rows: NDArray[np.int64]) -> pa.Table:
    """Readings of a part in the form they came in."""
    shared = part.batches.take(part.batch[rows])
    value = part.value[rows]
    columns = {name: shared[name] for name in BATCH_COLUMNS} | {
        "source_code": part.source.take(pa.array(rows)).cast(pa.string()),
        "occurred_us": pa.array(part.occurred_us[rows]),
        "value": pa.array(value, mask=np.isnan(value)),
        "quality": _QUALITY_PLACE.take(pa.array(part.quality[rows])),
    }
    return pa.table({name: columns[name] for name in READINGS_SCHEMA.names}, schema=READINGS_SCHEMA)


def span(paths: Sequence[Path]) -> tuple[int, int]:
    """First and last instants of receipt (µs) in columns `received_us` of some files."""
    found = [
        pc.min_max(pq.read_table(path, columns=["received_us"])["received_us"]).as_py() for path in paths
    ]
    return min(one["min"] for one in found), max(one["max"] for one in found)
