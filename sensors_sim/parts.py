"""The demo's parts: processes of their own with a log file each, and how much memory they take together."""

import subprocess
import sys
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Final

import psutil

from rdchem.errors import RdchemError

ROOT: Final = Path(__file__).resolve().parent.parent
_TAIL_LINES: Final = 15
_POLL_S: Final = 0.02
_SAMPLE_S: Final = 0.1


class PartFailedError(RdchemError):
    """A part of the demo ended, or did not begin, when it should have."""


def python(module: str, *arguments: str) -> list[str]:
    """The command that runs a Python module."""
    return [sys.executable, "-m", module, *arguments]


class Part:
    """A program run as a process: a context manager that ends it, whatever happens.

    What it says goes to standard output (read by `answer`) and to the log file (its standard error).
    """

    def __init__(self, name: str, command: list[str], environment: dict[str, str], logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.name = name
        self._log = logs / f"{name}.log"
        with self._log.open("wb") as complaints:
            self._process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )

    def wait_until_logged(self, word: str) -> None:
        """Return once the log holds a word. Raises PartFailedError if the part ends without it."""
        while word not in self._log.read_text(encoding="utf-8", errors="replace"):
            if self._process.poll() is not None:
                raise PartFailedError(
                    f"{self.name} 未能启动(退出码 {self._process.returncode}):{self._tail()}"
                )
            time.sleep(_POLL_S)

    def wait_until_said(self, word: str) -> None:
        """Return once a line of its output holds a word. Raises PartFailedError if it ends without it."""
        for line in self._process.stdout or ():
            if word in line:
                return
        raise PartFailedError(f"{self.name} 未能启动:{self._tail()}")

    def answer(self, said: str | None = None) -> str:
        """Tell it a line, if any, and wait for its end; what it wrote. Raises PartFailedError."""
        answer, _ = self._process.communicate(said)
        if self._process.returncode:
            raise PartFailedError(
                f"{self.name} 失败(退出码 {self._process.returncode}):{self._tail()}\n{answer[-2000:]}"
            )
        return answer

    def __enter__(self) -> "Part":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it in an orderly way, if it still runs."""
        if self._process.poll() is None:
            self._process.terminate()
        self._process.communicate()

    def _tail(self) -> str:
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        return f"\n…\n{chr(10).join(lines[-_TAIL_LINES:])}\n(全文见 {self._log})"


class PeakMemory:
    """The most memory this process and its children held together, sampled; shared pages count for each."""

    def __init__(self) -> None:
        self.peak_bytes = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._sample, name="peak-memory", daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _sample(self) -> None:
        me = psutil.Process()
        while not self._done.wait(_SAMPLE_S):
            self.peak_bytes = max(self.peak_bytes, sum(map(_resident, [me, *me.children(recursive=True)])))


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
