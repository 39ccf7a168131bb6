"""Readings one by one, for tests that look at a few: into columns and out of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from rdchem.model.source import Reading
from rdchem.projection import ReadingBatch, ReadingColumns
from rdchem.segment import instant, microseconds
from rdchem.store.readings import write_readings


@dataclass(frozen=True, slots=True)
class ReadingRow:
    """One reading with both clocks."""

    company_code: str
    gateway_code: str
    source_code: str
    occurred_at: datetime
    received_at: datetime
    heard_at: datetime
    value: float | None
    quality: str
    journal_id: str


def columns(rows: Iterable[ReadingRow]) -> ReadingColumns:
    """These readings, each as a message of its own; heard when received, or else when it occurred."""
    made = ReadingColumns()
    for row in rows:
        exported = row.heard_at != row.received_at
        assert row.heard_at in (row.received_at, row.occurred_at)
        batch = ReadingBatch(
            row.company_code,
            row.gateway_code,
            microseconds(row.occurred_at),
            microseconds(row.received_at),
            exported,
            row.journal_id,
            1,
        )
        made.add(batch, [Reading(row.source_code, row.value, 0, row.quality)])  # type: ignore[arg-type]
    return made


def in_files(folder: Path, rows: Sequence[ReadingRow], cuts: Iterable[int]) -> list[Path]:
    """Readings files of these rows, one after the other, cut before some of them."""
    files = []
    for number, (begin, end) in enumerate(pairwise([0, *sorted(cuts), len(rows)])):
        files.append(folder / f"{number}.parquet")
        write_readings(files[-1], columns(rows[begin:end]))
    return files


def rows_of(readings: ReadingColumns) -> list[ReadingRow]:
    """Column by column, row by row."""
    said = zip(readings.source_code, readings.value, readings.offset_ms, readings.quality, strict=True)
    found = []
    for batch in readings.batches:
        received_at = instant(batch.received_us)
        for _ in range(batch.readings):
            source_code, value, offset_ms, quality = next(said)
            occurred_at = instant(batch.occurred_us) + timedelta(milliseconds=offset_ms)
            found.append(
                ReadingRow(
                    batch.company_code,
                    batch.gateway_code,
                    source_code,
                    occurred_at,
                    received_at,
                    occurred_at if batch.exported else received_at,
                    value,
                    quality,
                    batch.journal_id,
                )
            )
    assert next(said, None) is None
    return found
