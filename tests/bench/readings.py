"""A day's readings judged, against DuckDB and Polars on the same files in the same run.

Every contestant is a process of its own, started for each measurement and timed from outside with its
children, memory too (the greatest sum of what all its processes hold). The peers get both cores, rdchem two
processes. What they find is compared, so that nobody is quick by doing less.

`received` is the day as it comes, in order of time; `sorted` is what `rdchem compact` makes of it. A peer may
read either; it is timed on its best form of each (`tests.bench.readings_peers`).

RDCHEM_BENCH_READINGS=nation is a nation's day, county:0.25 a part of a county; several are done one after the
other. RDCHEM_BENCH_CONTESTANTS=rdchem leaves out whoever's name does not begin so; several are parted by
semicolons. All readings of a nation's day are made, by as many processes as there are cores; its week before
is made of the first enterprises and learned of them, and goes for the others, who move as they do
(`tests.bench.county`), as well.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import psutil
from rich.console import Console
from rich.table import Table

from rdchem.compaction import compact
from rdchem.readings.grid import Grid
from rdchem.readings.learned import Learned
from rdchem.segment import instant
from rdchem.settings import Settings
from rdchem.store import readings_files
from rdchem.store.connection import open_database
from rdchem.store.learned_past import keep_pasts, learned_pasts
from rdchem.store.readings import day_folder
from tests.bench.asked import DAY, DAY_US, LEARNED, START_US, County
from tests.bench.county import MODELS, lift, received_files, write_received

_SIZES: Final = {"county": County(100, 10.0), "nation": County(6984, 47.6)}
_LOOK_S: Final = 0.1
"""Looking takes a core some milliseconds, which those measured lack."""
CONSOLE: Final = Console(width=120)


@dataclass(frozen=True, slots=True)
class Run:
    """One measured process: seconds on the wall and of both cores, most memory in MiB, and what it said."""

    seconds: float
    cpu: float
    memory: float
    said: dict[str, Any]


def run(runs: int) -> None:
    """Measure and print."""
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
    found = {what: [measured(what, home, county) for _ in range(runs)] for what in contestants()}
    first = next(iter(found.values()), [compaction])
    ours = statistics.median(one.seconds for one in found.get("rdchem, plain", first))
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


def contestants() -> list[str]:
    """Who is measured: all, or those whose names begin as one of RDCHEM_BENCH_CONTESTANTS does."""
    wanted = tuple(one.strip() for one in os.environ.get("RDCHEM_BENCH_CONTESTANTS", "").split(";"))
    return [what for what in CONTESTANTS if what.startswith(wanted)]


def prepared(county: County, home: Path) -> int:
    """An installation that has received the day, and learned from a week before; how many readings.

    The week comes every five minutes: what is learned is about as large as from more.
    """
    settings = Settings(home=home, database_url="")
    settings.readings_path.mkdir(parents=True)
    past = County(min(county.enterprises, MODELS), _PAST_EVERY_S)
    with ProcessPoolExecutor(mp_context=get_context("forkserver")) as pool:
        week = [file for back in range(PAST_DAYS, 0, -1) for file in _past_day(past, settings, back, pool)]
        learned = pool.submit(_learn, home / LEARNED, week, county.enterprises)
        made = _received(county, settings, 0, pool)
        learned.result()
    return sum(count for _, count in made)


def _received(county: County, settings: Settings, back: int, pool: Executor) -> list[tuple[Path, int]]:
    """The files of a day, and how many readings each has; entered as files that count."""
    write = partial(write_received, county, settings.readings_path, back=back)
    made = list(pool.map(write, received_files(county)))
    engine = open_database(settings.url)
    span = [instant(START_US - back * DAY_US + edge) for edge in (0, DAY_US + 10**6)]
    with engine.begin() as connection:
        for path, count in made:
            readings_files.add(connection, path.name, count, *span)
    engine.dispose()
    return made


def _past_day(past: County, settings: Settings, back: int, pool: Executor) -> list[str]:
    """The compacted files of a day that was so many days before."""
    made = _received(past, settings, back, pool)
    day = DAY - timedelta(days=back)
    compact(settings, day)
    for path, _ in made:
        path.unlink()
    files = sorted(day_folder(settings.readings_path, day).glob("*.parquet"))
    return [str(path) for path in files if ".batches." not in path.name]


def _learn(path: Path, week: list[str], enterprises: int) -> None:
    """Learn from a week's files, and write what is usual for so many enterprises."""
    models = [learned for _, learned in learned_pasts(week)]
    keep_pasts(path, _of_all(models, County(enterprises, _PAST_EVERY_S)))


def _of_all(models: list[dict[str, Learned]], county: County) -> Iterator[tuple[str, dict[str, Learned]]]:
    """Company code and what is usual for its sources: what is for those of its model, so much higher."""
    for number, code in enumerate(county.companies()):
        usual = models[number % MODELS]
        yield code, {code + source[len(code) :]: _higher(one, lift(number)) for source, one in usual.items()}


def _higher(usual: Learned, by: float) -> Learned:
    """What would be learned if all had been so much higher."""
    past = usual.past
    return replace(
        usual,
        rest=usual.rest + by,
        low=usual.low + by,
        high=usual.high + by,
        middle=usual.middle + by,
        calm=replace(usual.calm, low=usual.calm.low + by),
        past=Grid(past.first, past.step_s, past.values + by),
    )


def measured(what: str, home: Path, county: County) -> Run:
    """One contestant in a process of its own."""
    folder = home / "projection" / "readings"
    where = folder if what.endswith("received") else day_folder(folder, DAY)
    command = [sys.executable, "-m", "tests.bench.readings_peers", what, str(home), str(where)]
    begun = time.perf_counter()
    with subprocess.Popen(
        [*command, str(county.enterprises), str(county.every_s)], stdout=subprocess.PIPE, text=True
    ) as process:
        memory, cpu = 0.0, dict[int, float]()
        parent = psutil.Process(process.pid)
        while process.returncode is None:
            memory = max(memory, _look(parent, cpu))
            with suppress(subprocess.TimeoutExpired):
                process.wait(_LOOK_S)
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
