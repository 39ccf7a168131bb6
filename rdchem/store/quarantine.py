"""What is kept aside: messages and file rows that could not be taken as said, and where their bytes are."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, exists, select, tuple_

from rdchem.projection import Place
from rdchem.store import tables


def quarantined(connection: Connection, *, since: datetime, as_of: datetime) -> list[RowMapping]:
    """Quarantine rows received in [since, as_of], oldest first; rows of a file loaded again count once."""
    table, first = tables.quarantine, tables.quarantine.alias()
    order = ("received_at", "stream", "segment", "position")
    earlier = tuple_(*(first.c[name] for name in order)) < tuple_(*(table.c[name] for name in order))
    again = exists().where(table.c.file != "", first.c.journal_id == table.c.journal_id, earlier)
    wanted = select(table).where(table.c.received_at >= since, table.c.received_at <= as_of, ~again)
    wanted = wanted.order_by(table.c.received_at, table.c.journal_id, table.c.origin)
    return list(connection.execute(wanted).mappings())


def find_quarantined(connection: Connection, journal_id: str) -> RowMapping | None:
    """The first quarantine row with this id, or None."""
    table = tables.quarantine
    wanted = select(table).where(table.c.journal_id == journal_id).order_by(table.c.received_at)
    return connection.execute(wanted).mappings().first()


def quarantined_by_id(connection: Connection, prefix: str) -> list[RowMapping]:
    """Every quarantine row whose id begins so, oldest first."""
    table = tables.quarantine
    wanted = select(table).where(table.c.journal_id.startswith(prefix, autoescape=True))
    return list(connection.execute(wanted.order_by(table.c.received_at, *table.primary_key)).mappings())


def rows_to_read_again(
    connection: Connection, received: tuple[datetime, datetime] | None = None, *, of_files: bool = False
) -> list[RowMapping]:
    """Quarantine rows, each copy too: all, or those received in [start, end); of loaded files alone."""
    table = tables.quarantine
    wanted = select(table)
    if received is not None:
        wanted = wanted.where(table.c.received_at >= received[0], table.c.received_at < received[1])
    if of_files:
        wanted = wanted.where(table.c.file != "")
    return list(connection.execute(wanted.order_by(*table.primary_key)).mappings())


def take_out(connection: Connection, places: Iterable[Place]) -> set[Place]:
    """Take rows out of quarantine; returns the places where there was one."""
    table, there = tables.quarantine, set()
    for place in places:
        at = (
            (table.c.stream == place.stream)
            & (table.c.segment == place.segment)
            & (table.c.position == place.position)
        )
        if connection.execute(delete(table).where(at)).rowcount:
            there.add(place)
    return there
