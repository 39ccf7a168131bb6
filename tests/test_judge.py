"""The judge: one outcome a square, findings with lasting keys, our own bugs shown and not hidden."""

from dataclasses import replace
from datetime import timedelta

from rdchem import judge as judging
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Fail, Outcome, Pass, Severity, Subject, Verdict
from rdchem.rules import RULES, Rule
from tests.days import AS_OF, RULEBOOK, good


def judged(*days: EnterpriseDay, rules: tuple[Rule, ...] = RULES) -> judging.Judged:
    return judging.judge(days, as_of=AS_OF, rulebook=replace(RULEBOOK, rules=rules), notes=("须知",))


def silent(company: str) -> EnterpriseDay:
    return replace(good(company), commitments=())


def test_every_square_has_one_outcome_in_the_order_officers_read() -> None:
    ledger = judged(good("2"), good("1")).judgement.ledger
    assert [(entry.enterprise, entry.rule) for entry in ledger] == [
        (company, rule.name) for company in ("1", "2") for rule in RULES
    ]
    assert {entry.outcome for entry in ledger} <= {"pass", "fail", "not_evaluated", "not_applicable"}


def test_a_rule_that_breaks_costs_one_square_and_is_told() -> None:
    def breaks(day: EnterpriseDay) -> Outcome:
        if day.company_code == "1":
            raise ZeroDivisionError("a bug of ours")
        return Pass()

    broken = Rule("broken", "坏规则", "无", breaks)
    found = judged(good("1"), good("2"), rules=(broken, *RULES))
    [error] = found.errors
    assert isinstance(error, ZeroDivisionError)
    assert error.__notes__ == ["rule broken, enterprise 1"]
    squares = {(entry.enterprise, entry.rule): entry for entry in found.judgement.ledger}
    reason = squares["1", "broken"].reason
    assert reason is not None and reason.code == "calculation_error" and "ZeroDivisionError" in reason.text
    assert squares["2", "broken"].outcome == "pass"
    assert len(squares) == 2 * (len(RULES) + 1)


def test_keys_last_over_runs_and_differ_by_everything_they_name() -> None:
    keys = {
        judging.finding_key(rule, company, Subject("permit", code), mismatch, day)
        for rule in ("a", "b") for company in ("1", "2") for code in ("x", "y")
        for mismatch in ("m", "n") for day in ("2026-09-15", "2026-09-16")
    }  # fmt: skip
    assert len(keys) == 32
    later = judging.judge([silent("1")], as_of=AS_OF + timedelta(hours=8), rulebook=RULEBOOK).judgement
    first = judged(silent("1")).judgement
    assert [one.key for one in first.findings] == [one.key for one in later.findings] != []


def test_a_subject_with_a_colon_in_its_code_is_read_back() -> None:
    def fails(day: EnterpriseDay) -> Outcome:
        subject = Subject("permit", "DH:2026:1")
        return Fail((Verdict("m", subject, Severity.LOW, "不符", {"journal": []}),))

    judgement = judged(good("1"), rules=(Rule("fails", "总不符", "无", fails),)).judgement
    assert judging.judgement_of(judging.document(judgement)) == judgement


def test_the_document_says_all_and_can_be_read_back() -> None:
    judgement = judged(silent("1"), good("2")).judgement
    document = judging.document(judgement)
    assert judging.judgement_of(document) == judgement
    assert document["notes"] == ["须知"]
    assert len(document["ledger"]) == 2 * len(RULES)
