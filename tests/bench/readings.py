"""A day's readings judged, against DuckDB and Polars on the same files in the same run.

Every contestant is a process of its own, started for each measurement and timed from outside with its
children, memory too (the greatest sum of what all its processes hold). The peers get both cores, rdchem two
processes. What they find is compared, so that nobody is quick by doing less.

`received` is the day as it comes, in order of time; `sorted` is what `rdchem compact` makes of it. A peer may
read either; it is timed on its best form of each (`tests.bench.readings_peers`).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import psutil
from rich.console import Console
from rich.table import Table

from rdchem.compaction import compact
from rdchem.segment import instant
from rdchem.settings import Settings
from rdchem.store import intake as store
from rdchem.store.connection import open_database
from rdchem.store.learned_past import write_learned
from rdchem.store.readings import day_folder
from tests.bench.county import DAY, DAY_US, LEARNED, START_US, County, write_received

_SIZES: Final = {"county": County(100, 10.0), "nation": County(6984, 47.6)}
_LOOK_S: Final = 0.05
CONSOLE: Final = Console(width=120)


@dataclass(frozen=True, slots=True)
class Run:
    """One measured process: seconds on the wall and of both cores, most memory in MiB, and what it said."""

    seconds: float
    cpu: float
    memory: float
    said: dict[str, Any]


def run(runs: int) -> None:
    """Measure and print; RDCHEM_BENCH_READINGS=county:0.25 for a part of it, nation:0.1, or several."""
    for wanted in os.environ.get("RDCHEM_BENCH_READINGS", "county").split():
        name, _, share = wanted.partition(":")
        whole = _SIZES[name]
        county = County(max(1, round(whole.enterprises * float(share or 1))), whole.every_s)
        with tempfile.TemporaryDirectory(dir=os.environ.get("RDCHEM_BENCH_FOLDER")) as folder:
            _one_size(f"{name} × {share or 1}", county, Path(folder), runs)


PAST_DAYS: Final = 7
_PAST_EVERY_S: Final = 300.0


def _one_size(name: str, county: County, home: Path, runs: int) -> None:
    readings = prepared(county, home)
    received = sum(
        path.stat().st_size for path in (home / "projection" / "readings").glob("received-0-*.parquet")
    )
    compaction = measured("compact", home, county)
    size = compaction.said["size"]
    table = Table(title=f"{name}: {county.enterprises} enterprises, {readings:,} readings")
    for column in ("", "s", "core s", "MiB", "ns a reading", "× ours"):
        table.add_column(column, justify="right" if column else "left")
    found = {what: [measured(what, home, county) for _ in range(runs)] for what in CONTESTANTS}
    ours = statistics.median(one.seconds for one in found["rdchem, plain"])
    for what, several in {"rdchem compact": [compaction], **found}.items():
        wall, cpu, memory = (
            statistics.median(getattr(one, field) for one in several)
            for field in ("seconds", "cpu", "memory")
        )
        each = f"{wall / readings * 1e9:.1f}"
        table.add_row(what, f"{wall:.2f}", f"{cpu:.2f}", f"{memory:.0f}", each, f"{wall / ours:.1f}")
    CONSOLE.print(table)
    CONSOLE.print(f"bytes a reading: received {received / readings:.2f}, compacted {size / readings:.2f}")
    said = {what: several[0].said for what, several in found.items() if "all checks" not in what}
    same = len({json.dumps(one, sort_keys=True) for one in said.values()}) == 1
    CONSOLE.print(f"all found the same: {same}" + ("" if same else f" {said}"))


CONTESTANTS: Final = (
    "rdchem, plain",
    "rdchem, all checks",
    "duckdb, sorted",
    "duckdb, received",
    "polars, sorted",
    "polars, received",
)


def prepared(county: County, home: Path) -> int:
    """An installation that has received the day, and learned from a week before; how many readings.

    The week comes every five minutes: what is learned is about as large as from more.
    """
    settings = Settings(home=home, database_url="")
    settings.readings_path.mkdir(parents=True)
    engine = open_database(settings.url)
    past = County(county.enterprises, _PAST_EVERY_S)
    learned: list[str] = []
    for back in range(PAST_DAYS, -1, -1):
        made = write_received(past if back else county, settings.readings_path, back)
        with engine.begin() as connection:
            for path, count in made:
                span = (instant(START_US - back * DAY_US + edge) for edge in (0, DAY_US + 10**6))
                store.add_readings_file(connection, path.name, count, *span)
        if back:
            day = DAY - timedelta(days=back)
            compact(settings, day, engine)
            learned += sorted(
                str(path)
                for path in day_folder(settings.readings_path, day).glob("*.parquet")
                if ".batches." not in path.name
            )
            for path, _ in made:
                path.unlink()
    engine.dispose()
    write_learned(home / LEARNED, learned)
    return sum(count for _, count in made)


def measured(what: str, home: Path, county: County) -> Run:
    """One contestant in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.readings_peers", what, str(home), str(county.enterprises)]
    begun = time.perf_counter()
    with subprocess.Popen([*command, str(county.every_s)], stdout=subprocess.PIPE, text=True) as process:
        memory, cpu = 0.0, dict[int, float]()
        parent = psutil.Process(process.pid)
        while process.poll() is None:
            memory = max(memory, _look(parent, cpu))
            time.sleep(_LOOK_S)
        seconds = time.perf_counter() - begun
        assert process.stdout is not None
        said = json.loads(process.stdout.read())
    if process.returncode:
        raise SystemExit(f"{what} ended with {process.returncode}")
    return Run(seconds, sum(cpu.values()), memory, said)


def _look(parent: psutil.Process, cpu: dict[int, float]) -> float:
    """What a process and its children hold now, in MiB; their time on a core so far goes into `cpu`."""
    total = 0
    try:
        for one in [parent, *parent.children(recursive=True)]:
            total += one.memory_info().rss
            cpu[one.pid] = sum(one.cpu_times()[:2])
    except psutil.NoSuchProcess:
        pass
    return total / 2**20
