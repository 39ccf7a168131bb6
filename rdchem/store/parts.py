"""What a run judged of one group of enterprises, kept until it is gathered into the one verdict."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, func, select

from rdchem.store import tables
from rdchem.store.verdicts import digest, encode


def replace_part(
    connection: Connection,
    run: str,
    part: int,
    *,
    day: date,
    as_of: datetime,
    basis: str,
    document: Mapping[str, Any],
    shown: Any,
) -> None:
    """Keep a group's part of a run's verdict, in place of an earlier attempt."""
    table = tables.judgement_part
    key = digest(run)
    connection.execute(delete(table).where(table.c.run == key, table.c.part == part))
    row = {"run": key, "part": part, "day": day, "as_of": as_of, "basis": basis}
    row |= {"body": encode(document), "shown": encode(shown)}
    connection.execute(table.insert().values(**row))


def parts(connection: Connection, run: str, basis: str) -> dict[int, tuple[dict[str, Any], Sequence[Any]]]:
    """The parts of a run that rest on `basis`, by number: the document, and what is shown beside it."""
    table = tables.judgement_part
    wanted = select(table.c.part, table.c.body, table.c.shown)
    rows = connection.execute(wanted.where(table.c.run == digest(run), table.c.basis == basis))
    return {row.part: (msgspec.json.decode(row.body), msgspec.json.decode(row.shown or "[]")) for row in rows}


def drop_parts(connection: Connection, run: str) -> None:
    """Forget a run's parts: they are gathered."""
    table = tables.judgement_part
    connection.execute(delete(table).where(table.c.run == digest(run)))


def known_by(connection: Connection, as_of: datetime) -> list[tuple[str, int]]:
    """How far each stream is projected, of what was received by `as_of`: equal lists are equal knowledge."""
    table = tables.segment
    reached = select(table.c.stream, func.max(table.c.seq)).where(table.c.first_received_at <= as_of)
    return [
        (row[0], row[1]) for row in connection.execute(reached.group_by(table.c.stream).order_by("stream"))
    ]


def registered(connection: Connection, as_of: datetime) -> list[str]:
    """The codes of all enterprises that were registered by `as_of`, in order."""
    table = tables.message
    codes = select(table.c.company_code).where(table.c.kind == "register", table.c.received_at <= as_of)
    return list(connection.execute(codes.distinct().order_by(table.c.company_code)).scalars())
