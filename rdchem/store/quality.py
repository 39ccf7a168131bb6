"""What the data-quality checks said: offending rows and scores, a partition for each day and as-of."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, select, tuple_

from rdchem.model.outcome import Severity
from rdchem.model.quality import Checked, Dimension, QualityFailure, QualityScore
from rdchem.store import tables
from rdchem.store.verdicts import encode


def replace(connection: Connection, day: date, as_of: datetime, checked: Checked) -> None:
    """Keep the offending rows and scores of a day's checks, and that the checks ran."""
    where = {"day": day, "as_of": as_of}
    for table in (tables.quality_failure, tables.quality_run):
        connection.execute(delete(table).where(table.c.day == day, table.c.as_of == as_of))
    run = {**where, "failures": len(checked.failures), "scores": encode(checked.scores)}
    connection.execute(tables.quality_run.insert().values(**run))
    failures = [
        {**where, "position": position, "finding": one.finding, **_row(one)}
        for position, one in enumerate(checked.failures)
    ]
    if failures:
        connection.execute(tables.quality_failure.insert(), failures)


def _row(one: QualityFailure) -> dict[str, Any]:
    """Its fields as they are; `asdict` would copy each of them."""
    return {name: getattr(one, name) for name in one.__slots__}


def checked(connection: Connection, day: date, as_of: datetime) -> Checked | None:
    """What the checks of a day said, in their order; None if they did not run."""
    run, table = tables.quality_run, tables.quality_failure
    of_run = select(run.c.scores).where(run.c.day == day, run.c.as_of == as_of)
    scores = connection.execute(of_run).scalar()
    if scores is None:
        return None
    of_day = select(table).where(table.c.day == day, table.c.as_of == as_of).order_by(table.c.position)
    failures = tuple(_failure(row) for row in connection.execute(of_day).mappings())
    return Checked(failures, tuple(_SCORES.decode(scores)))


def findings(connection: Connection, prefix: str) -> list[tuple[date, QualityFailure]]:
    """The newest offending row of every identity that starts with `prefix`, with its day."""
    table = tables.quality_failure
    found = select(table).where(table.c.finding.startswith(prefix, autoescape=True))
    ordered = found.order_by(table.c.finding, table.c.day, table.c.as_of, table.c.position)
    newest = {row["finding"]: (row["day"], _failure(row)) for row in connection.execute(ordered).mappings()}
    return list(newest.values())


def scores(connection: Connection, first: date, last: date) -> list[tuple[date, QualityScore]]:
    """The scores of each day from first to last on which checks ran, by the newest as-of of the day."""
    run = tables.quality_run
    newest = (
        select(run.c.day, func.max(run.c.as_of)).where(run.c.day.between(first, last)).group_by(run.c.day)
    )
    of_days = select(run.c.day, run.c.scores).where(tuple_(run.c.day, run.c.as_of).in_(newest))
    rows = connection.execute(of_days.order_by(run.c.day))
    return [(day, score) for day, scores in rows for score in _SCORES.decode(scores)]


_SCORES: Final = msgspec.json.Decoder(list[QualityScore])


def _failure(row: RowMapping) -> QualityFailure:
    values = {field.name: row[field.name] for field in fields(QualityFailure)}
    values |= {"severity": Severity(values["severity"]), "dimension": Dimension(values["dimension"])}
    return QualityFailure(**values)
