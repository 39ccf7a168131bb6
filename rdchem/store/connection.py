"""Opening the database: one URL, SQLite or PostgreSQL, brought to the current schema by alembic."""

import sqlite3
from contextlib import ExitStack
from importlib.resources import as_file, files
from typing import Final

from sqlalchemy import Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DatabaseError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry
from tenacity import Retrying, retry_if_exception, stop_after_delay, wait_fixed

from rdchem.errors import ConfigurationError, DatabaseUnavailableError

HEAD = "0010"
"""The newest migration; a test keeps it equal to alembic's own idea of the head."""

_ALONE: Final = {"postgresql": "SELECT pg_advisory_xact_lock(7341962)", "sqlite": "BEGIN IMMEDIATE"}
"""How a process starting together with others becomes the only one that migrates."""


def open_database(url: str) -> Engine:
    """An engine on a database that has the current tables.

    Raises ConfigurationError if it cannot be used, DatabaseUnavailableError if it may yet be.
    """
    try:
        engine = create_engine(make_url(url), pool_pre_ping=not url.startswith("sqlite"))
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigurationError(f"数据库地址无效:{error}。请检查 RDCHEM_DATABASE_URL。") from error
    if engine.dialect.name not in _ALONE:
        raise ConfigurationError(f"不支持 {engine.dialect.name} 数据库:请用 SQLite 或 PostgreSQL。")
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _tune_sqlite)
    with ExitStack() as on_failure:
        on_failure.callback(engine.dispose)
        try:
            if _revision(engine) != HEAD:
                _upgrade(engine)
        except DatabaseError as error:
            where = engine.url.difference_update_query(["password"]).render_as_string(hide_password=True)
            said = " ".join(str(error.orig).split())
            raise (DatabaseUnavailableError if isinstance(error, OperationalError) else ConfigurationError)(
                f"数据库 {where} 不可用:{said}。请确认它已启动且可访问。"
            ) from error
        on_failure.pop_all()
    return engine


def _tune_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA busy_timeout=30000")
    for attempt in Retrying(
        retry=retry_if_exception(_is_busy), wait=wait_fixed(0.05), stop=stop_after_delay(30), reraise=True
    ):
        with attempt:  # SQLite does not wait by itself where two turn a fresh file to WAL at once
            cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.close()


def _is_busy(error: BaseException) -> bool:
    return (
        isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    )


def _revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(engine: Engine) -> None:
    from alembic import command  # alembic is only needed when there is something to migrate
    from alembic.config import Config
    from alembic.util import CommandError

    with as_file(files("rdchem") / "migrations") as scripts, engine.begin() as connection:
        connection.execute(text(_ALONE[engine.dialect.name]))
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise ConfigurationError(f"数据库的表结构比本程序新:{error}。请升级 rdchem。") from error
