"""The readings of all sources out of the readings files, an enterprise at a time, each one's in order.

Only so many readings are in memory at once, however many enterprises there are: enterprises are read in lots
of about `LOT` readings, in order of their codes. Compacted files hold an enterprise in a row group of its
own; the files of projection runs, which hold everybody's, are gone through once for each lot.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from rdchem.readings.rows import Rows
from rdchem.readings.series import Floats
from rdchem.readings.sorted_day import QUALITIES, has_copies
from rdchem.store.compacted import rows_by_company
from rdchem.store.held import Held, held
from rdchem.store.readings import is_compacted

LOT: Final = 8_000_000
"""Readings in memory at once, at about 100 bytes each; an enterprise is never divided."""
_BAD: Final = QUALITIES.index("bad")


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
        found: defaultdict[str, list[Held]] = defaultdict(list)
        for company, part in held(paths, lot.__contains__, collected=(since, until), received=received):
            found[company].append(part)
        for company in sorted(found):
            yield company, _rows(found.pop(company))


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


def _rows(several: Sequence[Held]) -> dict[str, Rows]:
    """Source -> its readings, out of what several files hold of an enterprise."""
    if len(several) == 1 and not has_copies(several[0].occurred, several[0].starts):
        return _as_they_lie(several[0])
    pieces: defaultdict[str, list[_Piece]] = defaultdict(list)
    ids: list[str] = []
    for one in several:
        before = len(ids)
        ids += one.ids
        values = _values(one)
        for source, part in one.parts():
            piece = one.occurred[part], one.heard[part], values[part], one.journal[part] + before
            pieces[source].append(piece)
    return {source: _of_source(pieces[source], ids) for source in sorted(pieces)}


def _as_they_lie(one: Held) -> dict[str, Rows]:
    seconds, values, delays = one.occurred / 1e6, _values(one), (one.heard - one.occurred) / 1e6
    return {
        source: Rows(seconds[part], values[part], one.journal[part], one.ids, delays[part])
        for source, part in one.parts()
    }


def _values(one: Held) -> Floats:
    """Without those their sender calls bad."""
    return np.where(one.quality == _BAD, np.nan, one.values) if one.quality.any() else one.values


_Piece = tuple[NDArray[np.int64], NDArray[np.int64], Floats, NDArray[np.int64]]
"""When collected, when heard, values, messages."""


def _of_source(pieces: list[_Piece], ids: Sequence[str]) -> Rows:
    """The readings of one source, each instant once."""
    pieces.sort(key=lambda piece: int(piece[0][0]))
    columns = pieces[0] if len(pieces) == 1 else [np.concatenate(one) for one in zip(*pieces, strict=True)]
    if (np.diff(columns[0]) <= 0).any():
        order = np.argsort(columns[0], kind="stable")
        columns = [one[order] for one in columns]
        if (np.diff(columns[0]) == 0).any():
            kept = _counted(columns[0], columns[1], [ids[one] for one in columns[3].tolist()])
            columns = [one[kept] for one in columns]
    occurred, heard, values, journal = columns
    return Rows(occurred / 1e6, values, journal, ids, (heard - occurred) / 1e6)


def _counted(
    occurred: NDArray[np.int64], heard: NDArray[np.int64], names: Sequence[str]
) -> NDArray[np.int64]:
    """Which rows of a source count, in order of collect time: of copies of a batch the first one heard, of
    batches that state one instant the last one heard; of two heard at once the one with the greater id.
    """
    order = sorted(range(len(names)), key=lambda row: (occurred[row], heard[row], names[row]))
    seen: set[tuple[int, str]] = set()
    last: dict[int, int] = {}
    for row in order:
        key = int(occurred[row]), names[row]
        if key not in seen:
            seen.add(key)
            last[key[0]] = row
    return np.fromiter(last.values(), np.int64, len(last))
