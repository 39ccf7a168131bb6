"""The manifest: every projected segment of the journal."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Connection, func, select

from rdchem.inspection import Key, Listed
from rdchem.segment import Segment, instant, microseconds
from rdchem.store import tables


def projected(connection: Connection) -> dict[str, int]:
    """The last projected segment of each stream."""
    newest = select(tables.segment.c.stream, func.max(tables.segment.c.seq)).group_by(tables.segment.c.stream)
    return {row[0]: row[1] for row in connection.execute(newest)}


def listed(connection: Connection) -> dict[Key, Listed]:
    """Every projected segment."""
    table = tables.segment
    rows = connection.execute(select(table)).mappings()
    return {
        (row["stream"], row["seq"]): Listed(
            row["sha256"],
            row["previous"],
            row["records"],
            row["size"],
            microseconds(row["first_received_at"]),
            microseconds(row["last_received_at"]),
        )
        for row in rows
    }


def mentioned(connection: Connection) -> set[Key]:
    """Every segment from which a message or a quarantine row was read."""
    return {
        (row[0], row[1])
        for table in (tables.message, tables.quarantine)
        for row in connection.execute(select(table.c.stream, table.c.segment).distinct())
    }


def reached(connection: Connection, streams: Sequence[str] = ()) -> datetime | None:
    """The newest instant of receipt among all projected records; of several streams, that of the one behind
    all others, None if one of them has no records.
    """
    table = tables.segment
    newest = select(table.c.stream, func.max(table.c.last_received_at)).group_by(table.c.stream)
    newest_of = {row[0]: row[1] for row in connection.execute(newest)}
    if streams:
        return min(newest_of[one] for one in streams) if newest_of.keys() >= set(streams) else None
    return max(newest_of.values(), default=None)


def add(connection: Connection, segments: Iterable[Segment]) -> None:
    """Enter segments into the manifest; a segment entered twice is an error of the caller."""
    rows = [
        {
            "stream": segment.header.stream,
            "seq": segment.header.seq,
            "sha256": segment.sha256,
            "previous": segment.header.previous,
            "records": segment.header.records,
            "size": segment.size,
            "first_received_at": instant(segment.begins_us),
            "last_received_at": instant(segment.header.last_received_us),
        }
        for segment in segments
    ]
    if rows:
        connection.execute(tables.segment.insert(), rows)
