"""Projecting the journal: as often as one likes, in any order, it comes to the same rows."""

import shutil
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from rdchem import intake
from rdchem.projection import project
from rdchem.segment import Record, microseconds
from rdchem.store import intake as store
from rdchem.store import manifest, readings_files, tables
from rdchem.store.connection import open_database
from rdchem.store.last_seen import last_readings
from tests.days import EIGHT, commitment, permit
from tests.homes import HOUR, Home, bad_row, batch, put, recorded, rows


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    return Home(tmp_path, database_url)


def test_nothing_an_enterprise_sends_stops_the_projection(engine: Engine, home: Home) -> None:
    hostile = [
        recorded(commitment("C1", id="a\0b")),
        recorded(commitment("C1", id="企" * 120, promised_by="☃" * 200)),
        recorded(permit("C1", "T" * 120, id="t", longitude=180.0)),
        Record(microseconds(EIGHT), "a\0b", b"\0"),
        Record(microseconds(EIGHT), "t" * 65_535, b""),
        bad_row(2**31 - 1, EIGHT, "坏\0" * 5000),
    ]
    put(engine, home, *hostile)
    assert len(rows(engine, "message")) == 2
    assert len(rows(engine, "quarantine")) == 4


def test_projecting_twice_adds_nothing(engine: Engine, home: Home) -> None:
    home.keep([recorded(commitment("C1")), recorded(batch(1, 1.0, EIGHT)), bad_row(1, EIGHT)])
    assert intake.project_all(home.settings, engine) == 1
    everything = {name: rows(engine, name) for name in tables.metadata.tables}
    assert intake.project_all(home.settings, engine) == 0
    assert {name: rows(engine, name) for name in tables.metadata.tables} == everything
    with engine.connect() as connection:
        assert manifest.projected(connection) == {"listener-1": 1}
        assert manifest.reached(connection) == EIGHT
        assert manifest.reached(connection, ["listener-1"]) == EIGHT
        assert manifest.reached(connection, ["listener-1", "silent"]) is None


def test_a_projection_that_failed_half_way_left_nothing_and_is_done_again(engine: Engine, home: Home) -> None:
    home.keep([recorded(commitment("C1")), recorded(batch(1, 1.0, EIGHT))])
    with pytest.raises(ZeroDivisionError), engine.begin() as connection:
        segments = list(home.journal.segments_after({}))
        manifest.add(connection, segments)
        store.put_projected(connection, project(segments))
        raise ZeroDivisionError
    assert rows(engine, "message") == rows(engine, "segment") == []
    assert intake.project_all(home.settings, engine) == 1
    assert [row["copies"] for row in rows(engine, "message")] == [1, 1]


@pytest.mark.parametrize("batch_size", [1, 2, 100])
def test_rebuilt_in_another_order_and_batching_it_is_the_same(
    engine: Engine, home: Home, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, batch_size: int
) -> None:
    said, work = commitment("C1"), permit("C1", "T1")
    home.keep(
        [recorded(said, EIGHT + HOUR), recorded(batch(1, 1.0, EIGHT), EIGHT)],
        [recorded(batch(1, 1.0, EIGHT), EIGHT + HOUR), Record(microseconds(EIGHT), "?", b"?")],
    )
    home.keep([recorded(work, EIGHT), recorded(batch(2, 2.0, EIGHT), EIGHT + HOUR)], stream="a-first")
    intake.project_all(home.settings, engine)
    home.keep(
        [recorded(said, EIGHT, "file:a.xlsx#1"), recorded(work, EIGHT - HOUR, "file:a.xlsx#2")],
        [bad_row(3, EIGHT), recorded(batch(1, 1.0, EIGHT), EIGHT - HOUR), recorded(said, EIGHT)],
        stream="files",
    )
    intake.project_all(home.settings, engine)

    shutil.copytree(home.settings.journal_path, tmp_path / "anew" / "journal")
    anew = Home(tmp_path / "anew", f"sqlite:///{tmp_path}/anew.db")
    monkeypatch.setattr(intake, "_SEGMENTS_A_RUN", batch_size)
    other = open_database(anew.settings.url)
    intake.project_all(anew.settings, other)

    for table in ("message", "quarantine", "segment"):
        assert rows(other, table) == rows(engine, table)
    for as_of in (EIGHT - HOUR, EIGHT, EIGHT + HOUR):
        assert last_of(anew, other, as_of) == last_of(home, engine, as_of) != {}
    other.dispose()


def last_of(home: Home, engine: Engine, as_of: datetime) -> Any:
    since = EIGHT - 2 * HOUR
    with engine.connect() as connection:
        names = readings_files.within(connection, since, as_of)
    return last_readings([home.settings.readings_path / name for name in names], since=since, as_of=as_of)
