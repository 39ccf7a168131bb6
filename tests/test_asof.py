"""The morning's report stands: to the byte, whatever comes later, rebuilt, on another machine elsewhere."""

import json
import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from rdchem.store import tables
from rdchem.store.connection import open_database
from tests.installation import Installation

DAY = "2026-09-15"
REPORTS = ("exceptions.html", "exceptions.xlsx", "verdict.json")
LATE = timedelta(hours=3)
ANOTHER_MACHINE = {"TZ": "America/New_York", "LC_ALL": "C", "LANG": "C", "PYTHONHASHSEED": "4242"}


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The recorded envelopes of a morning of eight enterprises, among them broken ones."""
    folder = tmp_path_factory.mktemp("wire")
    county = ("--seed", "11", "--enterprises", "8", "--day", DAY)
    Installation(folder).simulate("envelopes", *county, "--out", folder / "wire.jsonl")
    return folder / "wire.jsonl"


def contradicted(wire: Path) -> Iterator[dict[str, Any]]:
    """Three hours later everybody unsays what was said: withdrawn, cancelled, shut down; the rest again."""
    for line in wire.read_text("utf-8").splitlines()[1:]:  # after the header
        envelope = json.loads(line)
        envelope["received_at"] = (datetime.fromisoformat(envelope["received_at"]) + LATE).isoformat()
        yield dict(envelope)
        try:
            said = json.loads(envelope.get("payload", ""))
        except json.JSONDecodeError:
            continue
        if said.get("kind") == "commitment":
            said |= {"seq": 99, "state": "withdrawn"}
        elif said.get("kind") == "hot_work_permit":
            said |= {"seq": 99, "cancelled": True}
        elif said.get("kind") == "register" and said.get("enterprise"):
            said["enterprise"]["state"] = "shut_down"
            said["seq"] = 99
        yield envelope | {"payload": json.dumps(said)}


def written(installation: Installation, *verbs: str) -> dict[str, bytes]:
    """What these verbs leave of the morning, in a folder that was empty before."""
    folder = installation.home / "reports" / DAY
    shutil.rmtree(folder, ignore_errors=True)
    for verb in verbs:
        installation.run(verb, DAY)
    return {name: (folder / name).read_bytes() for name in REPORTS}


def kept(url: str) -> dict[str, list[tuple[Any, ...]]]:
    """All that was decided."""
    engine = open_database(url)
    with engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(select(table).order_by(*table.primary_key))]
            for table in (tables.judgement, tables.finding, tables.quality_failure)
        }
    engine.dispose()
    return rows


def test_the_morning_is_reproduced_to_the_byte(wire: Path, tmp_path: Path, postgresql_url: str) -> None:
    here = Installation(tmp_path / "here", f"sqlite:///{tmp_path}/here.db")
    here.run("receive", wire)
    morning = written(here, "check", "judge", "report")
    decided = kept(here.database_url)
    assert all(decided.values()) and json.loads(morning["verdict.json"])["findings"]

    later = tmp_path / "later.jsonl"
    later.write_text("".join(json.dumps(one) + "\n" for one in contradicted(wire)), "utf-8")
    here.run("receive", later)
    assert written(here, "judge", "report") == morning
    here.run("rebuild")
    assert written(here, "judge", "report") == morning
    assert kept(here.database_url) == decided  # judged three times is judged once

    elsewhere = tmp_path / "另 一台" / "数据"
    shutil.copytree(here.home / "journal", elsewhere / "journal")
    there = Installation(elsewhere, postgresql_url, more=ANOTHER_MACHINE)
    assert written(there, "check", "judge", "report") == morning
    assert kept(there.database_url) == decided
    assert there.judge(DAY, "--as-of", "12:30") != json.loads(morning["verdict.json"])
