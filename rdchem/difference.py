"""What a verdict of one day says at a later instant that it did not say at an earlier one, and why. Pure.

Both verdicts are the same call with another as-of. What changed is a square of the ledger (its outcome or its
reason) or a finding; beside each stands what its enterprise sent in between and the rule reads. Where nothing
was received, only time has passed: a deadline, a silence that grew, a planned return.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Literal, TypeVar

from rdchem.model.outcome import Finding, Judgement, LedgerEntry
from rdchem.reads import READS

ChangeKind = Literal["appeared", "gone", "said_differently"]
T = TypeVar("T")

_COMPARE_ENTERPRISES: Final = frozenset({"ticket_numbers_are_unique"})
"""Rules whose verdict on one enterprise may rest on another's messages."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """A message as it reached us; what our own listener says of itself belongs to no enterprise ("")."""

    journal_id: str
    kind: str
    company_code: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class SquareChange:
    """A square of the ledger that changed; `before` or `after` is None where the enterprise was unknown."""

    change: ChangeKind
    enterprise: str
    rule: str
    before: LedgerEntry | None
    after: LedgerEntry | None
    messages: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class FindingChange:
    """A finding that appeared, is gone, or rests on something else now."""

    change: ChangeKind
    key: str
    enterprise: str
    rule: str
    before: Finding | None
    after: Finding | None
    messages: tuple[Arrival, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """Two verdicts of one day beside one another: what changed, in the order of the ledger."""

    day: str
    earlier: str
    later: str
    squares: tuple[SquareChange, ...]
    findings: tuple[FindingChange, ...]


def difference(earlier: Judgement, later: Judgement, arrivals: Iterable[Arrival]) -> Difference:
    """What changed from the earlier verdict to the later one; `arrivals` is what was received in between."""
    received: dict[str, list[Arrival]] = {}
    for arrival in arrivals:
        received.setdefault(arrival.company_code, []).append(arrival)
    squares = [
        SquareChange(kind, name[0], name[1], old, new, _causes(name, received, is_new=old is None))
        for name, old, new, kind in _changes(
            {(entry.enterprise, entry.rule): entry for entry in earlier.ledger},
            {(entry.enterprise, entry.rule): entry for entry in later.ledger},
        )
    ]
    new_squares = {(one.enterprise, one.rule) for one in squares if one.before is None}
    findings = []
    for key, old, new, kind in _changes(
        {finding.key: finding for finding in earlier.findings},
        {finding.key: finding for finding in later.findings},
    ):
        told = new or old
        assert told is not None  # noqa: S101
        name = (told.enterprise, told.rule)
        causes = _causes(name, received, is_new=name in new_squares)
        findings.append(FindingChange(kind, key, *name, old, new, causes))
    return Difference(later.day, earlier.as_of, later.as_of, tuple(squares), tuple(findings))


def _changes(
    before: Mapping[Any, T], after: Mapping[Any, T]
) -> Iterable[tuple[Any, T | None, T | None, ChangeKind]]:
    """What differs, in the order of `after`, then what is no longer there."""
    for name, new in after.items():
        old = before.get(name)
        if old is None:
            yield name, None, new, "appeared"
        elif _said(old) != _said(new):
            yield name, old, new, "said_differently"
    for name, old in before.items():
        if name not in after:
            yield name, old, None, "gone"


def _said(one: object) -> object:
    """What a square or a finding states. A finding's sentence and its `difference` may count the time that
    passes ("as of 09:21", "for 12 minutes"): that alone is not another statement.
    """
    if not isinstance(one, Finding):
        return one
    return one.severity, {name: value for name, value in one.evidence.items() if name != "difference"}


def _causes(
    square: tuple[str, str], received: Mapping[str, list[Arrival]], *, is_new: bool
) -> tuple[Arrival, ...]:
    """What was received of an enterprise, or of our own listener, and can have changed what a rule says.

    Oldest first. A new square stands beside the register entry that brought its enterprise in.
    """
    enterprise, rule = square
    kinds = READS.get(rule)
    concerned = [*received.get("", ()), *received.get(enterprise, ())]
    if rule in _COMPARE_ENTERPRISES:
        concerned = [arrival for arrivals in received.values() for arrival in arrivals]
    return tuple(
        arrival
        for arrival in sorted(concerned, key=_when)
        if kinds is None or arrival.kind in kinds or (is_new and arrival.kind == "register")
    )


def _when(arrival: Arrival) -> tuple[datetime, str]:
    return arrival.received_at, arrival.journal_id
