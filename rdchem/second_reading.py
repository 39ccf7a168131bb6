"""Reading the quarantine a second time, after a schema or a code list was mended: the journal stays as it is.

What is understood now moves into the projections, dated and placed as the bytes were received; what is not
stays, with what is said of it now. A row of a file is read again with its whole file, whose bytes the journal
has; its message is the one the file would have stated at once, and its place the journal's record of the row.
A row that states nothing alone (an approval, a gas analysis) stays: it belongs into a message already made,
and the file is to be loaded again. `rebuild` ends with the same step, so it comes to the same rows.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from sqlalchemy import Connection, Engine

from rdchem.errors import InputError
from rdchem.intake import open_journal, projecting_alone, put_projected
from rdchem.journal import Journal
from rdchem.messages import encode, topic_of
from rdchem.projection import BAD_ROW_TOPIC, FILE_TOPIC, Place, Projected, project_record
from rdchem.segment import FILE_ORIGIN, Record, Segment
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from rdchem.store.quarantine import take_out

_ROWS_A_RUN: Final = 20_000


@dataclass(frozen=True, slots=True)
class Reread:
    """How many quarantine rows were read again, and how many of them are understood now."""

    rows: int
    understood: int


def retry(settings: Settings, rows: Sequence[Mapping[Any, Any]], engine: Engine | None = None) -> Reread:
    """Read some quarantine rows again, all or nothing; a row that is no longer there is passed over."""
    engine = engine or open_database(settings.url)
    with projecting_alone(settings), engine.begin() as connection:
        return reread(connection, settings, rows)


def reread(connection: Connection, settings: Settings, rows: Sequence[Mapping[Any, Any]]) -> Reread:
    """The same inside somebody's transaction."""
    ordered = sorted(rows, key=_place_key)
    understood = 0
    for start in range(0, len(ordered), _ROWS_A_RUN):
        run = ordered[start : start + _ROWS_A_RUN]
        second = _second_readings(_Files(open_journal(settings), settings), run)
        known = take_out(connection, [_place(row) for row in run])
        kept = Projected()
        for place, projected in second:
            if place in known:
                understood += not projected.quarantine
                kept.extend(projected)
        names = hashlib.sha256(repr([_place_key(row) for row in run]).encode()).hexdigest()[:24]
        put_projected(connection, settings, kept, f"second-reading-{names}.parquet")
    return Reread(len(ordered), understood)


@dataclass(slots=True)
class _Files:
    """The files of the journal, read again by the code lists of today. One file is remembered, the last."""

    journal: Journal
    settings: Settings
    _key: tuple[str, int] | None = None
    _rows: dict[str, list[Record]] = field(default_factory=dict)

    def records(self, bad: Record, place: Place) -> list[Record]:
        """What a row of a file states now, as the records a load would append; none if still nothing."""
        key = (bad.topic.removeprefix(BAD_ROW_TOPIC), bad.received_us)
        if key != self._key:
            self._key, self._rows = key, self._read(key, place)
        return self._rows.get(bad.origin, [])

    def _read(self, key: tuple[str, int], place: Place) -> dict[str, list[Record]]:
        from rdchem.platform import BadRow, read_file  # slow to import: only where a file comes in
        from rdchem.platform.profile import profile_of

        file = self._file(key, place)
        if file is None:
            return {}
        name = file.origin.removeprefix(FILE_ORIGIN)
        try:
            said = read_file(
                name,
                file.payload,
                received_at=file.received_at,
                area_code=self.settings.area_code,
                profile=profile_of(self.settings.profile_file),
            )
        except InputError:
            return {}
        rows: dict[str, list[Record]] = {}
        for one in said:
            if not isinstance(one, BadRow):
                origin, topic = f"{FILE_ORIGIN}{one.origin}", topic_of(one.area_code, one.message)
                record = Record(file.received_us, topic, encode(one.message), origin=origin)
                rows.setdefault(origin, []).append(record)
        return rows

    def _file(self, key: tuple[str, int], place: Place) -> Record | None:
        """The record of the file itself: in the segment of its rows, or in one before it."""
        sha256, received_us = key
        for seq in range(place.segment, 0, -1):
            for record in self.journal.segment(place.stream, seq).records:
                if record.topic == f"{FILE_TOPIC}{sha256}" and record.received_us == received_us:
                    return record
        return None


def _second_readings(files: _Files, rows: Sequence[Mapping[Any, Any]]) -> Iterator[tuple[Place, Projected]]:
    for (stream, seq), group in groupby(rows, key=lambda row: (row["stream"], row["segment"])):
        segment: Segment = files.journal.segment(stream, seq)
        for row in group:
            place = _place(row)
            yield place, _second_reading(files, segment.at(place.position), place)


def _second_reading(files: _Files, record: Record, place: Place) -> Projected:
    first = project_record(record, place)
    if not (record.origin.startswith(FILE_ORIGIN) and record.topic.startswith(BAD_ROW_TOPIC)):
        return first
    now = Projected()
    for one in files.records(record, place):
        now.extend(project_record(one, place))
    return first if now.quarantine or not now.messages else now


def _place(row: Mapping[Any, Any]) -> Place:
    return Place(row["stream"], row["segment"], row["position"])


def _place_key(row: Mapping[Any, Any]) -> tuple[str, int, int]:
    return row["stream"], row["segment"], row["position"]
