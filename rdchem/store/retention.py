"""Retention in the projections: what a rule says may go, what stays all the same, and what is gone.

A message goes with its last copy, so its row is deleted once and never has to be found anew among later ones.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select

from rdchem import fitness
from rdchem.kept import Rule
from rdchem.model.outcome import Reason
from rdchem.projection import STANDING_KINDS, STATUS_KINDS, Place
from rdchem.removals import Run
from rdchem.segment import FILE_ORIGIN, instant, microseconds
from rdchem.store import readings_files, tables
from rdchem.store.readings import READINGS_SCHEMA, as_text, stored

READINGS: Final = "retention_readings"
PAPERS: Final = "retention_papers"
_AHEAD: Final = timedelta(days=31)
"""A paper may be received so long before the time it speaks of."""


@dataclass(frozen=True, slots=True)
class Staying:
    """Of what is old enough to go: the messages and places some row that stays was made from, and when the
    files were received that rows that stay came in.
    """

    journal_ids: frozenset[str]
    places: frozenset[Place]
    files_us: frozenset[int]


def staying(connection: Connection, rules: Mapping[str, Rule]) -> Staying:
    """What stays though by its age it might go: what came again since, what stands until something else is
    said, what was not understood, and what was made of a row of a file at its second reading.
    """
    message, aside = tables.message, tables.quarantine
    old = or_(
        and_(
            message.c.kind.in_(STATUS_KINDS) | message.c.origin.startswith(FILE_ORIGIN),
            message.c.received_at < rules[READINGS].before,
        ),
        message.c.received_at < rules[PAPERS].before,
    )
    columns = [message.c[name] for name in ("journal_id", "stream", "segment", "position", "origin")]
    rows = list(
        connection.execute(select(*columns, message.c.received_at).where(old, ~_expired(rules))).all()
    )
    kept_aside = select(aside.c.stream, aside.c.segment, aside.c.position).where(
        aside.c.received_at < rules[READINGS].before, aside.c.received_at >= rules[PAPERS].before
    )
    places = {Place(row.stream, row.segment, row.position) for row in rows}
    places |= {Place(*row) for row in connection.execute(kept_aside)}
    return Staying(
        frozenset(row.journal_id for row in rows),
        frozenset(places),
        frozenset(microseconds(row.received_at) for row in rows if row.origin.startswith(FILE_ORIGIN)),
    )


def apply(connection: Connection, folder: Path, run: Run) -> None:
    """Do to the projections what was done to the journal."""
    rules = {rule.name: rule for rule in run.rules}
    connection.execute(delete(tables.message).where(_expired(rules)))
    aside = tables.quarantine
    connection.execute(delete(aside).where(aside.c.received_at < rules[PAPERS].before))
    _thin_out(connection, folder, rules[READINGS].before)
    names = ("title", "days", "source", "day", "before")
    rows = [{"rule": rule.name} | {name: getattr(rule, name) for name in names} for rule in run.rules]
    for row in rows:
        same = (tables.removal.c.rule == row["rule"]) & (tables.removal.c.before == row["before"])
        connection.execute(delete(tables.removal).where(same))
    connection.execute(tables.removal.insert(), rows)


def removed_of(connection: Connection, *, start: datetime, since: datetime) -> dict[str, Reason]:
    """Kind -> why it is not known any more what was said in it.

    Of a day that begins at `start`; readings are looked at since `since`.
    """
    readings = removed(connection, since).get(READINGS)
    return fitness.removed(readings, removed(connection, start - _AHEAD).get(PAPERS))


def removed(connection: Connection, since: datetime) -> dict[str, Rule]:
    """Name of a rule -> the latest that removed anything received at or after an instant."""
    table = tables.removal
    rows = connection.execute(select(table).where(table.c.before > since).order_by(table.c.before)).mappings()
    return {
        row["rule"]: Rule(
            name=row["rule"],
            title=row["title"],
            days=row["days"],
            source=row["source"],
            day=row["day"],
            before=row["before"],
        )
        for row in rows
    }


def _expired(rules: Mapping[str, Rule]) -> ColumnElement[bool]:
    """Messages a rule lets go, their last copy too."""
    table = tables.message
    status = table.c.kind.in_(STATUS_KINDS)
    return and_(
        table.c.kind.not_in(STANDING_KINDS),
        or_(
            and_(status, table.c.last_received_at < rules[READINGS].before),
            table.c.last_received_at < rules[PAPERS].before,
        ),
    )


def _thin_out(connection: Connection, folder: Path, before: datetime) -> None:
    """Readings files without what was received before an instant, but for what stays all the same."""
    message, file = tables.message, tables.readings_file
    staying = select(message.c.journal_id).where(message.c.kind == "readings", message.c.received_at < before)
    ids = pa.array(list(connection.execute(staying).scalars()), pa.string())
    old = select(file.c.path, file.c.rows).where(file.c.first_received_at < before).order_by(file.c.path)
    for name, count in connection.execute(old).all():
        left = _left(folder / name, before, ids)
        if len(left) < count:
            made = [_written(folder, left)] if len(left) else []
            readings_files.replace(connection, [name], made)


def _left(path: Path, before: datetime, ids: pa.Array) -> pa.Table:
    parts = []
    for table in stored(path, READINGS_SCHEMA.names):
        new = pc.greater_equal(table["received_us"], microseconds(before))
        parts.append(as_text(table.filter(pc.or_(new, pc.is_in(table["journal_id"], ids)))))
    return pa.concat_tables(parts)


def _written(folder: Path, left: pa.Table) -> dict[str, Any]:
    draft = folder / "retention.part"
    pq.write_table(left, draft, compression="zstd")
    name = f"rest-{hashlib.sha256(draft.read_bytes()).hexdigest()[:24]}.parquet"
    draft.rename(folder / name)
    span = pc.min_max(left["received_us"]).as_py()
    return {
        "path": name,
        "rows": len(left),
        "first_received_at": instant(span["min"]),
        "last_received_at": instant(span["max"]),
    }
