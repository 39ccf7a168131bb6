"""The stream in which the journal states what was removed from it, and the removing itself.

A run of `rdchem retain` is one record: by which rules, and which files stand now in the place of which
segments. The files lie ready, durable, before it is appended; after it they are put into place and the
segments deleted. Killed before the record, nothing has happened; killed after it, `carry_out` finishes.
"""

import hashlib
from collections.abc import Collection, Mapping
from datetime import date
from pathlib import Path
from typing import Final

import msgspec

from rdchem.durable import sync_folder
from rdchem.errors import JournalError
from rdchem.kept import Removed, Rule, range_of, read_links
from rdchem.segment import OWN_ORIGIN, Record, segment_name

STREAM: Final = "retention"
TOPIC: Final = "retention"
_DRAFT: Final = ".draft"


class Replaced(msgspec.Struct, frozen=True, kw_only=True):
    """A file, by name and sha256, that stands in the place of segments; what this run took out of them."""

    stream: str
    name: str
    sha256: str
    removed: list[Removed]


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed in one go."""

    day: date
    rules: list[Rule]
    files: list[Replaced]


def is_run(record: Record) -> bool:
    """Whether a record states a removal: only we can."""
    return record.topic == TOPIC and record.origin == OWN_ORIGIN


def decoded(record: Record) -> Run:
    """The run a record states."""
    return msgspec.json.decode(record.payload, type=Run)


def record_of(run: Run, received_us: int) -> Record:
    """The record that states a run."""
    return Record(received_us, TOPIC, msgspec.json.encode(run, order="deterministic"), origin=OWN_ORIGIN)


def runs(journal: Path) -> list[Run]:
    """All that was removed, oldest first. Raises JournalError if the stream that tells of it is damaged."""
    folder = journal / STREAM
    return [decoded(record) for segment in read_links(folder) for record in segment.records if is_run(record)]


def stated(found: Collection[Run]) -> Mapping[tuple[str, str], set[str]]:
    """Stream and name of every file that was ever put in the place of segments -> its sha256s."""
    files: dict[tuple[str, str], set[str]] = {}
    for run in found:
        for one in run.files:
            files.setdefault((one.stream, one.name), set()).add(one.sha256)
    return files


def draft_path(journal: Path, stream: str, name: str) -> Path:
    """Where a file lies ready."""
    return journal / stream / f"{name}{_DRAFT}"


def carry_out(journal: Path) -> None:
    """Finish the last run, whatever of it was done; then nothing lies ready any more.

    Raises JournalError, and deletes nothing, if a file it states is neither in its place nor ready.
    """
    past = runs(journal)
    last = past[-1].files if past else []
    for one in last:
        _put_into_place(journal, one)
    for folder in {journal / one.stream for one in last}:
        sync_folder(folder)
    for one in last:
        folder = journal / one.stream
        first, final = range_of(folder / one.name)
        for seq in range(first, final + 1):
            (folder / segment_name(seq)).unlink(missing_ok=True)
    for draft in journal.glob(f"*/*{_DRAFT}"):
        draft.unlink()


def _put_into_place(journal: Path, one: Replaced) -> None:
    place, draft = journal / one.stream / one.name, draft_path(journal, one.stream, one.name)
    if draft.exists() and _sha256(draft) == one.sha256:
        draft.rename(place)
    elif not place.exists() or _sha256(place) != one.sha256:
        raise JournalError(f"{place}:删除记录所述的保留文件不在。请从备份恢复该文件后重试。")


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
