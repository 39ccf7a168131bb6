"""A judgement made again evaluates what changed and nothing else, and says the same as one made afresh."""

from dataclasses import replace
from datetime import timedelta

import pytest

from rdchem import judge as judging
from rdchem.memory import Memory
from rdchem.model.day import EnterpriseDay
from rdchem.rulebook import Rulebook
from rdchem.rules import RULES, Rule
from rdchem.store.verdicts import encode
from rdchem.whatif import SIGNALS_ASK
from tests.days import AS_OF, RULEBOOK, commitment, good, received
from tests.rule_cases import cases

ALL = cases()
COUNTY = tuple(good(str(number)) for number in range(5))


def evaluated(memory: Memory, *days: EnterpriseDay, rulebook: Rulebook = RULEBOOK) -> int:
    """How many squares had to be evaluated; the verdict is that of a judgement without memory."""
    before = memory.evaluated
    told = judging.judge(days, as_of=AS_OF, rulebook=rulebook, memory=memory).judgement
    fresh = judging.judge(days, as_of=AS_OF, rulebook=rulebook).judgement
    assert encode(judging.document(told)) == encode(judging.document(fresh))
    return memory.evaluated - before


def test_nothing_changed_nothing_evaluated() -> None:
    memory = Memory()
    assert evaluated(memory, *COUNTY) == 5 * len(RULES)
    assert evaluated(memory, *COUNTY) == 0
    assert evaluated(memory, *(good(str(number)) for number in range(5))) == 0, "equal days, made anew"


def test_a_late_announcement_touches_one_enterprise_and_the_rules_that_read_it() -> None:
    memory = Memory()
    evaluated(memory, *COUNTY)
    late = received(commitment("3", seq=2, occurred_at=AS_OF), number=9)
    touched = replace(COUNTY[3], commitments=(*COUNTY[3].commitments, late))
    assert 0 < evaluated(memory, *COUNTY[:3], touched, COUNTY[4]) < len(RULES)
    assert evaluated(memory, good("new")) == len(RULES)


def test_time_passing_touches_only_the_rules_that_ask_the_time() -> None:
    memory = Memory()
    evaluated(memory, *COUNTY)
    later = [replace(day, as_of=day.as_of + timedelta(minutes=5)) for day in COUNTY]
    assert 0 < evaluated(memory, *later) < 5 * len(RULES)


def test_another_limit_touches_only_the_rules_that_look_at_it() -> None:
    memory = Memory()
    evaluated(memory, *COUNTY)
    limits = RULEBOOK.limits
    name = "commitment_grace"
    other = replace(limits, in_force={**limits.in_force, name: replace(limits[name], value=30)})
    days = [replace(day, limits=other) for day in COUNTY]
    assert evaluated(memory, *days, rulebook=replace(RULEBOOK, limits=other)) == 5


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_whatever_a_day_was_before_the_next_is_judged_as_if_afresh(rule: Rule) -> None:
    memory = Memory()
    for case in [one for one in ALL if one.rule == rule.name and one.expected[0] != "not_in_force"] * 2:
        assert memory.outcome(rule.name, rule.check, case.day) == rule.check(case.day), case.title


def test_the_rule_of_signals_asks_for_no_limit_but_those_a_trial_looks_at() -> None:
    memory, asked = Memory(), set[str]()
    [rule] = [one for one in RULES if one.name == "sensor_signals_are_true"]
    for case in ALL:
        if case.rule == rule.name and rule.covers(case.day.day):
            memory.outcome(rule.name, rule.check, case.day)
            asked |= memory.limits_asked(case.day.company_code, rule.name)
    assert asked and asked <= SIGNALS_ASK
