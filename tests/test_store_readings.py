"""The newest reading of each source out of Parquet files is what a plain loop over all readings finds."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.model.day import LastSeen
from rdchem.store.last_seen import last_readings
from rdchem.store.readings import write_readings
from tests.days import EIGHT
from tests.reading_rows import ReadingRow, columns, in_files

SECOND = timedelta(seconds=1)


def reading(
    source: str,
    occurred: int,
    received: int,
    journal_id: str = "j1",
    company: str = "C1",
    heard: int | None = None,
) -> ReadingRow:
    return ReadingRow(
        company_code=company,
        gateway_code="G1",
        source_code=source,
        occurred_at=EIGHT + occurred * SECOND,
        received_at=EIGHT + received * SECOND,
        heard_at=EIGHT + (received if heard is None else heard) * SECOND,
        value=None,
        quality="good",
        journal_id=journal_id,
    )


def naive(rows: Sequence[ReadingRow], since: datetime, as_of: datetime) -> dict[str, dict[str, LastSeen]]:
    """What `last_readings` promises, said with nothing but loops."""
    by_source: dict[tuple[str, str], list[ReadingRow]] = {}
    for row in rows:
        if since <= row.received_at <= as_of:
            by_source.setdefault((row.company_code, row.source_code), []).append(row)
    found: dict[str, dict[str, LastSeen]] = {}
    for (company, source), candidates in by_source.items():
        newest = max(map(believed, candidates))
        batches: dict[str, list[ReadingRow]] = {}
        for row in candidates:
            if believed(row) == newest:
                batches.setdefault(row.journal_id, []).append(row)
        heard, journal_id = max(
            (min(row.heard_at for row in copies), name) for name, copies in batches.items()
        )
        occurred = max(row.occurred_at for row in batches[journal_id])
        found.setdefault(company, {})[source] = LastSeen(occurred, heard, journal_id)
    return found


def believed(row: ReadingRow) -> datetime:
    return min(row.occurred_at, row.received_at)


ROWS = st.lists(
    st.builds(
        reading,
        source=st.sampled_from(["S1", "S2", "企"]),
        occurred=st.integers(-5, 5),
        received=st.integers(-5, 5),
        journal_id=st.sampled_from(["j1", "j2", "j3"]),
        company=st.sampled_from(["C1", "C2"]),
    ),
    max_size=30,
)


def told(files: Sequence[Path], since: int, as_of: int) -> dict[str, dict[str, LastSeen]]:
    return last_readings(files, since=EIGHT + since * SECOND, as_of=EIGHT + as_of * SECOND)


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS,
    cuts=st.lists(st.integers(0, 30), max_size=3),
    since=st.integers(-6, 3),
    as_of=st.integers(-3, 6),
)
def test_the_newest_reading_is_what_a_plain_loop_finds_however_the_files_are_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ReadingRow], cuts: list[int], since: int, as_of: int
) -> None:
    folder = tmp_path_factory.mktemp("readings")
    files = in_files(folder, rows, cuts)
    expected = naive(rows, EIGHT + since * SECOND, EIGHT + as_of * SECOND)
    assert told(files, since, as_of) == told(files[::-1], since, as_of) == expected


def test_no_files_and_nothing_in_the_interval_give_nothing(tmp_path: Path) -> None:
    assert told([], -9, 9) == {}
    write_readings(tmp_path / "a.parquet", columns([reading("S1", 0, 0)]))
    assert told([tmp_path / "a.parquet"], 1, 9) == told([tmp_path / "a.parquet"], -9, -1) == {}


def test_a_clock_running_ahead_is_believed_only_up_to_its_receipt(tmp_path: Path) -> None:
    ahead, plain = reading("S1", 3600, 1, "ahead"), reading("S1", 2, 2, "plain")
    write_readings(tmp_path / "a.parquet", columns([ahead, plain]))
    assert told([tmp_path / "a.parquet"], -9, 9) == {
        "C1": {"S1": LastSeen(EIGHT + 2 * SECOND, EIGHT + 2 * SECOND, "plain")}
    }


def test_of_copies_of_one_batch_the_first_one_heard_counts(tmp_path: Path) -> None:
    write_readings(tmp_path / "a.parquet", columns([reading("S1", 0, 5), reading("S1", 0, 4)]))
    write_readings(tmp_path / "b.parquet", columns([reading("S1", 0, 3), reading("S1", 0, 6)]))
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for order in (files, files[::-1]):
        assert told(order, -9, 9)["C1"]["S1"].received_at == EIGHT + 3 * SECOND
    assert told(files, 4, 9)["C1"]["S1"].received_at == EIGHT + 4 * SECOND


def test_of_batches_with_one_collect_time_the_last_one_heard_counts_whatever_its_id(tmp_path: Path) -> None:
    files = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for late, early in (("j1", "j2"), ("j2", "j1")):
        write_readings(files[0], columns([reading("S1", 0, 9, late), reading("S1", 0, 1, early)]))
        write_readings(files[1], columns([reading("S1", 0, 20, early)]))
        assert told(files, -9, 30)["C1"]["S1"] == LastSeen(EIGHT, EIGHT + 9 * SECOND, late)


def test_what_a_platform_vouches_for_was_heard_when_it_says(tmp_path: Path) -> None:
    write_readings(tmp_path / "a.parquet", columns([reading("S1", 0, 9, heard=0)]))
    assert told([tmp_path / "a.parquet"], 9, 9)["C1"]["S1"] == LastSeen(EIGHT, EIGHT, "j1")


def test_writing_a_file_again_replaces_it_and_a_draft_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "er" / "a.parquet"
    write_readings(path, columns([reading("S1", 0, 0)]))
    path.with_suffix(".part").write_bytes(b"half")
    write_readings(path, columns([reading("S2", 0, 0)]))
    assert set(told([path], -9, 9)["C1"]) == {"S2"}
    assert list(path.parent.iterdir()) == [path]
