"""What is left of segments some of whose records were removed, and how a stream is walked over it.

One file `FIRST-LAST.kept` stands in the place of segments FIRST to LAST. Of each it keeps the header, the
sha256 and size of its file, so that the chain goes on, and the records that are still to be kept, with their
positions; and by which rule how many of which kind were removed. It is sealed as a segment is, but that
proves nothing: anybody can write such a file. What proves it is the stream of removals (`rdchem.removals`),
which states its sha256, is chained itself and covered by the daily seal.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Final

import msgspec
import zstandard

from rdchem.errors import JournalError
from rdchem.pages import with_table
from rdchem.segment import Header, Left, Record, Segment, numbered, read_header, read_segment, seq_of

VERSION: Final = 1
_NAME: Final = re.compile(r"([0-9]{10})-([0-9]{10})\.kept")


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule as it was applied: what it speaks of and was received before `before` may go.

    `day` is the day it was applied as of; `days` how long is to be kept, by which `source`.
    """

    name: str
    title: str
    days: int
    source: str
    day: date
    before: datetime


class Removed(msgspec.Struct, frozen=True, kw_only=True):
    """How many records of each kind went by a rule."""

    rule: Rule
    records: dict[str, int]


class Stub(msgspec.Struct, frozen=True, array_like=True):
    """A segment as it was, and what is left of it."""

    header: Header
    sha256: str
    size: int
    begins_us: int
    positions: list[int]
    records: list[Record]


class _Head(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    stream: str
    first: int
    last: int
    removed: list[Removed]
    oldest_us: dict[str, int]


@dataclass(frozen=True, slots=True)
class Kept:
    """Some segments of a stream after removal, in order.

    `oldest_us`: name of a rule -> receipt of the oldest record left that it speaks of.
    """

    stubs: Sequence[Stub]
    removed: Sequence[Removed]
    oldest_us: Mapping[str, int]

    @property
    def name(self) -> str:
        """Of its file."""
        return f"{self.stubs[0].header.seq:010d}-{self.stubs[-1].header.seq:010d}.kept"


def encoded(kept: Kept) -> bytes:
    """The content of its file."""
    first, last = kept.stubs[0].header, kept.stubs[-1].header
    head = _Head(
        version=VERSION,
        stream=first.stream,
        first=first.seq,
        last=last.seq,
        removed=list(kept.removed),
        oldest_us=dict(kept.oldest_us),
    )
    body = zstandard.ZstdCompressor(level=9).compress(msgspec.msgpack.encode(list(kept.stubs)))
    content = with_table(msgspec.json.encode(head, order="deterministic") + b"\n" + body)
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def read_kept(path: Path) -> Kept:
    """What a file of this form holds. Raises JournalError if it is not as, or where, we wrote it."""
    seal, _, content = path.read_bytes().partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != seal:
        raise JournalError(f"{path}:保留文件损坏(校验值不符)。请从备份恢复该文件后运行 rdchem verify。")
    line, _, body = content.partition(b"\n")
    head = msgspec.json.decode(line, type=_Head)
    if head.version != VERSION:
        raise JournalError(f"{path}:格式版本为 {head.version},本程序只认识 {VERSION}。请升级 rdchem。")
    if (head.stream, head.first, head.last) != (path.parent.name, *range_of(path)):
        raise JournalError(f"{path}:这是 {head.stream} 的第 {head.first} 至 {head.last} 段,放错了位置。")
    stubs = msgspec.msgpack.decode(zstandard.ZstdDecompressor().decompress(body), type=list[Stub])
    if [stub.header.seq for stub in stubs] != list(range(head.first, head.last + 1)):
        raise JournalError(f"{path}:缺少其中的段。请从备份恢复该文件后运行 rdchem verify。")
    return Kept(stubs, head.removed, head.oldest_us)


def links(folder: Path) -> list[Path]:
    """The files of a stream's chain in order: segments, and what stands in their place."""
    kept = [path for path in folder.glob("*.kept") if _NAME.fullmatch(path.name)]
    thinned = {seq for path in kept for seq in range(range_of(path)[0], range_of(path)[1] + 1)}
    whole = [path for path in numbered(folder, ".seg") if seq_of(path) not in thinned]
    return sorted([*kept, *whole], key=seq_of)


def range_of(path: Path) -> tuple[int, int]:
    """The first and the last segment a file of the chain is about."""
    name = _NAME.fullmatch(path.name)
    return (int(name[1]), int(name[2])) if name else (seq_of(path), seq_of(path))


def is_kept(path: Path) -> bool:
    """Whether a file of the chain is what is left of segments."""
    return path.suffix == ".kept"


def read_link(path: Path) -> list[Segment]:
    """The segments of a file of the chain, wherever they are now."""
    try:
        return segments(read_kept(path)) if is_kept(path) else [read_segment(path)]
    except FileNotFoundError:  # replaced since the folder was looked into
        seq = range_of(path)[0]
        return [one for one in read_link(find(path.parent, seq)) if one.header.seq == seq]


def headers(path: Path) -> list[Header]:
    """Their headers; those of a whole segment are read without its records."""
    return [stub.header for stub in read_kept(path).stubs] if is_kept(path) else [read_header(path)]


def segments(kept: Kept) -> list[Segment]:
    """As the journal gives them."""
    return [
        Segment(stub.header, stub.records, stub.sha256, stub.size, Left(stub.positions, stub.begins_us))
        for stub in kept.stubs
    ]


def stub_of(segment: Segment, left: Sequence[tuple[int, Record]] | None = None) -> Stub:
    """A segment with the records that are left of it and their positions, by default with all it has."""
    placed = list(segment.placed) if left is None else left
    return Stub(
        segment.header,
        segment.sha256,
        segment.size,
        segment.begins_us,
        [position for position, _ in placed],
        [record for _, record in placed],
    )


def find(folder: Path, seq: int) -> Path:
    """The file of the chain that a segment is in. Raises JournalError if there is none."""
    for path in links(folder):
        first, last = range_of(path)
        if first <= seq <= last:
            return path
    raise JournalError(f"{folder} 没有第 {seq} 段。请运行 rdchem verify。")


def read_links(folder: Path, after: int = 0) -> Iterator[Segment]:
    """The segments of a stream after one, in order."""
    for path in links(folder):
        if range_of(path)[1] > after:
            yield from (segment for segment in read_link(path) if segment.header.seq > after)
