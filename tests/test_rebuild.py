"""Rebuilt from the journal, the projections are what they were: whoever interferes, and wherever it dies."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, insert

from rdchem import intake
from rdchem.errors import JournalError
from rdchem.rebuild import rebuild
from rdchem.segment import Record, microseconds
from rdchem.store import tables
from rdchem.store.connection import open_database
from tests.days import DAY, EIGHT, commitment, permit
from tests.homes import HOUR, Home, bad_row, batch, recorded, rows
from tests.installation import ROOT

PROJECTIONS = ("segment", "message", "quarantine", "readings_file")
DIES = """
import os, signal, sys
from rdchem import intake
from rdchem.rebuild import rebuild
from rdchem.settings import Settings
intake._SEGMENTS_A_RUN = 1
def on_batch(done):
    if done == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
rebuild(Settings(), on_batch=on_batch)
"""
REBUILDS = "from rdchem.rebuild import rebuild; from rdchem.settings import Settings; rebuild(Settings())"
PROJECTS = (
    "from rdchem.intake import project_all; from rdchem.settings import Settings; project_all(Settings())"
)


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    """A journal of three streams: copies, file rows, readings, broken payloads."""
    home = Home(tmp_path, database_url)
    said = commitment("C1")
    home.keep(
        [recorded(said, EIGHT + HOUR), recorded(batch(1, 1.0, EIGHT))],
        [recorded(batch(1, 1.0, EIGHT), EIGHT + HOUR), Record(microseconds(EIGHT), "?", b"?")],
        [recorded(batch(2, 2.0, EIGHT + HOUR), EIGHT + HOUR)],
    )
    home.keep([recorded(said, EIGHT, "file:a.xlsx#1"), bad_row(3, EIGHT)], stream="files")
    home.keep([recorded(permit("C1", "T1")), recorded(batch(3, 3.0, EIGHT))], stream="replay")
    return home


@pytest.fixture
def engine(home: Home) -> Iterator[Engine]:
    engine = open_database(home.settings.url)
    intake.project_all(home.settings, engine)
    yield engine
    engine.dispose()


def projections(home: Home, engine: Engine) -> dict[str, Any]:
    """Every projected row, and every readings file with its bytes."""
    files = {path.name: path.read_bytes() for path in home.settings.readings_path.iterdir()}
    return {"files": files, **{name: rows(engine, name) for name in PROJECTIONS}}


def start(home: Home, program: str, *arguments: str) -> "subprocess.Popen[bytes]":
    variables = {"RDCHEM_HOME": str(home.settings.home), "RDCHEM_DATABASE_URL": home.settings.url}
    return subprocess.Popen([sys.executable, "-c", program, *arguments], cwd=ROOT, env=variables)


def test_rebuilt_everything_is_equal_to_the_byte_and_what_was_decided_stays(
    home: Home, engine: Engine
) -> None:
    decided = {"day": DAY, "as_of": EIGHT, "digest": "d", "body": "{}", "shown": "[]"}
    with engine.begin() as connection:
        connection.execute(insert(tables.judgement).values(**decided))
    before = projections(home, engine)
    assert rebuild(home.settings, engine) == 5
    assert projections(home, engine) == before
    assert all(before.values())
    assert rows(engine, "judgement") == [decided]


def test_what_a_damaged_projection_says_is_mended(home: Home, engine: Engine) -> None:
    before = projections(home, engine)
    with engine.begin() as connection:
        connection.execute(tables.message.update().values(body="{}", company_code="forged"))
        connection.execute(tables.quarantine.delete())
    for path in home.settings.readings_path.iterdir():
        path.write_bytes(b"no parquet")
    (home.settings.readings_path / "left-over.part").write_bytes(b"")
    rebuild(home.settings, engine)
    assert projections(home, engine) == before


def test_projected_bit_by_bit_the_rows_are_the_same_however_the_files_are_cut(
    home: Home, engine: Engine
) -> None:
    home.keep([recorded(batch(4, 4.0, EIGHT))])
    intake.project_all(home.settings, engine)
    home.keep([recorded(batch(5, 5.0, EIGHT)), recorded(commitment("C1", seq=2))], stream="replay")
    intake.project_all(home.settings, engine)
    before, readings = projections(home, engine), parquet_rows(home)
    assert len(before["files"]) == 3
    rebuild(home.settings, engine)
    after = projections(home, engine)
    assert {name: after[name] for name in PROJECTIONS[:3]} == {name: before[name] for name in PROJECTIONS[:3]}
    assert parquet_rows(home) == readings
    assert set(after["files"]) == {row["path"] for row in after["readings_file"]} != set(before["files"])
    rebuild(home.settings, engine)
    assert projections(home, engine) == after


def parquet_rows(home: Home) -> list[str]:
    paths = home.settings.readings_path.iterdir()
    return sorted(str(row) for path in paths for row in pq.read_table(path).to_pylist())


@pytest.mark.parametrize(("batches", "mended_by"), [(1, "rebuild"), (3, "project"), (5, "rebuild")])
def test_killed_on_the_way_it_left_the_old_rows_whole(
    home: Home, engine: Engine, batches: int, mended_by: str
) -> None:
    before = projections(home, engine)
    assert start(home, DIES, str(batches)).wait(timeout=60) == -signal.SIGKILL
    assert {name: rows(engine, name) for name in PROJECTIONS} == {name: before[name] for name in PROJECTIONS}
    if mended_by == "project":
        assert intake.project_all(home.settings, engine) == 0
        left = projections(home, engine)
        counted = {row["path"] for row in left["readings_file"]}
        left["files"] = {name: left["files"][name] for name in counted}
        assert left == before
    else:
        rebuild(home.settings, engine)
        assert projections(home, engine) == before


def test_two_rebuilds_and_two_projections_at_once_come_to_the_same(home: Home, engine: Engine) -> None:
    home.keep([recorded(permit("C1", "T2"))])
    processes = [start(home, program) for program in (REBUILDS, PROJECTS, REBUILDS, PROJECTS)]
    assert [process.wait(timeout=60) for process in processes] == [0, 0, 0, 0]
    after = projections(home, engine)
    assert len(after["segment"]) == 6
    rebuild(home.settings, engine)
    assert projections(home, engine) == after


def test_a_journal_that_lost_something_is_not_made_the_truth(home: Home, engine: Engine) -> None:
    before = projections(home, engine)
    (home.settings.journal_path / "listener-1" / "0000000003.seg").unlink()
    with pytest.raises(JournalError, match=r"0000000003\.seg.*未重建|未重建.*0000000003\.seg"):
        rebuild(home.settings, engine)
    assert projections(home, engine) == before
