"""A county morning through everything that is real: command line, journal, database, Airflow, reports."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest

from rdchem.model.document import Verdict
from tests.airflow_home import mornings
from tests.installation import ROOT, Installation
from tests.test_platform import NOT_IN_TABLES

DAY = "2026-09-15"
ENTERPRISES = "48"
RECEIVED_AT = f"{DAY}T09:21:00+08:00"


def findings(document: dict[str, Any]) -> set[tuple[str, str, str, str]]:
    return {(one["rule"], one["enterprise"], one["subject"], one["mismatch"]) for one in document["findings"]}


def seeded(path: Path) -> set[tuple[str, str, str, str]]:
    return findings(json.loads(path.read_text(encoding="utf-8")))


def outcomes(document: dict[str, Any]) -> dict[tuple[str, str], tuple[str, str | None]]:
    return {
        (one["enterprise"], one["rule"]): (one["outcome"], one["reason"] and one["reason"]["code"])
        for one in document["ledger"]
    }


@pytest.fixture(scope="module")
def morning(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One simulated morning: its recorded envelopes, its exported files, and the truth."""
    folder = tmp_path_factory.mktemp("morning")
    county = ("--seed", "11", "--enterprises", ENTERPRISES, "--day", DAY)
    simulator = Installation(folder)
    simulator.simulate("envelopes", *county, "--out", folder / "wire.jsonl", "--truth", folder / "truth.json")
    simulator.simulate("files", *county, "--out", folder / "files")
    return folder


@pytest.fixture
def recorded(morning: Path, tmp_path: Path, database_url: str) -> Installation:
    """An installation that has received the recorded morning."""
    installation = Installation(tmp_path / "home", database_url)
    installation.run("receive", morning / "wire.jsonl")
    return installation


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)  # the demo's test has it on SQLite
def test_the_dag_finds_what_was_seeded_again_changes_nothing_and_ends_red_where_a_rule_fails(
    recorded: Installation, morning: Path, tmp_path: Path
) -> None:
    folder, rulebook = recorded.home / "reports" / DAY, tmp_path / "rulebook.yaml"
    rulebook.write_text("limits: {}", encoding="utf-8")
    variables = recorded.variables | {"RDCHEM_RULEBOOK_FILE": str(rulebook)}
    with mornings(tmp_path / "airflow", date.fromisoformat(DAY), variables) as run:
        first = run()
        assert first["state"] == "success", first
        written = {path.name: path.read_bytes() for path in folder.iterdir()}
        second = run()
        assert second["state"] == "success", second
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == written
        without = "limits: {permit_validity_grade_1: {title: 一级作业票有效期, unit: hours, values: []}}"
        rulebook.write_text(without, encoding="utf-8")
        third = run()
    assert second["tasks"]["gather"]["result"]["new_versions"] == 0
    [channel] = second["tasks"]["deliver"]["result"]["channels"]
    assert channel["state"] == "already_sent"

    assert set(written) == {
        "exceptions.html",
        "exceptions.xlsx",
        "summary.txt",
        "verdict.json",
        "notification.txt",
    }
    document = json.loads(written["verdict.json"])
    assert findings(document) == seeded(morning / "truth.json")
    assert len(document["ledger"]) == int(ENTERPRISES) * len(document["rulebook"]["rules"])
    schema = json.loads((ROOT / "schemas" / "verdict.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)
    assert msgspec.to_builtins(msgspec.convert(document, Verdict)) == document  # no field beyond the schema's

    assert third["state"] == "failed"
    failed = {name for name, task in third["tasks"].items() if task["state"] == "failed"}
    assert failed == {"judge", "end_red"}  # everybody is in the report all the same
    document = json.loads((folder / "verdict.json").read_bytes())
    codes = {one["reason"]["code"] for one in document["ledger"] if one["reason"]}
    assert "calculation_error" in codes
    others = {one for one in seeded(morning / "truth.json") if one[0] != "permit_validity_is_within_limit"}
    assert others <= findings(document)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the DAG has it on PostgreSQL
def test_the_same_morning_from_files_gives_the_same_verdict(
    recorded: Installation, morning: Path, tmp_path: Path
) -> None:
    by_wire = recorded.judge(DAY)
    files = sorted((morning / "files").iterdir())
    loaded = Installation(tmp_path / "files-home")
    for _ in range(2):  # loading everything again changes nothing
        loaded.run("load", *files, "--received-at", RECEIVED_AT)
        by_files = loaded.judge(DAY)
        assert findings(by_files) == findings(by_wire) == seeded(morning / "truth.json")
        assert of_tables(outcomes(by_files)) == of_tables(outcomes(by_wire))
    assert {one["key"] for one in by_files["findings"]} == {one["key"] for one in by_wire["findings"]}


def of_tables(found: dict[tuple[str, str], Any]) -> dict[tuple[str, str], Any]:
    """Without what tables leave open."""
    return {square: outcome for square, outcome in found.items() if square[1] not in NOT_IN_TABLES}


def test_tables_loaded_before_the_deadline_accuse_nobody_of_what_came_later(
    morning: Path, tmp_path: Path
) -> None:
    """The same files, loaded at 09:10: what was not said or heard by then is not judged at 09:21."""
    early = Installation(tmp_path / "early")
    files = [path for path in (morning / "files").iterdir() if path.name != "cameras.xlsx"]
    early.run("load", *files, "--received-at", f"{DAY}T09:10:00+08:00")
    document = early.judge(DAY)
    rules = {one["rule"] for one in document["findings"]}
    assert not rules & {"commitment_is_announced_by_deadline", "major_hazard_video_is_online"}
    reasons = {
        (one["rule"], one["reason"]["code"])
        for one in document["ledger"]
        if one["outcome"] == "not_evaluated"
    }
    assert ("commitment_is_announced_by_deadline", "not_exported") in reasons
    assert any("视频状态未导入" in note for note in document["notes"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # the DAG has it on PostgreSQL
def test_a_finding_is_explained_down_to_the_bytes_that_were_sent(
    recorded: Installation, morning: Path
) -> None:
    sent = {json.loads(line).get("payload") for line in (morning / "wire.jsonl").read_bytes().splitlines()}
    found = recorded.judge(DAY)["findings"]
    finding = next(one for one in found if one["rule"] == "hot_work_matches_permits")
    told = recorded.run("explain", finding["key"]).stdout
    assert finding["message"] in told and finding["basis"] in told
    for journal_id in finding["evidence"]["journal"]:
        assert journal_id in told
        assert recorded.run("raw", journal_id).stdout in sent


def test_what_was_known_earlier_can_be_asked_later(recorded: Installation) -> None:
    """At 09:00 nothing is late yet: the deadline has not passed, so nobody is accused of missing it."""
    early = recorded.judge(DAY, "--as-of", "09:00")
    rule = "commitment_is_announced_by_deadline"
    assert not [one for one in early["findings"] if one["rule"] == rule]
    waiting = [one for one in early["ledger"] if one["rule"] == rule and one["outcome"] == "not_evaluated"]
    assert {one["reason"]["code"] for one in waiting} == {"before_deadline"}
    again = recorded.judge(DAY, "--as-of", "09:00")
    assert again == early


def test_what_nobody_could_read_is_in_quarantine_with_its_bytes(
    recorded: Installation, morning: Path
) -> None:
    truth = json.loads((morning / "truth.json").read_text(encoding="utf-8"))["quarantine"]
    rows = json.loads(recorded.run("quarantine", "--day", DAY, "--format", "json").stdout)
    assert sorted((row["code"], row["topic"]) for row in rows) == sorted(
        (one["code"], one["topic"]) for one in truth
    )
    assert truth, "the morning should hold a broken payload"
    assert rows[0]["journal_id"] in recorded.run("quarantine").stdout
