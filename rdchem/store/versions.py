"""Messages that came with another content under an identity used before."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, case, func, select

from rdchem.messages import KINDS
from rdchem.store import tables
from rdchem.versions import ChangedVersion, Said, changed_versions

_IDENTITY: Final = ("kind", "company_code", "subject", "seq")
_SAID: Final = (*_IDENTITY, "received_at", "journal_id", "origin", "statement")


def changed(connection: Connection, *, since: datetime, as_of: datetime) -> list[ChangedVersion]:
    """The changed versions received in [since, as_of], by identity; see `rdchem.versions`.

    The kinds are named, and the time is asked of in the count, so that each step goes by its own index: a
    year's messages are not gone through for one day's.
    """
    table = tables.message.c
    late = (
        select(*(table[name] for name in _IDENTITY))
        .where(table.kind.in_(KINDS), table.received_at.between(since, as_of), table.seq.is_not(None))
        .distinct()
        .cte()
    )
    known_by_then = case((table.received_at <= as_of, table.statement))
    contradicted = (
        select(*(late.c[name] for name in _IDENTITY))
        .join_from(late, tables.message, _same(late.c, table))
        .group_by(*(late.c[name] for name in _IDENTITY))
        .having(func.count(known_by_then.distinct()) > 1)
        .cte()
    )
    rows = select(*(table[name] for name in _SAID)).join_from(
        contradicted, tables.message, _same(contradicted.c, table)
    )
    return changed_versions([Said(*row) for row in connection.execute(rows)], since=since, as_of=as_of)


def _same(one: Any, other: Any) -> ColumnElement[bool]:
    return and_(*(one[name] == other[name] for name in _IDENTITY))
