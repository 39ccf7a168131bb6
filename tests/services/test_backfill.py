"""`airflow backfill create` judges past days anew: as they were known then, and telling nobody."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.airflow_services import MORNING, until
from tests.days import commitment
from tests.homes import recorded, rows
from tests.services.conftest import Services

STORED = ("judgement", "finding", "notification")


def stored(services: Services) -> dict[str, list[dict[str, Any]]]:
    """All that is kept of the past days' verdicts, and what was told of them."""
    past = services.past
    return {name: [row for row in rows(services.engine, name) if row["day"] in past] for name in STORED}


def backfill(services: Services, first: date, last: date, *more: str) -> list[str]:
    """Ask for a span of days; the days for which runs were made, all of them finished."""
    before = {one["dag_run_id"] for one in services.runs(MORNING, "backfill")}
    span = ("--from-date", f"{first}", "--to-date", f"{last + timedelta(days=1)}")  # up to its midnight
    services.airflow.command("backfill", "create", "--dag-id", MORNING, *span, *more)
    asked = f"backfills?dag_id={MORNING}"
    until(lambda: all(one["completed_at"] for one in services.airflow.get(asked)["backfills"]))
    made = [one for one in services.runs(MORNING, "backfill") if one["dag_run_id"] not in before]
    assert [one["state"] for one in made] == ["success"] * len(made), made
    return sorted(one["partition_key"] for one in made)


def test_a_backfill_judges_each_day_as_of_its_own_morning_and_changes_nothing(services: Services) -> None:
    first, last = services.past[0], services.past[-1]
    before = stored(services)
    assert len(before["judgement"]) == len(services.past) and before["finding"]
    now = datetime.now(UTC)
    someone = json.loads(before["judgement"][0]["body"])["ledger"][0]["enterprise"]
    services.home.keep(  # said of those days, but known only now
        [recorded(commitment(someone, day=day, occurred_at=now, id=f"{day}"), now) for day in services.past],
        stream="late",
    )
    days = [day.isoformat() for day in services.past]
    assert backfill(services, first, last) == days
    assert stored(services) == before
    for day in days:
        verdict = services.home.settings.out_path / day / "verdict.json"
        [body] = [one["body"] for one in before["judgement"] if one["day"].isoformat() == day]
        assert verdict.read_text(encoding="utf-8") == body + "\n"
    assert backfill(services, first, last) == []  # judged days are left alone,
    assert (
        backfill(services, last, last, "--reprocess-behavior", "completed") == days[-1:]
    )  # unless asked for
    assert stored(services) == before
