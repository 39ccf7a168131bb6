"""kill -9 at random instants: of the listener, of the broker, of PostgreSQL."""

import random
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import select

from rdchem import intake
from rdchem.blindness import blind_intervals
from rdchem.journal import Journal
from rdchem.model.day import BlindInterval
from rdchem.model.listener import ListenerEvent
from rdchem.segment import Record
from rdchem.settings import Settings
from rdchem.store import tables
from rdchem.store.connection import open_database
from tests.conftest import Broker
from tests.fault.load import TOPIC, Account, Load, account, payload
from tests.fault.nursery import Nursery, await_ready, nursery
from tests.fault.server import Server

DRAIN_S = 3.0


def drain(forge: Nursery, **settings: Any) -> None:
    """Let one last listener take what still waits, and end in order."""
    pid = await_ready(settings["home"], forge.start("start", **settings))
    journal = Path(settings["home"]) / "journal"
    quiet = time.monotonic()
    size = -1
    while time.monotonic() - quiet < DRAIN_S:
        now = sum(path.stat().st_size for path in journal.rglob("*.log") if path.exists())
        now += sum(path.stat().st_size for path in journal.rglob("*.seg"))
        if abs(now - size) > 2000:  # a heartbeat is no message
            size, quiet = now, time.monotonic()
        time.sleep(0.1)
    forge.kill(pid, signal.SIGTERM)


def await_draining(home: Path, patience_s: float = 10.0) -> None:
    """Until a listener just started has made its first messages durable."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if any(path.stat().st_size > 2000 for path in home.glob("journal/listener-1/*.log") if path.exists()):
            return
        time.sleep(0.005)


def listener_kills(folder: Path, count: int) -> Account:
    """The listener is killed while it starts, drains, seals, at whatever instant."""
    chance = random.Random(1)
    broker = Broker(folder)
    broker.start()
    home = folder / "home"
    settings = {"home": home, "mqtt_port": broker.port, "roll_seconds": 0.1}
    with nursery(folder / "listener.log") as forge:
        drain(forge, **settings)
        with Load(broker.host, broker.port) as load:
            for _ in range(count):
                pid = forge.start("start", **settings)
                if chance.random() < 0.8:
                    await_draining(home)
                time.sleep(chance.uniform(0.0, 0.3))
                assert forge.kill(pid) == -signal.SIGKILL
        drain(forge, **settings)
    broker.stop()
    return account("listener kill -9", count, home, load.acknowledged)


def broker_kills(folder: Path, count: int) -> Account:
    """The broker is killed and started again; the listener and the publisher come back by themselves.

    What the broker acknowledged and had only in memory dies with it. That may happen; what may not is that
    nobody says so: it has to lie in an interval in which the listener calls itself blind.
    """
    chance = random.Random(2)
    broker = Broker(folder)
    broker.start()
    home = folder / "home"
    settings = {"home": home, "mqtt_port": broker.port}
    with nursery(folder / "listener.log") as forge:
        drain(forge, **settings)
        assert broker.process
        broker.process.send_signal(signal.SIGUSR1)  # a broker that ran for a minute has saved the session
        time.sleep(0.5)
        pid = await_ready(home, forge.start("start", **settings))
        with Load(broker.host, broker.port) as load:
            for _ in range(count):
                load.wait_for(100)
                time.sleep(chance.uniform(3.0, 5.0))  # younger brokers are not told apart
                broker.kill()
                broker.start()
            load.wait_for(200)
        time.sleep(1.0)
        assert forge.kill(pid, signal.SIGTERM) == 0
        drain(forge, **settings)
    broker.stop()
    found = account("broker kill -9", count, home, load.acknowledged)
    return _named(found, home, load)


def _named(found: Account, home: Path, load: Load) -> Account:
    """What is lost but was said to be: it lies in a lossy interval of the listener's own account."""
    gaps = [gap for gap in blind(home) if not gap.lossless]
    unnamed = [
        number
        for number in found.missing
        if not any(gap.start <= load.acknowledged[number] <= gap.end for gap in gaps)
    ]
    found.note = f"{len(found.missing)} died with the broker, {len(unnamed)} of them unsaid"
    found.lost = len(unnamed)
    return found


def blind(home: Path) -> tuple[BlindInterval, ...]:
    """When the listener says it was blind."""
    events = [
        msgspec.json.decode(record.payload, type=ListenerEvent)
        for segment in Journal(home / "journal").segments_after({})
        for record in segment.records
        if record.origin == "self"
    ]
    now = datetime.now(UTC)
    return blind_intervals(events, start=now - timedelta(hours=2), as_of=now, factor=3)


def postgresql_kills(folder: Path, count: int, server: Server) -> Account:
    """PostgreSQL is killed while the journal is projected and rebuilt; in the end all rows are there once."""
    chance = random.Random(3)
    home = folder / "home"
    journal = Journal(Settings(home=home).journal_path)
    settings = Settings(home=home, database_url=server.url)
    numbers = append(journal, 0, 30)
    with nursery(folder / "projector.log") as forge:
        for _ in range(count):
            pid = forge.start("project", home=home, database_url=server.url)
            time.sleep(chance.uniform(0.2, 1.2))
            server.kill()
            forge.wait(pid)
            server.start()
            numbers = append(journal, numbers, 2)
    engine = open_database(server.url)
    intake.project_all(settings, engine)
    found = account("PostgreSQL kill -9", count, home, set(range(numbers)))
    plain = open_database(Settings(home=home).url)  # the account projected into SQLite
    for table in (tables.message, tables.quarantine, tables.segment):
        ours, theirs = ([*_rows(one, table)] for one in (plain, engine))
        if ours != theirs:
            found.wrong.append(f"{table.name}: {len(theirs)} rows differ from SQLite's {len(ours)}")
    engine.dispose(), plain.dispose()
    return found


def _rows(engine: Any, table: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(select(table).order_by(*table.primary_key)).all()


def append(journal: Journal, start: int, segments: int) -> int:
    """Append so many segments of twenty messages, numbered from `start`; returns the next number."""
    with journal.writer("listener-1") as writer:
        for _ in range(segments):
            numbers = range(start, start + 20)
            writer.append([Record(1_789_430_400_000_000 + one, TOPIC, payload(one)) for one in numbers])
            start += 20
    return start


def two_listeners(folder: Path, count: int) -> Account:
    """A second listener is started in the same installation by mistake: it is refused, the first goes on."""
    broker = Broker(folder)
    broker.start()
    home = folder / "home"
    settings = {"home": home, "mqtt_port": broker.port}
    codes = []
    with nursery(folder / "listener.log") as forge:
        first = await_ready(home, forge.start("start", **settings))
        with Load(broker.host, broker.port) as load:
            for _ in range(count):
                load.wait_for(100)
                codes.append(forge.wait(forge.start("start", **settings)))
        assert forge.kill(first, signal.SIGTERM) == 0
        drain(forge, **settings)
    broker.stop()
    found = account("second listener, same place", count, home, load.acknowledged)
    found.note = f"refused: {codes.count(5)} of {count}"
    found.wrong += [found.note] if codes.count(5) < count else []
    return found


def same_client_id(folder: Path, count: int) -> Account:
    """Two machines listen under one client id and take the session from each other: both have all."""
    broker = Broker(folder)
    broker.start()
    homes = [folder / "one", folder / "two"]
    with nursery(folder / "listener.log") as forge:
        drain(forge, home=homes[0], mqtt_port=broker.port)
    with nursery(folder / "listener.log") as forge, Load(broker.host, broker.port, rate=200) as load:
        for _ in range(count):
            pids = [forge.start("start", home=home, mqtt_port=broker.port) for home in homes]
            load.wait_for(400)
            for pid in pids:
                forge.kill(pid, signal.SIGTERM)
    with nursery(folder / "listener.log") as forge:
        drain(forge, home=homes[0], mqtt_port=broker.port)
    broker.stop()
    kept = {
        record.payload
        for home in homes
        for segment in Journal(home / "journal").segments_after({})
        for record in segment.records
    }
    found = account("two machines, one client id", count, homes[0], set(), facts=False)
    found.wrong += Journal(homes[1] / "journal").problems({})
    found.acknowledged, found.kept = len(load.acknowledged), len(kept)
    found.lost = sum(payload(number) not in kept for number in load.acknowledged)
    return found
