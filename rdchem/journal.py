"""The journal: every message as it came, appended in segments that are chained and never changed.

A journal is a folder of streams, one writer each (the listener, file loads, replays). A segment is on disk,
with its folder, before `append` returns. A listener appends to a write-ahead log first (`rdchem.rolling`);
log number N becomes segment number N, so a log whose segment is there has done its work, whatever was killed
when. Whoever opens a stream for writing first seals the logs a crash left in it.

The folder alone is the truth; SQL tables and Parquet files are projections of it that may be thrown away.
"""

import fcntl
import hashlib
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal

import msgspec
import structlog

from rdchem import removals
from rdchem.durable import sync_folder, write_durably
from rdchem.errors import JournalError
from rdchem.inspection import Inspection, Key, Listed, inspect
from rdchem.kept import find, headers, is_kept, links, range_of, read_link, read_links
from rdchem.segment import (
    Group,
    Header,
    Record,
    Segment,
    encoded,
    instant,
    numbered,
    read_segment,
    sealed,
    segment_name,
    seq_of,
)
from rdchem.write_ahead import read_log

_log = structlog.get_logger(__name__)
VERSION: Final = 1
"""Of the journal's layout; segments have versions of their own."""
_STREAM: Final = re.compile(r"(?!\.)[0-9A-Za-z_.-]{1,40}")
Kind = Literal["production", "replay"]


class Passport(msgspec.Struct, frozen=True):
    """What a journal is: the version of its format, and its kind."""

    version: int
    kind: Kind


class Journal:
    """A folder of chained streams. `kind` is fixed when the folder is made; no setting changes it."""

    def __init__(self, path: Path, kind: Kind = "production") -> None:
        self.path = path
        path.mkdir(parents=True, exist_ok=True)
        passport = path / "journal.json"
        if not passport.exists():
            with (path / ".lock").open("ab") as lock:  # of two processes making it, the first decides
                fcntl.flock(lock, fcntl.LOCK_EX)
                if not passport.exists():
                    write_durably(passport, msgspec.json.encode(Passport(VERSION, kind)))
                    sync_folder(path.parent)
        try:
            content = msgspec.json.decode(passport.read_bytes(), type=Passport)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise JournalError(f"{passport}:文件损坏({error})。请从备份恢复该文件。") from error
        if content.version != VERSION:
            raise JournalError(
                f"日志 {path} 的版本为 {content.version},本程序只认识 {VERSION}。请升级 rdchem。"
            )
        self.kind: Kind = content.kind

    def refuse_replay(self, allowed: bool) -> None:
        """Raise JournalError if replayed time may not enter here."""
        if self.kind == "production" and not allowed:
            raise JournalError(
                f"{self.path} 是生产日志,不接受回放或模拟时间的数据。确需写入请加 --replay(记录会标明为回放),"
                "或设置 RDCHEM_JOURNAL_KIND=replay 并换一个 RDCHEM_HOME。"
            )

    def writer(self, stream: str, *, wait_s: float = 2.0) -> "Writer":
        """The only writer of a stream; a second one is refused after `wait_s` (a reader that seals what a
        crash left is a writer for a moment), and so is a name that cannot be a folder.
        """
        if not _STREAM.fullmatch(stream):
            raise JournalError(f"流名称 {stream!r} 不可用:限 1–40 个字母、数字、_ - .,且不以 . 开头。")
        return Writer(self.path / stream, stream, wait_s)

    def written_now(self) -> list[str]:
        """Streams that a living process writes at this moment."""
        taken = []
        for stream in self.streams():
            try:
                _lock(self.path / stream / ".lock", 0).close()
            except JournalError:
                taken.append(stream)
        return taken

    def logs(self, stream: str) -> list[Path]:
        """Write-ahead logs of a stream that are not sealed yet, in order."""
        return numbered(self.path / stream, ".log")

    def streams(self) -> list[str]:
        """Names of the streams, sorted."""
        folders = (child.name for child in self.path.iterdir() if child.is_dir())
        return sorted(name for name in folders if _STREAM.fullmatch(name))

    def segments_after(
        self, done: Mapping[str, int], streams: Collection[str] | None = None
    ) -> Iterator[Segment]:
        """Segments not yet counted in `done` (stream -> last seq), stream by stream, in order; of some
        streams, or of all: what was removed is told first.
        """
        names = sorted(self.streams(), key=lambda one: (one != removals.STREAM, one))
        for stream in names if streams is None else streams:
            yield from read_links(self.path / stream, done.get(stream, 0))

    def segment(self, stream: str, seq: int) -> Segment:
        """One segment by its number. Raises JournalError if there is none."""
        whole = self.path / stream / segment_name(seq)
        if whole.exists():
            return read_segment(whole)
        path = find(self.path / stream, seq)
        return read_link(path)[seq - range_of(path)[0]]

    def record(self, stream: str, seq: int, position: int) -> Record:
        """One record by its place. Raises JournalError if it was removed."""
        return self.segment(stream, seq).at(position)

    def numbers(self, stream: str) -> list[int]:
        """The numbers of a stream's segments in order, from the names of files: none is opened."""
        spans = map(range_of, links(self.path / stream))
        return [seq for first, last in spans for seq in range(first, last + 1)]

    def headers(self, stream: str) -> list[Header]:
        """The headers of a stream's segments, in order."""
        return [header for path in links(self.path / stream) for header in headers(path)]

    def sha256(self, stream: str, seq: int) -> str:
        """The sha256 of a segment's file, as it was written."""
        whole = self.path / stream / segment_name(seq)
        if whole.exists():
            return hashlib.sha256(whole.read_bytes()).hexdigest()
        return self.segment(stream, seq).sha256

    def inspect(self, manifest: Mapping[Key, Listed], mentioned: Collection[Key] = ()) -> Inspection:
        """What is wrong with the chain and with the manifest; see `rdchem.inspection`."""
        return inspect(self.path, self.streams(), manifest, mentioned)

    def problems(self, manifest: Mapping[Key, Listed]) -> list[str]:
        """The same in words; empty if every segment follows from its predecessor."""
        return self.inspect(manifest).problems


class Writer:
    """Appends groups of records to one stream, durable when `append` returns. A context manager."""

    def __init__(self, folder: Path, stream: str, wait_s: float) -> None:
        folder.mkdir(exist_ok=True)
        sync_folder(folder.parent)
        self.folder, self._stream = folder, stream
        self._lock = _lock(folder / ".lock", wait_s)
        self.seq, self._previous = _newest(folder)
        """`seq`: the number of the newest segment."""
        try:
            for log in numbered(folder, ".log"):
                self.seal(log)
        except BaseException:
            self.close()
            raise
        files = links(folder)
        self.last_received_at = _last_received(files[-1]) if files else None
        """The newest receipt in the last segment when the stream was opened; None if there is none."""

    def append(self, records: Sequence[Record]) -> int:
        """Write one segment; returns its number. Nothing is written for no records."""
        if records:
            self._append(self.seq + 1, [encoded(records)])
        return self.seq

    def seal(self, log: Path, *, hurried: bool = False) -> None:
        """Make a log the segment of its number, then remove it. What of it cannot be read is kept aside.

        `hurried`: more logs follow so fast that space matters less than time.
        """
        recovered = read_log(log)
        if recovered.torn_bytes:
            _log.warning("torn tail of a log left away", log=str(log), bytes=recovered.torn_bytes)
        if seq_of(log) > self.seq and recovered.groups:
            self._append(seq_of(log), recovered.groups, hurried=hurried)
        if recovered.damaged_at:
            _log.error("damaged log kept aside", log=str(log), at=recovered.damaged_at)
            log.rename(log.with_name(log.name + ".damaged"))
        else:
            log.unlink()
        sync_folder(self.folder)

    def _append(self, seq: int, groups: Sequence[Group], *, hurried: bool = False) -> None:
        content = sealed(self._stream, seq, self._previous, groups, hurried=hurried)
        write_durably(self.folder / segment_name(seq), content)
        self.seq, self._previous = seq, hashlib.sha256(content).hexdigest()

    def close(self) -> None:
        """Give the stream free."""
        self._lock.close()

    def __enter__(self) -> "Writer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _newest(folder: Path) -> tuple[int, str]:
    """The number and sha256 of the newest segment, damaged or not."""
    files = links(folder)
    if not files:
        return 0, ""
    newest = files[-1]
    if is_kept(newest):
        last = read_link(newest)[-1]
        return last.header.seq, last.sha256
    return seq_of(newest), hashlib.sha256(newest.read_bytes()).hexdigest()


def _last_received(newest: Path) -> datetime | None:
    try:
        return instant(read_link(newest)[-1].header.last_received_us)
    except JournalError:
        return None  # `problems` tells of the damage; listening goes on


def _lock(path: Path, wait_s: float) -> IO[bytes]:
    handle, end = path.open("ab"), time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as taken:
            if time.monotonic() >= end:
                handle.close()
                raise JournalError(
                    f"另一个进程正在写 {path.parent}。请先停止它,或为本进程另设名称。"
                ) from taken
            time.sleep(0.02)
        else:
            return handle
