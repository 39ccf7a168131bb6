"""A small journal to look at and to damage."""

from datetime import UTC, datetime
from pathlib import Path

from rdchem.journal import Journal
from rdchem.segment import Record, microseconds

NOON = datetime(2026, 9, 15, 4, tzinfo=UTC)


def record(number: int, payload: bytes = b"\xff\x00 raw") -> Record:
    return Record(microseconds(NOON) + number, f"rdchem/v1/{number}", payload + bytes([number % 256]))


def write(journal: Journal, stream: str, groups: list[list[Record]]) -> None:
    with journal.writer(stream) as writer:
        for group in groups:
            writer.append(group)


def segment_file(journal: Journal, number: int, stream: str = "listener-1") -> Path:
    return journal.path / stream / f"{number:010d}.seg"


def three_segments(folder: Path) -> Journal:
    """Three segments of one stream and one of another."""
    journal = Journal(folder)
    write(journal, "listener-1", [[record(number), record(number + 10)] for number in (1, 2, 3)])
    write(journal, "files", [[record(20)]])
    return journal
