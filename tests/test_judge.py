"""The judge: one outcome a square, findings with lasting keys, our own bugs shown and not hidden."""

from dataclasses import replace
from datetime import timedelta

from rdchem import judge as judging
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Outcome, Pass, Subject
from rdchem.rules import RULES, Rule
from tests.days import AS_OF, DAY, LIMITS, good


def judged(*days: EnterpriseDay, rules: tuple[Rule, ...] = RULES) -> judging.Judged:
    return judging.judge(days, day=DAY, as_of=AS_OF, limits=LIMITS, rules=rules, notes=("须知",))


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
    later = judging.judge([silent("1")], day=DAY, as_of=AS_OF + timedelta(hours=8), limits=LIMITS).judgement
    first = judged(silent("1")).judgement
    assert [one.key for one in first.findings] == [one.key for one in later.findings] != []


def test_the_document_says_all_and_can_be_read_back() -> None:
    judgement = judged(silent("1"), good("2")).judgement
    document = judging.document(judgement)
    assert judging.judgement_of(document) == judgement
    assert document["notes"] == ["须知"]
    assert len(document["ledger"]) == 2 * len(RULES)


def test_the_rulebook_has_another_id_when_a_rule_or_a_limit_is_another() -> None:
    book = judging.rulebook(LIMITS)
    assert {one["name"] for one in book["rules"]} == {rule.name for rule in RULES}
    assert judging.rulebook(LIMITS, RULES[1:])["id"] != book["id"]
    fewer = replace(LIMITS, in_force=dict(list(LIMITS.in_force.items())[1:]))
    assert judging.rulebook(fewer)["id"] != book["id"]
