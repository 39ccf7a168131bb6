"""Opening the database: one URL, SQLite or PostgreSQL, brought to the current schema by alembic."""

from importlib.resources import as_file, files

from sqlalchemy import Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

from rdchem.errors import ConfigurationError

HEAD = "0001"
"""The newest migration; a test keeps it equal to alembic's own idea of the head."""


def open_database(url: str) -> Engine:
    """An engine on a database that has the current tables. Raises ConfigurationError if it cannot be used."""
    try:
        engine = create_engine(make_url(url), pool_pre_ping=not url.startswith("sqlite"))
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _tune_sqlite)
        if _revision(engine) != HEAD:
            _upgrade(engine)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise ConfigurationError(f"数据库地址无效:{error}。请检查 RDCHEM_DATABASE_URL。") from error
    except OperationalError as error:
        where = make_url(url).render_as_string(hide_password=True)
        raise ConfigurationError(f"连不上数据库 {where}:{error.orig}。请确认它已启动且可访问。") from error
    return engine


def _tune_sqlite(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _revision(engine: Engine) -> str | None:
    if not inspect(engine).has_table("alembic_version"):
        return None
    with engine.connect() as connection:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _upgrade(engine: Engine) -> None:
    from alembic import command  # alembic is only needed when there is something to migrate
    from alembic.config import Config

    with as_file(files("rdchem") / "migrations") as scripts, engine.begin() as connection:
        if engine.dialect.name == "postgresql":  # two processes starting together must not both migrate
            connection.execute(text("SELECT pg_advisory_xact_lock(7341962)"))
        config = Config()
        config.set_main_option("script_location", str(scripts).replace("%", "%%"))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
