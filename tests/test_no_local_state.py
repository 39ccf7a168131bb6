"""The steps of a morning elsewhere: other folders, other users, only database and home in common."""

import os
import subprocess
import sys
from pathlib import Path

from sqlalchemy import create_engine, select

from rdchem.store import tables
from tests.installation import ROOT, Installation

DAY = "2026-09-15"
STEPS = (
    "jobs.catch_up(day, as_of)",
    "groups.judge_group(day, as_of, 0, 3, 'r')",
    "groups.judge_group(day, as_of, 1, 3, 'r')",
    "groups.judge_group(day, as_of, 2, 3, 'r')",
    "groups.gather(day, as_of, 3, 'r')",
    "report_jobs.report(day, as_of)",
    "report_jobs.deliver(day, as_of)",
)
STEP = """
import sys
from datetime import date
from rdchem import groups, jobs, report_jobs
day = date.fromisoformat(sys.argv[1])
as_of = jobs.morning_as_of(day)
exec(sys.argv[2])
"""


def as_another_user() -> list[str]:
    """What makes a command somebody else's, who may read everything (the interpreter may lie in root's
    home) but write only what everybody may; where we may not become somebody else only the folder differs.
    """
    if os.geteuid() != 0:
        return []
    nobody = ("--reuid=65534", "--regid=65534", "--clear-groups")
    return ["setpriv", *nobody, "--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]


def _environment(variables: dict[str, str]) -> dict[str, str]:
    kept = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": "/nonexistent", "PYTHONPATH": str(ROOT)}
    return kept | {"PYTHONDONTWRITEBYTECODE": "1"} | variables


def test_every_step_runs_anywhere_and_leaves_nothing_there(tmp_path: Path, postgresql_url: str) -> None:
    home = tmp_path / "home"
    installation = Installation(home, postgresql_url)
    county = ("--seed", "11", "--enterprises", "12", "--day", DAY)
    installation.simulate("envelopes", *county, "--out", tmp_path / "wire.jsonl")
    installation.run("receive", tmp_path / "wire.jsonl")
    expected = installation.judge(DAY)
    for path in [tmp_path, home, *home.rglob("*")]:
        path.chmod(0o777)
    places = [tmp_path / "here", tmp_path / "there"]
    for place in places:
        place.mkdir(mode=0o777)
    for number, step in enumerate(STEPS):
        user = as_another_user() if number % 2 else []
        subprocess.run(
            [*user, sys.executable, "-c", STEP, DAY, step],
            cwd=places[number % 2],
            env=_environment(installation.variables),
            umask=0,
            check=True,
            timeout=300,
        )
    assert [list(place.iterdir()) for place in places] == [[], []]
    assert installation.judge(DAY) == expected
    written = {path.name for path in (home / "reports" / DAY).iterdir()}
    assert {
        "exceptions.html",
        "exceptions.xlsx",
        "summary.txt",
        "verdict.json",
        "notification.txt",
    } <= written
    engine = create_engine(postgresql_url)
    with engine.connect() as connection:
        assert connection.execute(select(tables.judgement_part.c.part)).all() == []
    engine.dispose()
