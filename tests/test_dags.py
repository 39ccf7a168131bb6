"""Every DAG file: light, owned, tagged, with a Chinese runbook, on Shanghai time, retrying sensibly."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.airflow_home import DAGS, describe

HEAVY = {"great_expectations", "matplotlib", "numpy", "paho", "pandas", "pyarrow", "scipy", "sqlalchemy"}
LIGHT_PARTS_OF_RDCHEM = {"rdchem", "rdchem.errors"}


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return describe(tmp_path_factory.mktemp("airflow"))


@pytest.fixture(scope="module")
def dags(facts: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = facts["dags"]
    return found


def test_every_dag_file_is_read_without_error(facts: dict[str, Any]) -> None:
    assert facts["import_errors"] == {}
    files = {path.stem for path in DAGS.glob("rdchem_*.py")}
    assert files == set(facts["dags"])


def test_reading_the_dag_files_imports_nothing_heavy(facts: dict[str, Any]) -> None:
    imported = facts["imported"]
    assert not HEAVY & {name.split(".")[0] for name in imported}
    ours = {name for name in imported if name.startswith("rdchem")}
    assert ours <= LIGHT_PARTS_OF_RDCHEM | {f"dags.{name}" for name in facts["dags"]} | set(facts["dags"])


def test_every_dag_is_owned_tagged_and_has_a_chinese_runbook(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        assert "rdchem" in dag["tags"]
        assert dag["catchup"] is False
        assert dag["max_active_runs"] == 1
        assert "如何看出它是健康的" in dag["doc"] and "变红时怎么办" in dag["doc"]
        for task in dag["tasks"].values():
            assert task["owner"] == "rdchem"
            assert task["doc"] and (task["timeout"] or task["waits_for_people"])


def test_runbook_names_every_task_of_its_dag(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        assert set(re.findall(r"^\| ([a-z_]+) \|", dag["doc"], re.MULTILINE)) == set(dag["tasks"])


def test_what_a_retry_cannot_mend_fails_at_once_and_the_rest_is_tried_again(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        for name, task in dag["tasks"].items():
            once = {"end_red": 0, "approve": 0, "sweep": 0, "deliver_pending": 0, "check": 1}
            assert task["retries"] == once.get(name, 3)
            decisions = task["decisions"]
            assert {name for name, action in decisions.items() if action == "fail"} == {
                "ConfigurationError",
                "InputError",
                "JournalError",
                "ValueError",
                "ExceptionGroup",
            }
            assert decisions["NotReadyError"] == decisions["DatabaseUnavailableError"] == "retry"
            assert decisions["ConnectionError"] == "default"


def test_morning_runs_at_0920_shanghai_and_its_partition_is_the_local_day(dags: dict[str, Any]) -> None:
    following = dags["rdchem_morning"]["next"]
    local = datetime.fromisoformat(following["run_after"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert (local.hour, local.minute) == (9, 20)
    assert following["partition_key"] == local.date().isoformat()


@pytest.mark.parametrize(
    ("dag_id", "clock", "about"),
    [
        ("rdchem_reminder", (9, 0), "same"),
        ("rdchem_day_end", (0, 10), "day before"),
        ("rdchem_upkeep", (2, 30), "day before"),
        ("rdchem_weekly", (7, 30), "monday before"),
        ("rdchem_monthly", (8, 0), "first before"),
    ],
)
def test_every_other_dag_runs_on_shanghai_time_about_its_local_day(
    dags: dict[str, Any], dag_id: str, clock: tuple[int, int], about: str
) -> None:
    following = dags[dag_id]["next"]
    local = datetime.fromisoformat(following["run_after"]).astimezone(ZoneInfo("Asia/Shanghai"))
    assert (local.hour, local.minute) == clock
    day = local.date()
    expected = {
        "same": day,
        "day before": day - timedelta(days=1),
        "monday before": day - timedelta(days=7),
        "first before": (day.replace(day=1) - timedelta(days=1)).replace(day=1),
    }
    assert following["partition_key"] == expected[about].isoformat()


def test_assets_tie_the_dags_together(dags: dict[str, Any]) -> None:
    made = {asset: dag_id for dag_id, dag in dags.items() for asset in dag["outlets"]}
    assert (
        made["rdchem_morning_verdict"] == "rdchem_morning" and made["rdchem_day_verdict"] == "rdchem_day_end"
    )
    assert "rdchem_morning_verdict" in dags["rdchem_day_end"]["inlets"]
    assert "rdchem_day_verdict" in dags["rdchem_weekly"]["inlets"]
    assert "rdchem_day_verdict" in dags["rdchem_monthly"]["inlets"]
    assert {asset for dag in dags.values() for asset in dag["inlets"]} <= set(made)


def test_no_failure_hides_behind_a_leaf_that_runs_all_the_same(dags: dict[str, Any]) -> None:
    for dag in dags.values():
        upstream = {one for task in dag["tasks"].values() for one in task["upstream"]}
        leaves = {name: task for name, task in dag["tasks"].items() if name not in upstream}
        assert all(task["rule"] != "all_done" for task in leaves.values())


def test_our_own_report_has_a_deadline(dags: dict[str, Any]) -> None:
    assert {dag_id for dag_id, dag in dags.items() if dag["deadline"]} == {"rdchem_morning"}


def test_morning_tasks_follow_one_another(dags: dict[str, Any]) -> None:
    upstream = {task: facts["upstream"] for task, facts in dags["rdchem_morning"]["tasks"].items()}
    assert upstream == {
        "business_day": [],
        "catch_up": ["business_day"],
        "check": ["business_day", "catch_up"],
        "judge": ["business_day", "catch_up"],
        "gather": ["business_day", "judge"],
        "report": ["business_day", "check", "gather"],
        "deliver": ["business_day", "report"],
        "end_red": ["business_day", "catch_up", "check", "deliver", "gather", "judge", "report"],
    }


def test_business_day_is_asked_for_else_the_partition_else_the_local_date(facts: dict[str, Any]) -> None:
    assert facts["days"] == {
        "asked": "2026-09-01",
        "partition": "2026-09-15",
        "logical_date": "2026-09-16",
        "run_after": "2026-09-16",
    }


def test_no_dag_file_imports_rdchem_jobs_at_the_top() -> None:
    for path in Path(DAGS).glob("rdchem_*.py"):
        assert not re.search(r"^(from|import) rdchem", path.read_text(encoding="utf-8"), re.MULTILINE)
