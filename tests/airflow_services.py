"""Waiting for running Airflow services, and having a DAG of theirs fire soon."""

import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from rdchem.calendar import SHANGHAI
from sensors_sim.airflow import Airflow

MORNING = "rdchem_morning"


def until(what: Callable[[], Any], seconds: float = 300, every: float = 0.4) -> Any:
    """What `what` returns, once it is true; an interface too busy to answer is asked again."""
    end = time.monotonic() + seconds
    found = None
    while not found:
        with suppress(OSError):
            found = what()
        assert found or time.monotonic() < end, f"{what} took more than {seconds} s"
        time.sleep(every)
    return found


def runs(airflow: Airflow, dag_id: str, kind: str) -> list[dict[str, Any]]:
    """The runs of a DAG that were started in one way: scheduled, backfill, manual."""
    found = airflow.get(f"dags/{dag_id}/dagRuns?limit=100")["dag_runs"]
    return [one for one in found if one["run_type"] == kind]


def fire_soon(airflow: Airflow, ahead: tuple[int, ...] = (60, 120)) -> datetime:
    """Have the morning's DAG read anew with a schedule some seconds from now; the instant it fires.

    A busy machine may need longer to read the DAG files than that: then with more seconds. What is read only
    just after its instant may fire all the same, so there is plenty of time at first.
    """
    for seconds in ahead:
        at = datetime.now(SHANGHAI).replace(microsecond=0) + timedelta(seconds=seconds)
        airflow.environment["RDCHEM_SCHEDULE_MORNING"] = f"{at.minute} {at.hour} * * * {at.second}"
        airflow.kill("dag-processor")
        airflow.start("dag-processor")

        def expected(at: datetime = at) -> bool:
            following = airflow.get(f"dags/{MORNING}")["next_dagrun_run_after"]
            return datetime.fromisoformat(following) == at or datetime.now(SHANGHAI) > at

        until(expected)
        if datetime.now(SHANGHAI) < at:
            return at
    raise AssertionError("the DAG files were not read in time")
