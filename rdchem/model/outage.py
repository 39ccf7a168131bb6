"""An outage of sources under their common cause, and what changed between two sweeps."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Cause(StrEnum):
    """What is silent as a whole: our own intake, the platform, an enterprise, a gateway, or one source."""

    INTAKE = "intake"
    PLATFORM = "platform"
    ENTERPRISE = "enterprise"
    VIDEO = "enterprise_video"
    GATEWAY = "gateway"
    SENSOR = "sensor"
    CAMERA = "camera"


class Explained(StrEnum):
    """The three classes of an offline declaration: none, standing, past its planned return."""

    UNEXPLAINED = "unexplained"
    DECLARED = "declared"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Outage:
    """Sources that are silent for one reason.

    `since`: the newest word of any of them, None if there never was one. `found_at` and `until` are the
    sweeps that saw it begin and end. `times`: how often it came within the flapping window, with this one.
    `announced`: people were told last that it is silent, or comes and goes. `settled`: it ended and that is
    all there is to say of it.
    """

    company_code: str
    cause: Cause
    code: str
    sources: tuple[str, ...]
    since: datetime | None
    found_at: datetime
    explained: Explained = Explained.UNEXPLAINED
    times: int = 1
    until: datetime | None = None
    announced: bool = True
    settled: bool = False

    @property
    def subject(self) -> tuple[str, str]:
        """What it is an outage of: stable while sources come and go."""
        return self.cause.value, self.code


class ChangeKind(StrEnum):
    """What became of an outage: it began, reached further, lost its declared excuse, shrank to a part, ended,
    came again (counted, told once it is a habit), lasts although it was only counted, or stayed away after it
    came again.
    """

    FELL_SILENT = "fell_silent"
    WIDENED = "widened"
    OVERDUE = "overdue"
    NARROWED = "narrowed"
    RETURNED = "returned"
    FLAPPED = "flapped"
    PERSISTS = "persists"
    STEADIED = "steadied"


@dataclass(frozen=True, slots=True)
class StateChange:
    """One change of one outage as a sweep saw it; `told`: people are to hear of it, not only the record."""

    kind: ChangeKind
    outage: Outage
    told: bool = True
