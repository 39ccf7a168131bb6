"""The golden cases, from recorded envelopes through `rdchem receive` to the ledger."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from rdchem import arguments, jobs
from tests.golden_cases import FOLDER, Expected, Golden, county
from tests.installation import Installation


def received(name: str, home: Path) -> tuple[Installation, list[Golden]]:
    cases, envelopes, rulebook = county(name)
    file = home / f"{name}.jsonl"
    file.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in envelopes), "utf-8")
    rules = home / "rulebook.yaml"
    rules.write_text(yaml.safe_dump(rulebook, allow_unicode=True), "utf-8")
    installation = Installation(home / "home", more={"RDCHEM_RULEBOOK_FILE": str(rules)})
    installation.run("receive", file)
    return installation, cases


def judged(day: str, as_of: str) -> dict[str, Any]:
    """What `rdchem judge` does, without a process for each instant."""
    moment = arguments.moment(day, as_of)
    jobs.catch_up(*moment)
    jobs.judge(*moment)
    return jobs.verdict(*moment)


def told(document: dict[str, Any], expected: Expected) -> set[tuple[str, str]]:
    """What a verdict says of one square: the outcome with each class of mismatch, or with its reason."""
    for entry in document["ledger"]:
        if (entry["enterprise"], entry["rule"]) == (expected.enterprise, expected.rule):
            if entry["outcome"] != "fail":
                return {(entry["outcome"], entry["reason"]["code"] if entry["reason"] else "")}
            return {("fail", finding["mismatch"]) for finding in about(document, expected)}
    return {("absent", "")}


def about(document: dict[str, Any], expected: Expected) -> list[dict[str, Any]]:
    square = (expected.enterprise, expected.rule)
    return [one for one in document["findings"] if (one["enterprise"], one["rule"]) == square]


@pytest.mark.parametrize("name", sorted(path.stem for path in FOLDER.glob("*.yaml")))
def test_golden(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation, cases = received(name, tmp_path)
    instants = sorted(
        {(one.day, one.as_of) for case in cases for one in case.expected}
        | {(day, as_of) for case in cases for day, as_of, _, _ in case.states}
    )
    for variable, value in installation.variables.items():
        monkeypatch.setenv(variable, value)
    verdicts = {(day, as_of): judged(str(day), as_of) for day, as_of in instants}
    wrong = []
    for case in cases:
        said = ""
        for one in case.expected:
            document = verdicts[one.day, one.as_of]
            if told(document, one) != {(one.outcome, one.detail)}:
                wrong.append(f"{case.title}: {one} but {told(document, one)}")
            found = about(document, one)
            said += "\n".join(finding["message"] for finding in found)
            resting = tuple(finding["suppressed"]["id"] for finding in found if finding["suppressed"])
            if case.suppressed is not None and resting != case.suppressed:
                wrong.append(f"{case.title}: rests on {resting}, not {case.suppressed}")
        for day, as_of, state, blame in case.states:
            [line] = [
                one for one in verdicts[day, as_of]["announcements"] if one["enterprise"] == case.company
            ]
            if (line["state"], line["blame"] or "") != (state, blame):
                wrong.append(f"{case.title}: {as_of} {state} {blame} but {line}")
            said += json.dumps(line, ensure_ascii=False)
        wrong += [f"{case.title}: {word!r} not in {said!r}" for word in case.words if word not in said]
    assert not wrong, "\n".join(wrong)
    assert aside(installation) == Counter((case.company, code) for case in cases for code in case.quarantine)


def aside(installation: Installation) -> Counter[tuple[str, str]]:
    """What is in quarantine: whose, and why."""
    rows = json.loads(installation.run("quarantine", "--format", "json").stdout)
    return Counter((row["topic"].split("/")[3], row["code"]) for row in rows)
