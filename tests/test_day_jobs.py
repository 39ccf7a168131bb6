"""Around the morning: the reminder before the deadline, what came after it, reports of other instants."""

import csv
import json
from datetime import datetime, time
from pathlib import Path

import pytest

from rdchem import alarms, calendar, day_end, jobs, reminder, report_jobs
from rdchem.errors import InputError, NotReadyError
from rdchem.messages import encode, topic_of
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.source import Enterprise
from rdchem.segment import Record, microseconds
from tests.days import DAY, commitment, register
from tests.homes import Home, recorded

EARLY, TOLD, NINE, TEN = (calendar.at(DAY, time(*clock)) for clock in ((7, 0), (8, 30), (9, 0), (10, 0)))
MORNING, END = calendar.at(DAY, time(9, 21)), day_end.day_end_as_of(DAY)
PUNCTUAL, LATE, SILENT, STOPPED = "320600001", "320600002", "320600003", "320600004"
AREAS = {PUNCTUAL: "320623", LATE: "320623", SILENT: "320600", STOPPED: "320623"}
NAMES = {PUNCTUAL: "甲", LATE: '=cmd("乙")', SILENT: "丙", STOPPED: "丁"}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Four enterprises: one announces in time, one at ten, one never, and one is shut down."""
    monkeypatch.setenv("RDCHEM_HOME", str(tmp_path))
    home = Home(tmp_path)
    known = [
        register(
            code,
            occurred_at=EARLY,
            enterprise=Enterprise(
                name=name,
                area_code=AREAS[code],
                state="shut_down" if code == STOPPED else "operating",
            ),
        )
        for code, name in NAMES.items()
    ]
    sent = [Record(microseconds(EARLY), topic_of(AREAS[one.company_code], one), encode(one)) for one in known]
    home.keep(sent, [recorded(announced(PUNCTUAL, TOLD), TOLD)])
    return home


def announced(code: str, at: datetime) -> SafetyCommitment:
    return commitment(code, occurred_at=at)


def later(home: Home) -> None:
    home.keep([recorded(announced(LATE, TEN), TEN)], stream="listener-2")


def reports(home: Home) -> Path:
    return home.settings.out_path / str(DAY)


def test_the_reminder_names_who_has_not_announced_and_is_told_once(home: Home) -> None:
    assert reminder.reminder_as_of(DAY) == NINE
    done = reminder.remind(DAY, NINE)
    assert done["not_announced"] == 2 and done["channels"][0]["state"] == "sent"
    text = (reports(home) / "reminder.txt").read_text(encoding="utf-8")
    assert "2 家企业尚未公告" in text and "丙" in text and "09:20" in text
    assert "甲" not in text and "丁" not in text
    with (reports(home) / "not_announced.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = list(csv.reader(table))[1:]
    assert [row[0] for row in rows] == [LATE, SILENT]
    assert rows[0][1] == "'" + NAMES[LATE]
    later(home)
    again = reminder.remind(DAY, calendar.at(DAY, time(10, 5)))
    assert again["not_announced"] == 0, "after the deadline nobody is reminded any more"
    assert again["channels"][0]["state"] == "already_sent"
    assert (reports(home) / "reminder.txt").read_text(encoding="utf-8") == text


def test_the_end_of_the_day_tells_what_came_late_and_leaves_the_morning_alone(home: Home) -> None:
    with pytest.raises(NotReadyError, match="尚未判定"):
        day_end.changes(DAY, MORNING, END)
    jobs.catch_up(DAY, MORNING)
    jobs.judge(DAY, MORNING)
    report_jobs.report(DAY, MORNING)
    told = {path.name: path.read_bytes() for path in reports(home).glob("*.*")}
    later(home)
    jobs.catch_up(DAY, END)
    jobs.judge(DAY, END)
    report_jobs.report(DAY, END)
    found = day_end.changes(DAY, MORNING, END)
    assert {name: (reports(home) / name).read_bytes() for name in told} == told
    assert (reports(home) / "as-of-2400" / "exceptions.html").is_file()
    changes = json.loads((reports(home) / "day_end.json").read_bytes())
    deadline = [one for one in changes["findings"] if one["rule"] == "commitment_is_announced_by_deadline"]
    assert found["findings"] == len(changes["findings"])
    assert {(one["change"], one["enterprise"]) for one in deadline} == {("gone", LATE), ("appeared", LATE)}
    [state] = {one["state"] for one in day_end.tell_changes(DAY, MORNING, END)["channels"]}
    assert state == "sent"
    notice = (reports(home) / "day_end_notice.txt").read_text(encoding="utf-8")
    assert "新增 2" in notice and "消除 1" in notice and "迟报" in notice
    assert {one["state"] for one in day_end.tell_changes(DAY, MORNING, END)["channels"]} == {"already_sent"}


def test_a_day_without_changes_says_so(home: Home) -> None:
    jobs.catch_up(DAY, MORNING)
    for instant in (MORNING, END):
        jobs.judge(DAY, instant)
    found = day_end.changes(DAY, MORNING, END)
    day_end.tell_changes(DAY, MORNING, END)
    notice = (reports(home) / "day_end_notice.txt").read_text(encoding="utf-8")
    assert (found["findings"] == 0) == ("没有变化" in notice)


def test_a_report_of_one_area_speaks_of_its_enterprises_alone(home: Home) -> None:
    jobs.catch_up(DAY, MORNING)
    jobs.judge(DAY, MORNING)
    report_jobs.report(DAY, MORNING)
    whole = json.loads((reports(home) / "verdict.json").read_bytes())
    report_jobs.report(DAY, MORNING, "320600")
    part = json.loads((reports(home) / "area-320600" / "verdict.json").read_bytes())
    assert {one["enterprise"] for one in part["ledger"]} == {SILENT}
    assert part["ledger"] == [one for one in whole["ledger"] if one["enterprise"] == SILENT]
    assert part["findings"] == [one for one in whole["findings"] if one["enterprise"] == SILENT]
    assert json.loads((reports(home) / "verdict.json").read_bytes()) == whole
    assert report_jobs.deliver(DAY, MORNING, "320600")["channels"][0]["state"] == "sent"
    assert report_jobs.deliver(DAY, MORNING)["channels"][0]["state"] == "sent"
    with pytest.raises(InputError, match="行政区划"):
        report_jobs.report(DAY, MORNING, "99")


def test_our_own_failures_are_told_once_a_day(home: Home) -> None:
    for _ in range(2):
        alarms.task_failed(DAY, "rdchem_morning", "judge", "ValueError: \x1b[31m坏了")
        alarms.report_late(DAY, "rdchem_morning")
    told = {path.name: path.read_text(encoding="utf-8") for path in (reports(home) / "alarms").iterdir()}
    assert set(told) == {"failed-rdchem_morning-judge.txt", "late-rdchem_morning.txt"}
    assert "\x1b" not in told["failed-rdchem_morning-judge.txt"]
    assert "与企业无关" in told["late-rdchem_morning.txt"]
