"""A verdict upon a whole night: what judging a morning costs where every sensor has sent since midnight.

A simulated county (100 enterprises, or as RDCHEM_BENCH_ENTERPRISES says) has sent every ten seconds since
midnight, in a file for each projection run of five minutes; the week before it sent every five minutes and
was learned, as happens at night. Timed is each group of the verdict, a process of its own, one after the
other: out of the files as they came, and with those in order that were there at nine.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from rdchem import calendar
from rdchem.compaction import compact
from rdchem.day_courses import learn_ahead
from rdchem.day_facts import facts
from rdchem.groups import groups, judge_group
from rdchem.home import Home
from rdchem.model.source import Source, SourceKind
from rdchem.rulebook import rulebook_on
from rdchem.segment import instant
from rdchem.store import readings_files, tables
from rdchem.store.readings import READINGS_ENCODING, READINGS_SCHEMA
from sensors_sim.instruments import INSTRUMENTS
from sensors_sim.processes import honest_signal
from tests.bench.verdict import DAY, SEED, prepared

_EVERY_S: Final = 10
_PAST_EVERY_S: Final = 300
_PAST_DAYS: Final = 7
_RUN_S: Final = 300
_NINE_S: Final = 9 * 3600
_UNTIL_S: Final = _NINE_S + 12 * 60
"""From then on the simulated morning has readings of its own."""
_DAY_S: Final = 86_400

_Sensor = tuple[str, Source]
"""Company, source."""


def run(runs: int) -> None:
    """Measure and print."""
    enterprises = int(os.environ.get("RDCHEM_BENCH_ENTERPRISES", "100"))
    with tempfile.TemporaryDirectory(dir=os.environ.get("RDCHEM_BENCH_FOLDER")) as folder:
        home, as_of = night(enterprises, Path(folder))
        table = Table(title=f"{enterprises} enterprises, medians of {runs}")
        for name in ("readings", "group", "s", "core s"):
            table.add_column(name)
        _measure(table, "as they came", home, as_of, runs)
        with _without_those_since_nine(home):
            begun = time.perf_counter()
            done = compact(home.settings, DAY, home.engine)
            took = time.perf_counter() - begun
        table.add_row(f"{done.readings:,} put in order", "", f"{took:.2f}", "")
        _measure(table, "in order at nine", home, as_of, runs)
    Console().print(table)


def night(enterprises: int, folder: Path) -> tuple[Home, datetime]:
    """An installation that has received a week and a night, and learned; the instant to judge as of."""
    home, as_of = prepared(enterprises, folder)
    known = facts(home, DAY, as_of)
    sensors = [
        (one.company_code, source)
        for one in known.days
        for source in one.register.sources.values()
        if source.kind is SourceKind.SENSOR and source.quantity and source.range_low is not None
    ]
    for back in range(_PAST_DAYS, 0, -1):
        day = DAY - timedelta(days=back)
        _write(home, sensors, day, _DAY_S, _PAST_EVERY_S)
        compact(home.settings, day, home.engine)
    limits = rulebook_on(DAY).limits
    learn_ahead(known, home.settings, home.engine, day=DAY, limits=limits)
    _write(home, sensors, DAY, _UNTIL_S, _EVERY_S)
    return home, as_of


def _write(home: Home, sensors: list[_Sensor], day: date, until_s: int, every_s: int) -> None:
    """Readings from a day's beginning on, in a file for each projection run."""
    start, _ = calendar.day_bounds(day)
    first = int(start.timestamp())
    seconds = range(first, first + until_s, every_s)
    with ProcessPoolExecutor(mp_context=get_context("forkserver")) as pool:
        values = np.array([*pool.map(partial(_values, seconds), sensors, chunksize=50)])
    at_once = max(1, _RUN_S // every_s) if every_s == _EVERY_S else len(seconds)
    for begin in range(0, len(seconds), at_once):
        part = seconds[begin : begin + at_once]
        path = home.settings.readings_path / f"{day}-{begin:06d}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(_table(sensors, part, values[:, begin : begin + at_once]), path, **READINGS_ENCODING)
        with home.engine.begin() as connection:
            span = [instant(int(at * 1e6)) for at in (part[0], part[-1] + 1)]
            readings_files.add(connection, path.name, len(part) * len(sensors), *span)


def _values(seconds: range, sensor: _Sensor) -> np.ndarray:
    _, source = sensor
    assert source.quantity is not None
    signal, digits = honest_signal(SEED, source), INSTRUMENTS[source.quantity].digits
    return np.array([round(signal.at(second), digits) for second in seconds])


def _table(sensors: list[_Sensor], seconds: range, values: np.ndarray) -> pa.Table:
    """One batch an instant and enterprise, received a quarter of a second after it was collected."""
    companies, of = np.unique([company for company, _ in sensors], return_inverse=True)
    sources = [source.source_code for _, source in sensors]
    gateways, sent_by = np.unique([source.gateway_code or "" for _, source in sensors], return_inverse=True)
    size, ticks = len(sensors), len(seconds)
    sensor, tick = np.tile(np.arange(size), ticks), np.repeat(np.arange(ticks), size)
    occurred = np.array(seconds)[tick] * 1_000_000
    ids = [f"bench/{at}:{seconds[0]}" for at in range(len(companies) * ticks)]
    columns = {
        "company_code": _coded(of[sensor], companies.tolist()),
        "gateway_code": _coded(sent_by[sensor], gateways.tolist()),
        "source_code": _coded(sensor, sources),
        "occurred_us": pa.array(occurred),
        "received_us": pa.array(occurred + 250_000),
        "heard_us": pa.array(occurred + 250_000),
        "value": pa.array(values.T.ravel()),
        "quality": _coded(np.zeros(size * ticks), ["good"]),
        "journal_id": _coded(tick * len(companies) + of[sensor], ids),
    }
    return pa.table({name: columns[name] for name in READINGS_SCHEMA.names})


def _coded(places: np.ndarray, names: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(names))


@contextmanager
def _without_those_since_nine(home: Home) -> Iterator[None]:
    start, end = calendar.day_bounds(DAY)
    nine = start + timedelta(seconds=_NINE_S)
    with home.engine.connect() as connection:
        file = tables.readings_file
        since = select(file).where(file.c.first_received_at >= nine, file.c.first_received_at < end)
        late = [dict(one) for one in connection.execute(since).mappings()]
    with home.engine.begin() as connection:
        readings_files.replace(connection, [one["path"] for one in late], [])
    yield
    with home.engine.begin() as connection:
        readings_files.replace(connection, [], late)


def _measure(table: Table, name: str, home: Home, as_of: datetime, runs: int) -> None:
    """A row for each group."""
    os.environ |= {"RDCHEM_HOME": str(home.settings.home), "RDCHEM_JOURNAL_KIND": "replay"}
    numbers = groups(as_of)
    for group in numbers:
        asked = [sys.executable, "-m", "tests.bench.night", as_of.isoformat(), str(group), str(len(numbers))]
        said = [json.loads(subprocess.check_output(asked)) for _ in range(runs)]
        wall, core = (median(one[at] for one in said) for at in (0, 1))
        table.add_row(name, str(group), f"{wall:.2f}", f"{core:.2f}")


def _one_group() -> None:
    """As a process: judge a group, say how many seconds that took on the wall and on a core."""
    begun, worked = time.perf_counter(), time.process_time()
    judge_group(DAY, datetime.fromisoformat(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), "bench")
    sys.stdout.write(json.dumps([time.perf_counter() - begun, time.process_time() - worked]))


if __name__ == "__main__":
    _one_group()
