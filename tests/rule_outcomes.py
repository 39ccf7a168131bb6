"""Every case's outcome word for word: what officers read and programs get, kept beside the cases.

`python -m tests.rule_outcomes` writes tests/rules/outcomes/ anew after a change that is meant; the difference
is then read like any other.
"""

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from typing import Any

import yaml

from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Fail, NotApplicable, NotEvaluated, Outcome
from rdchem.rules import RULES
from tests.rule_cases import CASES, Case, cases

FOLDER = CASES / "outcomes"


def outcomes(rule: str, known: Iterable[Case]) -> str:
    """What a rule says of each of its cases, as YAML."""
    [check] = [one.check for one in RULES if one.name == rule]
    told = {case.title: _told(check(case.day)) for case in known if case.expected[0] != "not_in_force"}
    return yaml.safe_dump(told, allow_unicode=True, sort_keys=False, width=110)


@dataclass(frozen=True)
class Saying:
    """What a rule said of one of its cases, and what it takes to ask it again."""

    title: str
    check: Callable[[EnterpriseDay], Outcome]
    day: EnterpriseDay
    said: Any

    def again(self) -> Any:
        """What the rule says of it now."""
        return _told(self.check(self.day))


def sayings(known: Iterable[Case]) -> dict[str, list[Saying]]:
    """What every rule says of each of its cases, by rule."""
    said: dict[str, list[Saying]] = {rule.name: [] for rule in RULES}
    check = {rule.name: rule.check for rule in RULES}
    for case in known:
        if case.expected[0] != "not_in_force":
            day, rule = case.day, case.rule
            said[rule].append(Saying(case.title, check[rule], day, _told(check[rule](day))))
    return said


def _told(outcome: Outcome) -> Any:
    if isinstance(outcome, NotEvaluated | NotApplicable):
        return {type(outcome).__name__: asdict(outcome.reason)}
    if isinstance(outcome, Fail):
        verdicts = [asdict(one) | {"severity": one.severity.value} for one in outcome.verdicts]
        return {"Fail": verdicts, "not_evaluated": [asdict(one) for one in outcome.not_evaluated]}
    return "Pass"


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    known = cases()
    for rule in RULES:
        own = [case for case in known if case.rule == rule.name]
        (FOLDER / f"{rule.name}.yaml").write_text(outcomes(rule.name, own), encoding="utf-8")


if __name__ == "__main__":
    main()
