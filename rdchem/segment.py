"""A segment of the journal: one group of records as a sealed, chained file.

A line with the sha256 of the rest, a JSON header line, then the records, zstd-compressed, and behind them the
table that tells where a damage is (`rdchem.pages`; segments of before have none). The header carries the
sha256 of the segment before it: any change shows, in the newest segment too.

The records are MessagePack: one after another (version 1, of before and where there is no time to lose), or
turned into columns (version 2, `rdchem.columns`), which takes half to a third of the space.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate, groupby, pairwise
from pathlib import Path
from typing import Final

import msgspec
import zstandard

from rdchem.columns import Block, turned, turned_back
from rdchem.errors import JournalError
from rdchem.pages import with_table

PLAIN: Final = 1
TURNED: Final = 2
SEAL_BYTES: Final = 65
"""The first line: a sha256 in hexadecimal, of all that follows it."""
FILE_ORIGIN: Final = "file:"
OWN_ORIGIN: Final = "self"
REPLAY_ORIGIN: Final = "replay"
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Record(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One message as received: `received_us` microseconds since 1970; `origin` mqtt, replay, self, file:…"""

    received_us: int
    topic: str
    payload: bytes
    qos: int = 1
    retain: bool = False
    origin: str = "mqtt"

    @property
    def journal_id(self) -> str:
        """Identity by content: the same bytes on the same topic are one statement, however often sent."""
        return hashlib.sha256(self.topic.encode() + b"\0" + self.payload).hexdigest()[:24]

    @property
    def received_at(self) -> datetime:
        """When we had it."""
        return instant(self.received_us)


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What a segment is. `previous` is the sha256 of the whole preceding segment file, or empty."""

    version: int
    stream: str
    seq: int
    previous: str
    records: int
    first_received_us: int
    last_received_us: int


@dataclass(frozen=True, slots=True)
class Left:
    """Of a segment that was thinned out (`rdchem.kept`): where the records that are left stood in it, and
    when its first one was received.
    """

    positions: Sequence[int]
    begins_us: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment read back: its header, its records, the sha256 and size of its file as it was written.

    `left` is None for a whole one.
    """

    header: Header
    records: Sequence[Record]
    sha256: str
    size: int
    left: Left | None = None

    @property
    def placed(self) -> Iterable[tuple[int, Record]]:
        """Each record with its position."""
        return (
            enumerate(self.records)
            if self.left is None
            else zip(self.left.positions, self.records, strict=True)
        )

    @property
    def begins_us(self) -> int:
        """When its first record was received."""
        return self.records[0].received_us if self.left is None else self.left.begins_us

    def at(self, position: int) -> Record:
        """The record at a position. Raises JournalError if it was removed."""
        if self.left is None:
            return self.records[position]
        for place, record in self.placed:
            if place == position:
                return record
        raise JournalError(f"{self.header.stream} 第 {self.header.seq} 段第 {position} 条已按保存期限删除。")


@dataclass(frozen=True, slots=True)
class Group:
    """Records encoded one after another as MessagePack in `body`; how many, and the span of their receipt."""

    records: int
    first_us: int
    last_us: int
    body: bytes


class _Columns(msgspec.Struct, frozen=True, array_like=True):
    """Records column by column: microseconds since the one before; how often the same rest comes in a row."""

    received: list[int]
    topics: list[Block]
    payloads: list[Block]
    rest: list[tuple[int, int, bool, str]]


_ENCODER = msgspec.msgpack.Encoder()
_DECODER = msgspec.msgpack.Decoder(list[Record])
_COLUMNS = msgspec.msgpack.Decoder(_Columns)


def instant(microseconds: int) -> datetime:
    """The UTC instant of microseconds since 1970."""
    return _EPOCH + timedelta(microseconds=microseconds)


def microseconds(moment: datetime) -> int:
    """Microseconds since 1970 of an instant, exact."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def encoded(records: Sequence[Record]) -> Group:
    """Records as a group; there must be some."""
    times = [record.received_us for record in records]
    body = _ENCODER.encode(records)
    return Group(len(times), min(times), max(times), body[len(_list_head(len(times))) :])


def decoded(group: Group) -> list[Record]:
    """The records of a group."""
    return _DECODER.decode(_list_head(group.records) + group.body)


def sealed(stream: str, seq: int, previous: str, groups: Sequence[Group], *, hurried: bool = False) -> bytes:
    """The content of a segment file; the groups must hold some record. `hurried`: rather quick than small."""
    count = sum(group.records for group in groups)
    header = Header(
        version=PLAIN if hurried else TURNED,
        stream=stream,
        seq=seq,
        previous=previous,
        records=count,
        first_received_us=min(group.first_us for group in groups),
        last_received_us=max(group.last_us for group in groups),
    )
    records = b"".join([_list_head(count), *(group.body for group in groups)]) if hurried else _turned(groups)
    body = zstandard.ZstdCompressor(level=3).compress(records)
    content = with_table(msgspec.json.encode(header) + b"\n" + body)
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def _turned(groups: Sequence[Group]) -> bytes:
    """Group by group: decoding all at once would keep the interpreter from who waits for the disk."""
    records = [record for group in groups for record in decoded(group)]
    received = [record.received_us for record in records]
    rest = groupby((record.qos, record.retain, record.origin) for record in records)
    return _ENCODER.encode(
        _Columns(
            [after - before for before, after in pairwise([0, *received])],
            turned([record.topic.encode() for record in records]),
            turned([record.payload for record in records]),
            [(sum(1 for _ in same), *what) for what, same in rest],
        )
    )


def _turned_back(content: bytes) -> list[Record]:
    columns = _COLUMNS.decode(content)
    rest = ((qos, retain, origin) for count, qos, retain, origin in columns.rest for _ in range(count))
    whole = zip(
        accumulate(columns.received),
        turned_back(columns.topics),
        turned_back(columns.payloads),
        rest,
        strict=True,
    )
    return [
        Record(received_us, topic.decode(), payload, *what) for received_us, topic, payload, what in whole
    ]


def _list_head(count: int) -> bytes:
    """How MessagePack begins a list of so many."""
    if count < 16:
        return bytes([0x90 | count])
    return b"\xdc" + count.to_bytes(2) if count < 2**16 else b"\xdd" + count.to_bytes(4)


def read_segment(path: Path) -> Segment:
    """A segment from its file. Raises JournalError naming the file if it is not as, or where, we wrote it."""
    content = path.read_bytes()
    seal, _, sealed = content.partition(b"\n")
    if hashlib.sha256(sealed).hexdigest().encode() != seal:
        raise JournalError(f"{path}:日志段损坏(校验值不符)。请从备份恢复该文件后运行 rdchem verify。")
    line, _, body = sealed.partition(b"\n")
    header = msgspec.json.decode(line, type=Header)
    if (header.stream, header.seq) != (path.parent.name, seq_of(path)):
        raise JournalError(f"{path}:这是 {header.stream} 的第 {header.seq} 段,放错了位置。")
    if header.version not in (PLAIN, TURNED):
        raise JournalError(f"{path}:格式版本为 {header.version},本程序只认识到 {TURNED}。请升级 rdchem。")
    content_of = zstandard.ZstdDecompressor().decompress(body)
    records = _DECODER.decode(content_of) if header.version == PLAIN else _turned_back(content_of)
    return Segment(header, records, hashlib.sha256(content).hexdigest(), len(content))


def read_header(path: Path) -> Header:
    """The header of a segment, read without its records and not checked against them.

    Raises JournalError if there is none.
    """
    with path.open("rb") as file:
        file.readline()
        line = file.readline()
    try:
        return msgspec.json.decode(line, type=Header)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise JournalError(
            f"{path}:日志段损坏(读不出段头)。请从备份恢复该文件后运行 rdchem verify。"
        ) from error


def segment_name(seq: int) -> str:
    """The file of a segment."""
    return f"{seq:010d}.seg"


def seq_of(path: Path) -> int:
    """The number of a segment or a log, from its file."""
    return int(path.name[:10])


def numbered(folder: Path, suffix: str) -> list[Path]:
    """The numbered files of a stream with this suffix, in order."""
    return sorted(folder.glob(f"{'[0-9]' * 10}{suffix}"))
