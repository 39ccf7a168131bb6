"""What sweeps remember: enterprises under watch, outages, what changed, and when it was swept."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, select, update

from rdchem.model.outage import Cause, Explained, Outage, StateChange
from rdchem.store import tables

_MANY = 500
"""Values in one IN list: SQLite and PostgreSQL take far more, but not any number."""


def last_sweep(connection: Connection) -> RowMapping | None:
    """The newest sweep, or None before the first."""
    table = tables.sweep
    return connection.execute(select(table).order_by(table.c.as_of.desc()).limit(1)).mappings().first()


def add_sweep(connection: Connection, as_of: datetime, heard: str, **counts: int) -> None:
    """Enter a sweep."""
    connection.execute(tables.sweep.insert().values(as_of=as_of, heard=heard, **counts))


def due(connection: Connection, as_of: datetime) -> set[str]:
    """Enterprises whose state time alone may have changed."""
    table = tables.watch
    return set(connection.execute(select(table.c.company_code).where(table.c.examine_at <= as_of)).scalars())


def watches(connection: Connection, codes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Code -> (credit code, what is remembered), of those under watch."""
    table = tables.watch
    found: dict[str, tuple[str, str]] = {}
    for some in _chunks(sorted(codes)):
        for row in connection.execute(select(table).where(table.c.company_code.in_(some))):
            found[row.company_code] = (row.credit_code, row.body)
    return found


def owners(connection: Connection, credit_codes: Iterable[str]) -> dict[str, str]:
    """Credit code -> the enterprise under watch that is registered with it."""
    table = tables.watch
    found: dict[str, str] = {}
    for some in _chunks(sorted(credit_codes)):
        wanted = select(table.c.credit_code, table.c.company_code).where(table.c.credit_code.in_(some))
        found.update({row[0]: row[1] for row in connection.execute(wanted)})
    return found


def replace_watches(connection: Connection, rows: Mapping[str, tuple[str, datetime | None, str]]) -> None:
    """Remember enterprises anew: code -> (credit code, when to examine it, body)."""
    table = tables.watch
    names = ("credit_code", "examine_at", "body")
    for some in _chunks(sorted(rows)):
        connection.execute(delete(table).where(table.c.company_code.in_(some)))
        values = [{"company_code": code, **dict(zip(names, rows[code], strict=True))} for code in some]
        connection.execute(table.insert(), values)


def outages(
    connection: Connection, *, ended_after: datetime, companies: Iterable[str]
) -> dict[str, list[Outage]]:
    """Company -> its outages that are open, not settled, or ended since an instant, oldest first."""
    table = tables.outage
    lately = table.c.until.is_(None) | ~table.c.settled | (table.c.until > ended_after)
    found: dict[str, list[Outage]] = {}
    for some in _chunks(sorted(companies)):
        wanted = select(table).where(table.c.company_code.in_(some), lately).order_by(table.c.found_at)
        for row in connection.execute(wanted).mappings():
            found.setdefault(row["company_code"], []).append(_outage(row))
    return found


def unsettled(connection: Connection, ended_before: datetime) -> set[str]:
    """Companies with an outage that came again and has stayed away since before an instant."""
    table = tables.outage
    wanted = select(table.c.company_code).where(~table.c.settled, table.c.until <= ended_before)
    return set(connection.execute(wanted).scalars())


def open_outages(connection: Connection) -> list[Outage]:
    """All that is silent as of the newest sweep."""
    table = tables.outage
    wanted = select(table).where(table.c.until.is_(None))
    ordered = wanted.order_by(table.c.company_code, table.c.cause, table.c.code)
    return [_outage(row) for row in connection.execute(ordered).mappings()]


def put_changes(connection: Connection, as_of: datetime, changes: Sequence[tuple[StateChange, str]]) -> None:
    """Record changes with their sentences, and the outages as they are now."""
    rows = []
    for position, (change, text) in enumerate(changes):
        one = change.outage
        _replace_outage(connection, one)
        rows.append(
            {
                "as_of": as_of,
                "position": position,
                "company_code": one.company_code,
                "kind": change.kind.value,
                "cause": one.cause.value,
                "code": one.code,
                "found_at": one.found_at,
                "sources": len(one.sources),
                "told": change.told,
                "text": text,
            }
        )
    if rows:
        connection.execute(tables.state_change.insert(), rows)


def changes_since(connection: Connection, after: datetime, until: datetime) -> list[RowMapping]:
    """What sweeps in (after, until] saw change, in order."""
    table = tables.state_change
    wanted = select(table).where(table.c.as_of > after, table.c.as_of <= until)
    return list(connection.execute(wanted.order_by(table.c.as_of, table.c.position)).mappings())


def _replace_outage(connection: Connection, one: Outage) -> None:
    table = tables.outage
    values: dict[str, Any] = {
        "since": one.since,
        "until": one.until,
        "explained": one.explained.value,
        "times": one.times,
        "announced": one.announced,
        "settled": one.settled,
        "sources": msgspec.json.encode(one.sources).decode(),
    }
    key = {"company_code": one.company_code, "cause": one.cause.value, "code": one.code}
    where = [table.c[name] == value for name, value in (key | {"found_at": one.found_at}).items()]
    if not connection.execute(update(table).where(*where).values(**values)).rowcount:
        connection.execute(table.insert().values(**key, found_at=one.found_at, **values))


def _outage(row: RowMapping) -> Outage:
    return Outage(
        company_code=row["company_code"],
        cause=Cause(row["cause"]),
        code=row["code"],
        sources=tuple(msgspec.json.decode(row["sources"])),
        since=row["since"],
        found_at=row["found_at"],
        explained=Explained(row["explained"]),
        times=row["times"],
        until=row["until"],
        announced=row["announced"],
        settled=row["settled"],
    )


def _chunks(codes: Sequence[str]) -> Iterable[Sequence[str]]:
    return (codes[start : start + _MANY] for start in range(0, len(codes), _MANY))
