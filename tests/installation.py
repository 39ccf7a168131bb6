"""An installation of rdchem in a folder of its own, used through its command line as a person would."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.warm import WARM

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_S: Final = 300


@dataclass(frozen=True)
class Installation:
    """`run` and `simulate` start processes with this installation's settings."""

    home: Path
    database_url: str = ""
    journal_kind: str = "replay"
    more: dict[str, str] = field(default_factory=dict)

    @property
    def variables(self) -> dict[str, str]:
        """The RDCHEM_… settings."""
        return {
            "RDCHEM_HOME": str(self.home),
            "RDCHEM_DATABASE_URL": self.database_url,
            "RDCHEM_JOURNAL_KIND": self.journal_kind,
            **self.more,
        }

    @property
    def environment(self) -> dict[str, str]:
        """What a process of this installation is started with."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("RDCHEM_")}
        return inherited | self.variables

    def run(self, *arguments: str | Path, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """`rdchem …`; with `check`, anything but success fails the test."""
        return self._python("rdchem.cli", arguments, check)

    def simulate(self, *arguments: str | Path, check: bool = True) -> "subprocess.CompletedProcess[str]":
        """`python -m sensors_sim …`; with `check`, anything but success fails the test."""
        return self._python("sensors_sim", arguments, check)

    def judge(self, day: str, *arguments: str) -> dict[str, Any]:
        """The verdict document of a day, from `rdchem judge --format json`."""
        document: dict[str, Any] = json.loads(self.run("judge", day, "--format", "json", *arguments).stdout)
        return document

    def _python(
        self, module: str, arguments: tuple[str | Path, ...], check: bool
    ) -> "subprocess.CompletedProcess[str]":
        words = [str(one) for one in arguments]
        done = WARM.run(module, words, ROOT, self.environment, _PATIENCE_S) or subprocess.run(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=_PATIENCE_S,
        )
        if check and done.returncode:
            raise AssertionError(f"{module} {arguments} ended with {done.returncode}:\n{done.stderr[-4000:]}")
        return done
