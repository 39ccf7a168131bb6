"""The judge: one outcome a square, findings with lasting keys, our own bugs shown and not hidden."""

from dataclasses import replace
from datetime import timedelta
from hashlib import sha256

import msgspec

from rdchem import judge as judging
from rdchem.announcement_states import ANNOUNCEMENT_RULE
from rdchem.decisions import Decisions, Exemption
from rdchem.memory import Memory
from rdchem.model.day import EnterpriseDay, Volume
from rdchem.model.document import ReliefLine
from rdchem.model.outcome import (
    Fail,
    NotApplicable,
    NotEvaluated,
    Outcome,
    Pass,
    Reason,
    Severity,
    Subject,
    Verdict,
)
from rdchem.rules import RULES, Rule
from tests.days import AS_OF, DAY, RULEBOOK, good


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


def test_what_is_remembered_is_not_asked_again() -> None:
    memory = Memory()
    for _ in range(2):
        judging.judge([good("1")], as_of=AS_OF, rulebook=RULEBOOK, memory=memory)
    assert (memory.evaluated, memory.kept) == (len(RULES), len(RULES))


def test_a_finding_and_its_square_say_in_the_document_what_the_rule_said() -> None:
    def fails(day: EnterpriseDay) -> Outcome:
        found = [Verdict(m, Subject("permit", c), Severity.LOW, "不符", {"journal": ["j2"]}) for m, c in ODD]
        return Fail(tuple(found), (Reason("a", "甲不详"), Reason("b", "乙不详")))

    rule = Rule("fails", "总不符", "某规定第1条", fails)
    judgement = judged(good("1"), rules=(rule,)).judgement
    document = judging.document(judgement)
    assert document["version"] == 1 and document["day"] == "2026-09-15"
    assert document["as_of"] == "2026-09-15T01:21:00+00:00"
    assert document["rulebook"] == judgement.rulebook and document["reliefs"] == []
    reason = {"code": "partly_not_evaluated", "text": "甲不详;乙不详"}
    assert document["ledger"] == [{"enterprise": "1", "rule": "fails", "outcome": "fail", "reason": reason}]
    assert [(one["mismatch"], one["subject"]) for one in document["findings"]] == [
        ("m", "permit:A"), ("m", "permit:B"), ("n", "permit:A"),
    ]  # fmt: skip
    assert document["findings"][0] == {
        "key": judging.finding_key("fails", "1", Subject("permit", "A"), "m", "2026-09-15"),
        "rule": "fails", "enterprise": "1", "subject": "permit:A", "mismatch": "m", "severity": "low",
        "message": "不符", "evidence": {"journal": ["j2"]}, "basis": "某规定第1条", "suppressed": None,
    }  # fmt: skip
    assert judging.judgement_of(document) == judgement


ODD = (("n", "A"), ("m", "B"), ("m", "A"))
"""Class and code of findings, not in the order they are told in."""


def test_a_key_is_the_same_for_ever() -> None:
    key = judging.finding_key("a_rule", "320600001", Subject("permit", "DH-1"), "late", "2026-09-15")
    assert key == "F-" + sha256(b"a_rule|320600001|permit:DH-1|late|2026-09-15").hexdigest()[:12]


def test_a_plain_square_has_no_reason_and_any_other_says_why() -> None:
    why = Reason("x", "为何")
    outcomes: dict[str, Outcome] = {
        "passes": Pass(), "fails": Fail(()), "open": NotEvaluated(why), "none": NotApplicable(why)
    }  # fmt: skip
    rules = tuple(Rule(name, "规则", "无", lambda _, said=said: said) for name, said in outcomes.items())  # type: ignore[misc]
    ledger = judging.document(judged(good("1"), rules=rules).judgement)["ledger"]
    told = {"code": "x", "text": "为何"}
    assert [tuple(one.values()) for one in ledger] == [
        ("1", "passes", "pass", None), ("1", "fails", "fail", None),
        ("1", "open", "not_evaluated", told), ("1", "none", "not_applicable", told),
    ]  # fmt: skip


REMOVED = Reason("removed", "按保存期限删除")


def test_what_is_not_known_any_more_is_not_judged_by_the_rules_that_read_it() -> None:
    """Of silences of then that are not known any more, only who would be accused is spared."""
    rule = "permit_validity_is_within_limit"
    papers = {"hot_work_permit": REMOVED}
    assert _square(replace(good("1"), removed=papers), rule) == ("not_evaluated", "removed")
    assert _square(replace(good("1"), removed={"alarm": REMOVED}), rule) == ("pass", None)
    promise = "commitment_is_announced_by_deadline"
    silences = {"listener_event": REMOVED}
    assert _square(replace(good("1"), removed=silences), promise) == ("pass", None)
    assert _square(replace(silent("1"), removed=silences), promise) == ("not_evaluated", "removed")
    both = {"alarm": REMOVED, "commitment": REMOVED}
    assert _square(replace(silent("1"), removed=both), promise) == ("not_evaluated", "removed")


def _square(day: EnterpriseDay, rule: str) -> tuple[str, str | None]:
    [entry] = [one for one in judged(day).judgement.ledger if one.rule == rule]
    return entry.outcome, entry.reason.code if entry.reason else None


def test_a_rule_nobody_told_what_it_reads_abstains_on_any_doubt() -> None:
    passes = Rule("unheard_of", "规则", "无", lambda _: Pass())
    torn = replace(good("1"), removed={"alarm": REMOVED})
    [entry] = judged(torn, rules=(passes,)).judgement.ledger
    assert entry.outcome == "not_evaluated" and entry.reason == REMOVED
    stopped = replace(good("1"), volumes=(Volume("commitment", 0, 100),))
    [entry] = judged(stopped, rules=(passes,)).judgement.ledger
    assert entry.outcome == "not_evaluated" and entry.reason is not None
    assert entry.reason.code == "data_insufficient"


def test_announcements_are_told_by_enterprise_while_the_rule_on_them_is_in_force() -> None:
    lines = judged(silent("2"), good("1")).judgement.announcements
    assert [(one.enterprise, one.state) for one in lines] == [("1", "on_time"), ("2", "missing")]
    assert judged(silent("1"), rules=RULES[1:]).judgement.announcements == ()
    [late] = judged(silent("1"), rules=RULES[::-1]).judgement.announcements
    assert late.state == "missing", "wherever the rule stands"
    for kind in ("commitment", "listener_event"):
        [line] = judged(replace(silent("1"), removed={kind: REMOVED})).judgement.announcements
        assert (line.state, line.blame) == ("unknown_ours", "ours")
        assert line.reason is not None and (line.reason.code, line.reason.text) == (
            REMOVED.code,
            REMOVED.text,
        )


def test_an_exempt_enterprise_is_exempt_in_the_ledger_and_among_the_announcements() -> None:
    exempt = Exemption(
        id="E1", since=DAY, reason="检修停产", author="张三", document="通知第3号", enterprise="1",
        rules=[ANNOUNCEMENT_RULE], code="shut_down",
    )  # fmt: skip
    rulebook = replace(RULEBOOK, decisions=Decisions(exemptions=(exempt,)))
    judgement = judging.judge([silent("1"), silent("2")], as_of=AS_OF, rulebook=rulebook).judgement
    squares = [one for one in judgement.ledger if one.rule == ANNOUNCEMENT_RULE]
    assert [one.outcome for one in squares] == ["not_applicable", "fail"]
    assert squares[0].reason == Reason("exempt", f"停产:{exempt.told}")
    assert [one.state for one in judgement.announcements] == ["exempt", "missing"]
    assert [one.exemption for one in judgement.announcements] == [exempt, None]


def test_reliefs_and_notes_are_told_and_read_back() -> None:
    relief = ReliefLine(
        begins_at="2026-09-15T00:00:00+00:00", ends_at="2026-09-15T01:00:00+00:00", whose="ours",
        by="listener", reason="采集中断", decision=None, enterprise="", area="", lossless=False, open=False,
    )  # fmt: skip
    judgement = judging.judge([silent("1")], as_of=AS_OF, rulebook=RULEBOOK, reliefs=(relief,)).judgement
    document = judging.document(judgement)
    assert document["reliefs"] == [msgspec.to_builtins(relief)] and document["notes"] == []
    assert judging.judgement_of(document) == judgement
    del document["announcements"], document["reliefs"]
    old = judging.judgement_of(document)
    assert (old.announcements, old.reliefs) == ((), ()), "a verdict from before these were told"
