"""The clock of the listener's machine jumps back an hour."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

import msgspec

from rdchem.journal import Journal
from rdchem.model.listener import ListenerEvent
from rdchem.settings import Settings
from tests.conftest import Broker
from tests.fault.load import Account, Load, account
from tests.fault.nursery import await_ready, nursery
from tests.fault.processes import drain


def clock_back(folder: Path, count: int) -> Account:
    """Nothing is lost, and the listener goes on saying that it lives, by the new time."""
    broker = Broker(folder)
    broker.start()
    home = folder / "home"
    settings = {"home": home, "mqtt_port": broker.port, "roll_seconds": 1.0}
    jumped = 0
    with nursery(folder / "session.log") as forge:
        drain(forge, **settings)
    with nursery(folder / "listener.log") as forge:
        with Load(broker.host, broker.port) as load:
            for _ in range(count):
                pid = await_ready(home, forge.start("start", **settings))
                load.wait_for(200)
                os.kill(pid, signal.SIGUSR1)
                load.wait_for(200)
                time.sleep(17.0)  # longer than a heartbeat
                forge.kill(pid, signal.SIGTERM)
                jumped += _beats_after_a_jump(home)
        drain(forge, **settings)
    broker.stop()
    found = account("clock back an hour", count, home, load.acknowledged)
    found.note = f"heartbeats went on after {jumped} of {count}"
    found.wrong += [found.note] if jumped < count else []
    return found


def _beats_after_a_jump(home: Path) -> bool:
    """Whether, since the last start, the listener said it was alive after the clock had gone back."""
    journal = Journal(Settings(home=home).journal_path)
    events = [
        msgspec.json.decode(record.payload, type=ListenerEvent)
        for segment in journal.segments_after({})
        for record in segment.records
        if record.origin == "self"
    ]
    start = max(at for at, event in enumerate(events) if event.event == "started")
    session = events[start:]
    back = session[0].occurred_at - timedelta(minutes=50)
    return any(event.event == "alive" and event.occurred_at < back for event in session)
