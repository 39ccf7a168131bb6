"""`make mutants`: does some test notice when a rule, the judge, the calendar or the limits are changed?

mutmut makes the mutants (of what: pyproject.toml). Its own runner starts pytest for each of thousands, hours;
here they are tried by a pytest that has collected the tests once, each mutant in a forked
child that runs the tests nearest to its module first and ends with the first failure. What no test noticed is
listed in mutants/survivors.txt; `python -m mutmut show NAME` shows it.
"""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest

TESTS: Final = (
    "test_rules",
    "test_judge",
    "test_limits",
    "test_rulebook",
    "test_announcement",
    "test_fitness",
)
_NOT_OF_BEHAVIOUR: Final = ("every_class_of_mismatch", "worlds_faults", "order_of_its_permits")
"""Tests that read the source, and two that would run every case for every mutant."""
_PATIENCE_S: Final = 120


def main(arguments: list[str]) -> int:
    """Make the mutants of what was named (all by default), run them; 1 if one survived."""
    shutil.rmtree("mutants", ignore_errors=True)
    _make_mutants()
    tests = [f"tests/{name}.py" for name in TESTS if Path(f"tests/{name}.py").exists()]
    options = ["-q", "-p", "no:cacheprovider", "-p", "tests.mutants", "-W", "default"]
    environment = os.environ | {"PYTHONPATH": ".", "RDCHEM_MUTANTS": " ".join(arguments) or "rdchem."}
    command = [sys.executable, "-m", "pytest", *options, *tests]
    return subprocess.run(command, cwd="mutants", env=environment, check=False).returncode


def _make_mutants() -> None:
    from mutmut.__main__ import copy_also_copy_files, copy_src_dir, create_mutants

    Path("mutants").mkdir()
    os.environ["MUTANT_UNDER_TEST"] = "mutant_generation"
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(1)
    os.environ["MUTANT_UNDER_TEST"] = ""


def pytest_runtestloop(session: pytest.Session) -> bool:
    """Instead of running the tests once, run them for each mutant until one fails."""
    wanted = os.environ["RDCHEM_MUTANTS"].split()
    names = [name for name in _names() if any(name.startswith(prefix) for prefix in wanted)]
    items = [one for one in session.items if not any(word in one.nodeid for word in _NOT_OF_BEHAVIOUR)]
    if not _killed_by("", items, session) == "":
        raise pytest.UsageError("测试在未变异的代码上就失败")
    found: dict[str, str] = {}
    begun = time.monotonic()
    gc.freeze()  # what the children share stays shared
    with (
        Path("survivors.txt").open("w", encoding="utf-8") as survivors,
        ThreadPoolExecutor(len(os.sched_getaffinity(0))) as watchers,
    ):
        killers = watchers.map(lambda name: _killed_by(name, _nearest_first(items, name), session), names)
        for number, (name, killer) in enumerate(zip(names, killers, strict=True), start=1):
            found[name] = killer
            if not killer:
                survivors.write(f"{name}\n")
                survivors.flush()
            if number % 100 == 0:
                _say(f"{number}/{len(names)}: {list(found.values()).count('')} survived")
    left = [name for name, killer in found.items() if not killer]
    share = 100 * (len(names) - len(left)) / max(1, len(names))
    _say(f"{len(names)} mutants, {len(left)} survived, score {share:.1f} %, {time.monotonic() - begun:.0f} s")
    session.testsfailed = len(left)
    return True


def _names() -> list[str]:
    """Every mutant mutmut made, as it calls them."""
    names: list[str] = []
    for file in sorted(Path("rdchem").rglob("*.meta")):
        known = json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
        names += [name.replace("__init__.", "") for name in known]
    return names


def _nearest_first(items: Iterable[pytest.Item], name: str) -> list[pytest.Item]:
    """A rule is seen by its own cases; whatever else by the tests named after it, then by those of the rules,
    which are quick, then by the rest.
    """
    module = name.rpartition(".")[0]
    if module.startswith("rdchem.rules."):
        own = [one for one in items if _is_about(one, module.removeprefix("rdchem.rules."))]
        return sorted(own, key=lambda one: "word_for_word" not in one.nodeid)  # one test sees nearly all
    last = module.rpartition(".")[2]
    own = {"announcement": "announced_by_deadline", "calendar": "limits"}.get(last, f"test_{last}")
    return sorted(items, key=lambda one: (own not in one.nodeid, "test_rules" not in one.nodeid))


def _is_about(item: pytest.Item, rule: str) -> bool:
    case: Any = getattr(item, "callspec", None)
    case = case.params.get("case") if case else None
    return rule in item.nodeid or (case is not None and case.rule == rule)


def _killed_by(name: str, items: Iterable[pytest.Item], session: pytest.Session) -> str:
    """The test that noticed a mutant, "" if none did."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.environ["MUTANT_UNDER_TEST"] = name
        signal.alarm(_PATIENCE_S)
        _run_until_one_fails(items, write, session)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        killer = told.read()
    _, status = os.waitpid(child, 0)
    return killer or ("" if status == 0 else f"ended with {status}")


def _run_until_one_fails(items: Iterable[pytest.Item], write: int, session: pytest.Session) -> None:
    class Watch:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                os.write(write, report.nodeid.encode()[:500])
                os._exit(0)

    session.config.pluginmanager.unregister(name="terminalreporter")
    session.config.pluginmanager.register(Watch())
    for item in items:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)


def _say(text: str) -> None:
    with Path("progress.txt").open("a", encoding="utf-8") as progress:
        progress.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
