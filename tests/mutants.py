"""`make mutants`: does some test notice when a rule, the judge, the calendar or the limits are changed?

mutmut makes the mutants (of what: pyproject.toml). Its own runner starts pytest for each of thousands, hours;
here they are tried by a pytest that has collected the tests once, each mutant in a forked child that runs the
tests nearest to its module, asks the rules what they say of their cases, whose days are made beforehand, runs
the rest of the tests, and ends with the first difference. What no test noticed is listed in
mutants/survivors.txt; `python -m mutmut show NAME` shows it. What no test can notice, or need, is named in
tests/mutants_explained.yaml, with the reason; any other survivor is a failure.
"""

import gc
import inspect
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.rule_cases import cases
from tests.rule_outcomes import Saying, sayings

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
_EXPLAINED: Final = Path("tests/mutants_explained.yaml")


def main(arguments: list[str]) -> int:
    """Make the mutants of what was named (all by default), run them; 1 if one survived unexplained."""
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
    said = sayings(cases())
    if not _killed_by("", [], items, said, session) == "":
        raise pytest.UsageError("测试在未变异的代码上就失败")
    survived: list[str] = []
    begun = time.monotonic()
    gc.freeze()  # what the children share stays shared
    with (
        Path("survivors.txt").open("w", encoding="utf-8") as survivors,
        ThreadPoolExecutor(len(os.sched_getaffinity(0))) as watchers,
    ):
        killers = watchers.map(
            lambda name: _killed_by(name, *_tests(items, name), _said_by(said, name), session), names
        )
        for number, (name, killer) in enumerate(zip(names, killers, strict=True), start=1):
            if not killer:
                survived.append(name)
                survivors.write(f"{name}\n")
                survivors.flush()
            if number % 100 == 0:
                _say(f"{number}/{len(names)}: {len(survived)} survived")
    left = [name for name in survived if not _is_explained(name)]
    share = 100 * (len(names) - len(survived)) / max(1, len(names))
    _say(
        f"{len(names)} mutants, {len(survived)} survived, {len(survived) - len(left)} explained, "
        f"score {share:.1f} %, {time.monotonic() - begun:.0f} s"
    )
    for name in left:
        _say(f"nobody noticed {name}")
    session.testsfailed = len(left)
    return True


def _is_explained(name: str) -> bool:
    """Whether the file names the function, and what the line becomes."""
    explained = yaml.safe_load(_EXPLAINED.read_text(encoding="utf-8"))
    function, changed = name.rpartition("__mutmut_")[0], _changed(name)
    return any(one["in"] == function and one["becomes"] in changed for one in explained)


def _changed(name: str) -> str:
    """The lines of a mutant that its original has not."""
    module, _, function = name.rpartition(".")
    owner: Any = sys.modules[module]
    if "ǁ" in function:
        owner = getattr(owner, function.split("ǁ")[1])
    original = re.sub(r"\d+$", "orig", function)
    kept = inspect.getsource(getattr(owner, original)).splitlines()
    return "\n".join(
        one for one in inspect.getsource(getattr(owner, function)).splitlines() if one not in kept
    )


def _names() -> list[str]:
    """Every mutant mutmut made, as it calls them."""
    names: list[str] = []
    for file in sorted(Path("rdchem").rglob("*.meta")):
        known = json.loads(file.read_text(encoding="utf-8"))["exit_code_by_key"]
        names += [name.replace("__init__.", "") for name in known]
    return names


def _tests(items: Iterable[pytest.Item], name: str) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """What is run before the rules are asked, the tests named after a module, and what after that: of a rule
    the tests of its own cases, else all the rest but those, which were asked already.
    """
    module = name.rpartition(".")[0]
    if module.startswith("rdchem.rules."):
        return [], [one for one in items if _is_about(one, module.removeprefix("rdchem.rules."))]
    last = module.rpartition(".")[2]
    own = {"calendar": "limits", "announcement_states": "announcement", "rules": "rulebook"}.get(last, last)
    first = [one for one in items if f"test_{own}.py" in one.nodeid]
    return first, [one for one in items if one not in first and "test_rules.py" not in one.nodeid]


def _is_about(item: pytest.Item, rule: str) -> bool:
    case: Any = getattr(item, "callspec", None)
    case = case.params.get("case") if case else None
    return rule in item.nodeid or (case is not None and case.rule == rule)


def _said_by(said: Mapping[str, list[Saying]], name: str) -> dict[str, list[Saying]]:
    """The sayings a mutant may change: a rule's own, or else all."""
    rule = name.removeprefix("rdchem.rules.").partition(".")[0]
    return {rule: said[rule]} if rule in said else dict(said)


def _killed_by(
    name: str,
    first: Iterable[pytest.Item],
    then: Iterable[pytest.Item],
    said: Mapping[str, list[Saying]],
    session: pytest.Session,
) -> str:
    """The test that noticed a mutant, "" if none did."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        os.environ["MUTANT_UNDER_TEST"] = name
        signal.alarm(_PATIENCE_S)
        session.config.pluginmanager.unregister(name="terminalreporter")
        _run_until_one_fails(first, write, session)
        _ask_until_one_differs(said, write)
        _run_until_one_fails(then, write, session)
        os._exit(0)
    os.close(write)
    with os.fdopen(read) as told:
        killer = told.read()
    _, status = os.waitpid(child, 0)
    return killer or ("" if status == 0 else f"ended with {status}")


def _ask_until_one_differs(said: Mapping[str, list[Saying]], write: int) -> None:
    for rule, own in said.items():
        for one in own:
            try:
                same = one.again() == one.said
            except Exception:  # noqa: BLE001 - a rule that raises is noticed
                same = False
            if not same:
                os.write(write, f"{rule}: {one.title}".encode()[:500])
                os._exit(0)


def _run_until_one_fails(items: Iterable[pytest.Item], write: int, session: pytest.Session) -> None:
    class Watch:
        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                os.write(write, report.nodeid.encode()[:500])
                os._exit(0)

    watch = Watch()
    session.config.pluginmanager.register(watch)
    for item in items:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
    session.config.pluginmanager.unregister(watch)


def _say(text: str) -> None:
    with Path("progress.txt").open("a", encoding="utf-8") as progress:
        progress.write(text + "\n")
    print(text, file=sys.__stderr__, flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
