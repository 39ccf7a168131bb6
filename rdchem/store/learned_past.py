"""What is usual for every source, learned before a day and kept in one Parquet file.

A row group an enterprise: `company_code`, `source_code`, `learned`. Like the readings it is a projection that
may be thrown away: one nobody asked for in a week is, once another is written. `learned` is packed by
`rdchem.readings.keeping`; of what is learned from compacted days the past is in quarters of an hour.
"""

import os
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from heapq import merge
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rdchem.readings.keeping import packed
from rdchem.readings.keeping import unpacked as kept
from rdchem.readings.learned import Learned, learn_all
from rdchem.readings.replay import COARSE_S
from rdchem.readings.series import ordered
from rdchem.store.sorted_days import opened, sorted_days

_SCHEMA: Final = pa.schema(
    [("company_code", pa.string()), ("source_code", pa.string()), ("learned", pa.binary())]
)
_EVER: Final = 2**62
FOLDER: Final = "learned"
"""A folder of this name holds nothing else."""
_UNASKED_S: Final = 7 * 86_400.0


def write_learned(path: Path, files: Iterable[str]) -> int:
    """Learn from all readings of some compacted files; returns of how many sources something is known."""
    return keep_pasts(path, learned_pasts(files))


def keep_pasts(path: Path, pasts: Iterable[tuple[str, Mapping[str, Learned]]], *, exact: bool = False) -> int:
    """Write what is usual for the sources of one enterprise after the other; returns of how many."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft, count = path.with_suffix(f".{os.getpid()}.part"), 0
    with pq.ParquetWriter(draft, _SCHEMA, compression="zstd", use_dictionary=["company_code"]) as writer:
        for code, learned in pasts:
            rows = [packed(one, exact=exact) for one in learned.values()]
            columns = [[code] * len(rows), list(learned), rows]
            writer.write_table(pa.table(columns, schema=_SCHEMA), row_group_size=max(1, len(rows)))
            count += len(rows)
    draft.rename(path)
    if path.parent.name == FOLDER:
        _clear(path.parent)
    return count


def is_kept(path: Path) -> bool:
    """Whether a file of what is usual is there; asked for, it stays a while longer."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _clear(folder: Path) -> None:
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # somebody else clears it
            if time.time() - path.stat().st_mtime > _UNASKED_S:
                path.unlink()


def learned_pasts(files: Iterable[str]) -> Iterator[tuple[str, dict[str, Learned]]]:
    """Company code and what is usual for its sources, in order of the code; one enterprise in memory."""
    days = (sorted_days(file, as_of_us=_EVER, end_us=_EVER) for file in files)
    for code, several in groupby(merge(*days, key=itemgetter(0)), key=itemgetter(0)):
        parts: dict[str, list[tuple[NDArray[np.float64], NDArray[np.float64]]]] = defaultdict(list)
        for _, day in several:
            seconds = day.occurred_us / 1e6
            for source, begin, end in zip(day.sources, day.starts[:-1], day.starts[1:], strict=True):
                parts[source].append((seconds[begin:end], day.value[begin:end]))
        told = learn_all(
            [
                ordered(*(np.concatenate(column) for column in zip(*own, strict=True)))
                for own in parts.values()
            ],
            grid_s=COARSE_S,
        )
        learned = dict(sorted(zip(parts, told, strict=True)))
        known = {source: usual for source, usual in learned.items() if usual is not None}
        if known:
            yield code, known


class LearnedPast:
    """A file of what is usual, looked up by enterprise. A context manager."""

    def __init__(self, address: str) -> None:
        self._file = opened(address)
        about = self._file.metadata
        groups = range(about.num_row_groups)
        self.sources: int = about.num_rows
        """Of how many something is known."""
        self._groups = {about.row_group(at).column(0).statistics.min: at for at in groups}

    def of(self, company_code: str) -> Mapping[str, Learned]:
        """Source -> what is usual for it, as far as known."""
        at = self._groups.get(company_code)
        return {} if at is None else unpacked(self._file.read_row_group(at, use_threads=False))

    def __enter__(self) -> "LearnedPast":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def unpacked(table: pa.Table) -> dict[str, Learned]:
    """Source -> what is usual for it, of rows of such a file."""
    names, bodies = table["source_code"].to_pylist(), table["learned"].to_pylist()
    return {name: kept(body) for name, body in zip(names, bodies, strict=True)}
