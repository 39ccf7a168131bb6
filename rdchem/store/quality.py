"""What the data-quality checks said: offending rows and scores, a partition for each day and as-of."""

from dataclasses import fields
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import Connection, RowMapping, delete, func, select, tuple_

from rdchem.model.outcome import Severity
from rdchem.model.quality import Checked, Dimension, QualityFailure, QualityScore
from rdchem.store import tables


def replace(connection: Connection, day: date, as_of: datetime, checked: Checked) -> None:
    """Keep the offending rows and scores of a day's checks, and that the checks ran."""
    where = {"day": day, "as_of": as_of}
    for table in (tables.quality_failure, tables.quality_score, tables.quality_run):
        connection.execute(delete(table).where(table.c.day == day, table.c.as_of == as_of))
    connection.execute(tables.quality_run.insert().values(**where, failures=len(checked.failures)))
    failures = [
        {**where, "position": position, "finding": one.finding, **_row(one)}
        for position, one in enumerate(checked.failures)
    ]
    if failures:
        connection.execute(tables.quality_failure.insert(), failures)
    scores = [{**where, **_row(one)} for one in checked.scores]
    if scores:
        connection.execute(tables.quality_score.insert(), scores)


def _row(one: QualityFailure | QualityScore) -> dict[str, Any]:
    """Its fields as they are; `asdict` would copy each of them."""
    return {name: getattr(one, name) for name in one.__slots__}


def checked(connection: Connection, day: date, as_of: datetime) -> Checked | None:
    """What the checks of a day said, in their order; None if they did not run."""
    run = tables.quality_run
    ran = select(run.c.failures).where(run.c.day == day, run.c.as_of == as_of)
    if connection.execute(ran).first() is None:
        return None
    table, scored = tables.quality_failure, tables.quality_score
    of_day = (table.c.day == day, table.c.as_of == as_of)
    rows = connection.execute(select(table).where(*of_day).order_by(table.c.position)).mappings()
    failures = tuple(_failure(row) for row in rows)
    wanted = select(*_SCORED).where(scored.c.day == day, scored.c.as_of == as_of).order_by(*_SCORED[:3])
    return Checked(failures, tuple(_score(*row) for row in connection.execute(wanted)))


def findings(connection: Connection, prefix: str) -> list[tuple[date, QualityFailure]]:
    """The newest offending row of every identity that starts with `prefix`, with its day."""
    table = tables.quality_failure
    found = select(table).where(table.c.finding.startswith(prefix, autoescape=True))
    ordered = found.order_by(table.c.finding, table.c.day, table.c.as_of, table.c.position)
    newest = {row["finding"]: (row["day"], _failure(row)) for row in connection.execute(ordered).mappings()}
    return list(newest.values())


def scores(connection: Connection, first: date, last: date) -> list[tuple[date, QualityScore]]:
    """The scores of each day from first to last on which checks ran, by the newest as-of of the day."""
    table, run = tables.quality_score, tables.quality_run
    ran = run.c.day.between(first, last)
    newest = select(run.c.day, func.max(run.c.as_of)).where(ran).group_by(run.c.day)
    wanted = select(table.c.day, *_SCORED).where(tuple_(table.c.day, table.c.as_of).in_(newest))
    rows = connection.execute(wanted.order_by(table.c.day, *_SCORED[:3]))
    return [(day, _score(*row)) for day, *row in rows]


_SCORED: Final = tuple(tables.quality_score.c[field.name] for field in fields(QualityScore))


def _score(enterprise: str, table: str, dimension: str, asked: int, failed: int) -> QualityScore:
    return QualityScore(enterprise, table, Dimension(dimension), asked, failed)


def _failure(row: RowMapping) -> QualityFailure:
    values = {field.name: row[field.name] for field in fields(QualityFailure)}
    values |= {"severity": Severity(values["severity"]), "dimension": Dimension(values["dimension"])}
    return QualityFailure(**values)
