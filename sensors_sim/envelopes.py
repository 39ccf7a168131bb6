"""A morning as recorded envelopes, one JSON line a message: what a listener would have written down."""

import base64
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from sensors_sim.window import wire_text
from sensors_sim.wire import Sent


def envelopes(timeline: Iterable[Sent]) -> Iterator[bytes]:
    """One line a message: `{"received_at", "topic", "qos", "retain", "payload"}`, received when sent.

    A payload that is not UTF-8 travels as `payload_b64` instead.
    """
    for sent in timeline:
        line: dict[str, Any] = {
            "received_at": wire_text(sent.at),
            "topic": sent.topic,
            "qos": 1,
            "retain": sent.retain,
        }
        payload = sent.payload
        try:
            line["payload"] = payload.decode("utf-8")
        except UnicodeDecodeError:
            line["payload_b64"] = base64.b64encode(payload).decode("ascii")
        yield msgspec.json.encode(line) + b"\n"
