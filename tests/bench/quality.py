"""What the quality suites cost: a county-day and a nation-day of facts, the library's import apart.

The nation's tables are the county's, repeated under other codes until there are 7,000 enterprises and 440,000
points (published 2022). The yardstick is pandas describing the same tables, in the same run.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Final

import pandas as pd
from rich.console import Console
from rich.table import Table

from rdchem import intake
from rdchem.home import Home
from rdchem.quality_jobs import tables
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from sensors_sim.morning import morning
from sensors_sim.window import Window

_DAY: Final = date(2026, 9, 15)
_ENTERPRISES, _POINTS = 7_000, 440_000
_IMPORT: Final = "import time; t = time.perf_counter(); import rdchem.quality; print(time.perf_counter() - t)"


def run(runs: int) -> None:
    """Measure and print."""
    imported = statistics.median(_imported() for _ in range(runs))
    from rdchem import quality

    county, building = _county()
    shown = Table(title=f"median of {runs}; import of Great Expectations apart: {imported:.1f} s")
    for name in ("tables", "rows", "s", "rows/s", "× describe", "offending rows"):
        shown.add_column(name, justify="left" if name == "tables" else "right")
    for name, frames in (("county-day", county), ("nation-day", _nation(county))):
        rows = sum(len(frame) for frame in frames.values())
        seconds, checked = _timed(lambda frames=frames: quality.check(frames, _DAY), runs)  # type: ignore[misc]
        yardstick, _ = _timed(
            lambda frames=frames: [one.describe(include="all") for one in frames.values() if len(one)], runs
        )  # type: ignore[misc]
        ratio = f"{seconds / yardstick:.1f}"
        told = len(checked.failures)  # type: ignore[attr-defined]
        shown.add_row(name, f"{rows:,}", f"{seconds:.2f}", f"{rows / seconds:,.0f}", ratio, f"{told:,}")
    console = Console(file=sys.stdout)
    console.print(shown)
    console.print(f"county: from the database to its tables {building:.2f} s")


def _imported() -> float:
    told = subprocess.run([sys.executable, "-c", _IMPORT], check=True, capture_output=True, text=True)
    return float(told.stdout)


def _county() -> tuple[dict[str, pd.DataFrame], float]:
    made = morning(1, 100, Window(day=_DAY))
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder), database_url="", journal_kind="replay")
        with intake.open_journal(settings).writer("bench") as writer:
            writer.append([Record(microseconds(one.at), one.topic, one.payload) for one in made.timeline()])
        home = Home(settings, open_database(settings.url))
        intake.project_all(settings, home.engine)
        begun = time.perf_counter()
        found = tables(home, _DAY, made.window.as_of)
        seconds = time.perf_counter() - begun
        home.engine.dispose()
    return found, seconds


def _nation(county: dict[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Papers of 7,000 enterprises, 440,000 sources; `volumes` once."""
    nation = {}
    for name, frame in county.items():
        enterprises = frame["company_code"].nunique() or 1
        of_points = name in ("sources", "last_readings")
        times = -(-_POINTS // max(len(frame), 1)) if of_points else -(-_ENTERPRISES // enterprises)
        copies = [
            frame.assign(company_code=[f"{code[:-4]}{number:04d}" for code in frame["company_code"]])
            for number in range(1 if name == "volumes" or frame.empty else times)
        ]
        nation[name] = pd.concat(copies, ignore_index=True).astype(frame.dtypes.to_dict())
    return nation


def _timed(work: Callable[[], object], runs: int) -> tuple[float, object]:
    seconds: list[float] = []
    result: object = None
    for _ in range(runs):
        begun = time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds), result
