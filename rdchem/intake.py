"""Ways into the journal, and from the journal into its projections.

Listening, replaying recorded envelopes, loading files: each appends raw records and nothing else. `project`
then brings the projections up to the journal; it may be run by anybody, any time, as often as one likes.
"""

import fcntl
import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine

from rdchem.diary import Append
from rdchem.errors import InputError, NotReadyError
from rdchem.inspection import Inspection
from rdchem.journal import Journal
from rdchem.messages import encode, topic_of
from rdchem.projection import BAD_ROW_TOPIC, FILE_TOPIC, BadRowRecord, Projected, project
from rdchem.recording import read_recording
from rdchem.rolling import rolling_writer, seal_all
from rdchem.segment import FILE_ORIGIN, Record, Segment, instant, microseconds
from rdchem.settings import Settings
from rdchem.store import intake as store
from rdchem.store import manifest, readings_files, retention
from rdchem.store.connection import open_database
from rdchem.store.readings import write_readings

_SEGMENTS_A_RUN = 256
_BYTES_A_RUN = 4 * 2**20
"""Compressed; about half a million readings."""
_RECORDS_A_SEGMENT = 5_000
FILES_STREAM = "files"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of an imported file."""

    file: str
    messages: int
    bad_rows: int
    reasons: tuple[str, ...]


def open_journal(settings: Settings) -> Journal:
    """The journal of an installation."""
    return Journal(settings.journal_path, settings.journal_kind)


def ingest(
    settings: Settings,
    *,
    replay: bool,
    until_idle: float | None = None,
    until: datetime | None = None,
    on_ready: Callable[[], None] = lambda: None,
) -> int:
    """Listen to the broker; returns the number of messages received. `on_ready`: the subscription stands."""
    journal = open_journal(settings)
    if replay:
        journal.refuse_replay(allowed=False)
    from rdchem.mqtt import Listener  # the client library is for whoever listens

    with rolling_writer(journal, settings.listener, roll_seconds=settings.roll_seconds) as writer:
        append = _looked_on(settings, writer.append)
        listener = Listener(
            settings, append, replay=replay, on_ready=on_ready, last_heard=writer.last_received_at
        )
        return listener.run(until_idle=until_idle, until=until)


def _looked_on(settings: Settings, append: Append) -> Append:
    """`append`, watched from outside where the settings ask for it."""
    if not settings.metrics_port and not settings.dead_man_url.get_secret_value():
        return append
    from rdchem.watching import watched  # imports an HTTP client and a metrics server

    return watched(settings, append)


def receive(settings: Settings, path: Path, *, allow_replay: bool) -> int:
    """Append a recording with its recorded times; nothing is appended unless all is readable."""
    journal = open_journal(settings)
    journal.refuse_replay(allow_replay)
    recording = read_recording(path)
    recording.refuse_cut()
    records = recording.records
    with journal.writer("replay") as writer:
        for start in range(0, len(records), _RECORDS_A_SEGMENT):
            writer.append(records[start : start + _RECORDS_A_SEGMENT])
    return len(records)


def load(settings: Settings, path: Path, *, received_at: datetime | None, allow_replay: bool) -> Loaded:
    """Append a platform's export: its raw bytes, then what its rows say.

    Loaded again, rows that carry their own time say nothing new; the others speak of the time of loading.
    """
    from rdchem.platform import BadRow, read_file  # pandas-free but slow to import: only where files come in
    from rdchem.platform.profile import profile_of

    journal = open_journal(settings)
    if received_at is not None:
        journal.refuse_replay(allow_replay)
    moment = received_at or datetime.now(UTC)
    content = _read(path)
    own = profile_of(settings.profile_file)
    rows = read_file(path.name, content, received_at=moment, area_code=settings.area_code, profile=own)
    at = microseconds(moment)
    sha256 = hashlib.sha256(content).hexdigest()
    records = [Record(at, f"{FILE_TOPIC}{sha256}", content, origin=f"{FILE_ORIGIN}{path.name}")]
    reasons = []
    for row in rows:
        origin = f"{FILE_ORIGIN}{row.origin}"
        if isinstance(row, BadRow):
            reasons.append(f"{row.origin} [{row.column}] {row.reason}")
            bad = BadRowRecord(
                file=row.file,
                row=row.row,
                column=row.column,
                code=row.code,
                reason=row.reason,
                cells=row.cells,
            )
            records.append(Record(at, f"{BAD_ROW_TOPIC}{sha256}", encode(bad), origin=origin))
        else:
            records.append(
                Record(at, topic_of(row.area_code, row.message), encode(row.message), origin=origin)
            )
    with journal.writer(FILES_STREAM) as writer:
        for start in range(0, len(records), _RECORDS_A_SEGMENT):
            writer.append(records[start : start + _RECORDS_A_SEGMENT])
    return Loaded(path.name, len(rows) - len(reasons), len(reasons), tuple(reasons))


def inspect(settings: Settings, engine: Engine | None = None) -> Inspection:
    """What is wrong with the journal: by its own chain, and by what the database remembers of it."""
    journal = open_journal(settings)
    with (engine or open_database(settings.url)).connect() as connection:
        return journal.inspect(manifest.listed(connection), manifest.mentioned(connection))


def project_all(settings: Settings, engine: Engine | None = None) -> int:
    """Bring the projections up to all that is durable now; returns the number of segments newly projected.

    Raises NotReadyError, after all else is projected, if a listener lives but does not seal what it holds.
    """
    journal = open_journal(settings)
    engine = engine or open_database(settings.url)
    done = 0
    unanswered = seal_all(journal)
    with projecting_alone(settings):
        with engine.connect() as connection:
            projected = manifest.projected(connection)
        for segments in batches(journal.segments_after(projected)):
            with engine.begin() as connection:
                project_batch(connection, settings, segments)
            done += len(segments)
    if unanswered:
        raise NotReadyError(
            f"采集进程 {'、'.join(unanswered)} 没有响应,它已确认的最新报文还读不到。"
            "请检查该进程是否卡住,重启它后重试。"
        )
    return done


@contextmanager
def projecting_alone(settings: Settings) -> Iterator[None]:
    """Of all processes that project, the only one at work; the others wait. A dead one holds nobody up."""
    with _alone(settings.home / ".projection.lock"):
        yield


@contextmanager
def rearranging_alone(settings: Settings) -> Iterator[None]:
    """Of all processes that write readings files anew, the only one at work; whoever projects need not wait.
    To be taken before `projecting_alone`.
    """
    with _alone(settings.home / ".readings.lock"):
        yield


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    with path.open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed
        yield


def project_batch(connection: Connection, settings: Settings, segments: list[Segment]) -> None:
    """Put what some segments come to; they must not be in the projections yet."""
    first, last = segments[0].header, segments[-1].header
    name = f"{first.stream}-{first.seq:010d}-{last.stream}-{last.seq:010d}.parquet"
    manifest.add(connection, segments)
    put_projected(connection, settings, project(segments), name)


def put_projected(connection: Connection, settings: Settings, projected: Projected, readings: str) -> None:
    """Do the removals, then put rows into the database, and their readings into a file of this name."""
    for run in projected.removals:
        retention.apply(connection, settings.readings_path, run)
    store.put_projected(connection, projected)
    if projected.readings:
        write_readings(settings.readings_path / readings, projected.readings)
        readings_files.add(connection, readings, len(projected.readings), *_span(projected))


def batches(segments: Iterator[Segment]) -> Iterator[list[Segment]]:
    """Segments in groups small enough to hold in memory."""
    batch: list[Segment] = []
    for segment in segments:
        batch.append(segment)
        if len(batch) == _SEGMENTS_A_RUN or sum(one.size for one in batch) >= _BYTES_A_RUN:
            yield batch
            batch = []
    if batch:
        yield batch


def _span(projected: Projected) -> tuple[datetime, datetime]:
    times = [batch.received_us for batch in projected.readings.batches]
    return instant(min(times)), instant(max(times))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"无法读取文件 {path}:{error.strerror}。请检查路径和权限。") from error
