"""What rows of all tables have in common: the columns at their head, their types, and small readings."""

from datetime import datetime
from typing import Any

from rdchem import calendar
from rdchem.model.day import EnterpriseDay, Received

Row = dict[str, Any]
Line = tuple[Any, ...]
"""A row of a table of which a nation has hundreds of thousands: values alone, in the order of its columns."""
_TYPES = {
    "text": "str",
    "count": "Int64",
    "number": "float64",
    "flag": "boolean",
    "time": "datetime64[us, UTC]",
}


def columns(**names: str) -> dict[str, str]:
    """Column -> pandas type, from the columns' names grouped by what they hold."""
    first = {"company_code": "str", "key": "str", "journal_id": "str"}
    return first | {name: _TYPES[kind] for kind, group in names.items() for name in group.split()}


def head(day: EnterpriseDay, key: str, journal_id: str) -> Row:
    """The columns every row begins with."""
    return {"company_code": day.company_code, "key": key, "journal_id": journal_id}


def stated(day: EnterpriseDay, key: str, version: Received[Any]) -> Row:
    """The head of a row that repeats a message, with both clocks, and by how many seconds the sender's was
    ahead of ours at receipt.
    """
    occurred_at, received_at = version.message.occurred_at, version.received_at
    return head(day, key, version.journal_id) | {
        "occurred_at": occurred_at,
        "received_at": received_at,
        "ahead_s": seconds(received_at, occurred_at),
    }


def seconds(start: datetime | None, end: datetime | None) -> float | None:
    """From start to end; None where one is not known."""
    return (end - start).total_seconds() if start is not None and end is not None else None


def ordinal(instant: datetime | None) -> int | None:
    """The local date of an instant as a day number."""
    return calendar.business_day(instant).toordinal() if instant is not None else None


def given(text: str | None) -> str | None:
    """Text without the blanks around it; blank text was not given."""
    return text.strip() or None if text is not None else None
