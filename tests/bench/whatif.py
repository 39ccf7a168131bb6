"""What asking another rulebook about stored history costs, and how it grows: `make bench BENCH_ARGS=whatif`.

A journal of simulated mornings of consecutive days is made and projected (minutes), then `rdchem whatif` is
asked over all of them, over fewer and fewer, and with fewer enterprises, and scaled to a year of 300. Two
candidates: one changes for how long a permit may be valid, as most do; the other moves the deadline to 09:00,
so that each day is read twice, as of two mornings, and every reading is looked at: nothing costs more. Below
it: judging a morning again after one late announcement, with a memory and without.
"""

import os
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from rdchem import intake
from rdchem.day_facts import facts
from rdchem.home import Home
from rdchem.jobs import morning_of
from rdchem.judge import judge
from rdchem.memory import Memory
from rdchem.rulebook import rulebook_on
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from rdchem.whatif import whatif
from sensors_sim.morning import morning
from sensors_sim.window import Window

_FIRST: Final = date(2026, 3, 2)
_LIMIT: Final = """
limits:
  {name}:
    title: 试算
    unit: {unit}
    values: [{{value: {value}, since: 2022-01-01, source: 试算, confirmed: false}}]
"""
_CANDIDATES: Final = {
    "a permit's validity": _LIMIT.format(name="permit_validity_special", unit="hours", value=6),
    "another deadline": _LIMIT.format(name="commitment_deadline", unit="time", value='"09:00"'),
}
_YEAR: Final = 300 * 365


def run(runs: int) -> None:
    """Make histories, ask, and print."""
    measure(300, 16)


def measure(most: int, days: int) -> None:
    """So many enterprises and a third of them, over so many days and fewer."""
    table = Table(title="rdchem whatif")
    for name in ("candidate", "enterprises", "days", "s", "ms an enterprise-day", "a year of 300, minutes"):
        table.add_column(name, justify="right")
    for enterprises in (most, most // 3):
        with tempfile.TemporaryDirectory() as folder:
            history(_settings(Path(folder)), _FIRST, enterprises, days)
            for name, candidate in _CANDIDATES.items():
                for asked in (days, days // 4, 1):
                    seconds = _asked(Path(folder), candidate, asked)
                    each = seconds / asked / enterprises
                    figures = (f"{seconds:.2f}", f"{1000 * each:.2f}", f"{each * _YEAR / 60:.1f}")
                    table.add_row(name, str(enterprises), str(asked), *figures)
            if enterprises == most:
                again = _again(Path(folder))
    screen = Console(file=sys.stdout)
    screen.print(table)
    screen.print(again)


def _again(folder: Path) -> str:
    """Judging once more after one late announcement."""
    home = Home(_settings(folder), open_database(_settings(folder).url))
    rulebook = rulebook_on(_FIRST)
    as_of = morning_of(home.settings, rulebook)
    days = facts(home, _FIRST, as_of, rulebook).days
    late = replace(days[0], commitments=days[1].commitments)
    memory = Memory()
    judge(days, as_of=as_of, rulebook=rulebook, memory=memory)
    seconds = []
    for known in (None, memory):
        before, begun = memory.evaluated, time.perf_counter()
        judge([late, *days[1:]], as_of=as_of, rulebook=rulebook, memory=known)
        seconds.append(time.perf_counter() - begun)
    home.engine.dispose()
    squares = len(days) * len(rulebook.rules)
    return (
        f"one late announcement among {len(days)} enterprises: {memory.evaluated - before} of {squares} "
        f"squares evaluated, {1000 * seconds[1]:.0f} ms instead of {1000 * seconds[0]:.0f}"
    )


def history(settings: Settings, first: date, enterprises: int, days: int) -> None:
    """A journal of so many mornings, and its projections."""
    engine = open_database(settings.url)
    for number in track(range(days), f"{enterprises} enterprises", console=Console(stderr=True)):
        window = Window(day=first + timedelta(days=number))
        sent = morning(1, enterprises, window).timeline()
        with intake.open_journal(settings).writer("bench") as writer:
            writer.append([Record(microseconds(one.at), one.topic, one.payload) for one in sent])
        intake.project_all(settings, engine)
    engine.dispose()


def _asked(folder: Path, said: str, days: int) -> float:
    candidate = folder / "candidate.yaml"
    candidate.write_text(said, encoding="utf-8")
    _settings(folder)
    begun = time.perf_counter()
    found = whatif(candidate, _FIRST, _FIRST + timedelta(days=days - 1))
    seconds = time.perf_counter() - begun
    assert len(found.days) == days and found.enterprise_days, "nothing was compared"
    return seconds


def _settings(folder: Path) -> Settings:
    os.environ |= {"RDCHEM_HOME": str(folder), "RDCHEM_JOURNAL_KIND": "replay", "RDCHEM_DATABASE_URL": ""}
    return Settings()
