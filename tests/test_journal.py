"""The journal keeps bytes as they came, in streams of one writer each, and is of one kind for good."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.errors import JournalError
from rdchem.journal import Journal, Kind
from rdchem.segment import Record, instant, microseconds
from tests.journals import NOON, record, three_segments, write

RECORDS = st.lists(
    st.builds(
        Record,
        received_us=st.integers(-(2**62), 2**62),
        topic=st.text(max_size=40),
        payload=st.binary(max_size=200),
        qos=st.integers(0, 2),
        retain=st.booleans(),
        origin=st.sampled_from(["mqtt", "replay", "self", "file:承诺.xlsx"]),
    ),
    min_size=1,
    max_size=20,
)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return three_segments(tmp_path / "journal")


@settings(max_examples=30, deadline=None)
@given(groups=st.lists(RECORDS, max_size=4))
def test_what_is_appended_comes_back_byte_for_byte(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[Record]]
) -> None:
    journal = Journal(tmp_path_factory.mktemp("journal"))
    write(journal, "s", groups)
    segments = list(journal.segments_after({}))
    assert [list(segment.records) for segment in segments] == groups
    assert journal.problems({}) == []
    for segment, group in zip(segments, groups, strict=True):
        header, times = segment.header, [one.received_us for one in group]
        assert (header.first_received_us, header.last_received_us) == (min(times), max(times))
        assert journal.record("s", header.seq, len(group) - 1) == group[-1]


def test_segments_are_numbered_and_chained_over_writers(journal: Journal) -> None:
    write(journal, "listener-1", [[], [record(4)]])
    chain = [segment for segment in journal.segments_after({}) if segment.header.stream == "listener-1"]
    assert [segment.header.seq for segment in chain] == [1, 2, 3, 4]
    assert [segment.header.previous for segment in chain] == ["", *(one.sha256 for one in chain[:-1])]


def test_no_records_make_no_segment(journal: Journal) -> None:
    with journal.writer("files") as writer:
        assert (writer.append([]), writer.append([record(1)]), writer.append([])) == (1, 2, 2)


def test_segments_after_what_was_done(journal: Journal) -> None:
    def places(done: dict[str, int]) -> list[tuple[str, int]]:
        return [(one.header.stream, one.header.seq) for one in journal.segments_after(done)]

    assert places({}) == [("files", 1), ("listener-1", 1), ("listener-1", 2), ("listener-1", 3)]
    assert places({"listener-1": 2, "files": 1}) == [("listener-1", 3)]
    assert places({"listener-1": 3, "files": 1, "gone": 9}) == []


def test_a_record_is_named_by_its_topic_and_bytes_alone() -> None:
    same = Record(1, "a", b"x", qos=0, retain=True, origin="replay")
    assert Record(2, "a", b"x").journal_id == same.journal_id
    assert len({Record(1, topic, body).journal_id for topic in ("a", "b") for body in (b"x", b"y")}) == 4
    assert Record(1, "ab", b"c").journal_id != Record(1, "a", b"bc").journal_id


@given(st.datetimes(timezones=st.just(UTC)))
def test_microseconds_are_exact(moment: datetime) -> None:
    assert instant(microseconds(moment)) == moment
    assert Record(microseconds(moment), "", b"").received_at == moment


def test_a_second_writer_of_a_stream_is_refused(journal: Journal) -> None:
    with journal.writer("listener-1"), journal.writer("listener-2"):
        with pytest.raises(JournalError, match="另一个进程正在写"):
            journal.writer("listener-1")
        in_another_process = "import sys; from pathlib import Path; from rdchem.journal import Journal;"
        in_another_process += "Journal(Path(sys.argv[1])).writer('listener-1')"
        other = subprocess.run([sys.executable, "-c", in_another_process, journal.path], capture_output=True)
        assert "JournalError" in other.stderr.decode()
        assert journal.written_now() == ["listener-1", "listener-2"]
    journal.writer("listener-1").close()
    assert journal.written_now() == []


def test_a_failed_append_may_be_repeated(journal: Journal) -> None:
    with journal.writer("listener-1") as writer:
        (journal.path / "listener-1" / "0000000004.seg.part").mkdir()  # as if the disk refused
        with pytest.raises(OSError, match="0000000004"):
            writer.append([record(4)])
        (journal.path / "listener-1" / "0000000004.seg.part").rmdir()
        assert writer.append([record(4)]) == 4
    assert journal.problems({}) == []


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "../out", "a/b", "采集", "a b", "a\n", "x" * 41])
def test_names_that_cannot_be_a_folder_are_refused(journal: Journal, name: str) -> None:
    before = sorted(journal.path.parent.rglob("*"))
    with pytest.raises(JournalError, match="流名称"):
        journal.writer(name)
    assert sorted(journal.path.parent.rglob("*")) == before


@pytest.mark.parametrize("name", ["a", "listener-1", "A_b.c-9", "-", "x" * 40])
def test_odd_names_work_all_the_same(tmp_path: Path, name: str) -> None:
    journal = Journal(tmp_path)
    write(journal, name, [[record(1)], [record(2)]])
    assert journal.streams() == [name]
    assert journal.record(name, 2, 0) == record(2)
    assert journal.problems({}) == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "a" / "journal"


@pytest.mark.parametrize(("kind", "refuses"), [("production", True), ("replay", False)])
def test_a_production_journal_refuses_replayed_time(folder: Path, kind: Kind, refuses: bool) -> None:
    journal = Journal(folder, kind)
    journal.refuse_replay(allowed=True)
    if refuses:
        with pytest.raises(JournalError, match=r"生产日志.*--replay"):
            journal.refuse_replay(allowed=False)
    else:
        journal.refuse_replay(allowed=False)


@pytest.mark.parametrize(("first", "second"), [("production", "replay"), ("replay", "production")])
def test_the_kind_is_fixed_when_the_journal_is_made(folder: Path, first: Kind, second: Kind) -> None:
    assert Journal(folder, first).kind == first
    assert Journal(folder, second).kind == first


def test_a_journal_is_of_production_unless_told_otherwise(folder: Path) -> None:
    assert Journal(folder).kind == "production"


def test_many_making_a_journal_at_once_agree_on_its_kind(tmp_path: Path) -> None:
    kinds: list[Kind] = ["production", "replay"] * 8
    with ThreadPoolExecutor(16) as pool:
        for number in range(20):
            path = tmp_path / str(number)
            assert len({made.kind for made in pool.map(lambda kind, p=path: Journal(p, kind), kinds)}) == 1


@pytest.mark.parametrize(
    ("passport", "said"),
    [
        (b'{"version": 2, "kind": "replay"}', "版本为 2.*升级"),
        (b'{"version": 1, "kind": "test"}', "文件损坏"),
        (b'{"version": 1, ', "文件损坏"),
        (b"\xff\xfe", "文件损坏"),
        (b"", "文件损坏"),
    ],
)
def test_an_unreadable_passport_is_said_in_a_sentence(folder: Path, passport: bytes, said: str) -> None:
    folder.mkdir(parents=True)
    (folder / "journal.json").write_bytes(passport)
    with pytest.raises(JournalError, match=said):
        Journal(folder)


def test_time_is_kept_to_the_microsecond(tmp_path: Path) -> None:
    at = NOON + timedelta(microseconds=1)
    journal = Journal(tmp_path)
    write(journal, "s", [[Record(microseconds(at), "t", b"")]])
    assert journal.record("s", 1, 0).received_at == at
