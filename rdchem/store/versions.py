"""Messages that came with another content under an identity used before."""

from datetime import datetime

from sqlalchemy import Connection, exists, select

from rdchem.store import tables
from rdchem.versions import ChangedVersion, Said, changed_versions


def changed(connection: Connection, *, since: datetime, as_of: datetime) -> list[ChangedVersion]:
    """The changed versions received in [since, as_of], by identity; see `rdchem.versions`."""
    table, other = tables.message, tables.message.alias()
    same = [other.c[name] == table.c[name] for name in ("kind", "company_code", "subject", "seq")]
    contradicted = exists().where(*same, other.c.statement != table.c.statement, other.c.received_at <= as_of)
    late = table.c.received_at.between(since, as_of) & table.c.seq.is_not(None)
    found = select(*(table.c[name] for name in ("kind", "company_code", "subject", "seq")))
    said: list[Said] = []
    for identity in connection.execute(found.where(late, contradicted).distinct()):
        wanted = select(*(table.c[name] for name in _SAID)).where(
            table.c.kind == identity[0],
            table.c.company_code == identity[1],
            table.c.subject == identity[2],
            table.c.seq == identity[3],
        )
        said += [Said(*row) for row in connection.execute(wanted)]
    return changed_versions(said, since=since, as_of=as_of)


_SAID = ("kind", "company_code", "subject", "seq", "received_at", "journal_id", "origin", "statement")
