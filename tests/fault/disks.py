"""Full and read-only disks: small tmpfs of our own. Needs root."""

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from rdchem import intake
from rdchem.journal import Journal
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from tests.conftest import Broker
from tests.fault.load import Account, Load, account
from tests.fault.nursery import Nursery, nursery
from tests.fault.processes import append, drain

REFUSED = 5
"""The exit code of a listener whose journal cannot be written."""


@contextmanager
def small_disk(folder: Path, megabytes: int = 48) -> Iterator[Path]:
    """A disk of this size, mounted."""
    place = folder / "disk"
    place.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)]
    subprocess.run(["mount", *options], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def remount(place: Path, mode: str) -> None:
    """Make a disk `ro` or `rw`."""
    subprocess.run(["mount", "-o", f"remount,{mode}", str(place)], check=True)


def fill(place: Path, leave: int) -> Path:
    """Fill a disk but for so many bytes (whole pages of 4 KiB)."""
    filler = place / "filler"
    disk = os.statvfs(place)
    with filler.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(4096, disk.f_bavail * disk.f_frsize - leave))
    return filler


def ended(forge: Nursery, pid: int, patience_s: float) -> int | None:
    """The exit code of a process that ends by itself in time; else None, and it was told to end."""
    end = time.monotonic() + patience_s
    while time.monotonic() < end:
        if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
            return forge.wait(pid)
        time.sleep(0.02)
    forge.kill(pid, signal.SIGTERM)
    return None


def disk_full(folder: Path, count: int) -> Account:
    """The disk is full at whatever write comes next; room is made, and everything is there."""
    chance, codes = random.Random(21), Counter[int | None]()
    broker = Broker(folder)
    broker.start()
    with small_disk(folder) as home, nursery(folder / "listener.log") as forge:
        settings = {"home": home, "mqtt_port": broker.port, "roll_seconds": 0.3}
        drain(forge, **settings)
        with Load(broker.host, broker.port) as load:
            for _ in range(count):
                filler = fill(home, chance.choice([0, 4096, 8192, chance.randrange(0, 300_000)]))
                codes[ended(forge, forge.start("start", **settings), 15)] += 1
                filler.unlink()
                pid = forge.start("start", **settings)
                load.wait_for(30)
                forge.kill(pid, chance.choice([signal.SIGTERM, signal.SIGKILL]))
        drain(forge, **settings)
        found = account("disk full", count, home, load.acknowledged)
    broker.stop()
    found.note = f"listener refused and ended: {codes[REFUSED]} of {count}"
    found.wrong += [
        f"ended with {code}: {times}" for code, times in codes.items() if code not in (REFUSED, None)
    ]
    return found


def disk_full_projecting(folder: Path, count: int) -> Account:
    """The disk is full while the journal is projected; room is made, and the facts are what they must be."""
    chance, refused = random.Random(22), 0
    with small_disk(folder) as home:
        settings = Settings(home=home)
        journal = Journal(settings.journal_path)
        engine = open_database(settings.url)
        numbers = 0
        for _ in range(count):
            numbers = append(journal, numbers, 10)
            filler = fill(home, chance.choice([0, 4096, chance.randrange(0, 60_000)]))
            try:
                intake.project_all(settings, engine)
            except (OSError, SQLAlchemyError):
                refused += 1
            filler.unlink()
            intake.project_all(settings, engine)
        engine.dispose()
        found = account("disk full while projecting", count, home, set(range(numbers)))
    found.note = f"refused: {refused} of {count}"
    return found


def read_only(folder: Path, count: int) -> Account:
    """The disk can only be read: the listener refuses to start, and the broker keeps everything."""
    codes = Counter[int | None]()
    broker = Broker(folder)
    broker.start()
    with small_disk(folder) as home, nursery(folder / "listener.log") as forge:
        settings = {"home": home, "mqtt_port": broker.port}
        drain(forge, **settings)
        with Load(broker.host, broker.port) as load:
            for _ in range(count):
                remount(home, "ro")
                codes[ended(forge, forge.start("start", **settings), 15)] += 1
                remount(home, "rw")
                pid = forge.start("start", **settings)
                load.wait_for(100)
                forge.kill(pid)
        drain(forge, **settings)
        found = account("disk read-only", count, home, load.acknowledged)
    broker.stop()
    found.note = f"listener refused and ended: {codes[REFUSED]} of {count}"
    found.wrong += [f"ended with {code}: {times}" for code, times in codes.items() if code != REFUSED]
    return found
