"""A write-ahead log: groups of records appended to one file, each durable before anybody hears of it.

The file is a line of format and a random word of its own, then frames: a head (that word, length, number and
span of the records, CRC-32 of them), a CRC-32 of the head, and the records as MessagePack. A frame is written
only after the one before it is on disk. So a crash can only cut short the *last* frame, which nobody was told
of: such a torn tail is left away. Anything else that does not fit is damage, and is said to be; the word is
random, so that no payload can look like a frame.

The log is not chained: it lives for a minute at most, then becomes a sealed segment (`rdchem.rolling`).
"""

import os
import secrets
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rdchem.errors import JournalError
from rdchem.segment import Group

_FAMILY: Final = b"rdchem write-ahead log "
_FORMAT: Final = _FAMILY + b"1\n"
_WORD_BYTES: Final = 8
_HEAD: Final = struct.Struct("<8sIIqqI")
_CRC: Final = struct.Struct("<I")
_BODY_AT: Final = _HEAD.size + _CRC.size
FIRST_FRAME_AT: Final = len(_FORMAT) + _WORD_BYTES


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a log holds: its whole groups in order, how long its torn tail is, and where it is damaged."""

    groups: tuple[Group, ...]
    torn_bytes: int
    damaged_at: tuple[int, ...]


class WriteAheadLog:
    """One log file, open for appending. `append` returns when the group is on disk.

    An error of `append` leaves the file unusable for more: whether the group is on disk is then unknown, and
    only reading the file again can tell. So the writer must not go on, and acknowledges nothing.
    """

    def __init__(self, path: Path) -> None:
        """Make a new log. Raises OSError if it cannot be made; its folder is the caller's to sync."""
        self.path = path
        self._word = secrets.token_bytes(_WORD_BYTES)
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
        _write_all(self._file, _FORMAT + self._word)
        os.fsync(self._file)
        self.size = 0
        """Bytes of frames appended so far."""

    def append(self, group: Group) -> None:
        """Write one group and wait for the disk."""
        span = (group.records, group.first_us, group.last_us)
        head = _HEAD.pack(self._word, len(group.body), *span, zlib.crc32(group.body))
        _write_all(self._file, b"".join((head, _CRC.pack(zlib.crc32(head)), group.body)))
        os.fdatasync(self._file)
        self.size += _BODY_AT + len(group.body)

    def close(self) -> None:
        """No more is appended."""
        os.close(self._file)


def read_log(path: Path) -> Recovered:
    """Every whole group of a log, whatever happened to it. Raises JournalError if a newer rdchem wrote it."""
    content = path.read_bytes()
    if not any(content) or (len(content) < FIRST_FRAME_AT and _FORMAT.startswith(content[: len(_FORMAT)])):
        return Recovered((), len(content), ())  # cut while it was made: nothing was ever appended
    damaged: list[int] = []
    if not content.startswith(_FORMAT):
        if content.startswith(_FAMILY) and _frame_at(content, FIRST_FRAME_AT) is None:
            raise JournalError(f"{path}:由更新版本的 rdchem 写成,本程序不认识。请升级 rdchem。")
        damaged.append(0)
    at = FIRST_FRAME_AT
    word_at = at if _frame_at(content, at) else len(_FORMAT)
    word = content[word_at : word_at + _WORD_BYTES]
    groups: list[Group] = []
    while at < len(content):
        group = _frame_at(content, at)
        if group is None or content[at : at + _WORD_BYTES] != word:
            later = _next_frame(content, word, at + 1)
            if later is None and _is_torn(content, at):
                return Recovered(tuple(groups), len(content) - at, tuple(damaged))
            damaged.append(at)
            at = len(content) if later is None else later
            continue
        groups.append(group)
        at += _BODY_AT + len(group.body)
    return Recovered(tuple(groups), 0, tuple(damaged))


def _is_torn(content: bytes, at: int) -> bool:
    """Whether the rest is a frame cut short: less than a head, a head with too few bytes behind, or zeros."""
    if len(content) - at < _BODY_AT or not any(content[at:]):
        return True
    if not _head_fits(content, at):
        return False
    length: int = _HEAD.unpack_from(content, at)[1]
    return len(content) - at - _BODY_AT < length


def _head_fits(content: bytes, at: int) -> bool:
    head_end = at + _HEAD.size
    return _CRC.pack(zlib.crc32(content[at:head_end])) == content[head_end : head_end + _CRC.size]


def _next_frame(content: bytes, word: bytes, start: int) -> int | None:
    """Where the next whole frame begins, if there is one."""
    at = content.find(word, start)
    while at >= 0:
        if _frame_at(content, at) is not None:
            return at
        at = content.find(word, at + 1)
    return None


def _frame_at(content: bytes, at: int) -> Group | None:
    """The group of the frame at a place, None if it is not whole."""
    if len(content) - at < _BODY_AT or not _head_fits(content, at):
        return None
    _, length, records, first_us, last_us, check = _HEAD.unpack_from(content, at)
    body = content[at + _BODY_AT : at + _BODY_AT + length]
    whole = len(body) == length and zlib.crc32(body) == check
    return Group(records, first_us, last_us, body) if whole else None


def _write_all(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]
