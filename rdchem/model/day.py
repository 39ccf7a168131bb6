"""All that is known of one enterprise's day, as of an instant: what a rule is given."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Generic, TypeVar

import msgspec

from rdchem.limits import Limits
from rdchem.model.commitment import DeclaredWork, SafetyCommitment
from rdchem.model.course import Course, Spell
from rdchem.model.outcome import Reason
from rdchem.model.permit import HotWorkPermit, SpecialWorkPermit
from rdchem.model.source import (
    Alarm,
    CameraState,
    Enterprise,
    Gateway,
    GatewayPresence,
    Hazard,
    OfflineDeclaration,
    OutOfService,
    Source,
)

M = TypeVar("M", covariant=True)


@dataclass(frozen=True, slots=True)
class Received(Generic[M]):
    """A message with the journal id of its raw bytes and the instant we had it.

    `from_platform`: it came in a platform's export, so the platform, not we, vouches for its time.
    """

    journal_id: str
    received_at: datetime
    message: M
    from_platform: bool = False


class LastSeen(msgspec.Struct, frozen=True):
    """The newest reading of a source: `occurred_at` by the sender's clock, `received_at` when it was heard:
    by us, or by the platform whose export we loaded.
    """

    occurred_at: datetime
    received_at: datetime
    journal_id: str


@dataclass(frozen=True, slots=True)
class CameraSeen:
    """The newest status of a camera, with the clock readings of the message it came in."""

    state: CameraState
    occurred_at: datetime
    received_at: datetime
    journal_id: str


@dataclass(frozen=True, slots=True)
class Exceedance:
    """A time in which a detector read above its threshold: its first and last such reading, and the highest.

    `journal_ids`: the messages of the first and of the highest.
    """

    start: datetime
    end: datetime
    peak: float
    journal_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GasWatch:
    """What a combustible-gas detector told of the day: its first and last good reading, and exceedances."""

    first_at: datetime
    last_at: datetime
    threshold: float
    exceedances: tuple[Exceedance, ...] = ()


@dataclass(frozen=True, slots=True)
class BlindInterval:
    """From `start` to `end` our own intake was down, or (not `ours`) the platform as a whole.

    `lossless`: what was said then reached us later (the broker kept our session); a lossy gap can hide
    anything. `open`: it lasts to the instant judged. `decision`: it is an office's decision, told in words.
    """

    start: datetime
    end: datetime
    lossless: bool
    open: bool = False
    ours: bool = True
    decision: str = ""

    def overlap(self, start: datetime, end: datetime) -> timedelta:
        """How much of [start, end] falls in the interval."""
        return max(timedelta(0), min(self.end, end) - max(self.start, start))


@dataclass(frozen=True, slots=True)
class RegisterEntry:
    """The register's word on an enterprise, folded from all register messages known by then.

    `journal_ids` are those of the messages that speak of the enterprise itself, `source_ids` maps a source to
    the message that speaks of it last.
    """

    enterprise: Enterprise
    hazards: Mapping[str, Hazard] = field(default_factory=dict)
    gateways: Mapping[str, Gateway] = field(default_factory=dict)
    sources: Mapping[str, Source] = field(default_factory=dict)
    journal_ids: tuple[str, ...] = ()
    simulated: bool = False
    source_ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TicketElsewhere:
    """Another enterprise's permit in force that day under a ticket number of this one."""

    company_code: str
    enterprise: str
    journal_id: str


@dataclass(frozen=True, slots=True)
class Volume:
    """How many messages of a kind came from everybody since midnight, and usually do by that time of day:
    the median of like days before (working or rest days), None where there are too few of them.
    """

    kind: str
    received: int
    usual: int | None


@dataclass(frozen=True, slots=True)
class EnterpriseDay:
    """One enterprise, one business day, as of an instant. Tuples are in order of (occurred_at, seq, id).

    `permits` (hot work) and `other_permits` hold every version of every permit with some version overlapping
    the day; `commitments` likewise is a history, the rules choose which version counts. `strays` maps source
    codes that sent but are not in the register to their newest reading. `exports`: where all we know came in
    exported tables, message kind -> the instant the newest of them speaks of; None where somebody listened.
    `known_since`: when the register first told us of the enterprise. `tickets_elsewhere`: numbers of its
    permits in force that others use that day as well.
    `removed`: message kind -> why what was said in it is not known any more (`rdchem.retention`).
    `gas`: its combustible-gas detectors with a registered alarm that read today.
    `alarms`: raised and cleared lately; `alarms_come`: whether anybody's alarms reached us in that time.
    `courses`: what each sensor's readings of the day came to, None where nobody looked. `camera_spells`: how
    each camera was seen lately; `pictured`: cameras whose status tells of their pictures. `remembered` is no
    part of it: answers to what is asked of the day again and again (`rdchem.once`).
    """

    company_code: str
    day: date
    as_of: datetime
    register: RegisterEntry
    limits: Limits
    commitments: tuple[Received[SafetyCommitment], ...] = ()
    declared_work: tuple[Received[DeclaredWork], ...] = ()
    permits: tuple[Received[HotWorkPermit], ...] = ()
    other_permits: tuple[Received[SpecialWorkPermit], ...] = ()
    presence: tuple[Received[GatewayPresence], ...] = ()
    readings: Mapping[str, LastSeen] = field(default_factory=dict)
    cameras: Mapping[str, CameraSeen] = field(default_factory=dict)
    declarations: tuple[Received[OfflineDeclaration], ...] = ()
    out_of_service: tuple[Received[OutOfService], ...] = ()
    blind: tuple[BlindInterval, ...] = ()
    exports: Mapping[str, datetime] | None = None
    strays: Mapping[str, LastSeen] = field(default_factory=dict)
    known_since: datetime | None = None
    courses: Mapping[str, Course] | None = None
    camera_spells: Mapping[str, tuple[Spell, ...]] = field(default_factory=dict)
    pictured: frozenset[str] = frozenset()
    tickets_elsewhere: Mapping[str, tuple[TicketElsewhere, ...]] = field(default_factory=dict)
    volumes: tuple[Volume, ...] = ()
    gas: Mapping[str, GasWatch] = field(default_factory=dict)
    alarms: tuple[Received[Alarm], ...] = ()
    alarms_come: bool = False
    removed: Mapping[str, Reason] = field(default_factory=dict)
    remembered: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
