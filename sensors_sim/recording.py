"""A recording being written: the header, then envelopes, in groups that are on disk when `append` returns.

The format is `rdchem.recording`'s. In a compressed file each group is a zstd frame of its own.
"""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Final

import msgspec
import zstandard

from rdchem.recording import VERSION, Header
from rdchem.segment import Record
from sensors_sim.envelopes import envelope

GROUP: Final = 5_000


def header(
    started_at: datetime, source: str, *, seed: int | None = None, catalogue_sha256: str | None = None
) -> Header:
    """The header of a new recording; a simulated county is named by its seed and its catalogue."""
    return Header(
        rdchem_recording=VERSION,
        started_at=started_at,
        source=source,
        seed=seed,
        catalogue_sha256=catalogue_sha256,
    )


class RecordingFile:
    """A file of envelopes, compressed if its name ends in .zst; an earlier file of that name is replaced."""

    def __init__(self, path: Path, header: Header) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._compressor = zstandard.ZstdCompressor() if path.suffix == ".zst" else None
        self._file = path.open("wb")
        self._write(msgspec.json.encode(header) + b"\n")

    def append(self, lines: Iterable[bytes]) -> int:
        """Write envelopes; how many."""
        count, rest = 0, iter(lines)
        while group := list(islice(rest, GROUP)):
            self._write(b"".join(group))
            count += len(group)
        return count

    def __enter__(self) -> "RecordingFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _write(self, text: bytes) -> None:
        self._file.write(self._compressor.compress(text) if self._compressor else text)
        self._file.flush()


def line_of(record: Record) -> bytes:
    """A record as the envelope it came in, or would have."""
    return envelope(record.received_at, record.topic, record.payload, qos=record.qos, retain=record.retain)
