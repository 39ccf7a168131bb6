"""Every rule against its cases, and guards that no rule goes without them."""

import ast
import inspect
import re
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem import rules
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Fail, NotApplicable, NotEvaluated, Pass
from rdchem.rules import RULES
from tests.rule_cases import CASES, Case, cases, told, words
from tests.rule_outcomes import FOLDER as OUTCOMES
from tests.rule_outcomes import outcomes

ALL = cases()
RULE = {rule.name: rule for rule in RULES}
FOLDER = Path(rules.__file__).parent


@pytest.mark.parametrize("case", ALL, ids=lambda case: f"{case.rule}-{case.title}")
def test_case(case: Case) -> None:
    rule = RULE[case.rule]
    if case.expected[0] == "not_in_force":
        assert not rule.covers(case.day.day)
        return
    assert rule.covers(case.day.day)
    outcome = rule.check(case.day)
    assert told(outcome) == case.expected
    for word in case.says:
        assert word in words(outcome)


@pytest.mark.parametrize("name", sorted(path.stem for path in OUTCOMES.glob("*.yaml")))
def test_every_outcome_reads_word_for_word_as_it_did(name: str) -> None:
    kept = (OUTCOMES / f"{name}.yaml").read_text(encoding="utf-8")
    now = outcomes(name, [case for case in ALL if case.rule == name])
    assert now == kept, "if it is meant: python -m tests.rule_outcomes"


def test_every_rule_file_is_listed_and_has_cases() -> None:
    files = {path.stem for path in FOLDER.glob("*.py")} - {"__init__"}
    assert files == set(RULE) == {path.stem for path in CASES.glob("*.yaml")}


@pytest.mark.parametrize("name", RULE)
def test_every_rule_is_seen_to_speak_to_stay_silent_and_to_abstain(name: str) -> None:
    outcomes = {case.expected[0] for case in ALL if case.rule == name}
    assert {"fail", "pass"} < outcomes


@pytest.mark.parametrize("name", RULE)
def test_every_rule_states_itself_in_chinese_and_cites_its_basis(name: str) -> None:
    rule = RULE[name]
    assert re.fullmatch(r"[\u4e00-\u9fff、,0-9:()]+", rule.title)
    assert re.search("GB 30871|如东县应急管理局|应急〔2018〕74号|安全法", rule.basis)


@pytest.mark.parametrize("name", RULE)
def test_every_class_of_mismatch_and_every_reason_in_a_rule_has_a_case(name: str) -> None:
    source = inspect.getsource(import_module(f"rdchem.rules.{name}"))
    expected = {word.split(" ")[0] for case in ALL if case.rule == name for word in case.expected[1]}
    expected |= {
        word.split(" ")[1] for case in ALL if case.rule == name for word in case.expected[1] if " " in word
    }
    named = {
        node.args[0].value
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in ("Verdict", "Reason")
        and isinstance(node.args[0], ast.Constant)
    }
    assert named <= expected, named - expected


@pytest.mark.parametrize("case", [one for one in ALL if one.expected[0] == "fail"], ids=lambda one: one.title)
def test_a_finding_has_both_sides_their_difference_and_messages_of_that_day(case: Case) -> None:
    day = case.day
    outcome = RULE[case.rule].check(day)
    assert isinstance(outcome, Fail)
    known = _journal_ids(day)
    for verdict in outcome.verdicts:
        assert {"expected", "actual", "difference", "journal"} <= verdict.evidence.keys()
        assert verdict.evidence["journal"] and set(verdict.evidence["journal"]) <= known
        assert re.search(r"[\u4e00-\u9fff]", verdict.message)
        assert "违法" not in verdict.message and "违规" not in verdict.message


def _journal_ids(day: EnterpriseDay) -> set[str]:
    papers = (day.commitments, day.declared_work, day.permits, day.other_permits)
    histories = (*papers, day.declarations, day.out_of_service, day.alarms)
    ids = {one.journal_id for history in histories for one in history} | set(day.register.journal_ids)
    seen = (*day.readings.values(), *day.cameras.values(), *day.strays.values())
    ids |= {one for spells in day.camera_spells.values() for spell in spells for one in spell.journal}
    above = (one for watched in day.gas.values() for one in watched.exceedances)
    ids |= {journal_id for one in above for journal_id in one.journal_ids}
    ids |= {one.journal_id for others in day.tickets_elsewhere.values() for one in others}
    return ids | {one.journal_id for one in seen} | set(day.register.source_ids.values())


def test_a_days_evidence_does_not_depend_on_the_order_of_its_permits() -> None:
    for case in [one for one in ALL if one.expected[0] != "not_in_force"]:
        day = case.day
        turned = (
            replace(day, permits=day.permits[::-1]) if len({p.message.id for p in day.permits}) > 1 else day
        )
        assert told(RULE[case.rule].check(turned)) == case.expected, case.title


@given(
    case=st.sampled_from(ALL),
    without=st.sets(
        st.sampled_from(
            [
                "commitments",
                "declared_work",
                "permits",
                "other_permits",
                "gas",
                "readings",
                "cameras",
                "declarations",
                "out_of_service",
            ]
        )
    ),
)
def test_no_rule_ever_raises_for_the_worlds_faults(case: Case, without: set[str]) -> None:
    day = case.day
    empty = {name: type(getattr(day, name))() for name in without}
    for rule in rules.rules_on(day.day):
        assert isinstance(rule.check(replace(day, **empty)), Pass | Fail | NotEvaluated | NotApplicable)
