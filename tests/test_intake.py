"""Recordings and platform files enter whole or not at all, and say nothing new when they come again."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import zstandard
from sqlalchemy import Engine

from rdchem import intake
from rdchem.errors import InputError, JournalError
from rdchem.segment import Record
from rdchem.settings import Settings
from rdchem.store import intake as store
from rdchem.store import quarantine
from rdchem.store.connection import open_database
from sensors_sim.envelopes import envelopes
from sensors_sim.files import write_files
from sensors_sim.morning import Morning, morning
from sensors_sim.snapshot import snapshot
from sensors_sim.window import Window

AT = datetime(2026, 9, 15, 1, 0, tzinfo=UTC)
EVER, NEVER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "var", journal_kind="replay")


@pytest.fixture
def engine(settings: Settings) -> Iterator[Engine]:
    settings.home.mkdir()
    engine = open_database(settings.url)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def county() -> Morning:
    return morning(1, 12, Window(date(2026, 9, 15)))


def kept(settings: Settings) -> list[Record]:
    segments = intake.open_journal(settings).segments_after({})
    return [record for segment in segments for record in segment.records]


def line(**said: Any) -> bytes:
    plain = {"received_at": "2026-09-15T09:00:00+08:00", "topic": "a/b", "payload": "{}"}
    given = {name: value for name, value in (plain | said).items() if value is not None}
    return json.dumps(given, ensure_ascii=False).encode()


def receive(settings: Settings, path: Path, content: bytes, *, replay: bool = False) -> int:
    path.write_bytes(content)
    return intake.receive(settings, path, allow_replay=replay)


@pytest.mark.parametrize("frames", [0, 1, 3])
def test_a_recorded_morning_is_received_as_it_was(
    settings: Settings, county: Morning, tmp_path: Path, frames: int
) -> None:
    sent = list(county.timeline())
    lines = list(envelopes(sent))
    pieces = [b"".join(lines[start :: frames or 1]) for start in range(frames or 1)]
    if frames:
        content = b"".join(zstandard.compress(piece) for piece in pieces)
        count = receive(settings, tmp_path / "m.jsonl.zst", content)
    else:
        count = receive(settings, tmp_path / "m.jsonl", pieces[0])
    assert count == len(lines) == len(sent)
    records = kept(settings)
    assert {record.origin for record in records} == {"replay"}
    expected = [(one.at, one.topic, one.payload, 1, one.retain) for one in sent]
    got = [(one.received_at, one.topic, one.payload, one.qos, one.retain) for one in records]
    assert sorted(got) == sorted(expected)
    assert frames > 1 or got == expected


def test_bytes_that_are_no_text_come_back_from_base64(settings: Settings, tmp_path: Path) -> None:
    raw = bytes(range(256))
    lines = [
        line(payload=None, payload_b64=base64.b64encode(raw).decode(), qos=0, retain=True),
        b"",
        line(payload="企业\x00\n"),
        line(payload=""),
    ]
    assert receive(settings, tmp_path / "m.jsonl", b"\r\n".join(lines)) == 3
    assert [(one.payload, one.qos, one.retain) for one in kept(settings)] == [
        (raw, 0, True), ("企业\0\n".encode(), 1, False), (b"", 1, False),
    ]  # fmt: skip
    assert {one.received_at for one in kept(settings)} == {AT}


TIMED = ("commitments.xlsx", "permits.xlsx")

BAD_LINES = {
    "no json": b"{",
    "not utf-8": line(topic="?").replace(b"?", b"\xff"),
    "no object": b"[]",
    "no topic": line(topic=None),
    "empty topic": line(topic=""),
    "topic with nul": line(topic="a\0b"),
    "no time": line(received_at=None),
    "time without zone": line(received_at="2026-09-15T09:00:00"),
    "time before time": line(received_at="0001-01-01T00:00:00+08:00"),
    "no payload": line(payload=None),
    "two payloads": line(payload_b64="AA=="),
    "payload no text": line(payload=1),
    "bad base64": line(payload=None, payload_b64="AA=A"),
    "foreign letters in base64": line(payload=None, payload_b64="A!A="),
    "qos out of range": line(qos=3),
    "huge qos": line(qos=10**30),
}


@pytest.mark.parametrize("bad", BAD_LINES.values(), ids=BAD_LINES)
def test_a_bad_line_is_named_and_nothing_is_appended(settings: Settings, tmp_path: Path, bad: bytes) -> None:
    good = [line(payload=str(number)) for number in range(6000)]
    with pytest.raises(InputError, match=r"m\.jsonl 第 6001 行不是有效的录制报文.*请修正"):
        receive(settings, tmp_path / "m.jsonl", b"\n".join([*good, bad, line()]))
    assert kept(settings) == []


@pytest.mark.parametrize("damage", ["cut", "cut second frame", "plain", "empty second"])
def test_a_damaged_archive_is_refused_whole(settings: Settings, tmp_path: Path, damage: str) -> None:
    whole = zstandard.compress(b"\n".join(line(payload=str(number)) for number in range(5000)) + b"\n")
    content = {
        "cut": whole[:-20],
        "cut second frame": whole + whole[:-20],
        "plain": line(),
        "empty second": whole + b"\0\0\0",
    }[damage]
    with pytest.raises(InputError, match=r"m\.jsonl\.zst 不是完整的 zstd 文件.*重新导出"):
        receive(settings, tmp_path / "m.jsonl.zst", content)
    assert kept(settings) == []


def test_a_file_that_is_not_there_is_said_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"无法读取文件 .*none\.jsonl.*请检查路径"):
        intake.receive(settings, tmp_path / "none.jsonl", allow_replay=False)


@pytest.mark.parametrize(
    ("name", "content"),
    [("m.jsonl", b""), ("m.jsonl", b"\n \n"), ("m.jsonl.zst", b""), ("m.jsonl.zst", zstandard.compress(b""))],
)
def test_an_empty_file_is_no_recording(settings: Settings, tmp_path: Path, name: str, content: bytes) -> None:
    with pytest.raises(InputError, match=f"{name} 是空文件"):
        receive(settings, tmp_path / name, content)
    assert kept(settings) == []


def test_a_production_journal_takes_a_recording_only_when_told_to(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "var")
    with pytest.raises(JournalError, match=r"生产日志.*--replay"):
        receive(settings, tmp_path / "m.jsonl", line())
    assert kept(settings) == []
    assert receive(settings, tmp_path / "m.jsonl", line(), replay=True) == 1
    assert [record.origin for record in kept(settings)] == ["replay"]


@pytest.fixture
def files(county: Morning, tmp_path: Path) -> list[Path]:
    """What the platform of a small county exports; one line of the items is cut off."""
    paths = write_files(snapshot(county.timeline(), county.window.as_of), tmp_path / "export")
    [items] = [path for path in paths if path.name == "work_items.csv"]
    with items.open("a", encoding="utf-8") as file:
        file.write("cut,off\n")
    return paths


def told(engine: Engine, as_of: datetime = NEVER) -> tuple[list[Any], list[Any]]:
    """What the projections say: messages, and rows kept aside."""
    kinds = ["register", "commitment", "declared_work", "hot_work_permit", "camera_status"]
    with engine.connect() as connection:
        known = store.messages(connection, kinds, as_of=as_of)
        aside = quarantine.quarantined(connection, since=EVER, as_of=as_of)
    return known, [(row["journal_id"], row["file"], row["row"], row["reason"]) for row in aside]


def load(settings: Settings, paths: list[Path], at: datetime = AT) -> list[intake.Loaded]:
    return [intake.load(settings, path, received_at=at, allow_replay=False) for path in paths]


def test_files_loaded_twice_say_nothing_new(settings: Settings, engine: Engine, files: list[Path]) -> None:
    loaded = load(settings, files)
    intake.project_all(settings, engine)
    once = told(engine)
    assert sum(one.messages for one in loaded) >= len(once[0]) > 100
    assert sum(one.bad_rows for one in loaded) == len(once[1]) == 1
    assert load(settings, files) == loaded
    intake.project_all(settings, engine)
    assert told(engine) == once


def test_rows_with_a_time_of_their_own_say_nothing_new_an_hour_later(
    settings: Settings, engine: Engine, files: list[Path]
) -> None:
    timed = [path for path in files if path.name in TIMED]
    assert len(timed) == len(TIMED)
    load(settings, timed)
    intake.project_all(settings, engine)
    once = told(engine)
    load(settings, timed, AT + timedelta(hours=1))
    intake.project_all(settings, engine)
    assert told(engine) == once
    assert {one.received_at for one in once[0]} == {AT}


def test_a_file_is_kept_byte_for_byte_before_what_its_rows_say(settings: Settings, files: list[Path]) -> None:
    for path in files:
        before = len(kept(settings))
        loaded = intake.load(settings, path, received_at=AT, allow_replay=False)
        raw, *rows = kept(settings)[before:]
        assert raw.payload == path.read_bytes()
        assert raw.topic.startswith("file/") and raw.origin == f"file:{path.name}"
        assert len(rows) == loaded.messages + loaded.bad_rows
        assert all(row.origin.startswith(f"file:{path.name}") for row in rows)


def test_bad_rows_are_told_and_kept_aside_with_their_cells(
    settings: Settings, engine: Engine, files: list[Path]
) -> None:
    [items] = [path for path in files if path.name == "work_items.csv"]
    loaded = intake.load(settings, items, received_at=AT, allow_replay=False)
    [reason] = loaded.reasons
    assert reason.startswith("work_items.csv#")
    intake.project_all(settings, engine)
    [(journal_id, file, number, said)] = told(engine)[1]
    assert file == "work_items.csv" and said in reason
    assert number == len(items.read_text(encoding="utf-8").splitlines())
    [record] = [one for one in kept(settings) if one.journal_id == journal_id]
    assert "cut" in json.loads(record.payload)["cells"]


def test_a_file_that_cannot_be_used_leaves_no_trace(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")
    with pytest.raises(InputError):
        intake.load(settings, tmp_path / "notes.csv", received_at=AT, allow_replay=False)
    assert kept(settings) == []


def test_a_production_journal_takes_files_at_their_true_time_only(files: list[Path], tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "production")
    with pytest.raises(JournalError, match="生产日志"):
        intake.load(settings, files[0], received_at=AT, allow_replay=False)
    assert kept(settings) == []
    before = datetime.now(UTC)
    intake.load(settings, files[0], received_at=None, allow_replay=False)
    assert all(before <= record.received_at <= datetime.now(UTC) for record in kept(settings))
    intake.load(settings, files[0], received_at=AT, allow_replay=True)
    assert kept(settings)[-1].received_at == AT
