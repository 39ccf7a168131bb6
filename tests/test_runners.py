"""One kernel, three runners: this process, a pool of processes, and a real standalone Spark cluster."""

import os
import pickle
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rdchem.model.source import Quantity
from rdchem.readings.beside import COMPARED
from rdchem.readings.kernel import Judged
from rdchem.readings.points import COLUMNS, Points
from rdchem.runners import Task, in_pool, in_process
from rdchem.segment import microseconds
from rdchem.store.learned_past import write_learned
from rdchem.store.readings import day_folder, is_compacted
from tests.conftest import find_program, free_port
from tests.days import DAY, EIGHT
from tests.reading_rows import ReadingRow
from tests.siblings import PAST, TODAY, noise, process
from tests.test_compaction import Installation, reading

SOURCES = 6
START, END = microseconds(EIGHT), microseconds(EIGHT) + 7200 * 10**6


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> Task:
    """Two hours of five enterprises with a bit of everything: silent, copied, corrected, late, odd."""
    random = np.random.default_rng(7)
    rows = []
    for at in range(0, 7200, 40):
        for number in range(5):
            for source in range(SOURCES):
                if random.random() < 0.03 or (number == 1 and 900 < at < 2400):
                    continue
                value: float | None = round(float(random.normal(50, 3)), source % 4)
                if source == 0 and at > 1200:
                    value = 7.5
                elif random.random() < 0.02:
                    value = [None, 1 / 3, 1e12, -0.0][random.integers(4)]
                late = 8000 if random.random() < 0.02 else 1
                rows.append(
                    reading(
                        at,
                        at + late,
                        company_code=f"C{number}",
                        source_code=f"S{source}",
                        value=value,
                        quality=["good", "bad", "uncertain"][int(random.integers(3))]
                        if number == 2
                        else "good",
                        journal_id=f"{at}-{number}",
                    )
                )
                if random.random() < 0.02:
                    rows.append(reading(at, at + 30, company_code=f"C{number}", source_code=f"S{source}"))
    home = Installation(tmp_path_factory.mktemp("home"))
    rows += hazard(0, 7200)
    home.add("a.parquet", rows)
    home.compact()
    home.add("past.parquet", [*past(random), *hazard(-4 * 86_400 - 28_800, -28_800)])
    for back in range(4, 0, -1):
        home.compact(DAY - timedelta(days=back))
    table = pd.DataFrame(
        [
            (f"C{number}", f"S{source}", 45.0, 56.0, 4.0, 600 * 10**6, 300 * 10**6)
            for number in range(5)
            for source in range(SOURCES - 1)
        ],
        columns=["company_code", "source_code", *COLUMNS],
    ).assign(quantity=-1, hazard=-1)
    told = [
        ("C5", code, -1e3, 1e3, 1e9, 7200 * 10**6, 900 * 10**6, COMPARED.index(quantity), hazard)
        for code, quantity, hazard in HAZARD
    ]
    table = pd.concat([table, pd.DataFrame(told, columns=table.columns)])
    today = day_folder(home.folder, DAY)
    files = tuple(str(path) for path in home.files() if path.parent == today)
    before = [str(path) for path in home.files() if is_compacted(path) and path.parent != today]
    learned = home.folder.parent / "learned.parquet"
    assert write_learned(learned, before) == 5 + len(HAZARD)
    points = Points.of(table)
    return Task(files, points, START, END, as_of_us=END + 10 * 10**6, learned=str(learned))


def past(random: np.random.Generator) -> Iterator[ReadingRow]:
    """The day before of the last enterprise's first five sources."""
    for at in range(0, 6 * 3600, 20):
        for source in range(5):
            yield reading(
                at - 86_400,
                at - 86_399,
                company_code="C4",
                source_code=f"S{source}",
                value=round(float(random.normal(50, 3)), 2),
            )


HAZARD = (
    ("A", Quantity.TEMPERATURE, 0),
    ("B", Quantity.TEMPERATURE, 0),
    ("F", Quantity.FLOW, 0),
    ("L", Quantity.LEVEL, 0),
    ("Z", Quantity.TEMPERATURE, 1),
)
"""Of an enterprise, with the hazard it belongs to."""


def hazard(since: int, until: int) -> list[ReadingRow]:
    """Its readings from one second after eight to another: today one of two siblings is off, and a tank is
    filled while the flow stands that fills it. One of another hazard goes its own way.
    """
    steps = np.arange(PAST + TODAY)
    turn, today = (steps - steps.size + 24) % 72, steps >= steps.size - 24
    shown = {
        "A": process(5) + noise(1),
        "B": 2 * process(5) + 30 + noise(2) + 10.0 * today,
        "F": np.where((turn < 24) & ~today, 60.0, 2.0) + noise(3, 0.3),
        "L": np.interp(turn, [0, 24, 48, 60], [1.0, 5.0, 5.0, 1.0]) + noise(4, 0.01),
        "Z": process(5) + noise(5) - 10.0 * today,
    }
    return [
        reading(at, at + 1, company_code="C5", source_code=code, value=round(float(values[place]), 3))
        for at in range(since, until, 300)
        for place in [at // 300 - 24 + steps.size]
        for code, values in shown.items()
    ]


@pytest.fixture(scope="module")
def judged(task: Task) -> Judged:
    return in_process(task)


def same(one: Judged, other: Judged) -> None:
    pd.testing.assert_frame_equal(one.summary, other.summary)
    pd.testing.assert_frame_equal(one.stretches, other.stretches)


def test_the_data_has_a_bit_of_everything(judged: Judged) -> None:
    summary = judged.summary
    assert len(summary) == 5 * SOURCES + len(HAZARD)
    for column in (
        "copies",
        "missing",
        "uncertain",
        "bad",
        "silent_count",
        "out_of_range",
        "spikes",
        "flat_count",
    ):
        assert summary[column].sum() > 0, column
    assert {"silent", "out_of_range", "flat"} < set(judged.stretches["state"])
    screened = judged.stretches[judged.stretches["why"] != ""]
    assert len(screened)
    assert "silent" not in set(screened["state"])


def test_sources_of_a_hazard_are_held_against_each_other(judged: Judged) -> None:
    told = judged.stretches[judged.stretches["state"].isin(["disagrees", "contradicted"])]
    assert list(zip(told["company_code"], told["source_code"], told["state"], strict=True)) == [
        ("C5", "A", "disagrees"),
        ("C5", "B", "disagrees"),
        ("C5", "L", "contradicted"),
    ]
    assert told["why"].str.contains("按同类测点 B 应约").tolist() == [True, False, False]
    assert (told["readings"] > 12).all()


def test_without_a_learned_past_only_the_plain_part_is_told(task: Task, judged: Judged) -> None:
    found = in_process(replace(task, learned=None))
    pd.testing.assert_frame_equal(found.summary, judged.summary)
    kept = judged.stretches[judged.stretches["why"] == ""].reset_index(drop=True)
    pd.testing.assert_frame_equal(found.stretches, kept)


def test_what_came_after_the_instant_judged_is_not_seen(task: Task, judged: Judged) -> None:
    later = in_process(replace(task, as_of_us=END + 10**12))
    assert later.summary["count"].sum() > judged.summary["count"].sum()


def test_a_pool_of_processes_gives_the_same(task: Task, judged: Judged) -> None:
    same(in_pool(task, 2), judged)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Spark master and two workers on loopback; gives the master's address."""
    import pyspark

    java = find_program("java")
    home = Path(pyspark.__file__).parent
    folder = tmp_path_factory.mktemp("spark")
    port = free_port()
    environment = os.environ | {
        "SPARK_HOME": str(home),
        "JAVA_HOME": str(Path(java).resolve().parent.parent),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOG_DIR": str(folder),
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    }
    master = [
        "org.apache.spark.deploy.master.Master",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--webui-port",
        "0",
    ]
    address = f"spark://127.0.0.1:{port}"
    worker = ["org.apache.spark.deploy.worker.Worker", "--host", "127.0.0.1", "--webui-port", "0"]
    worker += ["--cores", "1", "--memory", "512m", address]
    processes = []
    with (folder / "spark.log").open("wb") as log:
        for arguments in (master, worker, worker):
            own = folder / f"work-{len(processes)}"
            processes.append(
                subprocess.Popen(
                    [str(home / "bin" / "spark-class"), *arguments],
                    env=environment | {"SPARK_WORKER_DIR": str(own)},
                    stdout=log,
                    stderr=log,
                )
            )
        try:
            wait_for(folder / "spark.log", "Registering worker", 2)
            yield address
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait(timeout=20)
            shutil.rmtree(folder, ignore_errors=True)


def wait_for(log: Path, words: str, times: int) -> None:
    end = time.monotonic() + 240
    while log.read_text(errors="replace").count(words) < times:
        assert time.monotonic() < end, log.read_text(errors="replace")[-2000:]
        time.sleep(0.1)


def test_a_spark_cluster_gives_the_same(task: Task, judged: Judged, cluster: str, tmp_path: Path) -> None:
    """The driver is a process of its own, as spark-submit starts one."""
    sent, answer = tmp_path / "task", tmp_path / "answer"
    sent.write_bytes(pickle.dumps(task))
    environment: dict[str, Any] = os.environ | {
        "PYTHONPATH": str(Path(__file__).resolve().parent.parent),
        "PYSPARK_PYTHON": sys.executable,
        "SPARK_LOCAL_IP": "127.0.0.1",
    }
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, cluster, str(sent), str(answer)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=400,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    found, executors = pickle.loads(answer.read_bytes())  # noqa: S301 - our own driver wrote it
    same(found, judged)
    assert executors == 2


DRIVER = """
import pickle, sys
from pathlib import Path
from pyspark.sql import SparkSession
from rdchem.runners.on_spark import on_spark

master, task, answer = sys.argv[1:]
spark = (
    SparkSession.builder.master(master)
    .config("spark.sql.session.timeZone", "Asia/Shanghai")
    .config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    .config("spark.executor.memory", "512m")
    .config("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
    .config("spark.executor.extraJavaOptions", "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC")
   .config("spark.ui.enabled", "false")
    .config("spark.sql.shuffle.partitions", "2")
    .config("spark.cores.max", "2")  # of how many the next line wants all; else of none
    .config("spark.scheduler.minRegisteredResourcesRatio", "1.0")
    .config("spark.scheduler.maxRegisteredResourcesWaitingTime", "60s")
    .getOrCreate()
)
judged = on_spark(pickle.loads(Path(task).read_bytes()), spark)
executors = spark.sparkContext._jsc.sc().getExecutorMemoryStatus().size() - 1
Path(answer).write_bytes(pickle.dumps((judged, executors)))
spark.stop()
"""
