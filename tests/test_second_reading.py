"""After something was mended the quarantine is read again, from a journal that stays as it is."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine

from rdchem import intake, messages, second_reading
from rdchem.messages import encode
from rdchem.platform.profile import Profile
from rdchem.rebuild import rebuild
from rdchem.segment import Record, microseconds
from rdchem.store.connection import open_database
from rdchem.store.quarantine import rows_to_read_again
from tests.days import EIGHT, commitment, permit
from tests.exports import PERMIT, sheet, table, workbook
from tests.homes import HOUR, Home, batch, put, recorded, rows
from tests.installation import Installation

PROJECTIONS = ("message", "quarantine", "segment")


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    return Home(tmp_path, database_url)


def retry(home: Home, engine: Engine) -> tuple[int, int]:
    with engine.connect() as connection:
        wanted = rows_to_read_again(connection)
    done = second_reading.retry(home.settings, wanted, engine)
    return done.rows, done.understood


def projections(home: Home, engine: Engine) -> dict[str, Any]:
    files = [row["path"] for row in rows(engine, "readings_file")]
    tables = [pq.read_table(home.settings.readings_path / name) for name in files]
    readings = sorted(str(row) for table in tables for row in table.to_pylist())
    return {"readings": readings, **{name: rows(engine, name) for name in PROJECTIONS}}


def journal_bytes(home: Home) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in home.settings.journal_path.rglob("*.seg")}


def test_what_the_wire_said_is_understood_after_the_fix_as_if_it_had_been_at_once(
    home: Home, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = [commitment("C1"), permit("C1", "T1"), batch(1, 1.0, EIGHT)]
    garbage = Record(microseconds(EIGHT), "?", b"\xff")
    with monkeypatch.context() as broken:
        broken.setattr(messages, "_LATEST", datetime(2026, 1, 1, tzinfo=UTC))
        put(engine, home, *[recorded(one, EIGHT + HOUR) for one in said], garbage)
        put(engine, home, recorded(said[0], EIGHT + 2 * HOUR))
    assert [row["code"] for row in rows(engine, "quarantine")].count("bad_time") == 4
    before = journal_bytes(home)
    assert retry(home, engine) == (5, 4)
    assert journal_bytes(home) == before
    after = projections(home, engine)
    [aside] = after["quarantine"]
    assert aside["journal_id"] == garbage.journal_id
    [first] = [row for row in after["message"] if row["kind"] == "commitment"]
    assert (first["received_at"], first["copies"]) == (EIGHT + HOUR, 2)
    assert first["body"] == encode(said[0]).decode()
    assert len(after["readings"]) == 2
    assert retry(home, engine) == (1, 0)
    rebuild(home.settings, engine)
    assert projections(home, engine) == after


def test_what_is_still_not_understood_says_why_now(
    home: Home, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = Record(microseconds(EIGHT), "rdchem/v1/320623/C1/unheard_of", b"{}")
    with monkeypatch.context() as broken:
        broken.setattr(messages, "MAX_PAYLOAD_BYTES", 1)
        put(engine, home, record)
    assert [row["code"] for row in rows(engine, "quarantine")] == ["too_large"]
    assert retry(home, engine) == (1, 0)
    assert [row["code"] for row in rows(engine, "quarantine")] == ["unknown_kind"]


@pytest.fixture
def without_codes(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """The code lists before anybody wrote 作业中 into them."""
    known = Profile.choices

    def fewer(profile: Profile, name: str) -> dict[str, Any]:
        return {text: value for text, value in known(profile, name).items() if text != "作业中"}

    with monkeypatch.context() as context:
        context.setattr(Profile, "choices", fewer)
        yield context


def test_a_row_of_a_file_is_read_again_with_its_file(
    home: Home, engine: Engine, tmp_path: Path, without_codes: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "permits.csv"
    dated = PERMIT | {"updateDate": "20260915070000"}
    file.write_bytes(sheet(dated, dated | {"ticketNo": "DH-2", "ticketStatus": "从未见过"}))
    for at in (EIGHT, EIGHT + HOUR):  # loaded twice
        loaded = intake.load(home.settings, file, received_at=at, allow_replay=True)
        assert (loaded.messages, loaded.bad_rows) == (0, 2)
    intake.project_all(home.settings, engine)
    without_codes.undo()
    assert retry(home, engine) == (4, 2)
    [row] = rows(engine, "message")
    assert (row["kind"], row["received_at"], row["copies"]) == ("hot_work_permit", EIGHT, 2)
    assert row["origin"] == "file:permits.csv#2"
    raw = home.journal.record(row["stream"], row["segment"], row["position"])
    assert "作业中".encode() in raw.payload
    assert {row["row"] for row in rows(engine, "quarantine")} == {3}
    after = projections(home, engine)
    rebuild(home.settings, engine)
    assert projections(home, engine) == after


def test_a_row_that_states_nothing_alone_stays(
    home: Home, engine: Engine, tmp_path: Path, without_codes: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "permits.xlsx"
    approval = {"ticketID": "DH-1", "processNodes": "安全部", "processTime": "2026年9月之后"}
    file.write_bytes(workbook(table(PERMIT | {"ticketStatus": "已批准"}), table(approval)))
    loaded = intake.load(home.settings, file, received_at=EIGHT, allow_replay=True)
    intake.project_all(home.settings, engine)
    assert loaded.bad_rows >= 1
    before = projections(home, engine)
    retry(home, engine)
    assert projections(home, engine)["message"] == before["message"]


def test_from_the_command_line(tmp_path: Path) -> None:
    here = Installation(tmp_path / "home")
    home = Home(here.home)
    garbage = Record(microseconds(EIGHT), "rdchem/v1/320623/C1/unheard_of", b'{"x":"\xff"}')
    home.keep([garbage])
    listed = here.run("quarantine").stdout
    assert garbage.journal_id in listed
    assert here.run("quarantine", "list", "--day", "2026-09-15").stdout == listed
    assert "隔离区为空" in here.run("quarantine", "list", "--day", "2026-09-14").stdout
    assert "隔离区为空" in here.run("quarantine", "--day", "2026-09-14").stdout
    shown = here.run("quarantine", "show", garbage.journal_id[:10]).stdout
    assert "unknown_kind" in shown and garbage.topic in shown and "0000000001.seg 第 1 条" in shown
    assert "没有编号" in here.run("quarantine", "show", "0" * 24, check=False).stderr
    assert "重读 1 条:0 条已读懂" in here.run("quarantine", "retry").stderr
    assert "重读 0 条" in here.run("quarantine", "retry", "--day", "2026-09-14").stderr
