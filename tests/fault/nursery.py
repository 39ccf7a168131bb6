"""A process that has everything imported and forks others on demand, so that a kill costs milliseconds.

Commands on standard input, one a line, JSON; each is answered with a line: `{"start": {settings}}` with the
process id of a listener, `{"project": {settings}}` with that of a process projecting the journal,
`{"wait": id}` with how that one ended. What they say goes to a log.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]


class Nursery:
    """The other end of the pipe. `prefix` runs it elsewhere (`ip netns exec …`)."""

    def __init__(self, log: Path, prefix: tuple[str, ...] = ()) -> None:
        self.log = log
        command = [*prefix, sys.executable, "-m", "tests.fault.nursery", str(log)]
        self._process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
        )

    def start(self, what: str, **settings: Any) -> int:
        """Fork a process; returns its id."""
        assert self._process.stdin and self._process.stdout
        print(
            json.dumps({what: {name: str(value) for name, value in settings.items()}}),
            file=self._process.stdin,
        )
        return int(self._process.stdout.readline())

    def wait(self, pid: int) -> int:
        """Wait for a forked process to end; its exit code, or minus the signal."""
        assert self._process.stdin and self._process.stdout
        print(json.dumps({"wait": pid}), file=self._process.stdin)
        return int(self._process.stdout.readline())

    def kill(self, pid: int, number: int = signal.SIGKILL) -> int:
        """Send a signal and wait for the end."""
        os.kill(pid, number)
        return self.wait(pid)

    def close(self) -> None:
        """No more of them."""
        assert self._process.stdin and self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()


@contextmanager
def nursery(log: Path, prefix: tuple[str, ...] = ()) -> Iterator[Nursery]:
    """A nursery that is closed at the end."""
    opened = Nursery(log, prefix)
    try:
        yield opened
    finally:
        opened.close()


def ready_file(home: Path, pid: int) -> Path:
    """Made by a listener once its subscription stands."""
    return home.parent / f"ready-{pid}"


def await_ready(home: Path, pid: int, patience_s: float = 60.0) -> int:
    """Wait until a listener's subscription stands; returns its id."""
    end = time.monotonic() + patience_s
    while not ready_file(home, pid).exists():
        assert time.monotonic() < end, f"no listener listens for {home}"
        time.sleep(0.02)
    return pid


def listen(settings: Any) -> None:
    """What `rdchem ingest` does. SIGUSR1 sets this process's clock back an hour."""
    import time_machine

    from rdchem import intake

    def back(*_: object) -> None:
        from datetime import UTC, datetime, timedelta

        time_machine.travel(datetime.now(UTC) - timedelta(hours=1), tick=True).start()

    signal.signal(signal.SIGUSR1, back)
    intake.ingest(settings, replay=False, on_ready=lambda: ready_file(settings.home, os.getpid()).touch())


def project(settings: Any) -> None:
    """Project and rebuild, over and over."""
    from rdchem import intake
    from rdchem.rebuild import rebuild

    intake._SEGMENTS_A_RUN = 3
    while True:
        intake.project_all(settings)
        rebuild(settings)


def _child(what: str, given: dict[str, str], log: str) -> None:
    from rdchem.errors import RdchemError
    from rdchem.settings import Settings

    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(file, 2), os.dup2(file, 1)
    code = 0
    try:
        {"start": listen, "project": project}[what](Settings(**given))  # type: ignore[arg-type]
    except RdchemError as error:
        sys.stderr.write(f"错误:{error}\n")
        code = error.exit_code
    except BaseException:  # noqa: BLE001 - the parent hears of it by the exit code
        traceback.print_exc()
        code = 70
    sys.stderr.flush()
    os._exit(code)


def _answer(number: int) -> None:
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until standard input ends; then end what still runs."""
    import structlog

    import rdchem.intake
    import rdchem.rebuild  # noqa: F401 - imported once, for every child

    structlog.configure(logger_factory=lambda *_: structlog.PrintLogger(sys.stderr))
    running: set[int] = set()
    for line in sys.stdin:
        [(what, given)] = json.loads(line).items()
        if what == "wait":
            _, status = os.waitpid(given, 0)
            running.discard(given)
            _answer(os.waitstatus_to_exitcode(status))
            continue
        pid = os.fork()
        if pid == 0:
            _child(what, given, sys.argv[1])
        running.add(pid)
        _answer(pid)
    for pid in running:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


if __name__ == "__main__":
    main()
