"""The 09:20 DAG by its schedule: late, killed with its scheduler in the middle, one whole verdict after."""

import json
from datetime import datetime, timedelta
from typing import Any

import psutil
from sqlalchemy import text

from rdchem.store.alone import alone
from tests.airflow_services import MORNING, fire_soon, until
from tests.homes import rows
from tests.services.conftest import REGISTERED_TODAY, SILENT, SIMULATED, Services


def youngest_under(process: int) -> psutil.Process:
    """Of all that a process started, what started last: the task itself, below its supervisor."""
    return max(psutil.Process(process).children(recursive=True), key=lambda one: one.create_time())


def waits_for_the_lock(services: Services) -> bool:
    statement = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    with services.engine.connect() as connection:
        return bool(connection.execute(statement).scalar())


def of_today(services: Services) -> list[dict[str, Any]]:
    today = services.today.isoformat()
    return [one for one in services.runs(MORNING, "scheduled") if one["partition_key"] == today]


def told(services: Services, what: str) -> list[dict[str, Any]]:
    sent = [one for one in rows(services.engine, "notification") if one["sent_at"]]
    return [one for one in sent if one["day"] == services.today and what in one["title"]]


def test_the_scheduled_run_survives_the_death_of_its_scheduler_and_leaves_one_whole_verdict(
    services: Services,
) -> None:
    airflow, settings, day = services.airflow, services.home.settings, services.today
    at = fire_soon(airflow)
    with alone(services.engine, settings.locks_path, f"day {day}"):  # it halts before it writes
        run = until(lambda: of_today(services))[0]
        until(lambda: waits_for_the_lock(services))
        until(lambda: told(services, "本系统报告迟到"))
        youngest_under(airflow.processes["scheduler"].pid).kill()
        airflow.kill("scheduler")
    airflow.start("scheduler")
    finished = until(lambda: [one for one in of_today(services) if one["end_date"]])
    assert [one["dag_run_id"] for one in finished] == [run["dag_run_id"]]
    assert finished[0]["state"] == "success", services.tasks(MORNING, run["dag_run_id"])
    assert at <= datetime.fromisoformat(run["start_date"]) < at + timedelta(minutes=2)

    [verdict] = [one for one in rows(services.engine, "judgement") if one["day"] == day]
    document = json.loads(verdict["body"])
    with services.engine.connect() as connection:
        squares = connection.execute(text("SELECT * FROM ledger WHERE day = :day"), {"day": day}).all()
    enterprises = len(REGISTERED_TODAY) + SIMULATED
    assert len(document["ledger"]) == len(squares) == enterprises * len(document["rulebook"]["rules"])
    missing = [one for one in document["findings"] if one["rule"] == "commitment_is_announced_by_deadline"]
    assert [one["enterprise"] for one in missing if one["enterprise"] in REGISTERED_TODAY] == [SILENT]
    assert len(missing) == 1 + SIMULATED
    report = settings.out_path / day.isoformat()
    assert json.loads((report / "verdict.json").read_bytes()) == document
    assert (report / "exceptions.html").is_file()
    assert len(told(services, "异常报告")) == len(told(services, "本系统报告迟到")) == 1
    events = airflow.get("assets/events")["asset_events"]
    assert [one["partition_key"] for one in events].count(day.isoformat()) == 2  # verdict and report
