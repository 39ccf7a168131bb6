"""For the benches of Airflow: databases on PostgreSQL, real services, and what their tasks took."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import create_engine, text

from sensors_sim.airflow import Airflow, airflow_environment
from sensors_sim.broker import free_port
from tests.airflow_home import DAGS
from tests.airflow_services import until
from tests.bench.installed import postgresql

_QUIET: Final = ("REMINDER", "SWEEP", "COMPACT", "DAY_END", "UPKEEP", "WEEKLY", "MONTHLY")


@contextmanager
def databases() -> Iterator[tuple[str, str]]:
    """The URLs of two fresh databases: ours and Airflow's."""
    with postgresql() as server:
        if server is None:
            raise SystemExit("需要 PostgreSQL(Debian:apt install postgresql)。")
        urls = []
        administrator = create_engine(
            server.replace("postgresql:", "postgresql+psycopg:"), isolation_level="AUTOCOMMIT"
        )
        with administrator.connect() as connection:
            for name in ("rdchem", "airflow"):
                connection.execute(text(f"CREATE DATABASE {name}"))
                urls.append(
                    str(server)
                    .replace("postgresql:", "postgresql+psycopg:")
                    .replace("/postgres?", f"/{name}?")
                )
        administrator.dispose()
        yield urls[0], urls[1]


@contextmanager
def served(folder: Path, database_url: str, variables: Mapping[str, str]) -> Iterator[Airflow]:
    """Airflow's services, their first request and run behind them; only the morning has a schedule."""
    far = (datetime.now().astimezone().month + 5) % 12 + 1
    environment = airflow_environment(folder, free_port(), database_url) | dict(variables)
    environment |= {f"RDCHEM_SCHEDULE_{name}": f"0 5 1 {far} *" for name in _QUIET}
    with Airflow(folder, environment) as airflow:
        airflow.wait_until_ready(len(list(DAGS.glob("rdchem_*.py"))))
        run = airflow.post("dags/rdchem_sweep/dagRuns", {"logical_date": None})["dag_run_id"]
        until(lambda: airflow.get(f"dags/rdchem_sweep/dagRuns/{run}")["end_date"], every=2)
        yield airflow


def tasks(airflow: Airflow, dag_id: str, run_id: str) -> list[dict[str, Any]]:
    """The task instances of a run that ran, as they ended: Airflow's own times, and `worked`, the instants
    between which the task's own function was at work (in the order of the log: begun, done).
    """
    found = airflow.get(f"dags/{dag_id}/dagRuns/{run_id}/taskInstances")["task_instances"]
    ran = [one | {"worked": _worked(airflow, one)} for one in found if one["state"] == "success"]
    return sorted(ran, key=lambda one: str(one["end_date"]))


def _worked(airflow: Airflow, task: Mapping[str, Any]) -> tuple[datetime, datetime]:
    names = [f"dag_id={task['dag_id']}", f"run_id={task['dag_run_id']}", f"task_id={task['task_id']}"]
    if task["map_index"] >= 0:
        names.append(f"map_index={task['map_index']}")
    log = airflow.home.joinpath("logs", *names, f"attempt={task['try_number']}.log")
    said = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    begun = next(one for one in said if one["event"].startswith("::endgroup::"))
    done = next(one for one in said if one["event"].startswith("Done. Returned value was"))
    return datetime.fromisoformat(begun["timestamp"]), datetime.fromisoformat(done["timestamp"])
