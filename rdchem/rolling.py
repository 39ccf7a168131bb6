"""A stream written through a write-ahead log: durable in one `fdatasync`, sealed into segments behind.

`append` returns when the records are in the log on disk; the messages may then be acknowledged. The log is
rolled (closed, and a new one begun) when it is full, a minute old, or somebody asks; a worker seals it as the
next segment and removes it. Killed at any moment, what was appended is in a log or in a segment, and whoever
opens the stream next seals what was left; a log whose segment is there already is only removed.

Readers see segments alone. `seal_all` has everything that is durable now sealed: it asks the writer or,
where none lives, does it itself. So a verdict never lacks what was acknowledged, and nobody parses a log that
is being written.

Bounds: one log holds 16 MiB and one group; sealing takes about five times that in memory; four logs may wait
to be sealed, then `append` waits. A disk that refuses ends `append` with JournalError and nothing more is
written: the caller acknowledges nothing, and the next start finds out what is on the disk.
"""

import os
import threading
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Final

from rdchem.durable import sync_folder
from rdchem.errors import JournalError
from rdchem.journal import Journal, Writer
from rdchem.segment import Record, encoded
from rdchem.write_ahead import WriteAheadLog

LOG_BYTES: Final = 16 * 2**20
_LOGS_WAITING: Final = 4
_LOOK_S: Final = 0.05
_HURRY_S: Final = 5.0
"""A log that is full sooner is sealed the quick way: a backlog is drained, the nation sends half as fast."""
_ASKED: Final = "seal-now"
"""A file in the stream's folder; touched, it asks the writer to seal what it has."""


class RollingWriter:
    """The writer of a listener's stream. A context manager; only one thread may append.

    Left with an error, the log stays as it is for whoever opens the stream next.
    """

    def __init__(self, writer: Writer, *, roll_seconds: float = 60.0, log_bytes: int = LOG_BYTES) -> None:
        self._writer, self._roll_seconds, self._log_bytes = writer, roll_seconds, log_bytes
        self._next_seq = writer.seq + 1
        self._log: WriteAheadLog | None = None
        self._since = 0.0
        self._asked_at = _touched(writer.folder / _ASKED)
        self._changing = threading.Lock()
        self._sealing: deque[Future[None]] = deque()
        self._sealing_failed = False
        self._worker = ThreadPoolExecutor(1, "seal")
        self._ending = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="roll", daemon=True)  # holds no exit up
        self._watcher.start()

    @property
    def last_received_at(self) -> datetime | None:
        """The newest receipt in the stream when it was opened; None if it was empty."""
        return self._writer.last_received_at

    def append(self, records: Sequence[Record]) -> None:
        """Make records durable. Raises JournalError if the disk refuses, now or when sealing."""
        if not records:
            return
        if not self._watcher.is_alive():
            raise RuntimeError("the thread that rolls the log has died; its error was printed")
        self._hear_of_sealing(_LOGS_WAITING)
        group = encoded(records)
        with self._changing:
            try:
                if self._log is None:
                    self._log = self._new_log()
                self._log.append(group)
            except OSError as error:
                raise _refused(error, self._writer.folder) from error
            if self._log.size >= self._log_bytes:
                self._roll()

    def close(self) -> None:
        """Seal what there is, then give the stream free."""
        try:
            self._end_watching()
            with self._changing:
                self._roll()
            self._hear_of_sealing(0)
        finally:
            self._give_free()

    def __enter__(self) -> "RollingWriter":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        self._end_watching()
        self._give_free()

    def _new_log(self) -> WriteAheadLog:
        log = WriteAheadLog(self._writer.folder / f"{self._next_seq:010d}.log")
        sync_folder(self._writer.folder)
        self._next_seq += 1
        self._since = time.monotonic()
        return log

    def _roll(self) -> None:
        """Hand the log to the worker. `_changing` is held."""
        if self._log is not None:
            self._log.close()
            full = self._log.size >= self._log_bytes
            hurried = full and time.monotonic() - self._since < _HURRY_S
            self._sealing.append(self._worker.submit(self._seal, self._log.path, hurried))
            self._log = None

    def _seal(self, log: Path, hurried: bool) -> None:
        """Seal one log; after a failure none, for they go in order."""
        if self._sealing_failed:
            return
        try:
            self._writer.seal(log, hurried=hurried)
        except BaseException:
            self._sealing_failed = True
            raise

    def _watch(self) -> None:
        """Roll a log that is old or asked for, whatever the appending thread is busy with."""
        while not self._ending.wait(_LOOK_S):
            with self._changing:
                asked_at = _touched(self._writer.folder / _ASKED)
                old = time.monotonic() - self._since >= self._roll_seconds
                if old or asked_at != self._asked_at:
                    self._asked_at = asked_at
                    self._roll()

    def _hear_of_sealing(self, may_wait: int) -> None:
        """Wait until no more than so many logs wait to be sealed; raise what went wrong with the others."""
        while self._sealing and (len(self._sealing) > may_wait or self._sealing[0].done()):
            try:
                self._sealing[0].result()
            except OSError as error:
                raise _refused(error, self._writer.folder) from error
            self._sealing.popleft()

    def _end_watching(self) -> None:
        self._ending.set()
        self._watcher.join()

    def _give_free(self) -> None:
        self._worker.shutdown(cancel_futures=True)
        if self._log is not None:
            self._log.close()
        self._writer.close()


def rolling_writer(journal: Journal, stream: str, *, roll_seconds: float) -> RollingWriter:
    """The writer of a stream. Raises JournalError if the disk refuses what opening it writes."""
    try:
        return RollingWriter(journal.writer(stream), roll_seconds=roll_seconds)
    except OSError as error:
        raise _refused(error, journal.path / stream) from error


def seal_all(journal: Journal, *, patience_s: float = 5.0) -> list[str]:
    """Have all that is durable in the journal now sealed, so that `segments_after` gives it.

    Returns the streams whose writer lives and did not answer in time: what they hold cannot be read yet.
    """
    waiting = {stream: logs for stream in journal.streams() if (logs := journal.logs(stream))}
    for stream in waiting:
        _ask(journal.path / stream / _ASKED)
    end = time.monotonic() + patience_s
    while waiting:
        waiting = {
            stream: logs
            for stream, logs in waiting.items()
            if any(log.exists() for log in logs) and not _sealed_by_us(journal, stream)
        }
        if not waiting or time.monotonic() >= end:
            break
        time.sleep(0.02)
    return sorted(waiting)


def _sealed_by_us(journal: Journal, stream: str) -> bool:
    """Whether no writer lived, and the stream's logs are sealed now."""
    try:
        journal.writer(stream, wait_s=0).close()
    except JournalError:
        return False
    return True


def _ask(path: Path) -> None:
    path.touch()
    os.utime(path)


def _touched(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return None


def _refused(error: OSError, folder: Path) -> JournalError:
    return JournalError(
        f"日志写不进 {folder}({error})。没有存盘的报文未予确认,消息代理会重新发送。"
        "请检查磁盘空间和权限,然后重启采集。"
    )
