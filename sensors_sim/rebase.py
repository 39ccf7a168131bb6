"""A recorded message on another business day: every instant and date it states moved by whole days. Pure.

China has no summer time, so a local day is always 24 hours. A message's id is made anew from the old one and
the number of days: versions of one thing stay versions of one thing, and the new day is no re-send of the
old. What a message refers to by number (a permit, an item, a source) keeps its number. Bytes that are no
message of the contract stay as they are.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import msgspec

from rdchem.diary import Tick
from rdchem.messages import CLOCK_TOPIC, InvalidMessage, decode, encode
from rdchem.model.message import Message
from rdchem.segment import Record, microseconds


def rebased(records: Iterable[Record], days: int) -> Iterator[Record]:
    """The records so many days later; no days: the very same bytes."""
    for record in records:
        yield (
            record
            if days == 0
            else msgspec.structs.replace(
                record,
                received_us=microseconds(record.received_at + timedelta(days=days)),
                payload=rebased_payload(record.topic, record.payload, days),
            )
        )


def rebased_payload(topic: str, payload: bytes, days: int) -> bytes:
    """A payload so many days later."""
    if topic == CLOCK_TOPIC:
        return _rebased_tick(payload, days)
    message = decode(topic, payload)
    if isinstance(message, InvalidMessage):
        return payload
    later = _later(message, timedelta(days=days))
    if isinstance(message, Message):
        later = msgspec.structs.replace(later, id=str(uuid5(NAMESPACE_OID, f"{message.id} {days:+}")))
    return encode(later)


def _rebased_tick(payload: bytes, days: int) -> bytes:
    try:
        return encode(_later(msgspec.json.decode(payload, type=Tick), timedelta(days=days)))
    except (msgspec.DecodeError, UnicodeDecodeError, OverflowError):
        return payload


def _later(value: Any, by: timedelta) -> Any:
    """A part of a message with all its dates and instants moved."""
    if isinstance(value, date):  # instants too
        return value + by
    if isinstance(value, list):
        return [_later(one, by) for one in value]
    if isinstance(value, msgspec.Struct):
        said = ((name, getattr(value, name)) for name in value.__struct_fields__)
        moved = {name: _later(one, by) for name, one in said if isinstance(one, _MAY_HOLD_DATES)}
        return msgspec.structs.replace(value, **moved)
    return value


_MAY_HOLD_DATES = (date, list, msgspec.Struct)
