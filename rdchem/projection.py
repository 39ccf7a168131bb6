"""Records of the journal -> rows of its projections: messages, readings, quarantine. Pure.

A row keeps the record's place (stream, segment, position), so that every fact leads back to its raw bytes.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from typing import Final, NamedTuple

import msgspec

from rdchem import calendar
from rdchem.messages import CLOCK_TOPIC, TOPIC_ROOT, InvalidMessage, decode, encode, kind_of
from rdchem.model.commitment import DeclaredWork, SafetyCommitment
from rdchem.model.listener import ListenerEvent
from rdchem.model.message import Message
from rdchem.model.permit import Permit
from rdchem.model.source import OfflineDeclaration, OutOfService, Reading, Readings, Register
from rdchem.removals import Run, decoded, is_run
from rdchem.segment import FILE_ORIGIN, OWN_ORIGIN, REPLAY_ORIGIN, Record, Segment, microseconds

FILE_TOPIC: Final = "file/"
"""Raw bytes of an imported file; what its rows say follows as messages of their own."""
RULEBOOK_TOPIC: Final = f"{TOPIC_ROOT}/self/rulebook"
"""The rulebook file verdicts are given by (`rdchem.adopted`): recorded by ourselves, no fact of a day."""
BAD_ROW_TOPIC: Final = "bad-row/"
STANDING: Final = (Register, OfflineDeclaration, OutOfService)
"""Kinds that hold from when they are said until something else is."""
STANDING_KINDS: Final = tuple(str(noun.__struct_config__.tag) for noun in STANDING)
STATUS_KINDS: Final = ("readings", "camera_status", "gateway_presence")
"""What sources and gateways send all day long, and is kept for the shortest time."""
_NO_TIME: Final = datetime.fromtimestamp(0, UTC)
_LONGEST_TEXT: Final = 1000


class BadRowRecord(msgspec.Struct, frozen=True, kw_only=True):
    """A row of a file that could not be read, as the journal keeps it; `cells` is its raw content."""

    file: str
    row: int
    column: str
    code: str
    reason: str
    cells: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands in the journal."""

    stream: str
    segment: int
    position: int


@dataclass(frozen=True, slots=True)
class MessageRow:
    """An understood message: what it is about, when it applies, and its body as sent (none for readings)."""

    journal_id: str
    kind: str
    company_code: str
    subject: str
    applies_from: datetime
    applies_until: datetime
    occurred_at: datetime
    received_at: datetime
    origin: str
    simulated: bool
    place: Place
    body: str | None
    content: str | None
    """What it says but for version and time, of the kinds in `STANDING`: sent again, it says nothing new."""
    seq: int | None
    """The sender's number of the version; None for what a listener says of itself."""
    statement: str
    """A hash of what it says, however it is written down."""


@dataclass(frozen=True, slots=True)
class QuarantineRow:
    """A message or file row kept aside: reason, where from, and the place of its raw bytes."""

    journal_id: str
    received_at: datetime
    topic: str
    origin: str
    code: str
    reason: str
    file: str
    row: int
    column: str
    place: Place


class ReadingBatch(NamedTuple):
    """What the readings of one message have in common; instants in microseconds since 1970.

    Of a platform's export (`exported`) the collect time the platform vouches for counts as when it was heard,
    of all else our receipt.
    """

    company_code: str
    gateway_code: str
    occurred_us: int
    received_us: int
    exported: bool
    journal_id: str
    readings: int


@dataclass(slots=True)
class ReadingColumns:
    """Readings column by column, one message's after the other's: there are too many for an object each."""

    batches: list[ReadingBatch] = field(default_factory=list)
    source_code: list[str] = field(default_factory=list)
    value: list[float | None] = field(default_factory=list)
    offset_ms: list[int] = field(default_factory=list)
    quality: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.source_code)

    def add(self, batch: ReadingBatch, readings: Iterable[Reading]) -> None:
        """Add the readings of one message."""
        self.batches.append(batch)
        for source_code, value, offset_ms, quality in map(_FIELDS, readings):
            self.source_code.append(source_code)
            self.value.append(value)
            self.offset_ms.append(offset_ms)
            self.quality.append(quality)

    def extend(self, other: "ReadingColumns") -> None:
        """Add all of others."""
        for name in self.__slots__:
            getattr(self, name).extend(getattr(other, name))


_FIELDS: Final = attrgetter("source_code", "value", "offset_ms", "quality")


@dataclass(slots=True)
class Projected:
    """What a run of segments comes to."""

    messages: list[MessageRow] = field(default_factory=list)
    readings: ReadingColumns = field(default_factory=ReadingColumns)
    quarantine: list[QuarantineRow] = field(default_factory=list)
    removals: list[Run] = field(default_factory=list)
    """What was removed from the journal: to be done to what was projected before, then the rest added."""

    def extend(self, other: "Projected") -> None:
        """Add what something else comes to."""
        self.messages += other.messages
        self.readings.extend(other.readings)
        self.quarantine += other.quarantine
        self.removals += other.removals


def project(segments: Iterable[Segment]) -> Projected:
    """The rows of some segments."""
    projected = Projected()
    for segment in segments:
        for position, record in segment.placed:
            _project(record, Place(segment.header.stream, segment.header.seq, position), projected)
    return projected


def project_record(record: Record, place: Place) -> Projected:
    """The rows of one record."""
    projected = Projected()
    _project(record, place, projected)
    return projected


def _project(record: Record, place: Place, projected: Projected) -> None:
    """Every record is a message, a quarantine row, a removal, a raw file, a rulebook file or a clock tick."""
    if is_run(record):
        projected.removals.append(decoded(record))
    elif record.origin.startswith(FILE_ORIGIN) and record.topic.startswith(BAD_ROW_TOPIC):
        projected.quarantine.append(_bad_row(record, place))
    elif record.topic != CLOCK_TOPIC and not _is_kept_only(record):
        _project_message(record, place, projected)


def _is_kept_only(record: Record) -> bool:
    """Whether a record is a file's bytes: what they say stands elsewhere."""
    if record.topic == RULEBOOK_TOPIC:
        return record.origin == OWN_ORIGIN
    return record.origin.startswith(FILE_ORIGIN) and record.topic.startswith(FILE_TOPIC)


def _project_message(record: Record, place: Place, projected: Projected) -> None:
    message = decode(record.topic, record.payload)
    if isinstance(message, ListenerEvent) and record.origin not in (OWN_ORIGIN, REPLAY_ORIGIN):
        message = InvalidMessage("forged_event", "采集端记录只能由本系统写入,不接受外部发布")
    if isinstance(message, InvalidMessage):
        projected.quarantine.append(_quarantined(record, place, message.code, message.reason))
        return
    journal_id = record.journal_id
    if isinstance(message, Readings):
        projected.readings.add(_reading_batch(message, record, journal_id), message.readings)
    projected.messages.append(_message_row(message, record, journal_id, place))


def _message_row(
    message: Message | ListenerEvent, record: Record, journal_id: str, place: Place
) -> MessageRow:
    applies_from, applies_until = _applies(message)
    if isinstance(message, ListenerEvent):
        company_code, subject = "", message.listener
    else:
        company_code, subject = message.company_code, message.id
    return MessageRow(
        journal_id=journal_id,
        kind=kind_of(message),
        company_code=company_code,
        subject=subject,
        applies_from=applies_from,
        applies_until=applies_until,
        occurred_at=message.occurred_at,
        received_at=record.received_at,
        origin=record.origin,
        simulated=message.simulated,
        place=place,
        body=None if isinstance(message, Readings) else record.payload.decode(),
        content=_content(message) if isinstance(message, STANDING) else None,
        seq=message.seq if isinstance(message, Message) else None,
        statement=_statement(message),
    )


def _content(message: Message) -> str:
    return _statement(msgspec.structs.replace(message, seq=0, occurred_at=_NO_TIME))


def _statement(message: msgspec.Struct) -> str:
    return hashlib.sha256(encode(message)).hexdigest()[:24]


def _applies(message: Message | ListenerEvent) -> tuple[datetime, datetime]:
    """The interval a message speaks about: the business day, the permit's life, or just its instant."""
    match message:
        case SafetyCommitment() | DeclaredWork():
            return calendar.day_bounds(message.day)
        case Permit():
            times = [message.plan_start_at, message.plan_end_at, message.started_at, message.ended_at]
            known = [time for time in times if time] or [message.occurred_at]
            return min(known), max(known)
        case OfflineDeclaration():
            return message.offline_at, _FOREVER
        case OutOfService():
            return message.stop_at, _FOREVER
        case _:
            return message.occurred_at, message.occurred_at


_FOREVER: Final = datetime.fromisoformat("2100-01-01T00:00:00+00:00")


def _reading_batch(message: Readings, record: Record, journal_id: str) -> ReadingBatch:
    return ReadingBatch(
        message.company_code,
        message.gateway_code,
        microseconds(message.occurred_at),
        record.received_us,
        record.origin.startswith(FILE_ORIGIN),
        journal_id,
        len(message.readings),
    )


def _bad_row(record: Record, place: Place) -> QuarantineRow:
    bad = msgspec.json.decode(record.payload, type=BadRowRecord)
    return _quarantined(record, place, bad.code, bad.reason, bad.file, bad.row, bad.column)


def _quarantined(
    record: Record, place: Place, code: str, reason: str, file: str = "", row: int = 0, column: str = ""
) -> QuarantineRow:
    """Foreign text is cut short and freed of NUL, which PostgreSQL cannot store; the journal has it whole."""
    topic, origin, reason, file, column = (
        text[:_LONGEST_TEXT].replace("\0", "␀")
        for text in (record.topic, record.origin, reason, file, column)
    )
    return QuarantineRow(
        record.journal_id, record.received_at, topic, origin, code, reason, file, row, column, place
    )
