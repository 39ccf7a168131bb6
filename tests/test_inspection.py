"""What was changed is named as precisely as it can be: the byte, the segment, or the row of the manifest."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import Engine

from rdchem import intake
from rdchem.errors import JournalError
from rdchem.inspection import Inspection, Listed, listing
from rdchem.journal import Journal
from rdchem.rebuild import rebuild
from rdchem.segment import encoded, read_segment, sealed
from rdchem.store import manifest as stored
from rdchem.store import tables
from rdchem.store.connection import open_database
from tests.days import EIGHT, commitment, permit
from tests.homes import HOUR, Home, put, recorded
from tests.installation import Installation
from tests.journals import record, segment_file, three_segments, write


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return three_segments(tmp_path / "journal")


@pytest.fixture
def manifest(journal: Journal) -> dict[tuple[str, int], Listed]:
    segments = journal.segments_after({})
    return {(one.header.stream, one.header.seq): listing(one) for one in segments}


def test_the_changed_byte_is_named_with_what_it_was(journal: Journal) -> None:
    chance, path = Random(4), segment_file(journal, 2)
    whole = path.read_bytes()
    for at in [*range(66), *chance.sample(range(66, len(whole)), 60), len(whole) - 1]:
        now = whole[at] ^ chance.randrange(1, 256)
        path.write_bytes(whole[:at] + bytes([now]) + whole[at + 1 :])
        [problem] = journal.problems({})
        assert str(path) in problem
        assert f"第 {at} 字节" in problem, at
        assert f"原为 0x{whole[at]:02x},现为 0x{now:02x}" in problem


def test_of_several_changed_bytes_the_page_is_named(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    write(journal, "s", [[record(number, Random(number).randbytes(3000)) for number in range(4)]])
    path = segment_file(journal, 1, "s")
    whole = path.read_bytes()
    path.write_bytes(whole[:5000] + b"???" + whole[5003:])
    [problem] = journal.problems({})
    assert f"第 {65 + 4 * 1024} 至 {65 + 5 * 1024 - 1} 字节之间" in problem


@pytest.mark.parametrize("length", [0, 64, 65, 100])
def test_a_truncated_segment_is_told_by_the_manifest(
    journal: Journal, manifest: dict[tuple[str, int], Listed], length: int
) -> None:
    path = segment_file(journal, 2)
    size = path.stat().st_size
    path.write_bytes(path.read_bytes()[:length])
    [problem] = journal.problems(manifest)
    assert f"应有 {size} 字节,现有 {length} 字节:自第 {length} 字节起" in problem


def test_a_segment_of_before_the_table_is_still_read_and_still_checked(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    write(journal, "s", [[record(1)]])
    path = segment_file(journal, 1, "s")
    content = path.read_bytes()[65:]
    plain = content[: -(8 + 4 + 4)]  # one page
    path.write_bytes(hashlib.sha256(plain).hexdigest().encode() + b"\n" + plain)
    assert read_segment(path).records == [record(1)]
    assert journal.problems({}) == []
    path.write_bytes(path.read_bytes()[:-1] + b"?")
    [problem] = journal.problems({})
    assert "校验值不符" in problem and "字节" not in problem


def test_a_segment_rewritten_as_a_whole_does_not_fit_its_successor(
    journal: Journal, manifest: dict[tuple[str, int], Listed]
) -> None:
    first = read_segment(segment_file(journal, 1))
    forged = sealed("listener-1", 2, first.sha256, [encoded([record(99)])])
    segment_file(journal, 2).write_bytes(forged)
    [chain] = journal.problems({})
    assert "0000000003.seg:与前一段的校验值不符" in chain
    assert any("0000000002.seg:与数据库记下的校验值不符" in one for one in journal.problems(manifest))


def test_the_newest_segment_rewritten_is_told_by_the_manifest_alone(
    journal: Journal, manifest: dict[tuple[str, int], Listed]
) -> None:
    second = read_segment(segment_file(journal, 2))
    forged = sealed("listener-1", 3, second.sha256, [encoded([record(99)])])
    segment_file(journal, 3).write_bytes(forged)
    assert journal.problems({}) == []
    [problem] = journal.problems(manifest)
    assert "0000000003.seg:与数据库记下的校验值不符" in problem


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    return Home(tmp_path, database_url)


@pytest.fixture
def engine(database_url: str, home: Home) -> Iterator[Engine]:
    engine = open_database(database_url)
    for number in range(3):
        put(engine, home, recorded(commitment(f"C{number}"), EIGHT + number * HOUR), stream="listener-1")
    yield engine
    engine.dispose()


def inspected(home: Home, engine: Engine) -> Inspection:
    return intake.inspect(home.settings, engine)


def test_what_is_whole_has_no_problem(home: Home, engine: Engine) -> None:
    assert inspected(home, engine) == Inspection()


LIES = {
    "sha256": "0" * 64,
    "previous": "1" * 64,
    "records": 7,
    "size": 1,
    "first_received_at": EIGHT - timedelta(hours=1),
    "last_received_at": EIGHT + timedelta(hours=9),
}


@pytest.mark.parametrize("column", LIES)
def test_a_manifest_that_lies_is_found_out_and_mended(home: Home, engine: Engine, column: str) -> None:
    with engine.begin() as connection:
        told = tables.segment.update().where(tables.segment.c.seq == 2)
        connection.execute(told.values({column: LIES[column]}))
    found = inspected(home, engine)
    assert found.damages == []
    [fault] = found.manifest_faults
    assert "0000000002.seg:数据库清单与文件不符" in fault and column.removesuffix("_at") in fault
    rebuild(home.settings, engine)
    assert inspected(home, engine) == Inspection()


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_deleted_row_of_the_manifest_is_found_out_and_mended(home: Home, engine: Engine, seq: int) -> None:
    with engine.begin() as connection:
        connection.execute(tables.segment.delete().where(tables.segment.c.seq == seq))
    found = inspected(home, engine)
    assert found.damages == []
    [fault] = found.manifest_faults
    assert f"{seq:010d}.seg:数据库清单缺少这一段" in fault
    rebuild(home.settings, engine)
    assert inspected(home, engine) == Inspection()


def test_a_segment_not_projected_yet_is_no_fault(home: Home, engine: Engine) -> None:
    home.keep([recorded(permit("C1", "T1"))])
    assert inspected(home, engine) == Inspection()


def test_a_newest_segment_that_is_gone_is_a_damage_nobody_rebuilds_over(home: Home, engine: Engine) -> None:
    segment_file(home.journal, 3).unlink()
    [damage] = inspected(home, engine).damages
    assert "文件却不见了" in damage
    with engine.connect() as connection:
        assert len(stored.listed(connection)) == 3
    with pytest.raises(JournalError, match="未重建"):
        rebuild(home.settings, engine)


def test_from_the_command_line(tmp_path: Path) -> None:
    here = Installation(tmp_path / "home")
    journal = three_segments(here.home / "journal")
    assert "日志完好" in here.run("verify").stderr
    path = segment_file(journal, 1)
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + bytes([whole[100] ^ 4]) + whole[101:])
    refused = here.run("verify", check=False)
    assert refused.returncode == 5
    assert f"第 100 字节:原为 0x{whole[100]:02x}" in refused.stderr
