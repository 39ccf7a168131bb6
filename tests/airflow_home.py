"""Airflow in a process of its own: what the DAG files say of themselves, and one true run of the morning DAG.

Airflow reshapes logging and warnings of the process that imports it, so the tests never do.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Timer
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
DAGS = ROOT / "dags"
ERRORS = ("ConfigurationError", "DatabaseUnavailableError", "InputError", "JournalError", "NotReadyError")


@contextmanager
def mornings(home: Path, day: date, variables: dict[str, str]) -> Iterator[Callable[[], dict[str, Any]]]:
    """Run the real DAG for a business day with rdchem's settings in `variables`, once a call; `dags/once.py`.

    A call returns `{"state", "run_id", "tasks": {task: {"state", "result"}}}`, whether or not the run
    succeeded.
    """
    command = [sys.executable, "-m", "dags.once", "--home", str(home), "--day", day.isoformat(), "--wait"]
    home.mkdir(parents=True, exist_ok=True)
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with (
        (home / "once.log").open("w") as log,
        subprocess.Popen(command, cwd=ROOT, env=os.environ | variables, stderr=log, **pipes) as process,
    ):
        assert process.stdin is not None and process.stdout is not None
        patience = Timer(300, process.kill)
        patience.start()

        def run() -> dict[str, Any]:
            process.stdin.write("go\n")
            process.stdin.flush()
            for line in process.stdout:
                if line.startswith('{"state"'):
                    return json.loads(line)
            raise AssertionError(f"dags.once ended:\n{(home / 'once.log').read_text()[-4000:]}")

        try:
            yield run
        finally:
            process.stdin.close()
            patience.cancel()


def describe(home: Path) -> dict[str, Any]:
    """What the DAG folder holds, as Airflow reads it: see `_describe`."""
    done = _run([sys.executable, "-m", "tests.airflow_home"], {"AIRFLOW_HOME": str(home)})
    if done.returncode:
        raise AssertionError(done.stdout + done.stderr)
    facts: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return facts


def _run(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    environment = os.environ | variables
    return subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


def _describe() -> dict[str, Any]:
    from dags.once import environment

    os.environ.update(environment(Path(os.environ["AIRFLOW_HOME"])))
    import airflow.sdk
    from airflow.dag_processing.dagbag import DagBag
    from airflow.sdk import (
        Asset,
        AsyncCallback,
        CronPartitionTimetable,
        CronTriggerTimetable,
        DeadlineAlert,
        DeadlineReference,
        ExceptionRetryPolicy,
        Param,
        RetryRule,
        dag,
        get_current_context,
        task,
    )
    from airflow.serialization.serialized_objects import DagSerialization

    _ = (airflow.sdk, Asset, AsyncCallback, CronPartitionTimetable, DeadlineAlert, DeadlineReference)
    from airflow.providers.standard.operators.hitl import ApprovalOperator

    _ = (
        ApprovalOperator,
        CronTriggerTimetable,
        ExceptionRetryPolicy,
        Param,
        RetryRule,
        dag,
        get_current_context,
        task,
    )
    before = set(sys.modules)
    bag = DagBag(DAGS, bundle_path=DAGS, bundle_name="dags-folder")
    imported = sorted(set(sys.modules) - before)
    dags = {}
    for dag_id, one in bag.dags.items():
        scheduled = DagSerialization.deserialize_dag(DagSerialization.serialize_dag(one))
        dags[dag_id] = _facts(one) | {"next": _next_run(scheduled)}
    return {"import_errors": bag.import_errors, "imported": imported, "dags": dags, "days": _days()}


def _facts(dag: Any) -> dict[str, Any]:
    from rdchem import errors

    tasks = {}
    for task in dag.tasks:
        raised = [getattr(errors, name)("x") for name in ERRORS] + [
            ConnectionError("x"),
            ValueError("x"),
            ExceptionGroup("x", [KeyError("y")]),
        ]
        decisions = {type(e).__name__: task.retry_policy.evaluate(e, 1, 3).action.value for e in raised}
        tasks[task.task_id] = {
            "owner": task.owner,
            "rule": str(task.trigger_rule),
            "retries": task.retries,
            "timeout": task.execution_timeout is not None,
            "waits_for_people": getattr(task, "response_timeout", None) is not None,
            "doc": bool(task.doc or task.python_callable.__doc__),
            "upstream": sorted(task.upstream_task_ids),
            "decisions": decisions,
        }
    return {
        "tags": sorted(dag.tags),
        "doc": dag.doc_md,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "deadline": bool(dag.deadline),
        "outlets": sorted({one.name for task in dag.tasks for one in task.outlets}),
        "inlets": sorted({one.name for task in dag.tasks for one in task.inlets}),
        "tasks": tasks,
    }


def _next_run(dag: Any) -> dict[str, str]:
    from airflow.timetables.base import TimeRestriction

    restriction = TimeRestriction(earliest=None, latest=None, catchup=dag.catchup)
    info = dag.timetable.next_dagrun_info_v2(last_dagrun_info=None, restriction=restriction)
    return {"run_after": info.run_after.isoformat(), "partition_key": str(info.partition_key)}


def _days() -> dict[str, str]:
    """The business day of runs started in different ways."""
    from dags.house import day_of

    evening = datetime(2026, 9, 15, 16, 30, tzinfo=UTC)  # 2026-09-16 00:30 in Shanghai
    by_run_after = SimpleNamespace(logical_date=None, run_after=evening)
    by_logical_date = SimpleNamespace(logical_date=evening, run_after=datetime(2030, 1, 1, tzinfo=UTC))
    cases = {
        "asked": {"params": {"day": "2026-09-01"}, "partition_key": "2026-09-15", "dag_run": by_run_after},
        "partition": {"params": {"day": None}, "partition_key": "2026-09-15", "dag_run": by_run_after},
        "logical_date": {"params": {"day": None}, "partition_key": None, "dag_run": by_logical_date},
        "run_after": {"params": {"day": None}, "dag_run": by_run_after},
    }
    return {name: day_of(context).isoformat() for name, context in cases.items()}


if __name__ == "__main__":
    sys.stdout.write(json.dumps(_describe(), ensure_ascii=False) + "\n")
