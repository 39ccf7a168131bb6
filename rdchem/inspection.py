"""Whether a journal is as it was written: its chain, segment by segment, and what the manifest says of it.

A damage is of the journal itself. A fault of the manifest is not: the chain proves the files, and `rebuild`
writes the manifest anew. Where a file fits its own seal but not its neighbours or the manifest, it was
changed as a whole, and nothing in it can tell where.

Where records were removed, the chain goes on over what is left (`rdchem.kept`), as far as the stream of
removals states that very file.
"""

import hashlib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from rdchem import removals
from rdchem.errors import JournalError
from rdchem.kept import Removed, is_kept, links, range_of, read_kept, read_link, segments
from rdchem.pages import first_change, is_whole
from rdchem.segment import SEAL_BYTES, Segment, numbered, segment_name

Key = tuple[str, int]
"""Stream and number of a segment."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A segment as the manifest has it."""

    sha256: str
    previous: str
    records: int
    size: int
    first_received_us: int
    last_received_us: int


@dataclass(slots=True)
class Inspection:
    """What was found, in words: damages of the journal, faults of the manifest. And what was removed by the
    rules of retention.
    """

    damages: list[str] = field(default_factory=list)
    manifest_faults: list[str] = field(default_factory=list)
    removed: list[Removed] = field(default_factory=list)

    @property
    def problems(self) -> list[str]:
        """Both."""
        return self.damages + self.manifest_faults


def inspect(
    folder: Path,
    streams: Collection[str],
    manifest: Mapping[Key, Listed],
    mentioned: Collection[Key] = (),
) -> Inspection:
    """Walk every stream. `mentioned`: segments some projected row was read from.

    A chain cannot know its own end: that the newest segments were taken away shows only in the manifest, or
    in a seal kept elsewhere.
    """
    found, stated = Inspection(), _stated(folder)
    chain: dict[Key, _Link] = {}
    for stream in streams:
        chain |= {(stream, link.seq): link for link in _walk(folder / stream, manifest, stated, found)}
    replaced = {key for file in stated for key in _range(folder, *file)}
    for stream, name in sorted(stated):
        if not _range(folder, stream, name) <= chain.keys():
            found.damages.append(f"{folder / stream / name}:删除记录所述的保留文件不见了")
    for key, listed in sorted(manifest.items()):
        if key not in replaced or key in chain:
            _compare(folder, key, listed, chain, found)
    newest: dict[str, int] = {}
    for stream, seq in manifest:
        newest[stream] = max(seq, newest.get(stream, 0))
    for stream, seq in sorted({*chain, *mentioned} - manifest.keys()):
        if seq <= newest.get(stream, 0) or (stream, seq) in mentioned:
            place = folder / stream / segment_name(seq)
            found.manifest_faults.append(f"{place}:数据库清单缺少这一段的记录")
    return found


_Stated = Mapping[tuple[str, str], set[str]]


def _stated(folder: Path) -> _Stated:
    """What the stream of removals states; of a damaged one nothing is believed, and the walk tells of it."""
    try:
        return removals.stated(removals.runs(folder))
    except JournalError:
        return {}


def _range(folder: Path, stream: str, name: str) -> set[Key]:
    first, last = range_of(folder / stream / name)
    return {(stream, seq) for seq in range(first, last + 1)}


@dataclass(frozen=True, slots=True)
class _Link:
    """A file of the chain: as a manifest should list it, or None where it is not whole."""

    seq: int
    listed: Listed | None


def _walk(
    folder: Path, manifest: Mapping[Key, Listed], stated: _Stated, found: Inspection
) -> Iterator[_Link]:
    """Every segment of a stream in order, what is wrong with it being told on the way."""
    found.damages += [
        f"{path}:预写日志曾有损坏,完好的部分已封段,其余无法读出" for path in numbered(folder, ".log.damaged")
    ]
    previous: str | None = ""
    expected = 1
    for path in links(folder):
        first, last = range_of(path)
        if first != expected:
            found.damages.append(f"{path}:缺少第 {expected} 至 {first - 1} 段")
            previous = None
        expected = last + 1
        try:
            read = _proven(path, stated, found) if is_kept(path) else read_link(path)
        except JournalError as damage:
            where = where_changed(path, None if is_kept(path) else manifest.get((folder.name, first)))
            found.damages.append(f"{damage}{where}")
            previous = None
            yield from (_Link(seq, None) for seq in range(first, last + 1))
            continue
        for segment in read:
            if previous not in (None, segment.header.previous):
                found.damages.append(f"{path}:与前一段的校验值不符,两段之一被整段改写或替换")
            previous = segment.sha256
            yield _Link(segment.header.seq, listing(segment))


def _proven(path: Path, stated: _Stated, found: Inspection) -> list[Segment]:
    """What is left of segments. Raises JournalError if no removal states it, or its counts are wrong."""
    kept = read_kept(path)
    if hashlib.sha256(path.read_bytes()).hexdigest() not in stated.get((path.parent.name, path.name), ()):
        raise JournalError(f"{path}:没有与之相符的删除记录,该文件被整个改写,或有记录被私自删除。")
    gone = sum(stub.header.records - len(stub.records) for stub in kept.stubs)
    if gone != sum(count for one in kept.removed for count in one.records.values()):
        raise JournalError(f"{path}:少了 {gone} 条记录,与其自述的删除数不符。")
    found.removed += kept.removed
    return segments(kept)


def _compare(folder: Path, key: Key, listed: Listed, chain: Mapping[Key, _Link], found: Inspection) -> None:
    """A segment with its row of the manifest; of a damaged one enough was said."""
    stream, seq = key
    place = folder / stream / segment_name(seq)
    if key not in chain:
        found.damages.append(f"{place}:数据库记得它,文件却不见了")
        return
    right = chain[key].listed
    if right is None:
        return
    successor = chain.get((stream, seq + 1))
    proven = bool(successor and successor.listed and successor.listed.previous == right.sha256)
    if listed.sha256 != right.sha256 and not proven:
        found.damages.append(f"{place}:与数据库记下的校验值不符,该段被整段改写,或数据库清单有误")
    elif listed != right:
        found.manifest_faults.append(f"{place}:数据库清单与文件不符({_differing(listed, right)})")


def listing(segment: Segment) -> Listed:
    """The row of a segment in a manifest that does not lie."""
    return Listed(
        sha256=segment.sha256,
        previous=segment.header.previous,
        records=segment.header.records,
        size=segment.size,
        first_received_us=segment.begins_us,
        last_received_us=segment.header.last_received_us,
    )


def _differing(listed: Listed, right: Listed) -> str:
    names = [name for name in listed.__slots__ if getattr(listed, name) != getattr(right, name)]
    return "、".join(f"{name} 记为 {getattr(listed, name)},实为 {getattr(right, name)}" for name in names)


def where_changed(path: Path, listed: Listed | None) -> str:
    """Where a damaged segment was changed, as far as it can be known; bytes count from 0."""
    content = path.read_bytes()
    if listed and listed.size != len(content):
        cut = min(len(content), listed.size)
        return f"文件应有 {listed.size} 字节,现有 {len(content)} 字节:自第 {cut} 字节起被截去或添加。"
    seal, rest = content[: SEAL_BYTES - 1], content[SEAL_BYTES:]
    if is_whole(rest):
        right = hashlib.sha256(rest).hexdigest().encode() + b"\n"
        at = next((place for place, byte in enumerate(right) if content[place] != byte), None)
        if at is None:
            return ""  # nothing in it was changed: it is in the wrong place
        return f"被改的是第 {at} 字节(校验行):原为 0x{right[at]:02x},现为 0x{content[at]:02x}。"
    change = first_change(seal, rest)
    if change is None:
        return ""
    first, last = change.first + SEAL_BYTES, change.last + SEAL_BYTES
    if change.was is not None:
        return f"被改的是第 {first} 字节:原为 0x{change.was:02x},现为 0x{content[first]:02x}。"
    return f"首个被改的字节在第 {first} 至 {last} 字节之间。"
