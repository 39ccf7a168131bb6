"""The messages and quarantine rows the journal projects into."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, RowMapping, case, delete, func, select, tuple_
from sqlalchemy.dialects import postgresql, sqlite

from rdchem.difference import Arrival
from rdchem.known import Known
from rdchem.projection import MessageRow, Projected
from rdchem.segment import FILE_ORIGIN
from rdchem.store import tables


def is_registered(connection: Connection, as_of: datetime) -> bool:
    """Whether any enterprise was registered by `as_of`."""
    table = tables.message
    wanted = select(table.c.kind).where(table.c.kind == "register", table.c.received_at <= as_of).limit(1)
    return connection.execute(wanted).first() is not None


def put_projected(connection: Connection, projected: Projected) -> None:
    """Put messages and quarantine rows. The same bytes come again: counted, the earliest receipt is kept."""
    if projected.messages:
        _put_messages(connection, projected.messages)
    if projected.quarantine:
        rows = [
            {
                **{name: getattr(row, name) for name in row.__slots__ if name != "place"},
                "stream": row.place.stream,
                "segment": row.place.segment,
                "position": row.place.position,
            }
            for row in projected.quarantine
        ]
        connection.execute(tables.quarantine.insert(), rows)


def messages(
    connection: Connection,
    kinds: Sequence[str],
    *,
    as_of: datetime,
    since: datetime | None = None,
) -> list[Known]:
    """Messages of some kinds received by `as_of` (and not before `since`), oldest statement first."""
    table = tables.message
    wanted = select(*_STORED).where(table.c.kind.in_(kinds), table.c.received_at <= as_of)
    if since is not None:
        wanted = wanted.where(table.c.received_at >= since)
    return _stored(connection, wanted)


def standing(
    connection: Connection, kinds: Sequence[str], *, as_of: datetime, companies: Sequence[str] | None = None
) -> list[Known]:
    """All that was said in messages of some kinds by `as_of`, each thing once, as it was said last: by all,
    or by some enterprises.
    """
    table = tables.message
    of_kind = table.c.kind.in_(kinds) & (table.c.received_at <= as_of)
    if companies is not None:
        of_kind &= table.c.company_code.in_(companies)
    newest = (
        select(table.c.kind, table.c.content, func.max(table.c.occurred_at).label("last"))
        .where(of_kind, table.c.content.is_not(None))
        .group_by(table.c.kind, table.c.content)
        .subquery()
    )
    same = (newest.c.kind == table.c.kind) & (newest.c.content == table.c.content)
    said_last = select(*_STORED).join(newest, same & (newest.c.last == table.c.occurred_at)).where(of_kind)
    uncounted = select(*_STORED).where(of_kind, table.c.content.is_(None))
    return _stored(connection, said_last) + _stored(connection, uncounted)


def first_registered(
    connection: Connection, *, as_of: datetime, companies: Sequence[str] | None = None
) -> dict[str, datetime]:
    """When the register first told us of each enterprise, by `as_of`: of all, or of some."""
    table = tables.message
    wanted = select(table.c.company_code, func.min(table.c.received_at)).where(
        table.c.kind == "register", table.c.received_at <= as_of
    )
    if companies is not None:
        wanted = wanted.where(table.c.company_code.in_(companies))
    return {row[0]: row[1] for row in connection.execute(wanted.group_by(table.c.company_code))}


def messages_applying(
    connection: Connection, kinds: Sequence[str], *, start: datetime, end: datetime, as_of: datetime
) -> list[Known]:
    """All versions of every subject of which some version touches [start, end): more than rules will use."""
    table = tables.message
    subjects = select(table.c.subject).where(
        table.c.kind.in_(kinds),
        table.c.applies_from < end,
        table.c.applies_until >= start,
        table.c.received_at <= as_of,
    )
    wanted = select(*_STORED).where(
        table.c.kind.in_(kinds), table.c.subject.in_(subjects), table.c.received_at <= as_of
    )
    return _stored(connection, wanted)


def counts(connection: Connection, kinds: Sequence[str], start: datetime, until: datetime) -> dict[str, int]:
    """How many messages of each kind were received in [start, until]; a kind nothing came of is 0."""
    table = tables.message
    received = select(table.c.kind, func.count()).where(
        table.c.kind.in_(kinds), table.c.received_at >= start, table.c.received_at <= until
    )
    rows = connection.execute(received.group_by(table.c.kind))
    return dict.fromkeys(kinds, 0) | {row[0]: row[1] for row in rows}


def loaded(connection: Connection, as_of: datetime) -> dict[str, datetime] | None:
    """When each kind was loaded last from a file, by `as_of`; None if anything came another way."""
    table = tables.message
    by_then = table.c.received_at <= as_of
    heard = select(table.c.kind).where(by_then, ~table.c.origin.startswith(FILE_ORIGIN)).limit(1)
    if connection.execute(heard).first() is not None:
        return None
    newest = select(table.c.kind, func.max(table.c.received_at)).where(by_then).group_by(table.c.kind)
    return {row[0]: row[1] for row in connection.execute(newest)}


def arrivals(
    connection: Connection, bounds: tuple[datetime, datetime], *, after: datetime, until: datetime
) -> list[Arrival]:
    """What was received in (after, until], oldest first: without the announcements and items of other days
    than the one of these bounds, and without a listener's heartbeats.
    """
    table = tables.message
    of_a_day = table.c.kind.in_(("commitment", "declared_work"))
    wanted = select(table.c.journal_id, table.c.kind, table.c.company_code, table.c.received_at).where(
        table.c.received_at > after,
        table.c.received_at <= until,
        ~of_a_day | (table.c.applies_from == bounds[0]),
        (table.c.kind != "listener_event") | ~table.c.body.contains('"alive"'),
    )
    ordered = wanted.order_by(table.c.received_at, table.c.journal_id)
    return [Arrival(*row) for row in connection.execute(ordered)]


def clear(connection: Connection) -> None:
    """Throw away every row that is made from the journal; what was decided and sent stays."""
    for name in ("message", "quarantine", "readings_file", "segment", "removal"):
        connection.execute(delete(tables.metadata.tables[name]))


def find_message(connection: Connection, journal_id: str) -> RowMapping | None:
    """The message row with this id, or None."""
    table = tables.message
    return connection.execute(select(table).where(table.c.journal_id == journal_id)).mappings().first()


_STORED = (
    tables.message.c.journal_id,
    tables.message.c.kind,
    tables.message.c.company_code,
    tables.message.c.received_at,
    tables.message.c.body,
    tables.message.c.origin,
)


def _stored(connection: Connection, wanted: Any) -> list[Known]:
    table = tables.message
    ordered = wanted.order_by(table.c.occurred_at, table.c.received_at, table.c.journal_id)
    return [Known(*row) for row in connection.execute(ordered)]


def _put_messages(connection: Connection, rows: Sequence[MessageRow]) -> None:
    values = [
        {
            **{name: getattr(row, name) for name in row.__slots__ if name != "place"},
            "stream": row.place.stream,
            "segment": row.place.segment,
            "position": row.place.position,
            "copies": 1,
            "last_received_at": row.received_at,
        }
        for row in rows
    ]
    connection.execute(_upsert(connection), values)


def _upsert(connection: Connection) -> Insert:
    """Insert a message; where its bytes are there already, count the copy and keep the earliest receipt,
    with its place and origin, so that the order of projecting leaves no trace.
    """
    table = tables.message
    insert: Any = (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)
    new = insert.excluded
    order = ("received_at", "stream", "segment", "position")
    earlier = tuple_(*(new[name] for name in order)) < tuple_(*(table.c[name] for name in order))
    kept: dict[str, Any] = {
        name: case((earlier, new[name]), else_=table.c[name]) for name in (*order, "origin")
    }
    last, known = new.last_received_at, table.c.last_received_at
    kept |= {"copies": table.c.copies + 1, "last_received_at": case((last > known, last), else_=known)}
    return insert.on_conflict_do_update(index_elements=["journal_id"], set_=kept)  # type: ignore[no-any-return]
