"""`python -m tests.bench.whatif`: what asking another rulebook about stored history costs, and how it grows.

A journal of simulated mornings of consecutive days is made and projected, then `rdchem whatif` is asked over
all of them, over fewer and fewer, and with fewer enterprises; the title scales the longest run to a year. The
candidate moves the deadline to 09:00, so that each day is read twice, as of two mornings: nothing costs more.
"""

import argparse
import os
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from rdchem import intake
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from rdchem.whatif import whatif
from sensors_sim.morning import morning
from sensors_sim.window import Window

_FIRST: Final = date(2026, 3, 2)
_CANDIDATE: Final = """
limits:
  commitment_deadline:
    title: 安全承诺公告截止时间
    unit: time
    values: [{value: "09:00", since: 2022-01-01, source: 试算, confirmed: false}]
"""


def main() -> None:
    """Make histories, ask, and print."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.whatif")
    parser.add_argument("--enterprises", type=int, default=300)
    parser.add_argument("--days", type=int, default=16)
    arguments = parser.parse_args()
    table = Table(title="rdchem whatif")
    for name in ("enterprises", "days", "s", "ms a day", "ms an enterprise-day"):
        table.add_column(name, justify="right")
    for enterprises in (arguments.enterprises, arguments.enterprises // 3):
        with tempfile.TemporaryDirectory() as folder:
            _history(Path(folder), enterprises, arguments.days)
            days = arguments.days
            while days >= 1:
                seconds = _asked(Path(folder), days)
                each = 1000 * seconds / days
                table.add_row(
                    str(enterprises), str(days), f"{seconds:.2f}", f"{each:.0f}", f"{each / enterprises:.2f}"
                )
                if days == arguments.days and enterprises == arguments.enterprises:
                    table.title = f"{enterprises} enterprises, a year: {each * 365 / 60_000:.1f} minutes"
                days //= 4
    Console(file=sys.stdout).print(table)


def _history(folder: Path, enterprises: int, days: int) -> None:
    """A journal of so many mornings, and its projections."""
    settings = _settings(folder)
    engine = open_database(settings.url)
    for number in track(range(days), f"{enterprises} enterprises", console=Console(stderr=True)):
        window = Window(day=_FIRST + timedelta(days=number))
        sent = morning(1, enterprises, window).timeline()
        with intake.open_journal(settings).writer("bench") as writer:
            writer.append([Record(microseconds(one.at), one.topic, one.payload) for one in sent])
        intake.project_all(settings, engine)
    engine.dispose()


def _asked(folder: Path, days: int) -> float:
    candidate = folder / "candidate.yaml"
    candidate.write_text(_CANDIDATE, encoding="utf-8")
    _settings(folder)
    begun = time.perf_counter()
    found = whatif(candidate, _FIRST, _FIRST + timedelta(days=days - 1))
    seconds = time.perf_counter() - begun
    assert len(found.days) == days and found.differing, "nothing was compared"
    return seconds


def _settings(folder: Path) -> Settings:
    os.environ |= {"RDCHEM_HOME": str(folder), "RDCHEM_JOURNAL_KIND": "replay", "RDCHEM_DATABASE_URL": ""}
    return Settings()


if __name__ == "__main__":
    main()
