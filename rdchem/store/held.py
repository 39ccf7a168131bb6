"""What readings files hold of an enterprise, as plain arrays.

A compacted file has an enterprise's readings in order, and what they have in common a row a message: nothing
needs sorting, and the messages' names are not written out for each reading. The files of projection runs hold
everybody's in order of receipt; of those all that is asked for is sorted at once.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rdchem.readings.series import Floats
from rdchem.readings.sorted_day import QUALITIES, SortedDay, only
from rdchem.segment import microseconds
from rdchem.store.compacted import batches_path
from rdchem.store.readings import Numbers, as_coded, between, coded, ranks, received_rows
from rdchem.store.sorted_days import companies, whole_day

_BAD: Final = QUALITIES.index("bad")
_SHARED: Final = ("received_us", "heard_us", "journal_id")
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
Span = tuple[datetime, datetime]
"""From, to, both included."""


@dataclass(frozen=True, slots=True)
class Held:
    """Readings of some sources of an enterprise: those of source `k` from `starts[k]` up to `starts[k + 1]`,
    in order of collect time. Instants are microseconds since 1970; a value that was not given, or is called
    bad by its sender, is NaN; `journal` is the place in `ids` of the message.
    """

    sources: Sequence[str]
    starts: Numbers
    occurred: Numbers
    heard: Numbers
    values: Floats
    journal: Numbers
    ids: Sequence[str]


def of_compacted(
    path: Path, wanted: Collection[str], *, collected: Span, received: Span
) -> Iterator[tuple[str, Held]]:
    """Company and what a compacted file holds of it within both spans, of the companies wanted."""
    with pq.ParquetFile(path) as file, pq.ParquetFile(batches_path(path)) as batches:
        for at, company in enumerate(companies(file)):
            if company in wanted:
                shared = batches.read_row_group(at, columns=_SHARED, use_threads=False)
                batch = file.read_row_group(at, columns=["batch"], use_threads=False)["batch"].to_numpy()
                held = _of_day(whole_day(file, at), batch, shared, collected, received)
                if held is not None:
                    yield company, held


def _of_day(day: SortedDay, batch: Numbers, shared: pa.Table, collected: Span, received: Span) -> Held | None:
    kept = _within(day.occurred_us, collected)
    came = _within(shared["received_us"].to_numpy(), received)
    if not came.all():
        kept &= came[batch]
    left = only(day, kept)
    if left is None:
        return None
    batch = batch if left is day else batch[kept]
    return Held(
        sources=left.sources,
        starts=left.starts,
        occurred=left.occurred_us,
        heard=shared["heard_us"].to_numpy()[batch],
        values=np.where(left.quality == _BAD, np.nan, left.value) if left.quality.any() else left.value,
        journal=batch,
        ids=shared["journal_id"].to_pylist(),
    )


def _within(instants: Numbers, span: Span) -> NDArray[np.bool_]:
    low, high = (microseconds(one) for one in span)
    return np.asarray((instants >= low) & (instants <= high))


def of_received(
    paths: Sequence[Path], wanted: Collection[str], *, collected: Span, received: Span
) -> Iterator[tuple[str, Held]]:
    """The same of files of projection runs together."""
    tables = []
    for path in paths:
        table = received_rows(path, _COLUMNS, *received, wanted=wanted.__contains__)
        tables.append(as_coded(between(table, "occurred_us", *collected)))
    if tables and (table := pa.concat_tables(tables)).num_rows:
        yield from _by_company(table)


def _by_company(table: pa.Table) -> Iterator[tuple[str, Held]]:
    (company, names), (code, codes) = (coded(table, name) for name in ("company_code", "source_code"))
    source = ranks(names)[company] * len(codes) + ranks(codes)[code]
    occurred = table["occurred_us"].to_numpy()
    first = occurred.min()
    order = np.argsort(source * (int(occurred.max() - first) + 1) + (occurred - first), kind="stable")
    source, occurred, heard = source[order], occurred[order], table["heard_us"].to_numpy()[order]
    bad = pc.equal(table["quality"], "bad").to_numpy()
    values = np.where(bad, np.nan, table["value"].to_numpy())[order]
    journal, ids = coded(table, "journal_id")
    journal = journal[order]
    starts = np.flatnonzero(np.diff(source, prepend=-1, append=-1))
    of, at = np.divmod(source[starts[:-1]], len(codes))
    names, codes = sorted(names), sorted(codes)
    edges = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
    for first, after in pairwise(edges.tolist()):
        part = slice(int(starts[first]), int(starts[after]))
        yield (
            names[of[first]],
            Held(
                sources=[codes[one] for one in at[first:after]],
                starts=starts[first : after + 1] - starts[first],
                occurred=occurred[part],
                heard=heard[part],
                values=values[part],
                journal=journal[part],
                ids=ids,
            ),
        )
