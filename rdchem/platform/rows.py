"""What becomes of a row: messages of the contract, or a bad row; and the entry in between."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any, Final, TypeVar

import msgspec

from rdchem.model.message import Message
from rdchem.platform.profile import Profile

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_ID: Final = 120
Noun = TypeVar("Noun", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class LoadedMessage:
    """A message a file row states; `origin` names the row: `permits.xlsx!Sheet1#12`."""

    origin: str
    area_code: str
    message: Message


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read: where it is, what is wrong in which column, its raw cells as JSON."""

    origin: str
    file: str
    row: int
    column: str
    code: str
    reason: str
    cells: str


@dataclass(frozen=True, slots=True)
class BadField:
    """Why an entry states no message: the field at fault, a code, a Chinese sentence."""

    field: str
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A row whose cells are understood: field -> value, None if empty; what the file lacks is absent."""

    values: Mapping[str, Any]
    received_at: datetime
    area_code: str
    profile: Profile

    @property
    def company_code(self) -> str:
        """The enterprise the row speaks of."""
        return str(self.values["_company"])

    def get(self, field: str) -> Any:
        """A value, None if the cell is empty or the file has no such column."""
        return self.values.get(field)

    def said_at(self, *fields: str) -> datetime:
        """The first of these times that is given; else when we had the file: then it was said to us."""
        return next((self.values[field] for field in fields if self.values.get(field)), self.received_at)

    @property
    def fields(self) -> dict[str, Any]:
        """The filled fields of the noun, nested by their dots."""
        nested: dict[str, Any] = {}
        for field, value in self.values.items():
            if value is not None and not field.startswith("_"):
                part, _, name = field.rpartition(".")
                (nested.setdefault(part, {}) if part else nested)[name] = value
        return nested


Builder = Callable[[Entry], Sequence[Message] | BadField]
"""What one row of a table states. May raise msgspec.ValidationError: then the row is bad by the contract."""


def make(noun: type[Noun], **fields: Any) -> Noun:
    """A noun from plain values, checked against the contract."""
    return msgspec.convert(fields, noun)


def sequence(instant: datetime) -> int:
    """The version number of a statement made at an instant: milliseconds since 1970."""
    return max(0, (instant - _EPOCH) // timedelta(milliseconds=1))


def identity(*parts: str) -> str:
    """The parts joined; an identity too long for the wire ends in its digest instead."""
    text = "-".join(parts)
    if len(text) <= _LONGEST_ID:
        return text
    return f"{text[:80]}-{sha256(text.encode()).hexdigest()[:32]}"
