"""What was decided and sent: judgements, findings and their versions, notifications."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, RowMapping, delete, func, select, update

from rdchem.store import tables


def replace_judgement(
    connection: Connection, day: date, as_of: datetime, document: Mapping[str, Any], shown: Any = ()
) -> int:
    """Keep the verdict of a day as of an instant, in place of an earlier run of the same; returns the number
    of finding versions added. Findings keep their history: one that says something new adds a version.
    `shown`: what a report shows beside it, a line an enterprise.
    """
    body = encode(document)
    table = tables.judgement
    connection.execute(delete(table).where(table.c.day == day, table.c.as_of == as_of))
    row = {"day": day, "as_of": as_of, "digest": digest(body), "body": body, "shown": encode(shown)}
    connection.execute(table.insert().values(**row))
    return _add_finding_versions(connection, day, as_of, document["findings"])


def judgement(connection: Connection, day: date, as_of: datetime | None = None) -> dict[str, Any] | None:
    """The verdict of a day as of an instant, by default the newest as-of; None if there is none."""
    body = judgement_text(connection, day, as_of)
    return None if body is None else msgspec.json.decode(body)


def judgement_text(connection: Connection, day: date, as_of: datetime | None = None) -> str | None:
    """The same as its canonical text (see `encode`)."""
    table = tables.judgement
    wanted = select(table.c.body).where(table.c.day == day)
    if as_of is not None:
        wanted = wanted.where(table.c.as_of == as_of)
    return connection.execute(wanted.order_by(table.c.as_of.desc()).limit(1)).scalar()


def shown(connection: Connection, day: date, as_of: datetime) -> str:
    """What is kept to be shown beside a verdict: a list as JSON, of those enterprises it was kept for."""
    table = tables.judgement
    wanted = select(table.c.shown).where(table.c.day == day, table.c.as_of == as_of)
    return connection.execute(wanted).scalar() or "[]"


def findings_by_key(connection: Connection, prefix: str) -> list[tuple[date, dict[str, Any]]]:
    """What the newest as-of says of every finding whose key starts with `prefix`, with its day."""
    table = tables.finding
    rows = connection.execute(
        select(table.c.key, table.c.day, table.c.body)
        .where(table.c.key.startswith(prefix, autoescape=True))
        .order_by(table.c.key, table.c.as_of, table.c.version)
    )
    newest = {row.key: (row.day, row.body) for row in rows}
    return [(day, msgspec.json.decode(body)) for day, body in newest.values()]


def open_notification(
    connection: Connection, key: str, *, day: date, channel: str, title: str, now: datetime
) -> bool:
    """Record that something is to be sent, before it is; False if it was sent already."""
    table = tables.notification
    row = connection.execute(select(table.c.sent_at).where(table.c.key == key)).first()
    if row is None:
        connection.execute(
            table.insert().values(key=key, day=day, channel=channel, title=title, recorded_at=now, attempts=0)
        )
    return row is None or row.sent_at is None


def close_notification(connection: Connection, key: str, *, now: datetime, error: str | None) -> None:
    """Note an attempt: sent, or why not."""
    table = tables.notification
    changes: dict[str, Any] = {"attempts": table.c.attempts + 1, "error": error}
    if error is None:
        changes["sent_at"] = now
    connection.execute(update(table).where(table.c.key == key).values(**changes))


def notifications(connection: Connection, day: date) -> list[RowMapping]:
    """What was sent, or failed to be, about a day."""
    table = tables.notification
    wanted = select(table).where(table.c.day == day).order_by(table.c.recorded_at, table.c.key)
    return list(connection.execute(wanted).mappings())


def encode(document: Any) -> str:
    """Canonical JSON text: keys sorted, so that equal documents are equal bytes."""
    return msgspec.json.encode(document, order="sorted").decode()


def digest(body: str) -> str:
    """Fingerprint of a canonical document."""
    return hashlib.sha256(body.encode()).hexdigest()


def _add_finding_versions(
    connection: Connection, day: date, as_of: datetime, findings: Sequence[Mapping[str, Any]]
) -> int:
    """Add what differs from the version in force at `as_of`; those of a later as-of do not count for it."""
    table = tables.finding
    count: dict[str, int] = {}
    in_force: dict[str, str] = {}
    versions = select(table.c.key, table.c.version, table.c.as_of, table.c.digest).where(table.c.day == day)
    for row in connection.execute(versions.order_by(table.c.as_of, table.c.version)):
        count[row.key] = max(count.get(row.key, 0), row.version)
        if row.as_of <= as_of:
            in_force[row.key] = row.digest
    rows = []
    for finding in findings:
        key, body = finding["key"], encode(finding)
        if digest(body) != in_force.get(key):
            rows.append(
                {
                    "key": key,
                    "version": count.get(key, 0) + 1,
                    "day": day,
                    "as_of": as_of,
                    "rule": finding["rule"],
                    "enterprise": finding["enterprise"],
                    "digest": digest(body),
                    "body": body,
                }
            )
    if rows:
        connection.execute(table.insert(), rows)
    return len(rows)


def finding_versions(connection: Connection, day: date) -> int:
    """How many finding versions a day has."""
    table = tables.finding
    return int(connection.execute(select(func.count()).where(table.c.day == day)).scalar_one())
