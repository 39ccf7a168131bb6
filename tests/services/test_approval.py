"""A bulletin goes out when an officer approves of it, and not when they refuse."""

from tests.airflow_services import until
from tests.homes import rows
from tests.services.conftest import Services

WEEKLY = "rdchem_weekly"


def run_asking_for_approval(services: Services) -> str:
    body = {
        "logical_date": None,
        "conf": {"day": services.past[0].isoformat(), "approval": True},
    }
    return str(services.airflow.post(f"dags/{WEEKLY}/dagRuns", body)["dag_run_id"])


def let_go(services: Services, run_id: str) -> bool:
    """Whether the scheduler knows of the end of the process that asked. Answered before (it takes seconds),
    Airflow 3.3 takes that end for the end of the process that goes on, and fails the task.
    """
    told = services.airflow.log("scheduler").read_text(encoding="utf-8").splitlines()
    event = "Received executor event with state success"
    return any(event in line and "task_id='approve'" in line and run_id in line for line in told)


def answer(services: Services, run_id: str, option: str) -> dict[str, str | None]:
    """Answer as the page of required actions does; the states of the tasks once the run is over."""
    until(lambda: services.tasks(WEEKLY, run_id).get("approve") == "awaiting_input")
    until(lambda: let_go(services, run_id))
    asked = f"dags/{WEEKLY}/dagRuns/{run_id}/taskInstances/approve/-1/hitlDetails"
    services.airflow.patch(asked, {"chosen_options": [option]})
    until(lambda: services.airflow.get(f"dags/{WEEKLY}/dagRuns/{run_id}")["end_date"])
    return services.tasks(WEEKLY, run_id)


def bulletins(services: Services) -> int:
    return sum("通报(草稿)" in one["title"] for one in rows(services.engine, "notification"))


def test_a_bulletin_waits_for_an_officer(services: Services) -> None:
    run_id = run_asking_for_approval(services)
    refused = answer(services, run_id, "Reject")
    assert (refused["approve"], refused["deliver"]) == ("success", "skipped")
    assert bulletins(services) == 0
    approved = answer(services, run_asking_for_approval(services), "Approve")
    assert (approved["approve"], approved["deliver"]) == ("success", "success")
    assert bulletins(services) == 1
