"""What somebody does to the files and to the manifest: the tool must name the place, each time."""

import random
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine

from rdchem import intake
from rdchem.inspection import Inspection
from rdchem.journal import Journal
from rdchem.rebuild import rebuild
from rdchem.segment import Record
from rdchem.settings import Settings
from rdchem.store import tables
from rdchem.store.connection import open_database
from tests.fault.load import TOPIC, Account, payload

SEGMENTS = 12


@contextmanager
def installation(folder: Path) -> Iterator[tuple[Settings, Engine]]:
    """A journal of twelve segments, projected."""
    settings = Settings(home=folder / "home")
    journal = Journal(settings.journal_path)
    with journal.writer("listener-1") as writer:
        for segment in range(SEGMENTS):
            numbers = range(segment * 200, segment * 200 + 200)
            writer.append([Record(1_789_430_400_000_000 + one, TOPIC, payload(one)) for one in numbers])
    engine = open_database(settings.url)
    intake.project_all(settings, engine)
    assert intake.inspect(settings, engine).problems == []
    yield settings, engine
    engine.dispose()


def _tampered(
    name: str, folder: Path, count: int, tamper: Callable[[Path, random.Random], list[str]]
) -> Account:
    """Tamper with one file, ask the tool, put the file back; `tamper` returns what has to be named."""
    chance = random.Random(name)
    found = Account(name, count)
    with installation(folder) as (settings, engine):
        for _ in range(count):
            path = chance.choice(sorted(settings.journal_path.rglob("*.seg")))
            kept = path.with_suffix(".kept")
            shutil.copy(path, kept)
            named = tamper(path, chance)
            problems = intake.inspect(settings, engine).damages
            if not any(all(part in problem for part in named) for problem in problems):
                found.wrong.append(f"{named} not in {problems}")
            kept.rename(path)
        found.wrong += intake.inspect(settings, engine).problems
    found.note = f"named precisely: {count - len(found.wrong)} of {count}"
    return found


def bit_flipped(folder: Path, count: int) -> Account:
    """The very byte is named, with what it was."""

    def flip(path: Path, chance: random.Random) -> list[str]:
        content = bytearray(path.read_bytes())
        at = chance.randrange(len(content))
        was = content[at]
        content[at] ^= 1 << chance.randrange(8)
        path.write_bytes(content)
        return [path.name, f"第 {at} 字节", f"原为 0x{was:02x}"]

    return _tampered("bit flipped", folder, count, flip)


def truncated(folder: Path, count: int) -> Account:
    """From which byte on it is missing."""

    def cut(path: Path, chance: random.Random) -> list[str]:
        at = chance.randrange(path.stat().st_size)
        path.write_bytes(path.read_bytes()[:at])
        return [path.name, f"自第 {at} 字节起"]

    return _tampered("segment truncated", folder, count, cut)


def segment_gone(folder: Path, count: int) -> Account:
    """Which segment is missing."""

    def remove(path: Path, _: random.Random) -> list[str]:
        path.unlink()
        return [path.name, "文件却不见了"]

    return _tampered("segment removed", folder, count, remove)


def manifest_row_gone(folder: Path, count: int) -> Account:
    """Which row is missing; a rebuild mends it."""
    chance = random.Random(5)
    found = Account("manifest row deleted", count)
    with installation(folder) as (settings, engine):
        for _ in range(count):
            seq = chance.randrange(1, SEGMENTS + 1)
            with engine.begin() as connection:
                connection.execute(tables.segment.delete().where(tables.segment.c.seq == seq))
            told = intake.inspect(settings, engine)
            if told.damages or [f"{seq:010d}.seg" in one for one in told.manifest_faults] != [True]:
                found.wrong.append(f"row {seq}: {told}")
            rebuild(settings, engine)
            if intake.inspect(settings, engine) != Inspection():
                found.wrong.append(f"row {seq}: not mended")
    found.note = f"named precisely and mended: {count - len(found.wrong)} of {count}"
    return found
