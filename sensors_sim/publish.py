"""A timeline over MQTT, with the county's clock between, or as it happens.

Before the messages of each new instant the clock is published on `CLOCK_TOPIC`. A tick is sent only when
everything before it is acknowledged, and acknowledged before anything after it is sent: whoever takes the
last tick as the time of receipt is right to the second.
"""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import Protocol

import msgspec

from rdchem.messages import CLOCK_TOPIC
from sensors_sim.fleet import Fleet
from sensors_sim.session import Packet
from sensors_sim.window import wire_text


@dataclass(frozen=True, slots=True)
class Published:
    """What was sent: messages, ticks of the clock, the seconds it took and was behind its clock at most."""

    messages: int
    ticks: int
    seconds: float
    behind: float = 0.0


class Publication(Protocol):
    """What is sent: when, on which topic, which bytes, and whether the broker keeps it."""

    @property
    def at(self) -> datetime: ...
    @property
    def topic(self) -> str: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def retain(self) -> bool: ...


def publish(
    timeline: Iterable[Publication],
    end: datetime,
    fleet: Fleet,
    *,
    speed: float | None = None,
    on_tick: Callable[[datetime], None] = lambda _: None,
) -> Published:
    """Publish a timeline and, last of all, a tick at its end.

    `speed` is simulated seconds a second (1: as it happens), None: as fast as the broker acknowledges. Each
    tick has its place on one clock begun with the first, so nothing drifts. Raises BrokerUnavailableError.
    """
    messages = ticks = 0
    first: datetime | None = None
    behind, begun = 0.0, time.monotonic()

    def wait_for(at: datetime) -> None:
        nonlocal first, behind
        first = first or at
        if speed is not None:
            due = begun + (at - first).total_seconds() / speed
            behind = max(behind, time.monotonic() - due)
            fleet.wait_until(due)

    for at, group in groupby(timeline, key=lambda sent: sent.at):
        wait_for(at)
        _tick(fleet, at, on_tick)
        ticks += 1
        for sent in group:
            fleet.publish(Packet(sent.topic, sent.payload, sent.retain))
            messages += 1
    if messages:
        wait_for(end)
    _tick(fleet, end, on_tick)
    return Published(messages, ticks + 1, time.monotonic() - begun, behind)


def publish_live(
    timeline: Iterable[Publication], fleet: Fleet, on_instant: Callable[[datetime], None] = lambda _: None
) -> Published:
    """Publish a timeline as it happens, by the clock of this machine and without the county's.

    What an outage of the broker holds up waits in the outboxes; the clock goes on.
    """
    messages, begun, behind = 0, time.monotonic(), 0.0
    for at, group in groupby(timeline, key=lambda sent: sent.at):
        left = (at - datetime.now(UTC)).total_seconds()
        behind = max(behind, -left)
        fleet.wait_until(time.monotonic() + left)
        fleet.now = at
        for sent in group:
            fleet.publish(Packet(sent.topic, sent.payload, sent.retain))
            messages += 1
        on_instant(at)
    fleet.drain()
    return Published(messages, 0, time.monotonic() - begun, behind)


def _tick(fleet: Fleet, at: datetime, on_tick: Callable[[datetime], None]) -> None:
    fleet.drain()
    fleet.now = at
    fleet.publish(Packet(CLOCK_TOPIC, msgspec.json.encode({"now": wire_text(at)})))
    fleet.drain()
    on_tick(at)
