"""Messages as they are stored, and what they say. Pure."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from rdchem.messages import KINDS
from rdchem.model.day import Received
from rdchem.segment import FILE_ORIGIN

_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(noun) for kind, noun in KINDS.items()
}


STANDING: Final = ("register", "offline_declaration", "out_of_service")
"""Kinds that stand day after day: where many days are asked for, each is decoded once."""


def _decoded(kind: str, body: str) -> Any:
    return _DECODERS[kind].decode(body)


_decoded_once = lru_cache(maxsize=20_000)(_decoded)


@dataclass(frozen=True, slots=True)
class Known:
    """A message as stored: kind, owner, when we had it, and its JSON body."""

    journal_id: str
    kind: str
    company_code: str
    received_at: datetime
    body: str
    origin: str = "mqtt"


def as_received(item: Known, message: Any) -> Received[Any]:
    """A stored message as a rule is given it."""
    return Received(item.journal_id, item.received_at, message, item.origin.startswith(FILE_ORIGIN))


def decoded(item: Known) -> Any:
    """What a stored message says."""
    return (_decoded_once if item.kind in STANDING else _decoded)(item.kind, item.body)


def in_order(items: Iterable[Received[Any]]) -> list[Received[Any]]:
    """Oldest statement first: by the sender's clock, then its sequence, then content, never by arrival."""
    return sorted(items, key=lambda item: (item.message.occurred_at, item.message.seq, item.journal_id))


def by_enterprise(known: Iterable[Known]) -> dict[str, list[Received[Any]]]:
    """Enterprise -> its messages as stored, oldest statement first."""
    said: dict[str, list[Received[Any]]] = defaultdict(list)
    for item in known:
        said[item.company_code].append(as_received(item, _decoded(item.kind, item.body)))
    return {company_code: in_order(messages) for company_code, messages in said.items()}
