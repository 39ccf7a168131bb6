"""Which Parquet files of readings count."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select

from rdchem.store import tables


def add(
    connection: Connection, path: str, rows: int, first_received_at: datetime, last_received_at: datetime
) -> None:
    """Let a Parquet file of readings count."""
    connection.execute(
        tables.readings_file.insert().values(
            path=path, rows=rows, first_received_at=first_received_at, last_received_at=last_received_at
        )
    )


def replace(connection: Connection, taken: Sequence[str], made: Sequence[Mapping[str, Any]]) -> None:
    """Let some files of readings count in place of others; one that stays as it is may be among both."""
    table = tables.readings_file
    if taken:
        connection.execute(
            delete(table).where(table.c.path == bindparam("taken")), [{"taken": one} for one in taken]
        )
    if made:
        connection.execute(table.insert(), made)


def within(connection: Connection, since: datetime, as_of: datetime) -> list[str]:
    """Readings files that hold anything received from `since` to `as_of`."""
    table = tables.readings_file
    wanted = select(table.c.path).where(table.c.last_received_at >= since, table.c.first_received_at <= as_of)
    return list(connection.execute(wanted.order_by(table.c.path)).scalars())


def counted(connection: Connection) -> set[str]:
    """Every readings file that counts."""
    return set(connection.execute(select(tables.readings_file.c.path)).scalars())
