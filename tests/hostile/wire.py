"""Hostile payloads through a real broker into a real listener, which outlives them and keeps them all."""

import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as paho
import psutil
from paho.mqtt.enums import CallbackAPIVersion

from rdchem.journal import Journal
from tests.conftest import Broker
from tests.fault.nursery import await_ready, nursery
from tests.hostile.payloads import spoilt
from tests.hostile.taken import taken

HUGE = 100 * 2**20


@dataclass
class OpenBroker(Broker):
    """A broker that lets messages of any size pass."""

    def _config(self) -> str:
        return super()._config().replace("message_size_limit 4198400", "message_size_limit 268435455")


@dataclass(frozen=True)
class Wire:
    """What came of it; the listener's memory in bytes: after warming up, at most, at the end."""

    sent: int
    kept: int
    outcomes: Counter[str]
    memory: tuple[int, int, int]
    alive: bool


def through_the_wire(folder: Path, count: int, *, huge: bool) -> Wire:
    """Publish so many; with one of 100 MB among them. Topics a client may not even send are left out."""
    broker = OpenBroker(folder)
    broker.start()
    home = folder / "home"
    with nursery(folder / "listener.log") as forge:
        pid = forge.start("start", home=home, mqtt_port=broker.port, mqtt_topic="#", roll_seconds=1.0)
        await_ready(home, pid)
        process = psutil.Process(pid)
        sent = _publish(broker, spoilt_for_the_wire(1, count // 2))
        memory = [process.memory_info().rss]
        if huge:
            sent += _publish(broker, [("rdchem/v1/320623/320623001/commitment", b"[" * HUGE)])
        sent += _publish(broker, spoilt_for_the_wire(2, count - count // 2))
        end = time.monotonic() + 120
        while _sealed(home) < sent and time.monotonic() < end:
            memory.append(process.memory_info().rss)
            time.sleep(0.5)
        alive = process.is_running() and process.status() != psutil.STATUS_ZOMBIE
        memory.append(process.memory_info().rss)
        forge.kill(pid, 15)
    broker.stop()
    kept, outcomes = _kept(home)
    return Wire(sent, kept, outcomes, (memory[0], max(memory), memory[-1]), alive)


def spoilt_for_the_wire(seed: int, count: int) -> list[tuple[str, bytes]]:
    """Those a client can send: no wildcards, no control characters, at most 65,535 bytes of topic."""
    return [
        (topic, payload)
        for _, topic, payload in spoilt(seed, count)
        if topic and not set(topic) & {"+", "#"} and topic.isprintable() and len(topic.encode()) < 60_000
    ]


def _publish(broker: Broker, messages: list[tuple[str, bytes]]) -> int:
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect(broker.host, broker.port)
    client.loop_start()
    sent = [client.publish(topic, payload, qos=1) for topic, payload in messages]
    for one in sent:
        one.wait_for_publish(120)
    client.disconnect()
    client.loop_stop()
    return sum(one.is_published() for one in sent)


def _sealed(home: Path) -> int:
    """How many records are in segments by now, the listener's own among them."""
    journal = Journal(home / "journal")
    return sum(header.records for stream in journal.streams() for header in journal.headers(stream))


def _kept(home: Path) -> tuple[int, Counter[str]]:
    records = [
        record
        for segment in Journal(home / "journal").segments_after({})
        for record in segment.records
        if record.origin == "mqtt"
    ]
    return len(records), Counter(taken(record.topic, record.payload) for record in records)
