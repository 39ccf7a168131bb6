"""What is to be told and what was: recorded whole before it is sent, marked after."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, select, update

from rdchem.store import tables


def record(
    connection: Connection,
    key: str,
    *,
    day: date,
    channel: str,
    channel_id: str,
    title: str,
    body: str,
    attachments: Sequence[str],
    now: datetime,
) -> None:
    """Note that something is to be told, unless it is noted already.

    `channel` is shown to people; `channel_id` finds the address again among the settings, for addresses carry
    secrets and are not kept here.
    """
    table = tables.notification
    if connection.execute(select(table.c.key).where(table.c.key == key)).first() is None:
        row = {"key": key, "day": day, "channel": channel, "channel_id": channel_id, "title": title}
        told = {"body": body, "attachments": "\n".join(attachments), "recorded_at": now, "attempts": 0}
        connection.execute(table.insert().values(**row, **told))


def unsent(connection: Connection) -> list[RowMapping]:
    """All that was recorded whole and not sent, oldest first."""
    table = tables.notification
    wanted = select(table).where(table.c.sent_at.is_(None), table.c.body.is_not(None))
    return list(connection.execute(wanted.order_by(table.c.recorded_at, table.c.key)).mappings())


def note_attempt(connection: Connection, key: str, *, now: datetime) -> None:
    """An attempt begins; if it is never closed, nobody knows whether it arrived."""
    table = tables.notification
    connection.execute(update(table).where(table.c.key == key).values(tried_at=now))


def close(connection: Connection, key: str, *, now: datetime, error: str | None) -> None:
    """An attempt ended: sent, or why not."""
    table = tables.notification
    changes: dict[str, Any] = {"attempts": table.c.attempts + 1, "error": error, "tried_at": None}
    if error is None:
        changes["sent_at"] = now
    connection.execute(update(table).where(table.c.key == key).values(**changes))


def by_key(connection: Connection, key: str) -> RowMapping | None:
    """One record."""
    table = tables.notification
    return connection.execute(select(table).where(table.c.key == key)).mappings().first()


def of_day(connection: Connection, day: date) -> list[RowMapping]:
    """What was sent, or failed to be, about a day."""
    table = tables.notification
    wanted = select(table).where(table.c.day == day).order_by(table.c.recorded_at, table.c.key)
    return list(connection.execute(wanted).mappings())
