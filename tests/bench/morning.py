"""What the steps of a morning cost on this machine, each against a yardstick of the same run.

The yardstick is plain `json.loads` of the same payloads, so that a figure means something on another machine:
"decoding costs 0.5 of parsing JSON" holds where "decoding takes 40 ms" does not. The median of several runs.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from rdchem import intake
from rdchem import judge as judging
from rdchem.day_facts import facts
from rdchem.home import Home
from rdchem.journal import Journal
from rdchem.messages import decode
from rdchem.model.quality import Checked
from rdchem.platform import read_file
from rdchem.projection import project
from rdchem.reports import exceptions, html, workbook
from rdchem.reports.shown import shown
from rdchem.rulebook import rulebook_on
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from sensors_sim.files import write_files
from sensors_sim.morning import Morning, morning
from sensors_sim.snapshot import snapshot
from sensors_sim.window import Window

_DAY: Final = date(2026, 9, 15)
_ENTERPRISES: Final = 100
_YARDSTICK: Final = "json.loads (yardstick)"


@dataclass(frozen=True)
class Step:
    """A step of the morning; `unit` things are done `count` times in one run."""

    name: str
    unit: str
    count: int
    run: Callable[[], object]


def run(runs: int) -> None:
    """Measure and print."""
    made = morning(1, _ENTERPRISES, Window(day=_DAY))
    with tempfile.TemporaryDirectory() as folder, Progress(console=Console(stderr=True)) as progress:
        steps = _steps(made, Path(folder))
        task = progress.add_task("bench", total=len(steps) * runs)
        timings: dict[str, list[float]] = {step.name: [] for step in steps}
        for _ in range(runs):
            for step in steps:
                begun = time.perf_counter()
                step.run()
                timings[step.name].append(time.perf_counter() - begun)
                progress.advance(task)
    _show(steps, {name: statistics.median(times) for name, times in timings.items()})


def _steps(made: Morning, folder: Path) -> list[Step]:
    sent = list(made.timeline())
    records = [Record(microseconds(one.at), one.topic, one.payload) for one in sent]
    settings = Settings(home=folder / "home", database_url="", journal_kind="replay")
    journal = Journal(folder / "journal", "replay")
    with journal.writer("bench") as writer:
        writer.append(records)
    segments = list(journal.segments_after({}))
    known = intake.open_journal(settings)
    with known.writer("bench") as writer:
        writer.append(records)
    home = Home(settings, open_database(settings.url))
    intake.project_all(settings, home.engine)
    as_of = made.window.as_of
    days = facts(home, _DAY, as_of).days
    judgement = judging.judge(days, as_of=as_of, rulebook=rulebook_on(_DAY)).judgement
    report = exceptions.build(judgement, shown(judgement, days), Checked((), ()), ())
    paths = write_files(snapshot(made.timeline(), as_of), folder / "files")
    contents = [(path.name, path.read_bytes()) for path in paths]
    rows = sum(len(read_file(*one, received_at=as_of, area_code="320623")) for one in contents)
    numbers = iter(range(10**6))

    def append() -> None:
        with Journal(folder / f"append-{next(numbers)}", "replay").writer("bench") as writer:
            for start in range(0, len(records), 500):
                writer.append(records[start : start + 500])

    return [
        Step(_YARDSTICK, "messages", len(sent), lambda: [_plain(one.payload) for one in sent]),
        Step("decode", "messages", len(sent), lambda: [decode(one.topic, one.payload) for one in sent]),
        Step("append, groups of 500, fsync", "messages", len(sent), append),
        Step("project (rows only)", "messages", len(sent), lambda: project(segments)),
        Step("facts of the day", "enterprises", len(days), lambda: facts(home, _DAY, as_of)),
        Step(
            "judge",
            "enterprises",
            len(days),
            lambda: judging.judge(days, as_of=as_of, rulebook=rulebook_on(_DAY)),
        ),
        Step("report page", "pages", 1, lambda: html.render(report)),
        Step("report workbook", "workbooks", 1, lambda: workbook.write(report)),
        Step(
            "read exported files",
            "rows",
            rows,
            lambda: [read_file(*one, received_at=as_of, area_code="320623") for one in contents],
        ),
    ]


def _plain(payload: bytes) -> object:
    try:
        return json.loads(payload)
    except ValueError:
        return None


def _show(steps: list[Step], medians: dict[str, float]) -> None:
    table = Table(title="median of the runs")
    for name in ("step", "ms", "× yardstick", "each second", ""):
        table.add_column(name, justify="left" if name in ("step", "") else "right")
    for step in steps:
        seconds = medians[step.name]
        ratio = seconds / medians[_YARDSTICK]
        table.add_row(
            step.name, f"{1000 * seconds:.1f}", f"{ratio:.2f}", f"{step.count / seconds:,.0f}", step.unit
        )
    Console(file=sys.stdout).print(table)
