"""One true run of the morning DAG without any Airflow service: for the demo, the tests, a rehearsal.

    python -m dags.once --home DIR --day 2026-09-15 [--wait]

Airflow's own scheduler loop for a single run (`DAG.test`) on a private metadata database in DIR. With
`--wait` everything slow (database, imports) is done first, `ready` is printed, and a run starts with every
line that arrives on standard input, so the preparation can overlap with whatever goes on before.

Of each run the last line printed is JSON: `{"state", "run_id", "tasks": {task: {"state", "result"}}}`. Exit
code 0 if all runs succeeded, 1 if one did not or nobody asked for any. Where rdchem's data are is said by its
own RDCHEM_… variables, as always.
"""

import argparse
import json
import os
import sys
from datetime import date
from importlib import import_module
from pathlib import Path
from typing import Any

DAGS = Path(__file__).resolve().parent


def environment(home: Path) -> dict[str, str]:
    """The variables that keep Airflow inside `home`; they must be set before Airflow is imported."""
    return {
        "AIRFLOW_HOME": str(home.resolve()),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": os.environ.get("AIRFLOW__LOGGING__LOGGING_LEVEL", "WARNING"),
        # Airflow's own deprecations are no news to whoever runs this; failures still are.
        "AIRFLOW__LOGGING__NAMESPACE_LEVELS": "py.warnings=ERROR",
    }


def prepare(home: Path) -> Any:
    """Bring the private metadata database up and read the DAG file. Takes about six seconds, once."""
    home.mkdir(parents=True, exist_ok=True)
    os.environ.update(environment(home))
    from airflow.dag_processing.dagbag import DagBag
    from airflow.utils import db

    db.initdb()
    bag = DagBag(DAGS, bundle_path=DAGS, bundle_name="dags-folder")
    if bag.import_errors:
        raise SystemExit(f"DAG 文件无法读取:{bag.import_errors}")
    return bag.dags["rdchem_morning"]


def warm_up() -> None:
    """Import now what the run would import later; a first request builds the task API (three seconds)."""
    import httpx
    from airflow.sdk.execution_time.supervisor import in_process_api_server

    transport = in_process_api_server().transport
    with httpx.Client(transport=transport, base_url="http://in-process.invalid") as api:
        api.get("/health/ping").raise_for_status()
    for module in ("rdchem.groups", "rdchem.quality"):
        import_module(module)


def run(dag: Any, day: date) -> dict[str, Any]:
    """One run for a business day; what became of it, task by task. A task that fails is not tried again."""
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session

    dag.deadline = None  # nobody waits for a rehearsal, and DAG.test stumbles over its alert
    for task in dag.tasks:
        task.retries = 0
    dag_run = dag.test(logical_date=None, run_conf={"day": day.isoformat()})
    with create_session() as session:
        returned: Any = session.scalars(XComModel.get_many(run_id=dag_run.run_id, key="return_value"))
        results = {(xcom.task_id, xcom.map_index): XComModel.deserialize_value(xcom) for xcom in returned}
        instances = sorted(dag_run.get_task_instances(session=session), key=lambda one: one.map_index)
        tasks = {
            task_id: _together([one for one in instances if one.task_id == task_id], results)
            for task_id in {one.task_id for one in instances}
        }
    order = {task.task_id: place for place, task in enumerate(dag.topological_sort())}
    tasks = dict(sorted(tasks.items(), key=lambda item: order[item[0]]))
    return {"state": str(dag_run.state), "run_id": dag_run.run_id, "tasks": tasks}


def _together(instances: list[Any], results: dict[tuple[str, int], Any]) -> dict[str, Any]:
    """What became of a task; of a mapped one, of all its instances: failed if one of them did."""
    states = [str(one.state) for one in instances]
    state = next((state for state in states if state != "success"), "success")
    values = [results.get((one.task_id, one.map_index)) for one in instances]
    return {"state": state, "result": values[0] if instances[0].map_index < 0 else values}


def main() -> int:
    """See the module's docstring."""
    parser = argparse.ArgumentParser(prog="python -m dags.once")
    parser.add_argument("--home", type=Path, required=True, help="private AIRFLOW_HOME")
    parser.add_argument("--day", type=date.fromisoformat, required=True, help="business day, 2026-09-15")
    parser.add_argument("--wait", action="store_true", help="prepare, print ready, run once a line of input")
    arguments = parser.parse_args()
    dag = prepare(arguments.home)
    if arguments.wait:
        warm_up()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
    states = []
    for _ in sys.stdin if arguments.wait else ("once",):
        outcome = run(dag, arguments.day)
        sys.stdout.write(json.dumps(outcome, ensure_ascii=False) + "\n")
        sys.stdout.flush()
        states.append(outcome["state"])
    return 0 if states and set(states) == {"success"} else 1


if __name__ == "__main__":
    sys.exit(main())
