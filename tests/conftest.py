"""Real servers for the tests: Mosquitto and PostgreSQL, on loopback or a socket, all temporary.

A missing program skips its tests with a reason; with RDCHEM_REQUIRE_ALL=1 (set by .ci/run) it fails them.
"""

import atexit
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NoReturn

import hypothesis
import pytest
from sqlalchemy import create_engine, text

TOGETHER = {
    "airflow": ("test_dags", "test_demo", "test_morning"),
    "great_expectations": ("test_quality", "test_quality_jobs"),
    **{
        name: (name,)
        for name in (
            "test_asof_properties",
            "test_deployed_broker",
            "test_hostile",
            "test_runners",
            "test_sensors_sim",
            "test_sensors_sim_files",
            "test_sensors_sim_replay",
            "test_store_parted",
        )
    },
}
"""Modules of which one process runs all tests: what takes long to start or to make is made once."""

DEPLOY = Path(__file__).resolve().parent.parent / "deploy"

# How long an example takes is a matter of the machine and of who else is at work on it, not of the code.
hypothesis.settings.register_profile("rdchem", deadline=None)
hypothesis.settings.load_profile("rdchem")

# Importing Airflow or Great Expectations anywhere must neither write to the home directory nor call home.
os.environ["AIRFLOW_HOME"] = tempfile.mkdtemp(prefix="rdchem-airflow-")
os.environ["GX_ANALYTICS_ENABLED"] = "false"
atexit.register(shutil.rmtree, os.environ["AIRFLOW_HOME"], ignore_errors=True)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Tests one by one to whichever process is free, those of TOGETHER to one. (`--dist loadgroup` would, but
    groups nothing any more from pytest 9.2 on: pytest-xdist issue 1386.)
    """
    from xdist.scheduler import LoadScopeScheduling

    group_of = {module: group for group, modules in TOGETHER.items() for module in modules}

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return group_of.get(Path(nodeid.partition("::")[0]).stem, nodeid)

    return Together(config, log)


def find_program(name: str, *places: str) -> str:
    """The path of a program, looked for on PATH and in further places (globs of folders)."""
    folders = [*(os.environ.get("PATH", "").split(os.pathsep)), "/usr/sbin", "/usr/local/sbin"]
    for pattern in places:
        folders += sorted((str(path) for path in Path("/").glob(pattern.lstrip("/"))), reverse=True)
    if path := shutil.which(name, path=os.pathsep.join(folders)):
        return path
    missing(f"程序 {name}")


def missing(what: str) -> NoReturn:
    """Skip the test for want of something, or fail it where nothing may be left out."""
    message = f"找不到{what}(Debian:见 .ci/run 中的软件包)"
    if os.environ.get("RDCHEM_REQUIRE_ALL") == "1":
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def free_port() -> int:
    """A loopback port nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Broker:
    """A Mosquitto with the limits of deploy/mosquitto, startable and stoppable; its data outlive a stop.

    Without a file of `passwords` everybody may do anything; with one, the deployed access rules hold.
    """

    folder: Path
    passwords: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers."""
        program = find_program("mosquitto")
        self.port = self.port or free_port()
        config = self.folder / "mosquitto.conf"
        config.write_text(self._config(), encoding="utf-8")
        with (self.folder / "mosquitto.log").open("ab") as log:
            self.process = subprocess.Popen([program, "-c", str(config)], stdout=log, stderr=log)
        wait_for_port(self.port, self.process, self.folder / "mosquitto.log")

    def stop(self) -> None:
        """Stop it as a machine going down would, with its data saved."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=20)
            self.process = None

    def kill(self) -> None:
        """Take it away without a word."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(timeout=20)
            self.process = None

    def _config(self) -> str:
        lines = []
        for line in (DEPLOY / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8").splitlines():
            if self.passwords is not None:
                line = line.replace("/mosquitto/secrets/passwords", str(self.passwords))
                line = line.replace("/mosquitto/config/acl", str(DEPLOY / "mosquitto" / "acl"))
            elif line.startswith(("password_file", "acl_file")):
                continue
            else:
                line = line.replace("allow_anonymous false", "allow_anonymous true")
            line = line.replace("listener 1883", f"listener {self.port} 127.0.0.1")
            lines.append(line.replace("/mosquitto/data/", f"{self.folder}/"))
        if os.geteuid() == 0:
            lines.append("user root")
        return "\n".join(lines) + "\n"


def wait_for_port(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until a server answers on loopback; fail with the end of its log if it ends or takes 15 s."""
    end = time.monotonic() + 15
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    process.kill()
    process.wait()
    pytest.fail(f"{log.stem} did not start: {log.read_text(errors='replace')[-2000:]}", pytrace=False)


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """A broker everybody may use, shared by all tests: use client ids and topics of your own."""
    broker = Broker(tmp_path_factory.mktemp("mosquitto"))
    broker.start()
    yield broker
    broker.stop()


@pytest.fixture
def own_mosquitto(tmp_path: Path) -> Iterator[Broker]:
    """A broker of this test alone, to be stopped, killed and started again."""
    broker = Broker(tmp_path)
    broker.start()
    yield broker
    broker.stop()


@dataclass(frozen=True)
class Cluster:
    """A running private PostgreSQL; `socket` is the folder of its Unix socket."""

    socket: Path

    def url(self, database: str) -> str:
        """The SQLAlchemy URL of one of its databases."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.socket}"

    def execute(self, statement: str) -> None:
        """Run one statement that may not run inside a transaction."""
        engine = create_engine(self.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A private cluster on a Unix socket only. PostgreSQL refuses root, so root lends it a user."""
    initdb = find_program("initdb", "/usr/lib/postgresql/*/bin")
    pg_ctl = find_program("pg_ctl", "/usr/lib/postgresql/*/bin")
    folder = Path(tempfile.mkdtemp(prefix="rdpg-"))  # short: a socket's path has at most 107 bytes
    owner: dict[str, object] = {}
    if os.geteuid() == 0:
        names = {user.pw_name for user in pwd.getpwall()}
        user = pwd.getpwnam("postgres" if "postgres" in names else "nobody")
        os.chown(folder, user.pw_uid, user.pw_gid)
        owner = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    data = folder / "data"
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c fsync=off"
    make = [
        initdb,
        "-D",
        data,
        "-U",
        "postgres",
        "--auth=trust",
        "-E",
        "UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
    ]
    start = [pg_ctl, "-D", data, "-l", folder / "log", "-w", "-o", options, "start"]
    stop = [pg_ctl, "-D", data, "-m", "immediate", "-w", "stop"]
    quiet = {"stdout": subprocess.DEVNULL, "cwd": folder, "check": True, **owner}
    try:
        subprocess.run(make, **quiet)  # type: ignore[call-overload]
        subprocess.run(start, **quiet)  # type: ignore[call-overload]
        yield Cluster(folder)
        subprocess.run(stop, **quiet)  # type: ignore[call-overload]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


_NUMBERS = count(1)


@pytest.fixture
def postgresql_url(postgresql_cluster: Cluster) -> Iterator[str]:
    """A fresh, empty PostgreSQL database for one test."""
    name = f"test_{next(_NUMBERS)}"
    postgresql_cluster.execute(f"CREATE DATABASE {name}")
    yield postgresql_cluster.url(name)
    postgresql_cluster.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A fresh, empty database: the test runs once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'test.db'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url
