"""The write-ahead log gives back every whole group, leaves a torn tail away, and tells damage from it."""

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.errors import JournalError
from rdchem.segment import Group, Record, encoded, sealed
from rdchem.write_ahead import FIRST_FRAME_AT, Recovered, WriteAheadLog, read_log
from tests.journals import record

GROUPS = [encoded([record(1)]), encoded([record(2), record(3, b"x" * 300)]), encoded([record(4)])]


def written(path: Path, groups: list[Group]) -> tuple[bytes, list[int]]:
    """The bytes of a log of these groups, and where each frame ends."""
    log, ends = WriteAheadLog(path), []
    for group in groups:
        log.append(group)
        ends.append(FIRST_FRAME_AT + log.size)
    log.close()
    return path.read_bytes(), ends


def reread(path: Path, content: bytes) -> Recovered:
    path.write_bytes(content)
    return read_log(path)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.lists(st.builds(Record, st.integers(0, 2**60), st.text(), st.binary()), min_size=1), max_size=5
    )
)
def test_what_is_appended_comes_back(
    tmp_path_factory: pytest.TempPathFactory, groups: list[list[Record]]
) -> None:
    path = tmp_path_factory.mktemp("log") / "1.log"
    written(path, [encoded(group) for group in groups])
    assert read_log(path) == Recovered(tuple(encoded(group) for group in groups), 0, ())


@pytest.mark.parametrize("count", [1, 15, 16, 2**16 - 1, 2**16, 2**16 + 5])
def test_groups_make_the_same_segment_as_their_records(count: int) -> None:
    records = [record(number) for number in range(count)]
    parts = [encoded(part) for part in (records[:1], records[1:]) if part]
    assert sealed("s", 1, "", parts) == sealed("s", 1, "", [encoded(records)])
    assert msgspec.msgpack.encode(records).endswith(encoded(records).body)


def test_cut_anywhere_it_gives_the_groups_before(tmp_path: Path) -> None:
    path = tmp_path / "1.log"
    content, ends = written(path, GROUPS)
    for length in range(len(content)):
        whole = sum(end <= length for end in ends)
        found = reread(path, content[:length])
        assert found.groups == tuple(GROUPS[:whole]), length
        last = max([end for end in [FIRST_FRAME_AT, *ends] if end <= length], default=0)
        assert (found.torn_bytes, found.damaged_at) == (length - last, ()), length


def test_a_tail_of_zeros_is_torn(tmp_path: Path) -> None:
    path = tmp_path / "1.log"
    content, ends = written(path, GROUPS)
    found = reread(path, content[: ends[1]] + b"\0" * 500)
    assert (found.groups, found.torn_bytes, found.damaged_at) == (tuple(GROUPS[:2]), 500, ())
    assert reread(path, b"\0" * 33) == Recovered((), 33, ())


@pytest.mark.parametrize("mask", [0x01, 0x20, 0x80])
def test_every_flipped_byte_is_damage_and_costs_its_own_group_only(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "1.log"
    content, ends = written(path, GROUPS)
    for at in range(len(content)):
        found = reread(path, content[:at] + bytes([content[at] ^ mask]) + content[at + 1 :])
        hit = sum(end <= at for end in ends) if at >= FIRST_FRAME_AT else None
        assert list(found.groups) == [group for number, group in enumerate(GROUPS) if number != hit], at
        in_the_word = len(b"rdchem write-ahead log 1\n") <= at < FIRST_FRAME_AT
        assert bool(found.damaged_at) != in_the_word, at
        assert found.torn_bytes == 0


def test_a_payload_that_holds_another_log_is_no_frame(tmp_path: Path) -> None:
    inner, _ = written(tmp_path / "inner.log", GROUPS)
    path = tmp_path / "1.log"
    content, ends = written(path, [GROUPS[0], encoded([record(5, inner)])])
    assert reread(path, content[: ends[1] - 1]).groups == (GROUPS[0],)
    assert reread(path, content[: ends[1] - 1]).damaged_at == ()


def test_a_newer_format_is_said_and_another_file_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "1.log"
    with pytest.raises(JournalError, match="升级"):
        reread(path, b"rdchem write-ahead log 2\n" + b"x" * 100)
    assert reread(path, b"something else entirely, and long enough").damaged_at == (0,)


def test_an_existing_log_is_never_written_over(tmp_path: Path) -> None:
    written(tmp_path / "1.log", GROUPS)
    with pytest.raises(FileExistsError):
        WriteAheadLog(tmp_path / "1.log")
