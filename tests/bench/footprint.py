"""Bytes a reading, raw and typed, and how fast the journal is projected."""

import statistics
import tempfile
import time
from itertools import islice
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from rdchem.intake import open_journal, project_all
from rdchem.messages import encode, topic_of
from rdchem.segment import Record
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from tests.bench import feed

_READINGS: Final = {60: 1_200_000, 1: 150_000}
_SEGMENT_READINGS: Final = 60_000
"""What comes in half a minute at the nation's rate."""


def run(runs: int) -> None:
    """Measure and print."""
    table = Table(title=f"what a reading takes, medians of {runs}")
    for name in ("", "raw bytes", "target", "typed bytes", "target", "projected readings/s"):
        table.add_column(name, justify="right" if name else "left")
    for size, name in ((60, "batches of 60"), (1, "single readings")):
        measured = [_once(size) for _ in range(runs)]
        raw, typed, rate = (statistics.median(one[index] for one in measured) for index in range(3))
        table.add_row(name, f"{raw:.1f}", "≤ 16", f"{typed:.1f}", "≤ 7", f"{rate:,.0f}")
    Console(width=110).print(table)


def _once(size: int) -> tuple[float, float, float]:
    """Bytes of segments and of Parquet a reading, readings projected a second."""
    readings = _READINGS[size]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="")
        made = islice(feed.messages(size), readings // size)
        with open_journal(settings).writer("listener-1") as writer:  # sealed as it is where time is left
            records = []
            for number, one in enumerate(made):
                at = 1_789_430_400_000_000 + number * size * 1_000_000 // 9_260
                records.append(Record(at, topic_of(feed.AREA, one), encode(one)))
                if len(records) == _SEGMENT_READINGS // size:
                    writer.append(records)
                    records = []
            writer.append(records)
        engine = open_database(settings.url)
        begun = time.perf_counter()
        project_all(settings, engine)
        took = time.perf_counter() - begun
        engine.dispose()
        raw = sum(path.stat().st_size for path in settings.journal_path.rglob("*.seg"))
        typed = sum(path.stat().st_size for path in settings.readings_path.rglob("*.parquet"))
    return raw / readings, typed / readings, readings / took
