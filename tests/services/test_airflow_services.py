"""Airflow for real: its services, PostgreSQL, the 09:20 DAG by its schedule, and a kill in the middle."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import text

from rdchem import calendar
from rdchem.calendar import SHANGHAI
from rdchem.store.alone import alone
from rdchem.store.connection import open_database
from sensors_sim.airflow import Airflow, airflow_environment
from sensors_sim.broker import free_port
from tests.airflow_home import DAGS
from tests.conftest import Cluster
from tests.days import commitment, register
from tests.homes import Home, recorded

pytestmark = pytest.mark.xdist_group("airflow")

COMPANIES = [f"3206{number:05}" for number in range(1, 41)]
LATE = COMPANIES[7]
"""Of the forty, the one that says nothing."""
RULEBOOK = """
limits:
  commitment_deadline:
    {title: 截止, unit: time, values: [{value: "00:01", since: 2022-01-01, source: 测试, confirmed: false}]}
  judging_delay:
    {title: 等待, unit: minutes, values: [{value: 0, since: 2022-01-01, source: 测试, confirmed: false}]}
"""


@dataclass
class Scheduled:
    """A running Airflow and the installation its DAGs work for."""

    airflow: Airflow
    home: Home
    day: date

    def runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.airflow.get("dags/rdchem_morning/dagRuns")["dag_runs"]
        return found

    def tasks(self, run_id: str) -> dict[str, str | None]:
        found = self.airflow.get(f"dags/rdchem_morning/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {one["task_id"]: one["state"] for one in found}


def until(what: Callable[[], Any], seconds: float = 120) -> Any:
    """What `what` returns, once it is true; an interface too busy to answer is asked again."""
    end = time.monotonic() + seconds
    found = None
    while not found:
        with suppress(OSError):
            found = what()
        assert time.monotonic() < end, f"{what} took more than {seconds} s"
        time.sleep(0.2)
    return found


@pytest.fixture
def scheduled(tmp_path: Path, postgresql_cluster: Cluster) -> Iterator[Scheduled]:
    for name in ("airflow_services", "rdchem_services"):
        postgresql_cluster.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        postgresql_cluster.execute(f"CREATE DATABASE {name}")
    day = datetime.now(SHANGHAI).date()
    rulebook = tmp_path / "rulebook.yaml"
    rulebook.write_text(RULEBOOK, encoding="utf-8")
    home = Home(tmp_path / "rdchem", postgresql_cluster.url("rdchem_services"))
    early = calendar.day_bounds(day)[0] + timedelta(seconds=10)
    records = [recorded(register(code, occurred_at=early), early) for code in COMPANIES]
    told = [code for code in COMPANIES if code != LATE]
    records += [recorded(commitment(code, day=day, occurred_at=early, items=[]), early) for code in told]
    home.keep(records)
    environment = airflow_environment(
        tmp_path / "airflow", free_port(), postgresql_cluster.url("airflow_services")
    ) | {
        "RDCHEM_HOME": str(home.settings.home),
        "RDCHEM_DATABASE_URL": home.settings.database_url,
        "RDCHEM_RULEBOOK_FILE": str(rulebook),
        "RDCHEM_NOTIFY_URLS": "",
        "RDCHEM_RETRY_SECONDS": "1",
        "RDCHEM_SCHEDULE_SWEEP": "0 5 1 1 *",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "6",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "12",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    }
    with Airflow(tmp_path / "airflow", environment) as airflow:
        airflow.wait_until_ready(len(list(DAGS.glob("rdchem_*.py"))))
        yield Scheduled(airflow, home, day)
    open_database(home.settings.url).dispose()


def schedule_soon(scheduled: Scheduled) -> datetime:
    """Have the morning's DAG read anew with a schedule some seconds from now; the instant it fires."""
    airflow = scheduled.airflow
    for ahead in (
        25,
        60,
        120,
    ):  # a busy machine may need longer to read the DAG files than to wait for the run
        at = datetime.now(SHANGHAI) + timedelta(seconds=ahead)
        airflow.environment["RDCHEM_SCHEDULE_MORNING"] = f"{at.minute} {at.hour} * * * {at.second}"
        airflow.kill("dag-processor")
        airflow.start("dag-processor")
        at = at.replace(microsecond=0)

        def expected(at: datetime = at) -> bool:
            following = airflow.get("dags/rdchem_morning")["next_dagrun_run_after"]
            return datetime.fromisoformat(following) == at or datetime.now(SHANGHAI) > at

        until(expected)
        if datetime.now(SHANGHAI) < at or scheduled.runs():
            return at
    raise AssertionError("the DAG files were not read in time")


def processes_of_the_task(airflow: Airflow) -> list[psutil.Process]:
    """What runs under the scheduler, youngest first: tasks, then their supervisors."""
    children = psutil.Process(airflow.processes["scheduler"].pid).children(recursive=True)
    return sorted(children, key=lambda one: one.create_time(), reverse=True)


def test_the_scheduled_run_survives_the_death_of_its_scheduler_and_leaves_one_whole_verdict(
    scheduled: Scheduled,
) -> None:
    airflow, settings = scheduled.airflow, scheduled.home.settings
    engine = open_database(settings.url)
    at = schedule_soon(scheduled)
    with alone(
        engine, settings.locks_path, f"day {scheduled.day}"
    ):  # the run comes to a halt before it writes
        run = until(lambda: next(iter(scheduled.runs()), None))
        run_id = run["dag_run_id"]
        until(lambda: waiting_for_the_lock(engine), 240)
        for process in processes_of_the_task(airflow)[:1]:
            process.kill()
        airflow.kill("scheduler")
    airflow.start("scheduler")
    finished = until(lambda: next((one for one in scheduled.runs() if one["end_date"]), None), 240)
    assert finished["state"] == "success", scheduled.tasks(run_id)
    assert run["run_type"] == "scheduled" and run["partition_key"] == scheduled.day.isoformat()
    started = datetime.fromisoformat(run["start_date"])
    assert at <= started < at + timedelta(minutes=2)
    [other] = scheduled.runs()
    assert other["dag_run_id"] == run_id
    with engine.connect() as connection:
        stored = connection.execute(text("SELECT as_of, body FROM judgement")).all()
        squares = connection.execute(text("SELECT count(*) FROM ledger")).scalar()
        sent = connection.execute(
            text("SELECT count(*) FROM notification WHERE sent_at IS NOT NULL")
        ).scalar()
    [(_, body)] = stored
    document = json.loads(body)
    assert len(document["ledger"]) == squares == len(COMPANIES) * len(document["rulebook"]["rules"])
    missing = [one for one in document["findings"] if one["rule"] == "commitment_is_announced_by_deadline"]
    assert [one["enterprise"] for one in missing] == [LATE]
    report = settings.out_path / scheduled.day.isoformat()
    assert json.loads((report / "verdict.json").read_bytes()) == document
    assert (report / "exceptions.html").is_file() and sent == 1
    events = airflow.get("assets/events")["asset_events"]
    keys = {one["name"] if "name" in one else one["asset_id"]: one["partition_key"] for one in events}
    assert set(keys.values()) == {scheduled.day.isoformat()} and len(events) >= 2
    engine.dispose()


def waiting_for_the_lock(engine: Any) -> bool:
    with engine.connect() as connection:
        waiting = connection.execute(
            text("SELECT count(*) FROM pg_locks WHERE locktype='advisory' AND NOT granted")
        )
        return bool(waiting.scalar())
