"""What readings files hold of an enterprise, as plain arrays.

A compacted file has an enterprise's readings in order, and what they have in common a row a message: nothing
needs sorting, and the messages' names are not written out for each reading. The files of projection runs hold
everybody's in order of receipt; of those all that is asked for is sorted at once.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
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
from rdchem.store.compacted import batches_path, companies
from rdchem.store.readings import (
    Numbers,
    Wanted,
    between,
    coded,
    is_compacted,
    ranks,
    received_rows,
    together,
)
from rdchem.store.sorted_days import whole_day

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
EVER: Final = datetime.fromtimestamp(0, UTC), datetime(9999, 12, 31, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Held:
    """Readings of some sources of an enterprise: those of source `k` from `starts[k]` up to `starts[k + 1]`,
    in order of collect time. Instants are microseconds since 1970; a value that was not given is NaN;
    `quality` is the place in QUALITIES, `journal` the place in `ids` of the message.
    """

    sources: Sequence[str]
    starts: Numbers
    occurred: Numbers
    received: Numbers
    heard: Numbers
    values: Floats
    quality: NDArray[np.uint8]
    journal: Numbers
    ids: Sequence[str]

    def parts(self) -> Iterator[tuple[str, slice]]:
        """Each source and its readings."""
        starts = self.starts.tolist()
        for source, first, after in zip(self.sources, starts[:-1], starts[1:], strict=True):
            yield source, slice(first, after)


def held(
    paths: Sequence[Path],
    wanted: Wanted,
    *,
    collected: Span,
    received: Span,
    sources: Collection[str] | None = None,
) -> Iterator[tuple[str, Held]]:
    """Company and what some files hold of it within both spans, a file after the other, of the companies
    `wanted`; of all their sources or of some.
    """
    asked = _Asked(wanted, collected, received, sources)
    for path in paths:
        if is_compacted(path):
            yield from _of_compacted(path, asked)
    yield from _of_received([path for path in paths if not is_compacted(path)], asked)


@dataclass(frozen=True, slots=True)
class _Asked:
    wanted: Wanted
    collected: Span
    received: Span
    sources: Collection[str] | None


def _of_compacted(path: Path, asked: _Asked) -> Iterator[tuple[str, Held]]:
    with pq.ParquetFile(path) as file, pq.ParquetFile(batches_path(path)) as batches:
        for at, company in enumerate(companies(file)):
            if asked.wanted(company):
                shared = batches.read_row_group(at, columns=_SHARED, use_threads=False)
                batch = file.read_row_group(at, columns=["batch"], use_threads=False)["batch"].to_numpy()
                found = _of_day(whole_day(file, at), batch, shared, asked)
                if found is not None:
                    yield company, found


def _of_day(day: SortedDay, batch: Numbers, shared: pa.Table, asked: _Asked) -> Held | None:
    kept = _within(day.occurred_us, asked.collected)
    received = shared["received_us"].to_numpy()
    came = _within(received, asked.received)
    if not came.all():
        kept &= came[batch]
    if asked.sources is not None:
        kept &= np.repeat([source in asked.sources for source in day.sources], np.diff(day.starts))
    left = only(day, kept)
    if left is None:
        return None
    batch = batch if left is day else batch[kept]
    return Held(
        sources=left.sources,
        starts=left.starts,
        occurred=left.occurred_us,
        received=received[batch],
        heard=shared["heard_us"].to_numpy()[batch],
        values=left.value,
        quality=left.quality,
        journal=batch,
        ids=shared["journal_id"].to_pylist(),
    )


def _within(instants: Numbers, span: Span) -> NDArray[np.bool_]:
    low, high = (microseconds(one) for one in span)
    return np.asarray((instants >= low) & (instants <= high))


def _of_received(paths: Sequence[Path], asked: _Asked) -> Iterator[tuple[str, Held]]:
    """The same of files of projection runs together."""
    codes = None if asked.sources is None else pa.array(sorted(asked.sources), pa.string())
    tables = []
    for path in paths:
        table = received_rows(path, _COLUMNS, *asked.received, wanted=asked.wanted)
        table = between(table, "occurred_us", *asked.collected)
        tables.append(table if codes is None else table.filter(pc.is_in(table["source_code"], codes)))
    if tables and (table := together(tables)).num_rows:
        yield from _by_company(table)


def _by_company(table: pa.Table) -> Iterator[tuple[str, Held]]:
    (company, names), (code, codes) = (coded(table, name) for name in ("company_code", "source_code"))
    source = ranks(names)[company] * len(codes) + ranks(codes)[code]
    occurred = table["occurred_us"].to_numpy()
    first = occurred.min()
    order = np.argsort(source * (int(occurred.max() - first) + 1) + (occurred - first), kind="stable")
    source, occurred, heard = source[order], occurred[order], table["heard_us"].to_numpy()[order]
    quality, names_of_quality = coded(table, "quality")
    place = np.array([QUALITIES.index(name) for name in names_of_quality], np.uint8)[quality[order]]
    received, values = table["received_us"].to_numpy()[order], table["value"].to_numpy()[order]
    journal, ids = coded(table, "journal_id")
    journal = journal[order]
    starts = np.flatnonzero(np.diff(source, prepend=-1, append=-1))
    of, at = np.divmod(source[starts[:-1]], len(codes))
    names, codes = sorted(names), sorted(codes)
    edges = np.flatnonzero(np.diff(of, prepend=-1, append=-1))
    for first, after in pairwise(edges.tolist()):
        part = slice(int(starts[first]), int(starts[after]))
        said, of_message = np.unique(journal[part], return_inverse=True)
        yield (
            names[of[first]],
            Held(
                sources=[codes[one] for one in at[first:after]],
                starts=starts[first : after + 1] - starts[first],
                occurred=occurred[part],
                received=received[part],
                heard=heard[part],
                values=values[part],
                quality=place[part],
                journal=of_message,
                ids=[ids[one] for one in said.tolist()],
            ),
        )
