"""What a rule says of one enterprise's day, and what becomes of it: ledger entries and findings."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Final

from rdchem.model.document import AnnouncementLine, ReliefLine

Evidence = Mapping[str, Any]
"""JSON-ready facts a verdict rests on; `journal` lists the ids of the messages."""


class Severity(StrEnum):
    """Warning colours of the field: 红/橙/黄/蓝 = 重大/较大/一般/低."""

    MAJOR = "major"
    CONSIDERABLE = "considerable"
    GENERAL = "general"
    LOW = "low"

    @property
    def label(self) -> str:
        """The severity as officers say it."""
        return {"major": "重大", "considerable": "较大", "general": "一般", "low": "低"}[self.value]


@dataclass(frozen=True, slots=True)
class Subject:
    """What a verdict is about: its `kind` (commitment, item, permit, sensor, gateway, …) and its code."""

    kind: str
    code: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.code}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One thing that is not as it should be: its class, subject, a Chinese sentence, and the evidence."""

    mismatch: str
    subject: Subject
    severity: Severity
    message: str
    evidence: Evidence


REMOVED: Final = "removed"
"""The code of a reason: what was said is not known any more, by the rules of retention."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a rule did not speak: a code for programs, a Chinese sentence for people."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Pass:
    """The statement holds."""


@dataclass(frozen=True, slots=True)
class Fail:
    """The statement does not hold; `not_evaluated` names parts that could not be judged all the same."""

    verdicts: tuple[Verdict, ...]
    not_evaluated: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class NotEvaluated:
    """It could not be judged: data insufficient, we were blind, or the calculation failed."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class NotApplicable:
    """The statement asks nothing of this enterprise on this day."""

    reason: Reason


Outcome = Pass | Fail | NotEvaluated | NotApplicable


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """One square of the coverage ledger: enterprise × rule, exactly one outcome."""

    enterprise: str
    rule: str
    outcome: str
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with its identity: `key` stays for (rule, enterprise, subject, class, day) over re-runs.

    `suppressed`: the decision it rests on, if any.
    """

    key: str
    rule: str
    enterprise: str
    subject: Subject
    mismatch: str
    severity: Severity
    message: str
    evidence: Evidence
    basis: str
    suppressed: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict of a day: who was judged by which rulebook, the whole ledger, all findings,
    the state of every announcement, and what is held against nobody.
    """

    day: str
    as_of: str
    rulebook: Mapping[str, Any]
    ledger: tuple[LedgerEntry, ...]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...] = field(default=())
    announcements: tuple[AnnouncementLine, ...] = field(default=())
    reliefs: tuple[ReliefLine, ...] = field(default=())
