"""What a platform holds at an instant of the morning: the newest of everything sent by then."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from rdchem.model.commitment import SafetyCommitment
from rdchem.model.message import Message
from rdchem.model.permit import HotWorkPermit, SpecialWorkPermit
from rdchem.model.source import (
    CameraState,
    CameraStatus,
    OfflineDeclaration,
    OutOfService,
    Reading,
    Readings,
    Register,
)
from sensors_sim.wire import Sent

LastReading = tuple[datetime, Reading, str]
"""When it was collected, the reading, and the gateway it came through."""
LastState = tuple[datetime, CameraState, str]


@dataclass
class Snapshot:
    """A platform's tables: by message id, or by (company code, source code) for what streams.

    `first_said` is when the first version of a message was stamped by its sender.
    """

    registers: dict[str, Register] = field(default_factory=dict)
    commitments: dict[str, SafetyCommitment] = field(default_factory=dict)
    permits: dict[str, HotWorkPermit] = field(default_factory=dict)
    other_permits: dict[str, SpecialWorkPermit] = field(default_factory=dict)
    declarations: dict[str, OfflineDeclaration] = field(default_factory=dict)
    stops: dict[str, OutOfService] = field(default_factory=dict)
    first_said: dict[str, datetime] = field(default_factory=dict)
    readings: dict[tuple[str, str], LastReading] = field(default_factory=dict)
    cameras: dict[tuple[str, str], LastState] = field(default_factory=dict)

    def take(self, message: Message) -> None:
        """Let a message replace what it replaces."""
        self.first_said.setdefault(message.id, message.occurred_at)
        company = message.company_code
        match message:
            case Register():
                self.registers[company] = message
            case SafetyCommitment():
                self.commitments[message.id] = message
            case HotWorkPermit():
                self.permits[message.id] = message
            case SpecialWorkPermit():
                self.other_permits[message.id] = message
            case OfflineDeclaration():
                self.declarations[message.id] = message
            case OutOfService():
                self.stops[message.id] = message
            case Readings():
                for reading in message.readings:
                    collected = message.occurred_at + timedelta(milliseconds=reading.offset_ms)
                    last = (collected, reading, message.gateway_code)
                    self.readings[company, reading.source_code] = last
            case CameraStatus():
                for state in message.cameras:
                    last_state = (message.occurred_at, state, message.gateway_code)
                    self.cameras[company, state.camera_code] = last_state


def snapshot(timeline: Iterable[Sent], as_of: datetime) -> Snapshot:
    """The tables of a platform that took every well-formed message sent up to an instant."""
    tables = Snapshot()
    for sent in timeline:
        if sent.at > as_of:
            break
        if isinstance(sent.content, Message):
            tables.take(sent.content)
    return tables
