"""The compacted form of readings: a day's readings of a bucket of enterprises, sorted for the judge.

Two Parquet files beside each other, one row group an enterprise in both, enterprises in order of their code:

`<name>.parquet`          `company_code`, `source_code`, `occurred_at`, `scaled`, `decimals`, `exact`,
                          `quality`, `batch`: a row a reading, ordered by source and collect time
`<name>.batches.parquet`  `company_code`, `gateway_code`, `received_us`, `heard_us`, `journal_id`, `batch`:
                          a row a message, what its readings have in common; `batch` counts in the group

A value is `scaled / 10 ** decimals` where that gives the very same number, for all values of the source, and
`exact` elsewhere; both are null where none was given. Integers are delta-encoded, names are dictionaries.
Nothing is left out, so what was known as of an instant can still be told: copies and corrections are rows
of their own. The bytes follow from the set of readings alone, whatever order and files they came in.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

BATCHES: Final = ".batches.parquet"
BATCH_COLUMNS: Final = ("company_code", "gateway_code", "received_us", "heard_us", "journal_id")
MOST_DECIMALS: Final = 6


def batches_path(path: Path) -> Path:
    """Where the batches of a compacted file are."""
    return path.with_name(batches_name(path.name))


def batches_name(name: str) -> str:
    """The same for a name, path or address."""
    return name.removesuffix(".parquet") + BATCHES


def rows_by_company(path: Path) -> dict[str, int]:
    """How many readings a compacted file has of each enterprise, as its footer says."""
    with pq.ParquetFile(path) as file:
        return {code: file.metadata.row_group(at).num_rows for at, code in enumerate(companies(file))}


def companies(file: pq.ParquetFile) -> list[str]:
    """The enterprise of each row group of a compacted file."""
    column = file.schema_arrow.get_field_index("company_code")
    groups = range(file.num_row_groups)
    return [file.metadata.row_group(at).column(column).statistics.min for at in groups]


def row_groups(
    path: Path, columns: Sequence[str], wanted: Callable[[str], bool] | None = None
) -> Iterator[pa.Table]:
    """The readings of a compacted file, an enterprise at a time, as columns of the form they came in; of all
    of them or of those that are `wanted`.
    """
    own = {"company_code", "source_code", "quality"} & {*columns}
    if "occurred_us" in columns:
        own.add("occurred_at")
    if "value" in columns:
        own |= {"scaled", "decimals", "exact"}
    shared = [name for name in BATCH_COLUMNS if name in columns and name != "company_code"]
    with pq.ParquetFile(path) as file, pq.ParquetFile(batches_path(path)) as batches:
        for at, company in enumerate(companies(file)):
            if wanted is not None and not wanted(company):
                continue
            stored = file.read_row_group(at, columns=[*own, "batch"], use_threads=False)
            found = {name: stored[name] for name in own if name in columns}
            if "occurred_us" in columns:
                found["occurred_us"] = pa.array(microseconds_of(stored["occurred_at"]))
            if "value" in columns:
                value = values_of(stored["scaled"], stored["exact"], POWERS[stored["decimals"].to_numpy()])
                found["value"] = pa.array(value, mask=np.isnan(value))
            if shared:
                batch = batches.read_row_group(at, columns=shared, use_threads=False)
                found |= {name: coded_text(batch[name]).take(stored["batch"]) for name in shared}
            yield pa.table({name: coded_text(found[name]) for name in columns})


def coded_text(column: Any) -> Any:
    """A column of text as a dictionary's; any other as it is."""
    return column.dictionary_encode() if pa.types.is_string(column.type) else column


def microseconds_of(occurred_at: pa.ChunkedArray) -> NDArray[np.int64]:
    """`occurred_at` as microseconds since 1970."""
    unit = 1000 if occurred_at.type.unit == "ms" else 1
    ticks: NDArray[np.int64] = occurred_at.cast(pa.int64()).to_numpy()
    return ticks * unit if unit > 1 else ticks


def values_of(
    scaled: pa.ChunkedArray, exact: pa.ChunkedArray | None, power: NDArray[np.float64] | np.float64
) -> NDArray[np.float64]:
    """The values as numbers, NaN where none was given; `power` is `POWERS[decimals]` of each or of all."""
    value: NDArray[np.float64] = scaled.to_numpy() / power
    if exact is not None and exact.null_count < len(exact):
        apart = ~np.asarray(exact.is_null())
        value[apart] = exact.to_numpy()[apart]
    return value


POWERS: Final = 10.0 ** np.arange(MOST_DECIMALS + 1)


def schema_of(unit: str) -> pa.Schema:
    text = pa.dictionary(pa.int32(), pa.string())
    return pa.schema(
        [
            pa.field("company_code", text, nullable=False),
            pa.field("source_code", text, nullable=False),
            pa.field("occurred_at", pa.timestamp(unit, tz="UTC"), nullable=False),
            pa.field("scaled", pa.int32()),
            pa.field("decimals", pa.int8(), nullable=False),
            pa.field("exact", pa.float64()),
            pa.field("quality", text, nullable=False),
            pa.field("batch", pa.int32(), nullable=False),
        ]
    )


BATCHES_SCHEMA: Final = pa.schema(
    [
        pa.field("company_code", pa.string(), nullable=False),
        pa.field("gateway_code", pa.string(), nullable=False),
        pa.field("received_us", pa.int64(), nullable=False),
        pa.field("heard_us", pa.int64(), nullable=False),
        pa.field("journal_id", pa.string(), nullable=False),
        pa.field("batch", pa.int32(), nullable=False),
    ]
)
_DELTA: Final = "DELTA_BINARY_PACKED"
READINGS_ENCODING: Final[dict[str, Any]] = {
    "compression": "zstd",
    "use_dictionary": ["company_code", "source_code", "quality"],
    "column_encoding": {
        "occurred_at": _DELTA,
        "scaled": _DELTA,
        "decimals": _DELTA,
        "exact": "BYTE_STREAM_SPLIT",
        "batch": _DELTA,
    },
}
BATCHES_ENCODING: Final[dict[str, Any]] = {
    "compression": "zstd",
    "use_dictionary": ["company_code", "gateway_code"],
    "column_encoding": {"received_us": _DELTA, "heard_us": _DELTA, "batch": _DELTA},
}
