"""No change to what was kept goes unnoticed, and a crash leaves a whole prefix."""

import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from rdchem.errors import JournalError
from rdchem.journal import Journal
from rdchem.segment import read_segment
from tests.journals import record, segment_file, three_segments, write


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return three_segments(tmp_path / "journal")


@pytest.mark.parametrize("number", [1, 2, 3])
def test_every_flipped_byte_is_noticed(journal: Journal, number: int) -> None:
    path = segment_file(journal, number)
    whole = path.read_bytes()
    for position in [*range(0, 70), *range(70, len(whole), 3), len(whole) - 1]:
        for mask in (0x01, 0x20, 0x80):
            path.write_bytes(whole[:position] + bytes([whole[position] ^ mask]) + whole[position + 1 :])
            problems = journal.problems({})
            assert problems and str(path) in problems[0], f"byte {position} ^ {mask:#x}"
    path.write_bytes(whole)
    assert journal.problems({}) == []


def test_a_damaged_segment_is_named_and_the_others_still_read(journal: Journal) -> None:
    path = segment_file(journal, 2)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(JournalError, match=r"0000000002\.seg:日志段损坏.*备份"):
        read_segment(path)
    assert len(read_segment(segment_file(journal, 3)).records) == 2


def test_appending_behind_a_damaged_segment_does_not_hide_the_damage(journal: Journal) -> None:
    path = segment_file(journal, 3)
    path.write_bytes(path.read_bytes()[:-1] + b"!")
    write(journal, "listener-1", [[record(4)]])
    assert [problem for problem in journal.problems({}) if str(path) in problem]


@pytest.mark.parametrize("length", [0, 1, 64, 65, 200])
def test_a_truncated_segment_is_noticed(journal: Journal, length: int) -> None:
    path = segment_file(journal, 3)
    path.write_bytes(path.read_bytes()[:length])
    assert [problem for problem in journal.problems({}) if str(path) in problem]


@pytest.mark.parametrize(("missing", "said"), [(1, "缺少第 1 至 1 段"), (2, "缺少第 2 至 2 段")])
def test_a_missing_segment_is_noticed(journal: Journal, missing: int, said: str) -> None:
    segment_file(journal, missing).unlink()
    [problem] = journal.problems({})
    assert said in problem


def test_swapped_segments_are_noticed(journal: Journal) -> None:
    one, two = segment_file(journal, 1), segment_file(journal, 2)
    aside = one.with_suffix(".aside")
    one.rename(aside), two.rename(one), aside.rename(two)
    problems = "\n".join(journal.problems({}))
    assert "放错了位置" in problems
    assert str(one) in problems and str(two) in problems


def test_a_segment_of_another_journal_does_not_fit(journal: Journal, tmp_path: Path) -> None:
    other = Journal(tmp_path / "other")
    write(other, "listener-1", [[record(number)] for number in (7, 8, 9)])
    shutil.copy(segment_file(other, 2), segment_file(journal, 2))
    problems = journal.problems({})
    assert len(problems) == 2 and all("校验值不符" in problem for problem in problems)


def test_a_segment_of_another_stream_does_not_fit(journal: Journal) -> None:
    shutil.copy(segment_file(journal, 1, "files"), segment_file(journal, 1))
    assert "放错了位置" in journal.problems({})[0]


def test_a_draft_left_by_a_crash_is_ignored_and_written_over(journal: Journal) -> None:
    draft = journal.path / "listener-1" / "0000000004.seg.part"
    draft.write_bytes(b"half")
    assert journal.problems({}) == []
    write(journal, "listener-1", [[record(4)]])
    assert [one.records[0] for one in journal.segments_after({"listener-1": 3, "files": 1})] == [record(4)]
    assert not draft.exists()


WRITE_WITHOUT_END = """
import sys
from itertools import count
from pathlib import Path
from rdchem.journal import Journal
from rdchem.segment import Record
with Journal(Path(sys.argv[1])).writer("s") as writer:
    for group in count():
        writer.append([Record(group, "t", b"%d/%d" % (group, i) * 2000) for i in range(50)])
        print(group, flush=True)
"""


@pytest.mark.parametrize("after", [1, 3, 20])
def test_a_killed_writer_leaves_a_whole_prefix(tmp_path: Path, after: int) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", WRITE_WITHOUT_END, tmp_path], stdout=subprocess.PIPE
    ) as writer:
        assert writer.stdout is not None
        for _ in range(after):
            promised = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        promised = max([promised, *map(int, writer.stdout.read().split())])
    journal = Journal(tmp_path)
    kept = [[one.payload for one in segment.records] for segment in journal.segments_after({})]
    assert len(kept) > promised
    assert kept == [[b"%d/%d" % (group, i) * 2000 for i in range(50)] for group in range(len(kept))]
    assert journal.problems({}) == []
    write(journal, "s", [[record(1)]])  # the lock died with its holder
    assert journal.problems({}) == []


def test_foreign_files_and_folders_are_no_part_of_a_journal(journal: Journal) -> None:
    (journal.path / "lost+found").mkdir()
    (journal.path / ".snapshot").mkdir()
    (journal.path / "listener-1" / "notes.seg").write_text("mine")
    (journal.path / "listener-1" / "0000000009.seg.bak").write_text("mine")
    assert journal.streams() == ["files", "listener-1"]
    assert journal.problems({}) == []
    write(journal, "listener-1", [[record(4)]])
    assert segment_file(journal, 4).exists()
