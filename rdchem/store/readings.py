"""Readings as Parquet files: one a projection run, and the newest reading of every source out of them.

Only files entered in `readings_file` count, so a file left behind by a crash is never read.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from rdchem.model.day import LastSeen
from rdchem.projection import ReadingRow
from rdchem.segment import instant, microseconds

_SCHEMA = pa.schema(
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


_MINUTE_US = 60_000_000
_Candidate = tuple[int, str, int, int]
"""Believed instant, journal id, when heard (negative), collect time: the greatest is the newest reading."""


def write_readings(path: Path, rows: Sequence[ReadingRow]) -> None:
    """Write readings to one file, in place of an earlier attempt at the same file."""
    columns = {
        "company_code": [row.company_code for row in rows],
        "gateway_code": [row.gateway_code for row in rows],
        "source_code": [row.source_code for row in rows],
        "occurred_us": [microseconds(row.occurred_at) for row in rows],
        "received_us": [microseconds(row.received_at) for row in rows],
        "heard_us": [microseconds(row.heard_at) for row in rows],
        "value": [row.value for row in rows],
        "quality": [row.quality for row in rows],
        "journal_id": [row.journal_id for row in rows],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".part")
    pq.write_table(pa.table(columns, schema=_SCHEMA), draft, compression="zstd")
    draft.rename(path)


def last_readings(
    paths: Iterable[Path], *, since: datetime, as_of: datetime
) -> dict[str, dict[str, LastSeen]]:
    """Company -> source -> newest reading received in [since, as_of].

    Newest by collect time, but a collect time ahead of our clock counts as the instant of receipt. Of copies
    of one batch the first one heard counts.
    """
    newest: dict[str, dict[str, _Candidate]] = {}
    columns = [name for name in _SCHEMA.names if name not in ("value", "quality")]
    for path in paths:
        table = pq.read_table(path, columns=columns)
        received = table["received_us"]
        wanted = pc.and_(
            pc.greater_equal(received, microseconds(since)), pc.less_equal(received, microseconds(as_of))
        )
        _fold(table.filter(wanted), newest)
    return {
        company: {
            source: LastSeen(instant(occurred), instant(-unheard), journal_id)
            for source, (_, journal_id, unheard, occurred) in sorted(sources.items())
        }
        for company, sources in sorted(newest.items())
    }


def heard_by_minute(paths: Iterable[Path], *, since: datetime, as_of: datetime) -> dict[datetime, int]:
    """Minute -> how many enterprises had readings received in it, of those received in [since, as_of]."""
    pairs = []
    for path in paths:
        table = pq.read_table(path, columns=["company_code", "received_us"])
        received = table["received_us"]
        wanted = pc.and_(
            pc.greater_equal(received, microseconds(since)), pc.less_equal(received, microseconds(as_of))
        )
        minutes = table.append_column("minute", pc.divide(received, _MINUTE_US)).filter(wanted)
        pairs.append(minutes.group_by(["minute", "company_code"]).aggregate([]))
    if not pairs:
        return {}
    heard = pa.concat_tables(pairs).group_by("minute").aggregate([("company_code", "count_distinct")])
    counted = zip(*heard.select(["minute", "company_code_count_distinct"]).to_pydict().values(), strict=True)
    return {instant(minute * _MINUTE_US): count for minute, count in counted}


def _fold(table: pa.Table, newest: dict[str, dict[str, _Candidate]]) -> None:
    """Keep the newest reading of each source of one file; equal instants are told apart by journal id."""
    believed = pc.min_element_wise(table["occurred_us"], table["received_us"])
    order = ("believed", "ascending"), ("journal_id", "ascending"), ("heard_us", "descending")
    ordered = table.append_column("believed", believed).sort_by([*order, ("occurred_us", "ascending")])
    last = ordered.group_by(["company_code", "source_code"], use_threads=False).aggregate(
        [(name, "last") for name in ("believed", "journal_id", "heard_us", "occurred_us")]
    )
    for company, source, *values in zip(*last.to_pydict().values(), strict=True):
        believed_us, journal_id, heard_us, occurred_us = values
        sources = newest.setdefault(company, {})
        candidate = (believed_us, journal_id, -heard_us, occurred_us)
        sources[source] = max(candidate, sources.get(source, candidate))
