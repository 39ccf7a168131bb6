"""Airflow's four services on PostgreSQL, shared by the tests of this folder, and the county they work for.

Three judged days of a small simulated county, and today, on which forty more enterprises were registered and
one of them has said nothing. Nothing runs by itself: every schedule is far away (but once a DAG has been
backfilled, Airflow makes up for its last tick: yesterday's).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from rdchem import calendar
from rdchem.calendar import SHANGHAI
from rdchem.segment import Record, microseconds
from rdchem.store.connection import open_database
from sensors_sim.airflow import Airflow, airflow_environment
from sensors_sim.broker import free_port
from sensors_sim.morning import morning
from sensors_sim.window import Window
from tests.airflow_home import DAGS
from tests.airflow_services import runs
from tests.conftest import Cluster
from tests.days import commitment, register
from tests.homes import Home, recorded
from tests.installation import Installation

REGISTERED_TODAY = [f"3206{number:05}" for number in range(1, 41)]
SILENT = REGISTERED_TODAY[7]
"""Of the forty, the one that says nothing."""
SIMULATED = 6
DAYS = 3
_RULEBOOK = """
limits:
  commitment_deadline:
    title: 截止
    unit: time
    values:
      - {{value: "09:20", since: 2022-01-01, until: {yesterday}, source: 测试, confirmed: false}}
      - {{value: "00:01", since: {today}, source: 测试, confirmed: false}}
  judging_delay:
    title: 等待
    unit: minutes
    values:
      - {{value: 1, since: 2022-01-01, until: {yesterday}, source: 测试, confirmed: false}}
      - {{value: 0, since: {today}, source: 测试, confirmed: false}}
"""


@dataclass
class Services:
    """A running Airflow and the installation its DAGs work for."""

    airflow: Airflow
    home: Home
    engine: Engine
    today: date

    @property
    def past(self) -> list[date]:
        """The judged days, oldest first."""
        return past_of(self.today)

    def runs(self, dag_id: str, kind: str) -> list[dict[str, Any]]:
        """The runs of a DAG that were started in one way: scheduled, backfill, manual."""
        return runs(self.airflow, dag_id, kind)

    def tasks(self, dag_id: str, run_id: str) -> dict[str, str | None]:
        """The state of every task of a run."""
        found = self.airflow.get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
        return {one["task_id"]: one["state"] for one in found}


def past_of(today: date) -> list[date]:
    return [today - timedelta(days=ago) for ago in range(DAYS + 7, 7, -1)]


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory, postgresql_cluster: Cluster) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("services")
    for name in ("airflow_services", "rdchem_services"):
        postgresql_cluster.execute(f"CREATE DATABASE {name}")
    now = datetime.now(SHANGHAI)
    today, far = now.date(), now + timedelta(hours=12)
    far_month = (now.month + 5) % 12 + 1  # a tick that has only just passed would be made up for
    rulebook = folder / "rulebook.yaml"
    rulebook.write_text(_RULEBOOK.format(today=today, yesterday=today - timedelta(days=1)), encoding="utf-8")
    home = Home(folder / "rdchem", postgresql_cluster.url("rdchem_services"))
    home.keep(*[_simulated(day) for day in past_of(today)], _said_today(today))
    url = home.settings.database_url
    installation = Installation(home.settings.home, url, more={"RDCHEM_RULEBOOK_FILE": str(rulebook)})
    for day in past_of(today):
        installation.run("judge", day.isoformat())
    schedules = ("REMINDER", "SWEEP", "COMPACT", "DAY_END", "UPKEEP", "WEEKLY", "MONTHLY")
    database = postgresql_cluster.url("airflow_services")
    environment = airflow_environment(folder / "airflow", free_port(), database) | installation.variables
    environment |= {f"RDCHEM_SCHEDULE_{name}": f"0 5 1 {far_month} *" for name in schedules}
    environment |= {
        "RDCHEM_SCHEDULE_MORNING": f"{far.minute} {far.hour} * * *",
        "RDCHEM_NOTIFY_URLS": "",
        "RDCHEM_RETRY_SECONDS": "1",
        "RDCHEM_LATE_SECONDS": "15",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
        "AIRFLOW__SCHEDULER__JOB_HEARTBEAT_SEC": "1",
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "6",
        "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "2",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "12",
        "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "2",
    }
    with Airflow(folder / "airflow", environment) as airflow:
        airflow.wait_until_ready(len(list(DAGS.glob("rdchem_*.py"))))
        engine = open_database(home.settings.url)
        yield Services(airflow, home, engine, today)
        engine.dispose()


def _simulated(day: date) -> list[Record]:
    sent = morning(1, SIMULATED, Window(day=day)).timeline()
    return [Record(microseconds(one.at), one.topic, one.payload) for one in sent]


def _said_today(today: date) -> list[Record]:
    early = calendar.day_bounds(today)[0] + timedelta(seconds=10)
    told = [code for code in REGISTERED_TODAY if code != SILENT]
    records = [recorded(register(code, occurred_at=early), early) for code in REGISTERED_TODAY]
    return records + [
        recorded(commitment(one, day=today, occurred_at=early, items=[]), early) for one in told
    ]
