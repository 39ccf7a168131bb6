"""A real broker's other ends: a publisher, a place for what a listener keeps, and listeners as processes."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from rdchem.journal import Journal
from rdchem.model.listener import ListenerEvent
from rdchem.mqtt import Listener
from rdchem.rolling import seal_all
from rdchem.segment import Record
from rdchem.settings import Settings
from tests.conftest import Broker

LONG_S = 30.0
"""How long a test waits for what must come; a failure, never a measurement."""


def stop_ourselves() -> None:
    """End the listener running in this process the way the system would."""
    os.kill(os.getpid(), signal.SIGTERM)


class Kept:
    """What a listener made durable. Ends the listener once `enough` messages of others are there."""

    def __init__(self, enough: int = 0) -> None:
        self.groups: list[list[Record]] = []
        self._enough = enough

    def __call__(self, records: Sequence[Record]) -> None:
        self.groups.append(list(records))
        if self._enough and len(self.messages) >= self._enough:
            stop_ourselves()

    @property
    def messages(self) -> list[Record]:
        """What others sent."""
        return messages_of(record for group in self.groups for record in group)

    @property
    def events(self) -> list[ListenerEvent]:
        """What the listener said of itself."""
        return events_of(record for group in self.groups for record in group)


def messages_of(records: Iterable[Record]) -> list[Record]:
    return [record for record in records if record.origin != "self"]


def events_of(records: Iterable[Record]) -> list[ListenerEvent]:
    own = [record for record in records if record.origin == "self"]
    return [msgspec.json.decode(record.payload, type=ListenerEvent) for record in own]


def settings_for(broker: Broker, name: str, folder: Path, **said: Any) -> Settings:
    """Settings of a listener of its own name, hearing what is published below that name."""
    plain = {"home": folder, "mqtt_port": broker.port, "listener": name, "mqtt_topic": f"{name}/#"}
    return Settings(**(plain | said))


def open_session(settings: Settings) -> None:
    """Let the broker remember the listener, so that it keeps what is published from now on."""
    Listener(settings, Kept(), replay=False, on_ready=stop_ourselves).run(until_idle=LONG_S)


def publish(
    broker: Broker, messages: Iterable[tuple[str, bytes]], *, qos: int = 1, retain: bool = False
) -> None:
    """Publish and wait until the broker has everything."""
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect(broker.host, broker.port)
    client.loop_start()
    sent = [client.publish(topic, payload, qos=qos, retain=retain) for topic, payload in messages]
    for one in sent:
        one.wait_for_publish(LONG_S)
    client.disconnect()
    client.loop_stop()


def settle(broker: Broker, packets: int = 50) -> None:
    """Wait until the broker has read what was sent to it, up to so many packets a connection.

    TCP may hold small packets (acknowledgements) back for 40 ms. The broker then reads one packet of each
    connection a round, so as many answers to somebody else mean as many rounds.
    """
    time.sleep(0.3)
    client = paho.Client(CallbackAPIVersion.VERSION2)
    client.connect(broker.host, broker.port)
    client.loop_start()
    for _ in range(packets):
        client.publish("settle", b"", qos=1).wait_for_publish(LONG_S)
    client.disconnect()
    client.loop_stop()


LISTEN = """
from rdchem import intake
from rdchem.settings import Settings
intake.ingest(Settings(), replay=False, on_ready=lambda: print("ready", flush=True))
"""


class ListenerProcess:
    """A listener as its own process, keeping a journal. A context manager: it does not outlive the test."""

    def __init__(self, settings: Settings, script: str = LISTEN) -> None:
        self._journal = settings.journal_path
        given = {
            "HOME": settings.home,
            "MQTT_PORT": settings.mqtt_port,
            "MQTT_TOPIC": settings.mqtt_topic,
            "LISTENER": settings.listener,
            "GROUP_SECONDS": settings.group_seconds,
        }
        environment = os.environ | {f"RDCHEM_{name}": str(value) for name, value in given.items()}
        self.process = subprocess.Popen(
            [sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    def __enter__(self) -> "ListenerProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate()

    def ready(self) -> "ListenerProcess":
        """Wait until the broker has granted its subscription (once more)."""
        assert self.process.stdout is not None
        while (line := self.process.stdout.readline()) != b"ready\n":  # log lines come between
            assert line, self.end()
        return self

    def end(self) -> tuple[int, str]:
        """Wait for it to end; its exit code and what it complained about."""
        _, complaint = self.process.communicate(timeout=LONG_S)
        return self.process.returncode, complaint.decode()

    def stop(self) -> None:
        """End it as the system would, and see that it ends in order."""
        self.process.terminate()
        code, complaint = self.end()
        assert code == 0, complaint

    def kept(self) -> list[Record]:
        """What is in its journal now, sealed or not."""
        journal = Journal(self._journal)
        assert seal_all(journal) == []
        return [record for one in journal.segments_after({}) for record in one.records]

    def wait(self, until: Callable[[list[Record]], bool]) -> list[Record]:
        """Wait until its journal holds what is asked for."""
        end = time.monotonic() + LONG_S
        while not until(kept := self.kept()):
            assert time.monotonic() < end, f"the journal holds only {[record.payload for record in kept]}"
            time.sleep(0.02)
        return kept
