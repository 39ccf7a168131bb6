"""The database: made and opened by whoever comes first, the same on SQLite and PostgreSQL."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from rdchem.errors import ConfigurationError
from rdchem.store import intake, quality
from rdchem.store.connection import HEAD, open_database
from rdchem.store.tables import metadata


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


def test_head_is_the_newest_migration() -> None:
    config = Config()
    config.set_main_option("script_location", str(files("rdchem") / "migrations"))
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_migrations_make_the_tables_the_code_knows(engine: Engine) -> None:
    assert {"alembic_version", *metadata.tables} == set(inspect(engine).get_table_names())
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_opening_again_changes_nothing(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO readings_file VALUES ('a', 1, 1, 1)"))
    again = open_database(database_url)
    with again.connect() as connection:
        assert connection.execute(text("SELECT path FROM readings_file")).scalars().all() == ["a"]
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalars().all() == [HEAD]
    again.dispose()


OLD_ROW = "INSERT INTO message VALUES ('j', 'register', 'C', 's', 0, 0, 0, 0, '', false, 's', 1, 0, 1, '{}')"


def downgrade(engine: Engine, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("rdchem") / "migrations"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)


def test_what_sweeps_remember_can_be_taken_away_and_put_back(engine: Engine, database_url: str) -> None:
    downgrade(engine, "0003")
    assert not {"watch", "sweep", "outage", "state_change"} & set(inspect(engine).get_table_names())
    again = open_database(database_url)
    with again.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    again.dispose()


def test_a_database_of_the_first_version_keeps_its_rows(database_url: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(files("rdchem") / "migrations"))
    old = create_engine(database_url)
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.execute(text(OLD_ROW))
    old.dispose()
    again = open_database(database_url)
    with again.connect() as connection:
        now = datetime(2099, 1, 1, tzinfo=UTC)
        assert [one.journal_id for one in intake.standing(connection, ["register"], as_of=now)] == ["j"]
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    again.dispose()


def test_every_migration_goes_down_and_up_again(engine: Engine, database_url: str) -> None:
    downgrade(engine, "base")
    assert inspect(engine).get_table_names() == ["alembic_version"]
    again = open_database(database_url)
    with again.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    again.dispose()


def test_the_ledger_keeps_its_squares_when_its_view_becomes_a_table_again(engine: Engine) -> None:
    body = '{"ledger": [{"enterprise": "C", "rule": "r", "outcome": "pass", "reason": null}]}'
    with engine.begin() as connection:
        put = text("INSERT INTO judgement (day, as_of, digest, body) VALUES ('2026-09-15', 7, 'd', :body)")
        connection.execute(put, {"body": body})
    squares = text("SELECT as_of, enterprise, rule, outcome, reason_code, reason_text FROM ledger")
    with engine.connect() as connection:
        shown = connection.execute(squares).all()
    assert shown == [(7, "C", "r", "pass", None, None)]
    downgrade(engine, "0007")
    with engine.connect() as connection:
        assert connection.execute(squares).all() == shown


def test_scores_are_kept_when_their_view_becomes_a_table_again_and_back(
    engine: Engine, database_url: str
) -> None:
    body = (
        '[{"asked": 9, "dimension": "validity", "enterprise": "C", "failed": 1, "table": "permits"},'
        '{"asked": 8, "dimension": "volume", "enterprise": "C", "failed": 0, "table": "permits"}]'
    )
    put = "INSERT INTO quality_run (day, as_of, failures, scores) VALUES ('2026-09-15', :as_of, 1, :body)"
    with engine.begin() as connection:
        connection.execute(text(put), [{"as_of": 7, "body": body}, {"as_of": 8, "body": "[]"}])
    scores = text('SELECT as_of, enterprise, "table", dimension, asked, failed FROM quality_score ORDER BY 4')
    with engine.connect() as connection:
        shown = connection.execute(scores).all()
        kept = quality.checked(connection, date(2026, 9, 15), datetime.fromtimestamp(7e-6, UTC))
    assert shown == [(7, "C", "permits", "validity", 9, 1), (7, "C", "permits", "volume", 8, 0)]
    downgrade(engine, "0009")
    with engine.connect() as connection:
        assert connection.execute(scores).all() == shown
    again = open_database(database_url)
    with again.connect() as connection:
        assert connection.execute(scores).all() == shown
        assert quality.checked(connection, date(2026, 9, 15), datetime.fromtimestamp(7e-6, UTC)) == kept
    again.dispose()


OPEN_EACH = """
import sys
from rdchem.store.connection import open_database
print("ready", flush=True)
for url in sys.stdin:
    engine = open_database(url.strip())
    engine.dispose()
    print("open", flush=True)
"""


def test_many_opening_a_fresh_database_at_once(database_url: str) -> None:
    openers = [
        subprocess.Popen(
            [sys.executable, "-c", OPEN_EACH], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(4)
    ]
    try:
        assert [answer(one) for one in openers] == ["ready"] * 4
        for number in range(6):
            url = database_url.replace("test.db", f"test{number}.db")
            for one in openers:
                assert one.stdin is not None
                one.stdin.write(f"{url}\n")
                one.stdin.flush()
            assert [answer(one) for one in openers] == ["open"] * 4
            forget(url)
    finally:
        for one in openers:
            one.communicate()


def answer(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def forget(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        for view in ("ledger", "quality_score"):
            connection.execute(text(f"DROP VIEW {view}"))
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))
    engine.dispose()


def test_a_database_of_a_newer_program_is_left_alone(engine: Engine, database_url: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConfigurationError, match=r"比本程序新.*升级"):
        open_database(database_url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == "9999"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://rdchem:s3cret@127.0.0.1:1/rdchem",
        "postgresql+psycopg://rdchem@127.0.0.1:1/rdchem?password=s3cret",
        "postgresql+psycopg://rdchem:s3cret@/rdchem?host=/nowhere",
    ],
)
def test_a_database_that_is_gone_is_said_in_a_sentence_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match=r"数据库 .*不可用.*请确认它已启动") as refused:
        open_database(url)
    assert "s3cret" not in str(refused.value)
    assert refused.value.exit_code == 3


@pytest.mark.parametrize(
    "url",
    [
        "",
        "rdchem.db",
        "oracle+none://u:s3cret@h/d",
        "foo://u:s3cret@h/d",
        "mysql://u:s3cret@h/d",
    ],
)
def test_an_address_that_is_none_is_said_in_a_sentence_without_its_password(url: str) -> None:
    with pytest.raises(ConfigurationError, match="数据库") as refused:
        open_database(url)
    assert "s3cret" not in str(refused.value)


def test_a_file_that_is_no_database_is_said_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("not a database at all, " * 100)
    with pytest.raises(ConfigurationError, match=r"notes\.db 不可用"):
        open_database(f"sqlite:///{tmp_path}/notes.db")
    with pytest.raises(ConfigurationError, match="不可用"):
        open_database(f"sqlite:///{tmp_path}/no/such/folder.db")


def test_a_database_that_denies_us_its_tables_is_said_in_a_sentence(postgresql_url: str) -> None:
    owner = create_engine(postgresql_url)
    with owner.begin() as connection:
        connection.execute(text("DROP ROLE IF EXISTS guest"))
        connection.execute(text("CREATE ROLE guest LOGIN"))
    owner.dispose()
    with pytest.raises(ConfigurationError, match="不可用"):
        open_database(postgresql_url.replace("postgres@", "guest@"))
