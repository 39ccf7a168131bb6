"""The 09:20 clock: from the scheduled instant to the report on disk and its notification handed over.

Real services (scheduler, LocalExecutor, PostgreSQL), the DAG fired by its schedule, a county of 100
enterprises and a nation of 7,000 (RDCHEM_BENCH_ENTERPRISES asks for others). What was received is projected
already, as it is by then; there are as many groups as cores; the deadline is that of the simulated morning
moved to now, and nothing is waited for (a county's `judging_delay`, a minute as shipped, comes on top). Of
each task: when it ended after the instant, what its own function took (with its imports), what Airflow took
since the task before it ended.
"""

import os
import re
import sys
import tempfile
from datetime import UTC, datetime, time, timedelta
from math import ceil
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from rdchem import intake
from rdchem.calendar import SHANGHAI
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from sensors_sim.airflow import Airflow
from sensors_sim.morning import morning
from sensors_sim.window import Window
from tests.airflow_services import MORNING, fire_soon, runs, until
from tests.bench.served import databases, served, tasks
from tests.homes import rows

_SEGMENT: Final = 5_000
_INSTANT: Final = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|\+00:00)")
_RULEBOOK: Final = """
limits:
  commitment_deadline:
    title: 截止
    unit: time
    values: [{{value: "{now:%H:%M}", since: 2022-01-01, source: 基准, confirmed: false}}]
  judging_delay:
    title: 等待
    unit: minutes
    values: [{{value: 0, since: 2022-01-01, source: 基准, confirmed: false}}]
"""


def run(times: int) -> None:
    """Measure and print."""
    asked = os.environ.get("RDCHEM_BENCH_ENTERPRISES")
    for enterprises in (int(asked),) if asked else (100, 7000):
        with databases() as (ours, airflows), tempfile.TemporaryDirectory() as folder:
            variables = installation(Path(folder), ours, enterprises)
            with served(Path(folder) / "airflow", airflows, variables) as airflow:
                tables = [one_morning(airflow, Path(folder), ours) for _ in range(times)]
        for table in tables:
            table.title = f"{enterprises} enterprises: {table.title}"
            Console(file=sys.stdout).print(table)


def installation(folder: Path, database_url: str, enterprises: int) -> dict[str, str]:
    """An installation that has received and projected a morning whose deadline is now; its variables."""
    now = datetime.now(SHANGHAI).replace(second=0, microsecond=0)
    window = Window(now.date(), opens=time(9, 12))
    later = now.astimezone(UTC) - window.deadline
    rulebook = folder / "rulebook.yaml"
    rulebook.write_text(_RULEBOOK.format(now=now), encoding="utf-8")
    settings = Settings(home=folder / "home", database_url=database_url, journal_kind="replay")
    sent = morning(1, enterprises, window).timeline()
    with intake.open_journal(settings).writer("bench") as writer:
        group: list[Record] = []
        for one in sent:
            group.append(Record(microseconds(one.at + later), one.topic, _moved(one.payload, later)))
            if len(group) == _SEGMENT:
                writer.append(group)
                group = []
        writer.append(group)
    engine = open_database(database_url)
    intake.project_all(settings, engine)
    engine.dispose()
    return {
        "RDCHEM_HOME": str(settings.home),
        "RDCHEM_DATABASE_URL": database_url,
        "RDCHEM_JOURNAL_KIND": "replay",
        "RDCHEM_RULEBOOK_FILE": str(rulebook),
        "RDCHEM_NOTIFY_URLS": "",
        "RDCHEM_GROUP_SIZE": str(ceil(enterprises / (os.cpu_count() or 1))),
    }


def one_morning(airflow: Airflow, folder: Path, database_url: str) -> Table:
    """Have the DAG fire by its schedule, wait for its end, and lay out where the time went."""
    engine = open_database(database_url)
    with engine.begin() as connection:  # so that it is told again
        connection.exec_driver_sql("DELETE FROM notification")
    seen = {one["dag_run_id"] for one in runs(airflow, MORNING, "scheduled")}
    at = fire_soon(airflow, (40, 90))

    def finished() -> Any:
        new = [one for one in runs(airflow, MORNING, "scheduled") if one["dag_run_id"] not in seen]
        return next((one for one in new if one["end_date"]), None)

    run = until(finished, 900, every=3)
    assert run["state"] == "success", f"see the logs in {airflow.home}"
    page = folder / "home" / "reports" / f"{at.date()}" / "exceptions.html"
    [sent_at] = [one["sent_at"] for one in rows(engine, "notification")]
    engine.dispose()
    written_at = datetime.fromtimestamp(page.stat().st_mtime, UTC)
    table = _table(at, tasks(airflow, MORNING, run["dag_run_id"]))
    table.title = (
        f"report on disk after {_after(at, written_at):.1f} s, "
        f"notification handed over after {_after(at, sent_at):.1f} s"
    )
    return table


def _table(at: datetime, ran: list[dict[str, Any]]) -> Table:
    table = Table()
    for name in ("task", "done after s", "own s", "Airflow s"):
        table.add_column(name, justify="left" if name == "task" else "right")
    before, own, theirs = at, 0.0, 0.0
    for one in ran:
        begun, done = one["worked"]
        waited = max(0.0, _after(before, begun))  # of tasks side by side only the first waited for Airflow
        took = _after(max(before, begun), done)
        name = one["task_id"] + (f" {one['map_index']}" if one["map_index"] >= 0 else "")
        table.add_row(name, f"{_after(at, done):.1f}", f"{_after(begun, done):.1f}", f"{waited:.1f}")
        before, own, theirs = max(before, done), own + max(0.0, took), theirs + waited
    table.add_row("together", f"{_after(at, before):.1f}", f"{own:.1f}", f"{theirs:.1f}")
    return table


def _after(one: datetime, other: datetime) -> float:
    return (other - one).total_seconds()


def _moved(payload: bytes, later: timedelta) -> bytes:
    """A payload with every instant it states so much later."""

    def moved(found: re.Match[bytes]) -> bytes:
        instant = datetime.fromisoformat(found[0].decode()) + later
        return instant.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()

    return _INSTANT.sub(moved, payload)
