"""Judged by groups and gathered: the same bytes as judged at once, whatever fails or runs beside it."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import Engine, func, select

from rdchem import groups, jobs, report_jobs
from rdchem.home import Home
from rdchem.reports import shown
from rdchem.store import tables, verdicts
from tests.installation import ROOT, Installation

DAY = date(2026, 9, 15)
OF = 5
ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where it is not the database that is asked about."""


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A simulated morning with everything that concerns more than one enterprise."""
    folder = tmp_path_factory.mktemp("groups")
    county = ("--seed", "11", "--enterprises", "24", "--day", str(DAY))
    Installation(folder).simulate("envelopes", *county, "--out", folder / "wire.jsonl")
    return folder / "wire.jsonl"


@pytest.fixture
def home(wire: Path, tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Home]:
    installation = Installation(tmp_path / "home", database_url)
    installation.run("receive", wire)
    for name, value in installation.variables.items():
        monkeypatch.setenv(name, value)
    home = Home.open()
    use(home, monkeypatch)
    jobs.catch_up(DAY, jobs.morning_as_of(DAY))
    yield home
    home.engine.dispose()


def use(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """One set of connections for all the jobs of a test; in service each is a process that ends."""
    monkeypatch.setattr(Home, "open", classmethod(lambda _: home))


def stored(engine: Engine) -> tuple[str, str]:
    """The verdict, and what is shown beside it."""
    with engine.connect() as connection:
        row = connection.execute(select(tables.judgement.c.body, tables.judgement.c.shown)).one()
    return row.body, row.shown


def by_groups(run: str, only: Callable[[int], bool] = lambda _: True) -> dict[str, Any]:
    as_of = jobs.morning_as_of(DAY)
    for group in filter(only, range(OF)):
        groups.judge_group(DAY, as_of, group, OF, run)
    return groups.gather(DAY, as_of, OF, run)


def left_over(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(tables.judgement_part)).scalar_one())


def test_the_gathered_verdict_is_that_of_all_at_once_byte_for_byte(home: Home) -> None:
    at_once = jobs.judge(DAY, jobs.morning_as_of(DAY))
    whole = stored(home.engine)
    gathered = by_groups("run")
    assert stored(home.engine) == whole
    assert gathered["judged_here"] == [] and gathered["new_versions"] == 0
    assert {name: gathered[name] for name in at_once if name != "new_versions"} == {
        name: value for name, value in at_once.items() if name != "new_versions"
    }
    assert left_over(home.engine) == 0
    sizes = [groups.group_of(code, OF) for code in {line["enterprise"] for line in _document(home)["ledger"]}]
    assert len(set(sizes)) == OF, "every group should have somebody"


def _document(home: Home) -> dict[str, Any]:
    with home.engine.connect() as connection:
        return verdicts.judgement(connection, DAY) or {}


@ON_SQLITE
def test_a_group_nobody_judged_is_judged_when_gathering(home: Home) -> None:
    jobs.judge(DAY, jobs.morning_as_of(DAY))
    whole = stored(home.engine)
    assert by_groups("run", lambda group: group not in (1, 3))["judged_here"] == [1, 3]
    assert stored(home.engine) == whole


@ON_SQLITE
def test_a_part_that_rests_on_something_else_is_not_used(home: Home) -> None:
    as_of = jobs.morning_as_of(DAY)
    for group in range(OF):
        groups.judge_group(DAY, as_of, group, OF, "run")
    with home.engine.begin() as connection:  # as if judged by another rulebook, or before a segment came in
        connection.execute(tables.judgement_part.update().values(basis="x", body='{"ledger": []}'))
    assert groups.gather(DAY, as_of, OF, "run")["judged_here"] == list(range(OF))


@ON_SQLITE
def test_one_bad_group_hides_no_other(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    jobs.judge(DAY, jobs.morning_as_of(DAY))
    whole = _document(home)
    real = groups.judged

    def breaks(*arguments: Any, only: Callable[[str], bool]) -> Any:
        if only(bad):
            raise KeyError("a bug of ours")
        return real(*arguments, only=only)

    bad = whole["ledger"][0]["enterprise"]
    lost = groups.group_of(bad, OF)
    monkeypatch.setattr(groups, "judged", breaks)
    with pytest.raises(ExceptionGroup, match="判定已保存") as failed:
        by_groups("run", lambda group: group != lost)
    assert isinstance(failed.value.exceptions[0], KeyError)
    partial = _document(home)
    of_others = [line for line in whole["ledger"] if groups.group_of(line["enterprise"], OF) != lost]
    kept = [line for line in partial["ledger"] if groups.group_of(line["enterprise"], OF) != lost]
    assert kept == of_others
    assert len(partial["ledger"]) == len(whole["ledger"])
    for line in partial["ledger"]:
        if groups.group_of(line["enterprise"], OF) == lost:
            assert (line["outcome"], line["reason"]["code"]) == ("not_evaluated", "calculation_error")
    assert {one["key"] for one in partial["findings"]} == {
        one["key"] for one in whole["findings"] if groups.group_of(one["enterprise"], OF) != lost
    }


@ON_SQLITE
def test_what_is_shown_of_a_group_that_failed_is_worked_out_for_the_report(home: Home) -> None:
    at_once = jobs.judge(DAY, jobs.morning_as_of(DAY))
    assert at_once["enterprises"] == 24
    as_of = jobs.morning_as_of(DAY)

    def page() -> bytes:
        return (Path(report_jobs.report(DAY, as_of)["folder"]) / "exceptions.html").read_bytes()

    whole, (_, beside) = page(), stored(home.engine)
    some = [one for one in msgspec.json.decode(beside) if groups.group_of(one["company_code"], OF)]
    assert 0 < len(some) < len(msgspec.json.decode(beside))
    with home.engine.begin() as connection:
        connection.execute(tables.judgement.update().values(shown=verdicts.encode(some)))
    assert page() == whole


@ON_SQLITE
def test_what_cannot_be_shown_costs_no_verdict_and_ends_the_report(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_of = jobs.morning_as_of(DAY)
    jobs.judge(DAY, as_of)
    whole, beside = stored(home.engine)
    bad = msgspec.json.decode(beside)[0]["company_code"]
    real = shown.hot_work_lines

    def breaks(days: Any) -> Any:
        if days[0].company_code == bad:
            raise KeyError("a bug of ours")
        return real(days)

    with monkeypatch.context() as broken:
        broken.setattr(shown, "hot_work_lines", breaks)
        by_groups("run")
        assert stored(home.engine)[0] == whole
        with pytest.raises(KeyError, match="a bug of ours"):
            report_jobs.report(DAY, as_of)
    assert report_jobs.report(DAY, as_of)


RUN = """
import sys
from datetime import date
from rdchem import groups, jobs, report_jobs
day, run = date(2026, 9, 15), sys.argv[1]
as_of = jobs.morning_as_of(day)
for group in range(5):
    groups.judge_group(day, as_of, group, 5, run)
groups.gather(day, as_of, 5, run)
report_jobs.report(day, as_of)
report_jobs.deliver(day, as_of)
"""


def test_parallel_runs_of_one_day_leave_one_verdict_one_report_and_one_notice(home: Home) -> None:
    jobs.judge(DAY, jobs.morning_as_of(DAY))
    whole = stored(home.engine)
    runs = [
        subprocess.Popen([sys.executable, "-c", RUN, f"run-{number}"], cwd=ROOT, env=os.environ)
        for number in range(3)
    ]
    assert [run.wait(timeout=300) for run in runs] == [0, 0, 0]
    assert stored(home.engine) == whole and left_over(home.engine) == 0
    with home.engine.connect() as connection:
        notices = connection.execute(select(tables.notification)).mappings().all()
        versions = verdicts.finding_versions(connection, DAY)
    assert [row["attempts"] for row in notices] == [1]
    assert versions == len(_document(home)["findings"])


@ON_SQLITE
def test_groups_are_tens_not_thousands(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    as_of = jobs.morning_as_of(DAY)
    assert groups.groups(as_of) == [0, 1]
    for size, count in ((4, 6), (1, 24)):
        use(Home(home.settings.model_copy(update={"group_size": size}), home.engine), monkeypatch)
        assert len(groups.groups(as_of)) == count
