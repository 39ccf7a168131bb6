"""What platforms export says what the wire says: the same messages, the same verdict."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from rdchem.enterprise_day import enterprise_days
from rdchem.judge import judge
from rdchem.known import Known
from rdchem.limits import limits_on
from rdchem.messages import encode, topic_of
from rdchem.model.commitment import DeclaredWork, HotWorkGrade, Operation
from rdchem.model.source import CameraStatus, Readings
from rdchem.platform import BadRow, LoadedMessage, read_file
from rdchem.projection import project
from rdchem.rulebook import rulebook_on
from rdchem.segment import Header, Record, Segment, microseconds
from rdchem.store.last_seen import last_readings
from rdchem.store.readings import write_readings
from sensors_sim.files import write_files
from sensors_sim.morning import morning
from sensors_sim.snapshot import snapshot
from sensors_sim.window import Window
from tests.exports import AT, COUNTS, PERMIT, SENSOR, WORK, messages, read, sheet

NOT_IN_TABLES = (
    "alarms_are_cleared",
    "alarms_are_reported",
    "camera_pictures_move",
    "gas_is_analysed_again_after_break",
)
"""What tables leave open: alarms, pictures of cameras; and no row of a break is not yet no break."""


def verdict(records: Iterable[Record], day: date, as_of: datetime) -> tuple[set[Any], set[Any]]:
    """Findings and ledger of what some records say, kept in memory."""
    listed = list(records)
    header = Header(
        version=1,
        stream="s",
        seq=1,
        previous="",
        records=len(listed),
        first_received_us=0,
        last_received_us=0,
    )
    known = project([Segment(header, listed, "", 0)])
    with TemporaryDirectory() as folder:
        write_readings(Path(folder) / "r.parquet", known.readings)
        ever = as_of - timedelta(days=1)
        newest = last_readings([Path(folder) / "r.parquet"], since=ever, as_of=as_of)
    stored = {
        row.journal_id: Known(
            row.journal_id, row.kind, row.company_code, row.received_at, row.body, row.origin
        )
        for row in known.messages
        if row.body is not None
    }
    limits = limits_on(day)
    facts = enterprise_days(day, as_of, limits, stored.values(), newest, start=as_of - timedelta(days=1))
    judged = judge(facts.days, as_of=as_of, rulebook=rulebook_on(day))
    assert not judged.errors
    findings = {
        (f.rule, f.enterprise, str(f.subject), f.mismatch)
        for f in judged.judgement.findings
        if f.rule not in NOT_IN_TABLES
    }
    ledger = {
        (e.enterprise, e.rule, e.outcome, e.reason and e.reason.code)
        for e in judged.judgement.ledger
        if e.rule not in NOT_IN_TABLES
    }
    return findings, ledger


@pytest.mark.parametrize(
    ("seed", "enterprises", "day"),
    [
        (1, 100, date(2026, 9, 15)),
        (4, 5, date(2026, 9, 14)),
        (5, 40, date(2026, 10, 1)),
        (7, 60, date(2026, 9, 16)),
    ],
)
def test_files_give_the_verdict_the_wire_gives(
    seed: int, enterprises: int, day: date, tmp_path: Path
) -> None:
    made = morning(seed, enterprises, Window(day))
    as_of = made.window.as_of
    sent = [one for one in made.timeline() if one.at <= as_of]
    heard = verdict((Record(microseconds(one.at), one.topic, one.payload) for one in sent), day, as_of)
    records = []
    for path in write_files(snapshot(sent, as_of), tmp_path):
        for row in read_file(path.name, path.read_bytes(), received_at=as_of, area_code="320623"):
            assert isinstance(row, LoadedMessage), row
            topic = topic_of(row.area_code, row.message)
            records.append(
                Record(microseconds(as_of), topic, encode(row.message), origin=f"file:{row.origin}")
            )
    loaded = verdict(records, day, as_of)
    assert len(heard[0]) > 3
    assert loaded == heard


def test_all_twelve_tables_are_read_and_reading_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    made = morning(1, 100, Window(date(2026, 9, 15)))
    written = write_files(snapshot(made.timeline(), made.window.as_of), tmp_path)
    assert len(written) == 12
    for path in written:
        first, second = (read(path.read_bytes(), path.name) for _ in range(2))
        assert first == second
        assert first[0].origin.startswith(
            f"{path.name}!Sheet1#2" if path.suffix == ".xlsx" else f"{path.name}#2"
        )
        bytes_of = [
            [encode(m.message) for m in one if isinstance(m, LoadedMessage)] for one in (first, second)
        ]
        assert bytes_of[0] == bytes_of[1]
        assert bytes_of[0]


@pytest.mark.parametrize(
    ("changes", "versions"),
    [
        ({}, ["published 01:05"]),
        ({"COMMITMENTSTATE": "1", "UPDATE_TIME": "2026-09-15 09:05:00"}, ["published 01:05"]),
        (
            {"COMMITMENTSTATE": "1", "UPDATE_TIME": "2026-09-15 09:30:00"},
            ["published 01:05", "published 01:30"],
        ),
        (
            {"COMMITMENTSTATE": "0", "UPDATE_TIME": "2026-09-15 09:10:00"},
            ["published 01:05", "withdrawn 01:10"],
        ),
        ({"DELETED": "1", "UPDATE_TIME": "2026-09-15 09:05:00"}, ["published 01:05", "withdrawn 01:05"]),
    ],
)
def test_an_announcement_row_is_the_versions_it_tells_of(
    changes: dict[str, str], versions: list[str]
) -> None:
    said = messages(sheet(COUNTS | changes))
    assert [f"{one.state} {one.occurred_at:%H:%M}" for one in said] == versions
    assert sorted({one.seq for one in said}) == [one.seq for one in said]
    assert {one.id for one in said} == {"032060001-20260915"}


def test_marks_of_deletion_and_use_reach_the_noun() -> None:
    [gone] = messages(sheet(PERMIT | {"deleted": "1"}))
    [void] = messages(sheet(PERMIT | {"ticketStatus": "已作废"}))
    [item] = messages(sheet(WORK | {"IS_ACTIVE": "0", "ITEM_ID": "1"}))
    offline = {"企业编码": "1", "离线类型": "检修", "离线原因": "检修", "离线时间": "2026-09-15 08:00"}
    [revoked] = messages(sheet(offline | {"是否删除": "是"}))
    [idle] = messages(sheet(SENSOR | {"IS_USE": "1", "IS_ACTIVE": "否"}))
    assert gone.deleted
    assert void.cancelled
    assert not item.item.active
    assert revoked.cancelled
    assert not idle.sources[0].in_use


def test_a_row_was_said_when_it_was_updated_or_else_when_we_had_it() -> None:
    [dated] = messages(sheet(SENSOR | {"UPDATE_TIME": "2026-09-14 20:50:00"}))
    [undated] = messages(sheet(SENSOR))
    assert dated.occurred_at == datetime(2026, 9, 14, 12, 50, tzinfo=UTC)
    assert undated.occurred_at == AT
    assert [one.seq for one in (dated, undated)] == [1789390200000, 1789435260000]


def test_work_without_a_day_is_declared_for_each_day_it_lasts() -> None:
    row = WORK | {
        "COMMITE_DATE": "",
        "TASK_BEGIN_TIME": "2026-09-14 08:00",
        "TASK_END_TIME": "2026-09-17 00:00",
    }
    said = messages(sheet(row | {"TASK_GRADE": "2"}))
    assert all(isinstance(one, DeclaredWork) and one.item.grade is HotWorkGrade.GRADE_2 for one in said)
    assert [one.day.day for one in said] == [14, 15, 16]


def test_other_work_keeps_no_grade() -> None:
    [said] = messages(sheet(WORK | {"TASK_TYPE": "高处作业", "TASK_GRADE": "三级"}))
    assert (said.item.operation, said.item.grade) == (Operation.HEIGHT, None)


def test_a_realtime_list_registers_nothing() -> None:
    row = {"COMPANY_CODE": "1", "TARGET_CODE": "2", "TARGET_NAME": "液位", "LAST_VALUE": "1"}
    [said] = messages(sheet(row | {"LAST_COLLECT_TIME": "2026-09-15 09:20:00"}))
    assert isinstance(said, Readings)
    camera = {
        "COMPANY_CODE": "1",
        "VIDEO_CODE": "2",
        "ONLINE": "0",
        "ONLINE_UPDATE_TIME": "2026-09-15 09:20:00",
    }
    [state] = messages(sheet(camera))
    assert isinstance(state, CameraStatus)
    assert not state.cameras[0].online


def test_doubles_are_harmless_and_contradictions_are_told() -> None:
    other = SENSOR | {"TARGET_NAME": "压力"}
    first, again, differs = read(sheet(SENSOR, SENSOR, other))
    assert isinstance(first, LoadedMessage)
    assert isinstance(again, LoadedMessage)
    assert encode(first.message) == encode(again.message)
    assert isinstance(differs, BadRow)
    assert (differs.row, differs.code) == (4, "duplicate_key")
