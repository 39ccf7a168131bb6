"""A month judged anew in Airflow, beside the bare job: `make bench BENCH_ARGS=backfill`.

Thirty simulated mornings of 100 enterprises (RDCHEM_BENCH_DAYS, RDCHEM_BENCH_ENTERPRISES ask for others) are
projected into PostgreSQL and judged a first time (what is usual for each sensor is learned with it, a tenth
or two of the day's time). Then the bare job does what the DAG's tasks do, day after day in one process; then
`airflow backfill create` does it over, with real services, as many runs side by side as it chooses. That what
is stored is the same afterwards is checked. Overhead is Airflow's time a day less the bare job's.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from rdchem import groups, jobs, quality_jobs, report_jobs
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from sensors_sim.airflow import Airflow
from tests.airflow_services import MORNING, runs, until
from tests.bench.served import databases, served, tasks
from tests.bench.whatif import history
from tests.homes import rows

_FIRST: Final = date(2026, 3, 1)
_STORED: Final = ("judgement", "finding", "notification")
_STEPS: Final = ("catch_up", "check", "judge", "gather", "report")


def run(_: int) -> None:
    """Measure once, and print."""
    days = int(os.environ.get("RDCHEM_BENCH_DAYS", "30"))
    enterprises = int(os.environ.get("RDCHEM_BENCH_ENTERPRISES", "100"))
    with databases() as (ours, airflows), tempfile.TemporaryDirectory() as folder:
        variables = {
            "RDCHEM_HOME": f"{folder}/home",
            "RDCHEM_DATABASE_URL": ours,
            "RDCHEM_JOURNAL_KIND": "replay",
            "RDCHEM_NOTIFY_URLS": "",
        }
        os.environ |= variables
        history(Settings(), _FIRST, enterprises, days)
        span = [_FIRST + timedelta(days=number) for number in range(days)]
        for day in track(span, "judged a first time", console=Console(stderr=True)):
            _bare(day)
        bare = [_bare(day) for day in span]
        before = _stored(ours, span)
        with served(Path(folder) / "airflow", airflows, variables) as airflow:
            seconds = _backfilled(airflow, span)
            done = runs(airflow, MORNING, "backfill")
            assert [one["state"] for one in done] == ["success"] * days, f"see the logs in {airflow.home}"
            in_tasks = [_in_tasks(airflow, one["dag_run_id"]) for one in done]
        same = _stored(ours, span) == before
    table = Table(
        title=f"{days} days of {enterprises} enterprises; what is stored is {'the same' if same else 'OTHER'}"
    )
    for name in ("step", "bare job, ms a day", "in its task, ms a day"):
        table.add_column(name, justify="left" if name == "step" else "right")
    for step in _STEPS:
        cells = (statistics.mean(one[step] for one in every) for every in (bare, in_tasks))
        table.add_row(step, *(f"{1000 * cell:.0f}" for cell in cells))
    job = statistics.mean(sum(one.values()) for one in bare)
    each = seconds / days
    table.add_row("a day in all", f"{1000 * job:.0f}", f"{1000 * each:.0f} elapsed")
    screen = Console(file=sys.stdout)
    screen.print(table)
    took = statistics.median(_seconds(one["start_date"], one["end_date"]) for one in done)
    screen.print(
        f"overhead of Airflow {each - job:.1f} s a day; a run takes {took:.1f} s (median), several at a time"
    )
    if not same:
        raise SystemExit(1)


def _bare(day: date) -> dict[str, float]:
    """Seconds of each step of a day in this process."""
    as_of = jobs.morning_as_of(day)
    of = len(groups.groups(as_of))
    steps: dict[str, Callable[[], Any]] = {
        "catch_up": lambda: jobs.catch_up(day, as_of),
        "check": lambda: quality_jobs.check(day, as_of),
        "judge": lambda: [groups.judge_group(day, as_of, one, of, "bare") for one in range(of)],
        "gather": lambda: groups.gather(day, as_of, of, "bare"),
        "report": lambda: report_jobs.report(day, as_of),
    }
    taken = {}
    for name, step in steps.items():
        begun = time.perf_counter()
        step()
        taken[name] = time.perf_counter() - begun
    return taken


def _backfilled(airflow: Airflow, span: list[date]) -> float:
    begun = time.perf_counter()
    dates = ("--from-date", span[0].isoformat(), "--to-date", f"{span[-1] + timedelta(days=1)}")
    airflow.command("backfill", "create", "--dag-id", MORNING, *dates)
    asked = f"backfills?dag_id={MORNING}"
    until(lambda: all(one["completed_at"] for one in airflow.get(asked)["backfills"]), 3600, every=3)
    return time.perf_counter() - begun


def _in_tasks(airflow: Airflow, run_id: str) -> dict[str, float]:
    """Seconds the functions of the tasks of a run took, those side by side one after another."""
    taken = dict.fromkeys(_STEPS, 0.0)
    for one in tasks(airflow, MORNING, run_id):
        if one["task_id"] in taken:
            begun, done = one["worked"]
            taken[one["task_id"]] += (done - begun).total_seconds()
    return taken


def _stored(database_url: str, span: list[date]) -> dict[str, list[dict[str, Any]]]:
    """What is stored of some days; the schedule of the morning itself may store something of today."""
    engine = open_database(database_url)
    found = {name: [row for row in rows(engine, name) if row["day"] in span] for name in _STORED}
    engine.dispose()
    return found


def _seconds(begun: str, done: str) -> float:
    return (datetime.fromisoformat(done) - datetime.fromisoformat(begun)).total_seconds()
