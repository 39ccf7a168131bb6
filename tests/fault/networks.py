"""The network between listener and broker, cut and half-open: namespaces joined by a virtual wire."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rdchem.journal import Journal
from rdchem.rolling import seal_all
from tests.conftest import Broker, find_program
from tests.fault.load import Account, Load, account, payload
from tests.fault.nursery import Nursery, await_ready, nursery
from tests.fault.processes import drain


@dataclass
class WiredBroker(Broker):
    """A broker that also listens on the wire."""

    address: str = ""

    def _config(self) -> str:
        return f"{super()._config()}listener {self.port} {self.address}\n"


@dataclass(frozen=True)
class Wire:
    """A namespace `name` and the wire to it; the broker's end has the address `here`."""

    name: str
    here: str

    def set(self, state: str) -> None:
        """Cut the wire (`down`) without a word to either end, or mend it (`up`)."""
        _ip("link", "set", f"{self.name}h", state)


def _ip(*arguments: str) -> None:
    subprocess.run([find_program("ip"), *arguments], check=True)


@contextmanager
def wire() -> Iterator[Wire]:
    """A namespace and a wire, gone at the end. Needs root."""
    number = os.getpid() % 250
    made = Wire(f"rdf{os.getpid()}"[:12], f"10.77.{number}.1")
    _ip("netns", "add", made.name)
    try:
        _ip("link", "add", f"{made.name}h", "type", "veth", "peer", "name", "wire", "netns", made.name)
        _ip("address", "add", f"{made.here}/24", "dev", f"{made.name}h")
        _ip("-n", made.name, "address", "add", f"10.77.{number}.2/24", "dev", "wire")
        _ip("-n", made.name, "link", "set", "lo", "up")
        _ip("-n", made.name, "link", "set", "wire", "up")
        made.set("up")
        yield made
    finally:
        _ip("netns", "delete", made.name)


Fault = Callable[[Wire, Broker, Nursery, int, dict[str, Any]], int]
"""Does something once to a running listener; returns the process that listens afterwards."""


def _wired(name: str, folder: Path, count: int, fault: Fault) -> Account:
    home = folder / "home"
    with wire() as here:
        broker = WiredBroker(folder, address=here.here)
        broker.start()
        settings = {"home": home, "mqtt_port": broker.port, "mqtt_host": here.here}
        prefix = (find_program("ip"), "netns", "exec", here.name)
        with nursery(folder / "listener.log", prefix) as forge:
            pid = await_ready(home, forge.start("start", **settings))
            with Load(broker.host, broker.port, rate=200) as load:
                load.wait_for(100)
                for _ in range(count):
                    pid = fault(here, broker, forge, pid, settings)
                    load.wait_for(100)
            drain_behind(forge, pid, settings, load.acknowledged)
        broker.stop()
    return account(name, count, home, load.acknowledged)


def drain_behind(forge: Nursery, pid: int, settings: dict[str, Any], acknowledged: Collection[int]) -> None:
    """The listener must take by itself what waited, before another one looks for what is left."""
    wanted = {payload(number) for number in acknowledged}
    end = time.monotonic() + 90
    while time.monotonic() < end and not wanted <= _there(Path(settings["home"])):
        time.sleep(0.5)
    assert forge.kill(pid, signal.SIGTERM) == 0
    drain(forge, **settings)


def _there(home: Path) -> set[bytes]:
    journal = Journal(home / "journal")
    seal_all(journal)
    return {record.payload for segment in journal.segments_after({}) for record in segment.records}


def cut(folder: Path, count: int) -> Account:
    """The wire is cut for a while: packets vanish, both ends believe in their connection."""
    chance = random.Random(11)

    def fault(here: Wire, _b: Broker, _f: Nursery, pid: int, _s: dict[str, Any]) -> int:
        here.set("down")
        time.sleep(chance.uniform(0.3, 4.0))
        here.set("up")
        return pid

    return _wired("network cut", folder, count, fault)


def half_open_broker(folder: Path, count: int) -> Account:
    """The broker goes and comes back behind a cut wire: the listener's connection leads nowhere.

    Not oftener than every ten seconds, for that is what a rival with the same client id looks like.
    """

    def fault(here: Wire, broker: Broker, _f: Nursery, pid: int, _s: dict[str, Any]) -> int:
        time.sleep(10.5)
        here.set("down")
        time.sleep(0.2)
        broker.stop()
        broker.start()
        here.set("up")
        return pid

    return _wired("half-open: broker restarted", folder, count, fault)


def half_open_listener(folder: Path, count: int) -> Account:
    """The listener dies behind a cut wire: for the broker it lives, until another one takes its place."""

    def fault(here: Wire, _b: Broker, forge: Nursery, pid: int, settings: dict[str, Any]) -> int:
        here.set("down")
        time.sleep(0.2)
        forge.kill(pid)
        here.set("up")
        return forge.start("start", **settings)

    return _wired("half-open: listener died", folder, count, fault)


def long_cut(folder: Path, count: int) -> Account:
    """The wire is cut for longer than the keep-alive allows: the broker gives the listener up."""

    def fault(here: Wire, _b: Broker, _f: Nursery, pid: int, _s: dict[str, Any]) -> int:
        here.set("down")
        time.sleep(55)
        here.set("up")
        return pid

    return _wired("network cut for 55 s", folder, count, fault)
