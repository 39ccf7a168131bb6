"""A day's readings judged by the kernel, by whichever runner: what is asked of each point, and the files.

What is usual for a point is learned from the compacted days before and kept beside the readings, under a name
that tells which files it was learned from.
"""

import hashlib
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

import pandas as pd

from rdchem import calendar
from rdchem.compaction import compact
from rdchem.day_facts import facts, refuse_an_empty_register
from rdchem.errors import NotReadyError
from rdchem.home import Home
from rdchem.intake import project_all
from rdchem.limits import Limits
from rdchem.model.day import EnterpriseDay
from rdchem.model.source import Source, SourceKind
from rdchem.readings.beside import COMPARED
from rdchem.readings.kernel import Judged
from rdchem.readings.learned import LEARNED_AS
from rdchem.readings.points import COLUMNS, MEASURES, Points
from rdchem.rulebook import rulebook_on
from rdchem.runners import Task, in_pool, in_process
from rdchem.segment import microseconds
from rdchem.store import readings_files
from rdchem.store.learned_past import FOLDER, is_kept, write_learned
from rdchem.store.readings import day_folder

RUNNERS: Final = ("process", "pool", "spark")


@dataclass(frozen=True, slots=True)
class Wish:
    """Who is to run the kernel: how many processes in a pool, from how many days before to learn, and where
    the folder of readings is seen by the runners (an address fsspec or Spark knows; empty: where it is).
    """

    runner: str = "pool"
    processes: int = 2
    past_days: int = 7
    root: str = ""


def judge_readings(home: Home, day: date, as_of: datetime, wish: Wish) -> Judged:
    """Compact what came, and judge the day's readings as of an instant. Raises NotReadyError without any."""
    task = task_of(home, day, as_of, wish)
    if wish.runner == "process":
        return in_process(task)
    if wish.runner == "pool":
        return in_pool(task, wish.processes)
    from pyspark.sql import SparkSession  # pip install rdchem[spark]

    from rdchem.runners.on_spark import on_spark

    builder = SparkSession.builder.appName(f"rdchem {day}")
    return on_spark(task, builder.config("spark.sql.session.timeZone", "Asia/Shanghai").getOrCreate())


def task_of(home: Home, day: date, as_of: datetime, wish: Wish) -> Task:
    """What a runner is given."""
    project_all(home.settings, home.engine)
    files = _files(home, day)
    if not files:
        raise NotReadyError(f"{day} 没有任何读数。请先接入数据(rdchem ingest 或 rdchem load)。")
    known = facts(home, day, as_of)
    known.refuse_removed(("readings",))
    refuse_an_empty_register(known, as_of)
    start, end = calendar.day_bounds(day)
    limits = rulebook_on(day, home.settings.rulebook_files).limits
    rows = [row for one in known.days for row in _asked(one)]
    table = pd.DataFrame(rows, columns=["company_code", "source_code", *COLUMNS, *MEASURES])
    task = Task(
        files=files,
        points=Points.of(table),
        start_us=microseconds(start),
        end_us=microseconds(min(end, as_of)),
        as_of_us=microseconds(as_of),
        learned=_learned(home, day, wish.past_days),
        least_past_s=limits.duration("signal_past_least").total_seconds(),
    )
    return _seen_from(wish.root, home.settings.readings_path, task) if wish.root else task


def _seen_from(root: str, folder: Path, task: Task) -> Task:
    """The same task, its files by their addresses below another root."""

    def moved(path: str) -> str:
        return f"{root.rstrip('/')}/{Path(path).relative_to(folder).as_posix()}"

    learned = None if task.learned is None else moved(task.learned)
    return replace(task, files=tuple(map(moved, task.files)), learned=learned)


def _files(home: Home, day: date) -> tuple[str, ...]:
    """The compacted files of a day, with all that was received until now."""
    compact(home.settings, day, home.engine)
    folder = home.settings.readings_path
    with home.engine.connect() as connection:
        counting = sorted(readings_files.counted(connection))
    return tuple(str(folder / name) for name in counting if (folder / name).parent == day_folder(folder, day))


def _learned(home: Home, day: date, past_days: int) -> str | None:
    """The file of what is usual before a day, made if it is not there; None without any past."""
    before = [day - timedelta(days=back) for back in range(past_days, 0, -1)]
    files = [name for one in before for name in _files(home, one)]
    if not files:
        return None
    names = "\n".join((LEARNED_AS, *(Path(name).name for name in files)))
    digest = hashlib.sha256(names.encode()).hexdigest()[:12]
    path = home.settings.readings_path / FOLDER / f"{day}-{digest}.parquet"
    if not is_kept(path):
        write_learned(path, files)
    return str(path)


def _asked(one: EnterpriseDay) -> list[tuple[str, str, float, float, float, int, int, int, int]]:
    """What is asked of each sensor of an enterprise: code, range, spike, flat, silent, quantity, hazard."""
    limits: Limits = one.limits
    share = limits.rate("reading_spike_share")
    flat_us, silent_us = (
        _us(limits.duration(name)) for name in ("reading_flat_after", "source_offline_after")
    )
    nan = float("nan")
    hazards = sorted({source.hazard_code for source in one.register.sources.values() if source.hazard_code})
    number: dict[str | None, int] = {code: at for at, code in enumerate(hazards)}
    rows = []
    for code, source in one.register.sources.items():
        if source.kind is SourceKind.SENSOR and source.in_use:
            low = nan if source.range_low is None else source.range_low
            high = nan if source.range_high is None else source.range_high
            measures = _quantity(source), number.get(source.hazard_code, -1)
            spike = share * (high - low)
            rows.append((one.company_code, code, low, high, spike, flat_us, silent_us, *measures))
    return rows


def _quantity(source: Source) -> int:
    return COMPARED.index(source.quantity) if source.quantity in COMPARED else -1


def _us(duration: timedelta) -> int:
    return duration // timedelta(microseconds=1)
