"""Messages as recorded envelopes, one JSON line each: what a listener would have written down."""

import base64
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from sensors_sim.window import wire_text
from sensors_sim.wire import Sent


def envelope(received_at: datetime, topic: str, payload: bytes, *, qos: int = 1, retain: bool) -> bytes:
    """One line: `{"received_at", "topic", "qos", "retain", "payload"}`.

    A payload that is not UTF-8 travels as `payload_b64` instead.
    """
    line: dict[str, Any] = {
        "received_at": wire_text(received_at),
        "topic": topic,
        "qos": qos,
        "retain": retain,
    }
    try:
        line["payload"] = payload.decode("utf-8")
    except UnicodeDecodeError:
        line["payload_b64"] = base64.b64encode(payload).decode("ascii")
    return msgspec.json.encode(line) + b"\n"


def envelopes(timeline: Iterable[Sent]) -> Iterator[bytes]:
    """A morning, received when sent."""
    for sent in timeline:
        yield envelope(sent.at, sent.topic, sent.payload, retain=sent.retain)
