"""Commands of rdchem and its simulator from a process that has imported them already: seconds sooner.

It is the same program with the same command line. For each command a child is forked, with environment,
folder and standard streams of its own; what Python settles when it starts (hash seed) cannot be asked for.
"""

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from importlib import import_module
from pathlib import Path
from typing import Any, Final

MODULES: Final = {"rdchem.cli": "rdchem.cli", "sensors_sim": "sensors_sim.cli"}
"""What is run as a program -> the module whose `main` it is."""
_TOO: Final = ("rdchem.jobs", "rdchem.quality_jobs", "rdchem.report_jobs", "rdchem.explain", "rdchem.quality")
_SETTLED_AT_START: Final = {"PYTHONHASHSEED", "COLUMNS"}


class Warm:
    """The process, started with its first command; one command at a time."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._busy = threading.Lock()

    def run(
        self, module: str, arguments: list[str], folder: Path, environment: dict[str, str], timeout: float
    ) -> "subprocess.CompletedProcess[str] | None":
        """As `subprocess.run` with its output captured as text; None where it must be started anew."""
        different = {name for name in _SETTLED_AT_START if environment.get(name) != os.environ.get(name)}
        if module not in MODULES or different or not self._busy.acquire(blocking=False):
            return None
        try:
            with tempfile.TemporaryDirectory() as place:
                streams = [Path(place, name) for name in ("out", "err")]
                asked = [module, arguments, str(folder), environment, [str(one) for one in streams]]
                code = self._ask(asked, timeout)
                told = [one.read_text(encoding="utf-8") for one in streams]
            return subprocess.CompletedProcess([module, *arguments], code, *told)
        finally:
            self._busy.release()

    def _ask(self, asked: list[Any], timeout: float) -> int:
        if self._process is None:
            pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
            root = Path(__file__).parent.parent
            self._process = subprocess.Popen([sys.executable, "-m", "tests.warm"], cwd=root, **pipes)
        process = self._process
        assert process.stdin and process.stdout
        patience = threading.Timer(timeout, process.kill)
        patience.start()
        try:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            answer = process.stdout.readline()
        finally:
            patience.cancel()
        if not answer:
            self._process = None
            raise subprocess.TimeoutExpired(asked[:2], timeout)
        return int(answer)


WARM: Final = Warm()


def main() -> None:
    """Serve until standard input ends: a line of JSON a command, its exit code a line."""
    for module in (*MODULES.values(), *_TOO):
        import_module(module)
    for line in sys.stdin.buffer:
        child = os.fork()
        if child == 0:
            os._exit(_command(*json.loads(line)))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        sys.stdout.write(f"{code}\n")
        sys.stdout.flush()


def _command(
    module: str, arguments: list[str], folder: str, environment: dict[str, str], streams: list[str]
) -> int:
    """The command in the child; its exit code."""
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)
    for number, name in enumerate([os.devnull, *streams]):
        os.dup2(os.open(name, os.O_RDWR | os.O_CREAT, 0o600), number)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8", closefd=False) for number, mode in enumerate("rww")
    )
    sys.argv = [module, *arguments]
    try:
        import_module(MODULES[module]).main()
        code: Any = 0
    except SystemExit as end:
        code = end.code
    except BaseException:  # noqa: BLE001 - as Python itself ends a program
        sys.excepthook(*sys.exc_info())
        code = 1
    if isinstance(code, str):
        sys.stderr.write(f"{code}\n")
    sys.stdout.flush()
    sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


if __name__ == "__main__":
    main()
