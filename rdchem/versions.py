"""Versions of a message that contradict each other: one identity, two contents. Pure.

What is said is known by kind, enterprise, id and `seq` (`rdchem.model.message`); a sender who has something
else to say takes the next `seq`. The same content again, in the same bytes or in others, is no change.
Another content under an identity used before is kept as a version beside the first, and is itself a fault of
the data: nobody can say which of them holds.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby


@dataclass(frozen=True, slots=True, order=True)
class Said:
    """A message as it concerns us here; `statement` is a hash of what it says."""

    kind: str
    company_code: str
    id: str
    seq: int
    received_at: datetime
    journal_id: str
    origin: str
    statement: str

    @property
    def identity(self) -> tuple[str, str, str, int]:
        """What a message is known by."""
        return self.kind, self.company_code, self.id, self.seq


@dataclass(frozen=True, slots=True)
class ChangedVersion:
    """What was said first under an identity, and what was said under it later instead."""

    first: Said
    changed: Said


def changed_versions(said: Iterable[Said], *, since: datetime, as_of: datetime) -> list[ChangedVersion]:
    """The changed versions received in [since, as_of], each beside the first of its identity.

    `said` holds all that was ever received under the identities in question, in any order. A content that
    comes a third time is told once, at its first receipt.
    """
    return list(_changed(sorted(one for one in said if one.received_at <= as_of), since))


def _changed(ordered: Iterable[Said], since: datetime) -> Iterator[ChangedVersion]:
    for _, group in groupby(ordered, key=lambda one: one.identity):
        first, *others = group
        known = {first.statement}
        for one in others:
            if one.statement not in known and one.received_at >= since:
                yield ChangedVersion(first, one)
            known.add(one.statement)
