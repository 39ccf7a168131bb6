"""Airflow's four services as processes on loopback, with a private home: for `make up` and tests.

Everything is said by environment variables, so that nothing of the caller's own Airflow leaks in. On SQLite
all of it is one machine's; with the URL of a PostgreSQL database it is what an installation runs.
"""

import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Final
from urllib.error import URLError
from urllib.request import Request, urlopen

import psutil

from sensors_sim.broker import LOOPBACK, free_port
from sensors_sim.parts import ROOT, PartFailedError

SERVICES: Final = ("api-server", "dag-processor", "triggerer", "scheduler")
_PATIENCE_S: Final = 180.0
_Environment = dict[str, str]


def airflow_environment(home: Path, port: int, database_url: str = "") -> _Environment:
    """The variables of a private Airflow on loopback: no examples, no login, Chinese time, local executor."""
    database = database_url or f"sqlite:///{home.resolve() / 'airflow.db'}"
    values = {
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__EXECUTOR": "dags.warm.WarmLocalExecutor",
        "CORE__PARALLELISM": "8",
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__DEFAULT_TIMEZONE": "Asia/Shanghai",
        "CORE__EXECUTION_API_SERVER_URL": f"http://{LOOPBACK}:{port}/execution/",
        "CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "True",
        "CORE__FERNET_KEY": "",
        "API__HOST": LOOPBACK,
        "API__PORT": str(port),
        "API__BASE_URL": f"http://{LOOPBACK}:{port}",
        "API__SECRET_KEY": secrets.token_hex(16),
        "API_AUTH__JWT_SECRET": secrets.token_hex(32),
        "DATABASE__SQL_ALCHEMY_CONN": database,
        "DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "60",
        "LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "LOGGING__NAMESPACE_LEVELS": "py.warnings=ERROR",
        "USAGE_DATA_COLLECTION__ENABLED": "False",
    }
    if database_url:  # psycopg speaks both ways; left to itself Airflow would look for asyncpg
        values["DATABASE__SQL_ALCHEMY_CONN_ASYNC"] = database_url
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW_")}
    ours = {f"AIRFLOW__{name}": value for name, value in values.items()}
    # A folder on the path, because tasks import `dags.…` and `rdchem` whatever directory they run in.
    return inherited | ours | {"AIRFLOW_HOME": str(home.resolve()), "PYTHONPATH": str(ROOT)}


class Airflow:
    """The services, each in a process group of its own; a context manager ends them, whatever happens."""

    def __init__(self, home: Path, environment: Mapping[str, str], cwd: Path = ROOT) -> None:
        self.home, self.cwd = home, cwd
        self.environment = dict(environment)
        self.port = int(environment["AIRFLOW__API__PORT"])
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._token = ""

    def __enter__(self) -> "Airflow":
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            self.command("db", "migrate")
            for service in SERVICES:
                self.start(service)
                if service == "api-server":  # a task that starts before it answers would fail for want of it
                    self._wait(self._answers)
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def start(self, service: str) -> None:
        """Start one service."""
        with self.log(service).open("ab") as log:
            self.processes[service] = subprocess.Popen(
                [sys.executable, "-m", "airflow", service],
                cwd=self.cwd,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def log(self, service: str) -> Path:
        """Where a service writes."""
        return self.home / f"{service}.log"

    def command(self, *arguments: str) -> str:
        """`airflow …`; what it printed. Raises PartFailedError."""
        done = subprocess.run(
            [sys.executable, "-m", "airflow", *arguments],
            cwd=self.cwd,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise PartFailedError(
                f"airflow {' '.join(arguments)} 失败:{done.stderr[-2000:]}{done.stdout[-500:]}"
            )
        return done.stdout

    def wait_until_ready(self, dags: int) -> None:
        """Return once the interface answers, all parts are healthy and so many DAGs are known."""
        self._wait(lambda: self._is_ready(dags))

    def _wait(self, what: Callable[[], bool]) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not what():
            for service, process in self.processes.items():
                if process.poll() is not None:
                    tail = self.log(service).read_text(errors="replace")[-2000:]
                    raise PartFailedError(f"Airflow 的 {service} 结束了({process.returncode}):{tail}")
            if time.monotonic() > end:
                raise PartFailedError(f"Airflow 没有在 {_PATIENCE_S:.0f} 秒内就绪,日志见 {self.home}")
            time.sleep(0.3)

    def get(self, path: str) -> Any:
        """An answer of Airflow's own interface: `dags`, `dags/rdchem_morning/dagRuns` …"""
        return self._ask("GET", path, None)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Ask something of it."""
        return self._ask("POST", path, body)

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something of it."""
        return self._ask("PATCH", path, body)

    def kill(self, service: str) -> None:
        """Take a service and all it started away without a word."""
        process = self.processes.pop(service)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """End all services in order, the stubborn ones without ceremony, and tasks they leave at work."""
        tasks = [child for one in self.processes.values() for child in _children(one.pid)]
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
        end = time.monotonic() + 10
        for process in self.processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, end - time.monotonic()))
            _end_group(process.pid)
            process.wait()
        for task in tasks:
            with suppress(psutil.NoSuchProcess):
                task.kill()
        self.processes.clear()

    def _is_ready(self, dags: int) -> bool:
        try:
            health = self._ask("GET", "monitor/health", None)
            parts = ("metadatabase", "scheduler", "dag_processor", "triggerer")
            healthy = all(health[part]["status"] == "healthy" for part in parts)
            return healthy and self.get("dags")["total_entries"] >= dags
        except (URLError, OSError, KeyError):
            return False

    def _answers(self) -> bool:
        try:
            return bool(self._call("GET", "/api/v2/version", None))
        except (URLError, OSError):
            return False

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        if not self._token:
            self._token = self._call("GET", "/auth/token", None)["access_token"]
        return self._call(method, f"/api/v2/{path}", body)

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        if self._token:
            headers["Authorization"] = f"Bearer {self._token}"
        request = Request(f"http://{LOOPBACK}:{self.port}{path}", data, headers, method=method)
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            return json.loads(answer.read())


def _children(pid: int) -> list[psutil.Process]:
    """All that a process started, directly or not: a task at work leads a group of its own."""
    with suppress(psutil.NoSuchProcess):
        return psutil.Process(pid).children(recursive=True)
    return []


def _end_group(leader: int) -> None:
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
