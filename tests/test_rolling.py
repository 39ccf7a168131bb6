"""A stream behind a write-ahead log: durable at once, sealed behind, whole after a crash."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rdchem import intake, rolling
from rdchem.errors import JournalError, NotReadyError
from rdchem.journal import Journal
from rdchem.rolling import RollingWriter, rolling_writer, seal_all
from rdchem.segment import PLAIN, TURNED, Record
from rdchem.settings import Settings
from rdchem.write_ahead import read_log
from tests.journals import record, write


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal")


def kept(journal: Journal) -> list[Record]:
    return [one for segment in journal.segments_after({}) for one in segment.records]


def wait(until: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not until():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_what_is_appended_is_in_the_log_and_closing_makes_it_a_segment(journal: Journal) -> None:
    with RollingWriter(journal.writer("s")) as writer:
        writer.append([record(1)])
        writer.append([])
        writer.append([record(2), record(3)])
        [log] = journal.logs("s")
        assert [group.records for group in read_log(log).groups] == [1, 2]
        assert kept(journal) == []
    assert kept(journal) == [record(1), record(2), record(3)]
    assert journal.logs("s") == [] and journal.problems({}) == []
    with RollingWriter(journal.writer("s")) as writer:
        assert writer.last_received_at == record(3).received_at
    assert len(list(journal.segments_after({}))) == 1, "nothing appended, nothing sealed"


def test_a_full_log_is_rolled_and_segments_are_chained(journal: Journal) -> None:
    with RollingWriter(journal.writer("s"), log_bytes=200) as writer:
        for number in range(50):
            writer.append([record(number)])
    assert kept(journal) == [record(number) for number in range(50)]
    assert len(list(journal.segments_after({}))) > 10
    assert journal.problems({}) == []


def test_an_old_log_is_rolled_by_itself(journal: Journal) -> None:
    with RollingWriter(journal.writer("s"), roll_seconds=0.05) as writer:
        writer.append([record(1)])
        wait(lambda: kept(journal) == [record(1)])
        writer.append([record(2)])
        wait(lambda: kept(journal) == [record(1), record(2)])


def test_readers_have_a_living_writer_seal(journal: Journal) -> None:
    with RollingWriter(journal.writer("s")) as writer:
        for number in range(3):
            writer.append([record(number)])
            assert seal_all(journal) == []
            assert len(kept(journal)) == number + 1
        assert seal_all(journal) == []
    assert journal.problems({}) == []


def test_more_logs_than_may_wait_make_append_wait(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    may = threading.Semaphore(0)
    with RollingWriter(journal.writer("s"), log_bytes=1) as writer:
        seal = writer._writer.seal
        monkeypatch.setattr(writer._writer, "seal", lambda log, **more: (may.acquire(), seal(log, **more)))
        appended: list[int] = []
        thread = threading.Thread(
            target=lambda: [appended.append(n) for n in range(20) if not writer.append([record(n)])]
        )
        thread.start()
        wait(lambda: len(appended) == rolling._LOGS_WAITING + 1)
        time.sleep(0.2)
        assert len(appended) == rolling._LOGS_WAITING + 1
        may.release(20)
        thread.join(20)
    assert kept(journal) == [record(number) for number in range(20)]


APPEND_WITHOUT_END = """
import sys
from itertools import count
from pathlib import Path
from rdchem.journal import Journal
from rdchem.rolling import RollingWriter
from rdchem.segment import Record
with RollingWriter(Journal(Path(sys.argv[1])).writer("s"), log_bytes=300_000) as writer:
    for group in count():
        writer.append([Record(group, "t", b"%d/%d" % (group, i) * 200) for i in range(50)])
        print(group, flush=True)
"""


@contextmanager
def appending(journal: Journal) -> Iterator["subprocess.Popen[bytes]"]:
    """Another process that appends without end and tells the number of each durable group."""
    command = [sys.executable, "-c", APPEND_WITHOUT_END, journal.path]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield process
        finally:
            process.kill()
            process.send_signal(signal.SIGCONT)


@pytest.mark.parametrize("after", [1, 2, 5, 11, 30])
@pytest.mark.parametrize("next_to_come", ["a writer", "a reader"])
def test_killed_anywhere_all_that_was_durable_is_there_once(
    journal: Journal, after: int, next_to_come: str
) -> None:
    with appending(journal) as process:
        assert process.stdout is not None
        for _ in range(after):
            promised = int(process.stdout.readline())
        process.kill()
        promised = max([promised, *map(int, process.stdout.read().split())])
    if next_to_come == "a writer":
        RollingWriter(journal.writer("s")).close()
    else:
        assert seal_all(journal) == []
    groups = len(kept(journal)) // 50
    assert groups > promised
    assert [one.payload for one in kept(journal)] == [
        b"%d/%d" % (group, i) * 200 for group in range(groups) for i in range(50)
    ]
    assert journal.problems({}) == [] and journal.logs("s") == []


def test_a_log_whose_segment_is_there_is_only_removed(journal: Journal) -> None:
    with RollingWriter(journal.writer("s")) as writer:
        writer.append([record(1)])
        shutil.copy(journal.logs("s")[0], journal.path / "aside")
    (journal.path / "aside").rename(journal.path / "s" / "0000000001.log")  # killed before it was removed
    journal.writer("s").close()
    assert kept(journal) == [record(1)] and journal.logs("s") == []


def test_a_damaged_log_gives_what_is_whole_and_stays_to_be_seen(journal: Journal) -> None:
    with pytest.raises(ZeroDivisionError), RollingWriter(journal.writer("s")) as writer:
        for number in range(3):
            writer.append([record(number)])
        raise ZeroDivisionError
    [log] = journal.logs("s")
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)
    assert seal_all(journal) == []
    assert kept(journal) == [record(0), record(2)]
    [problem] = journal.problems({})
    assert "0000000001.log.damaged" in problem and "无法读出" in problem
    write(journal, "s", [[record(9)]])
    assert len(journal.problems({})) == 1


def test_a_writer_that_does_not_answer_is_named_and_nothing_is_judged_without_it(
    journal: Journal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with appending(journal) as process:
        assert process.stdout is not None and process.stdout.readline()
        process.send_signal(signal.SIGSTOP)
        if not journal.logs("s"):  # stopped between two logs: nothing is held back
            pytest.fail("stopped with no log open")
        assert seal_all(journal, patience_s=0.3) == ["s"]
        monkeypatch.setattr(intake, "seal_all", lambda journal: seal_all(journal, patience_s=0.3))
        with pytest.raises(NotReadyError, match="采集进程 s 没有响应"):
            intake.project_all(Settings(home=tmp_path, journal_kind=journal.kind))


DISK_REFUSES = """
import resource, signal, sys
from pathlib import Path
from rdchem.journal import Journal
from rdchem.rolling import RollingWriter
from rdchem.segment import Record
from rdchem.terminal import run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)
def write():
    with RollingWriter(Journal(Path(sys.argv[1])).writer("s")) as writer:
        for group in range(1000):
            writer.append([Record(group, "t", b"x" * 1000)])
            print(group, flush=True)
run(write)
"""


@pytest.mark.parametrize("limit", [20, 40, 1200, 5000, 10_123])
def test_a_disk_that_refuses_ends_it_with_a_sentence_and_loses_nothing(journal: Journal, limit: int) -> None:
    command = [sys.executable, "-c", DISK_REFUSES, journal.path, str(limit)]
    end = subprocess.run(command, capture_output=True, env=os.environ | {"COLUMNS": "1000"})
    assert end.returncode == JournalError.exit_code
    assert "没有存盘的报文未予确认" in end.stderr.decode()
    assert seal_all(journal) == []
    assert [one.received_us for one in kept(journal)] == [int(line) for line in end.stdout.split()]
    assert journal.problems({}) == []


def test_a_segment_that_cannot_be_written_stops_the_next_append_and_is_made_at_the_next_start(
    journal: Journal,
) -> None:
    with pytest.raises(JournalError, match="日志写不进"), RollingWriter(journal.writer("s")) as writer:
        (journal.path / "s" / "0000000001.seg.part").mkdir()  # as if the disk refused
        writer.append([record(1)])
        seal_all(journal, patience_s=0.5)
        writer.append([record(2)])
    with pytest.raises(JournalError, match="日志写不进"):
        rolling_writer(journal, "s", roll_seconds=60)
    (journal.path / "s" / "0000000001.seg.part").rmdir()
    assert seal_all(journal) == []
    assert kept(journal) == [record(1)] and journal.problems({}) == []


def test_a_log_that_fills_at_once_is_sealed_quickly_and_any_other_small(journal: Journal) -> None:
    with RollingWriter(journal.writer("s"), log_bytes=1) as writer:
        writer.append([record(1)])
    with RollingWriter(journal.writer("s")) as writer:
        writer.append([record(2)])
    assert [header.version for header in journal.headers("s")] == [PLAIN, TURNED]
