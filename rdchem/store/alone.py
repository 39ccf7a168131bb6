"""One at a time: of all processes that do a named thing to one installation, only one is at work.

Airflow's `max_active_runs` counts scheduled runs of one DAG; a manual run, a backfill, a cleared task and
somebody at the command line come on top of it, and may sit on other machines. So the lock is where the data
are: an advisory lock of PostgreSQL, held by a connection and gone with it; for SQLite, which belongs to one
machine anyway, a locked file. Either way a dead holder holds nobody up.
"""

import fcntl
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Engine, text


@contextmanager
def alone(engine: Engine, folder: Path, name: str) -> Iterator[None]:
    """Wait until nobody else does what `name` names, then do it; `folder` holds SQLite's lock files."""
    digest = hashlib.sha256(name.encode()).digest()
    if engine.dialect.name == "postgresql":
        number = int.from_bytes(digest[:8], "big", signed=True)
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("SELECT pg_advisory_lock(:number)"), {"number": number})
            try:
                yield
            finally:
                connection.execute(text("SELECT pg_advisory_unlock(:number)"), {"number": number})
        return
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f"{digest[:8].hex()}.lock").open("ab") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # released when the file is closed
        yield
