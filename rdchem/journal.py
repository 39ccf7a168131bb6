"""The journal: every message as it came, appended in segments that are chained and never changed.

A journal is a folder of streams, one writer each (the listener, file loads, replays). A segment is on disk,
with its folder, before `append` returns. A listener appends to a write-ahead log first (`rdchem.rolling`);
log number N becomes segment number N, so a log whose segment is there has done its work, whatever was killed
when. Whoever opens a stream for writing first seals the logs a crash left in it.

The folder alone is the truth; SQL tables and Parquet files are projections of it that may be thrown away.
"""

import fcntl
import hashlib
import os
import re
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Literal

import msgspec
import structlog

from rdchem.errors import JournalError
from rdchem.inspection import Inspection, Key, Listed, inspect, numbered
from rdchem.segment import (
    VERSION,
    Group,
    Header,
    Record,
    Segment,
    encoded,
    instant,
    read_header,
    read_segment,
    sealed,
    segment_name,
    seq_of,
)
from rdchem.write_ahead import read_log

_log = structlog.get_logger(__name__)
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
                    _write_durably(passport, msgspec.json.encode(Passport(VERSION, kind)))
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

    def segments_after(self, done: Mapping[str, int]) -> Iterator[Segment]:
        """Segments not yet counted in `done` (stream -> last seq), stream by stream, in order."""
        for stream in self.streams():
            for path in _segment_files(self.path / stream):
                if seq_of(path) > done.get(stream, 0):
                    yield read_segment(path)

    def segment(self, stream: str, seq: int) -> Segment:
        """One segment by its number."""
        return read_segment(self.path / stream / segment_name(seq))

    def record(self, stream: str, seq: int, position: int) -> Record:
        """One record by its place."""
        return self.segment(stream, seq).records[position]

    def headers(self, stream: str) -> list[Header]:
        """The headers of a stream's segments, in order."""
        return [read_header(path) for path in _segment_files(self.path / stream)]

    def sha256(self, stream: str, seq: int) -> str:
        """The sha256 of a segment's file."""
        return hashlib.sha256((self.path / stream / segment_name(seq)).read_bytes()).hexdigest()

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
        files = _segment_files(folder)
        self.seq = seq_of(files[-1]) if files else 0
        """The number of the newest segment."""
        self._previous = hashlib.sha256(files[-1].read_bytes()).hexdigest() if files else ""
        try:
            for log in numbered(folder, ".log"):
                self.seal(log)
        except BaseException:
            self.close()
            raise
        files = _segment_files(folder)
        self.last_received_at = _last_received(files[-1]) if files else None
        """The newest receipt in the last segment when the stream was opened; None if there is none."""

    def append(self, records: Sequence[Record]) -> int:
        """Write one segment; returns its number. Nothing is written for no records."""
        if records:
            self._append(self.seq + 1, [encoded(records)])
        return self.seq

    def seal(self, log: Path) -> None:
        """Make a log the segment of its number, then remove it. What of it cannot be read is kept aside."""
        recovered = read_log(log)
        if recovered.torn_bytes:
            _log.warning("torn tail of a log left away", log=str(log), bytes=recovered.torn_bytes)
        if seq_of(log) > self.seq and recovered.groups:
            self._append(seq_of(log), recovered.groups)
        if recovered.damaged_at:
            _log.error("damaged log kept aside", log=str(log), at=recovered.damaged_at)
            log.rename(log.with_name(log.name + ".damaged"))
        else:
            log.unlink()
        sync_folder(self.folder)

    def _append(self, seq: int, groups: Sequence[Group]) -> None:
        content = sealed(self._stream, seq, self._previous, groups)
        _write_durably(self.folder / segment_name(seq), content)
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


def _last_received(segment: Path) -> datetime | None:
    try:
        return instant(read_segment(segment).header.last_received_us)
    except JournalError:
        return None  # `problems` tells of the damage; listening goes on


def _segment_files(folder: Path) -> list[Path]:
    return numbered(folder, ".seg")


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


def _write_durably(path: Path, content: bytes) -> None:
    """Write, fsync, rename, fsync the folder: the file is there whole or not at all."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    draft.rename(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the names in a folder are on disk."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
