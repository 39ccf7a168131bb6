"""A week and a month out of stored verdicts: sums, what is missing, what changed."""

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from rdchem import rollup
from rdchem.errors import InputError, NotReadyError
from rdchem.home import Home
from rdchem.store import verdicts

MONDAY = date(2026, 9, 14)
WEEK = rollup.week_of(MONDAY)


def document(findings: list[tuple[str, str, str]], states: list[str]) -> dict[str, Any]:
    return {
        "ledger": [{"enterprise": "C1", "rule": "r", "outcome": "not_evaluated", "reason": None}],
        "announcements": [{"enterprise": f"C{n}", "state": state} for n, state in enumerate(states)],
        "findings": [
            {"key": f"F-{n}", "rule": rule, "enterprise": code, "severity": severity, "suppressed": None}
            for n, (rule, code, severity) in enumerate(findings)
        ]
        + [{"key": "F-x", "rule": "r", "enterprise": "C9", "severity": "low", "suppressed": {"id": "S-1"}}],
    }


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("RDCHEM_HOME", str(tmp_path))
    home = Home.open()
    monkeypatch.setattr(Home, "open", classmethod(lambda _: home))
    return home


def keep(home: Home, day: date, hour: int, said: dict[str, Any]) -> None:
    as_of = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    said["findings"] = [one | {"key": f"{one['key']}-{day:%d}"} for one in said["findings"]]
    with home.engine.begin() as connection:
        verdicts.replace_judgement(connection, day, as_of, said)


def test_a_week_counts_the_newest_verdict_of_each_day_and_names_the_days_without(home: Home) -> None:
    keep(home, MONDAY, 1, document([("a", "C1", "low")] * 9, ["missing"]))
    keep(
        home, MONDAY, 16, document([("a", "C1", "low"), ("b", "C2", "major")], ["on_time", "late", "exempt"])
    )
    keep(home, MONDAY + timedelta(days=2), 16, document([("a", "C1", "general")], ["superseded", "missing"]))
    keep(home, MONDAY - timedelta(days=1), 16, document([("a", "<b>", "low")], ["on_time"]))
    done = rollup.rollup(WEEK)
    assert (done["days"], done["findings"], len(done["missing"])) == (2, 3, 5)
    folder = home.settings.out_path / "rollup" / "2026-W38"
    now = json.loads((folder / "rollup.json").read_bytes())["now"]
    assert (now["due"], now["on_time"], now["not_evaluated"]) == (4, 2, 2)
    assert now["by_rule"] == [["a", 2], ["b", 1]]
    assert now["worst"] == [["C2", 1, 1], ["C1", 0, 2]], "the graver first"
    page = (folder / "bulletin.html").read_text(encoding="utf-8")
    assert "未判定 5 天" in page and "50.0%" in page and "100.0%" in page and "草稿" in page
    assert rollup.rollup(WEEK) == done
    assert [rollup.tell(WEEK)["channels"][0]["state"] for _ in range(2)] == ["sent", "already_sent"]


def test_text_of_others_stays_text_and_nothing_to_compare_is_said(home: Home) -> None:
    keep(home, MONDAY, 16, document([("<i>", "<b>", "low")], []))
    rollup.rollup(rollup.month_of(MONDAY))
    page = (home.settings.out_path / "rollup" / "2026-09" / "bulletin.html").read_text(encoding="utf-8")
    assert "<b>C" not in page and "&lt;b&gt;" in page and "&lt;i&gt;" in page
    assert "不作比较" in page and "—" in page


def test_a_span_without_a_verdict_is_refused(home: Home) -> None:
    with pytest.raises(NotReadyError, match="没有任何一天判定过"):
        rollup.rollup(WEEK)
    with pytest.raises(NotReadyError, match="还没有汇总"):
        rollup.tell(WEEK)


@pytest.mark.parametrize(
    ("text", "first", "last", "before"),
    [
        ("2026-W38", "2026-09-14", "2026-09-20", "2026-W37"),
        ("2026-W53", "2026-12-28", "2027-01-03", "2026-W52"),
        ("2026-01", "2026-01-01", "2026-01-31", "2025-12"),
        ("2028-02", "2028-02-01", "2028-02-29", "2028-01"),
    ],
)
def test_spans(text: str, first: str, last: str, before: str) -> None:
    span = rollup.span_of(text)
    assert (span.first.isoformat(), span.last.isoformat(), span.before.name) == (first, last, before)
    assert span.name == text and len(span.days) in (7, 28, 29, 30, 31)


@pytest.mark.parametrize("text", ["2026", "2026-W54", "2026-13", "x"])
def test_what_is_no_span_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(InputError, match="2026-W38"):
        rollup.span_of(text)
