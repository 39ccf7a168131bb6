"""Verdicts, findings with their versions, notifications: replaced as a whole, sent once."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Date, Engine, select, text

from rdchem.store import tables, verdicts
from rdchem.store.connection import open_database

DAY, NEXT_DAY = date(2026, 9, 15), date(2026, 9, 16)
MORNING = datetime(2026, 9, 15, 1, 21, tzinfo=UTC)
EVENING = MORNING + timedelta(hours=14)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def finding(key: str, message: str = "少报 1 处", enterprise: str = "C1") -> dict[str, Any]:
    return {"key": key, "rule": "a_rule", "enterprise": enterprise, "message": message, "evidence": {"n": 1}}


def document(*findings: Mapping[str, Any], outcome: str = "fail") -> dict[str, Any]:
    reason = {"code": "no_data", "text": "没有数据"} if outcome == "not_evaluated" else None
    ledger = [{"enterprise": "C1", "rule": "a_rule", "outcome": outcome, "reason": reason}]
    return {"day": "2026-09-15", "ledger": ledger, "findings": [dict(one) for one in findings]}


def judge(engine: Engine, *findings: Mapping[str, Any], as_of: datetime = MORNING, day: date = DAY) -> int:
    with engine.begin() as connection:
        return verdicts.replace_judgement(connection, day, as_of, document(*findings))


def versions(engine: Engine, key: str = "F-1") -> list[tuple[int, datetime, str]]:
    table = tables.finding
    with engine.connect() as connection:
        rows = connection.execute(
            select(table).where(table.c.key == key).order_by(table.c.version)
        ).mappings()
        return [(row["version"], row["as_of"], row["body"]) for row in rows]


def squares(engine: Engine) -> list[dict[str, Any]]:
    """What the view of the ledger shows."""
    shown = text("SELECT * FROM ledger ORDER BY day, as_of, enterprise, rule")
    shown = shown.columns(day=Date, as_of=tables.Instant)
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(shown).mappings()]


def newest(engine: Engine, prefix: str = "F-") -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [body for _, body in verdicts.findings_by_key(connection, prefix)]


def test_the_same_verdict_again_adds_nothing(engine: Engine) -> None:
    assert judge(engine, finding("F-1"), finding("F-2")) == 2
    before = versions(engine)
    assert judge(engine, finding("F-1"), finding("F-2")) == 0
    assert versions(engine) == before
    with engine.connect() as connection:
        assert verdicts.finding_versions(connection, DAY) == 2
        assert verdicts.finding_versions(connection, NEXT_DAY) == 0
        assert verdicts.judgement(connection, DAY, MORNING) == document(finding("F-1"), finding("F-2"))


def test_a_changed_finding_adds_a_version_and_the_old_one_stays(engine: Engine) -> None:
    judge(engine, finding("F-1"), finding("F-2"))
    assert judge(engine, finding("F-1", "少报 2 处"), finding("F-2")) == 1
    first, second = versions(engine)
    assert (first[0], second[0]) == (1, 2)
    assert "少报 1 处" in first[2] and "少报 2 处" in second[2]
    assert [one["message"] for one in newest(engine)] == ["少报 2 处", "少报 1 处"]


def test_later_data_adds_a_version_and_judging_the_morning_again_does_not(engine: Engine) -> None:
    morning, evening = finding("F-1", "早"), finding("F-1", "晚")
    assert judge(engine, morning) == 1
    assert judge(engine, morning, as_of=EVENING) == 0
    assert judge(engine, evening, as_of=EVENING) == 1
    for _ in range(2):
        assert judge(engine, morning) == 0
        assert judge(engine, evening, as_of=EVENING) == 0
    assert [(number, as_of) for number, as_of, _ in versions(engine)] == [(1, MORNING), (2, EVENING)]


def test_what_the_newest_as_of_says_counts_even_if_the_morning_was_judged_anew_later(engine: Engine) -> None:
    judge(engine, finding("F-1", "早"))
    judge(engine, finding("F-1", "晚"), as_of=EVENING)
    assert judge(engine, finding("F-1", "早,改正")) == 1
    assert [number for number, _, _ in versions(engine)] == [1, 2, 3]
    assert [one["message"] for one in newest(engine)] == ["晚"]
    assert judge(engine, finding("F-1", "早,改正")) == 0


def test_findings_are_found_by_the_beginning_of_their_key(engine: Engine) -> None:
    judge(engine, finding("F-12"), finding("F-13"), finding("F%2"))
    assert [one["key"] for one in newest(engine, "F-1")] == ["F-12", "F-13"]
    assert [one["key"] for one in newest(engine, "F-13")] == ["F-13"]
    assert [one["key"] for one in newest(engine, "F%")] == ["F%2"]
    assert newest(engine, "F_1") == []


def test_a_verdict_replaces_the_earlier_one_of_the_same_instant_only(engine: Engine) -> None:
    judge(engine, finding("F-1"))
    judge(engine, finding("F-1", "晚"), as_of=EVENING)
    judge(engine, finding("F-9"), day=NEXT_DAY)
    with engine.begin() as connection:
        verdicts.replace_judgement(connection, DAY, MORNING, document(outcome="not_evaluated"))
    with engine.connect() as connection:
        assert verdicts.judgement(connection, DAY, MORNING) == document(outcome="not_evaluated")
        assert verdicts.judgement(connection, DAY) == document(finding("F-1", "晚"))
        assert verdicts.judgement(connection, NEXT_DAY) == document(finding("F-9"))
        assert verdicts.judgement(connection, DAY, MORNING + timedelta(microseconds=1)) is None
        assert verdicts.judgement(connection, date(2026, 9, 17)) is None
    told = {
        (row["day"], row["as_of"]): (row["outcome"], row["reason_code"], row["reason_text"])
        for row in squares(engine)
    }
    assert told == {
        (DAY, MORNING): ("not_evaluated", "no_data", "没有数据"),
        (DAY, EVENING): ("fail", None, None),
        (NEXT_DAY, MORNING): ("fail", None, None),
    }


def test_a_finding_not_repeated_keeps_its_history(engine: Engine) -> None:
    judge(engine, finding("F-1"))
    judge(engine)
    assert len(versions(engine)) == 1
    assert judge(engine, finding("F-1")) == 0


def test_equal_documents_are_equal_bytes() -> None:
    one, other = {"b": 1, "a": {"y": 2, "x": "企"}}, {"a": {"x": "企", "y": 2}, "b": 1}
    assert verdicts.encode(one) == verdicts.encode(other)
    assert verdicts.digest(verdicts.encode(one)) == verdicts.digest(verdicts.encode(other))
    assert verdicts.digest("a") != verdicts.digest("b")


def test_a_notification_is_sent_once_and_tried_until_it_is(engine: Engine) -> None:
    def due(key: str = "k", now: datetime = MORNING) -> bool:
        with engine.begin() as connection:
            return verdicts.open_notification(connection, key, day=DAY, channel="file", title="异常", now=now)

    def close(error: str | None, now: datetime) -> None:
        with engine.begin() as connection:
            verdicts.close_notification(connection, "k", now=now, error=error)

    assert due() and due(), "recorded but never sent: still due"
    close("连不上", MORNING)
    assert due(now=EVENING)
    close(None, EVENING)
    assert not due() and not due(now=EVENING)
    assert due("another")
    with engine.connect() as connection:
        one, other = sorted(
            verdicts.notifications(connection, DAY), key=lambda row: str(row["key"]), reverse=True
        )
        assert verdicts.notifications(connection, NEXT_DAY) == []
    assert (one["recorded_at"], one["sent_at"], one["attempts"], one["error"]) == (MORNING, EVENING, 2, None)
    assert (one["channel"], one["title"]) == ("file", "异常")
    assert (other["sent_at"], other["attempts"]) == (None, 0)
