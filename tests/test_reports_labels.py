"""How officers call things: everything the rules can say has a Chinese name; numbers name what they lack."""

import re
from pathlib import Path

from rdchem import judge as judging
from rdchem import rules
from rdchem.facts import COLUMNS
from rdchem.reports.labels import REASONS, SPOT_CHECK_TYPES, TABLES, UNITS, class_of, named_classes
from rdchem.reports.tally import Share, Tally
from rdchem.rules import RULES, Rule
from rdchem.standing import Standing
from tests.days import LIMITS

RULES_FOLDER = Path(rules.__file__).parent


def named_by(rule: Rule) -> set[str]:
    """The classes of mismatch a rule's docstring promises, `a_lower/higher_b` taken as two."""
    promise = " ".join((rule.check.__doc__ or "").split()).removeprefix("Pass, or ")
    promise = re.sub(r"(\w+_)(\w+)/(\w+?)(_\w+)", r"\1\2\4 · \1\3\4", promise)
    return {part.split()[0].rstrip(".") for part in promise.split(" · ")}


def test_every_class_a_rule_can_name_has_a_chinese_name_and_a_spot_check_type() -> None:
    provoked = {f"{rule.name}/{mismatch}" for rule in RULES for mismatch in named_by(rule)}
    assert provoked == named_classes()
    for rule in RULES:  # the docstring is the promise, the source what is kept
        source = (RULES_FOLDER / f"{rule.name}.py").read_text(encoding="utf-8")
        spoken = set(re.findall(r'Verdict\(\s*"([a-z_]+)"|_fail\(day, "([a-z_]+)"', source))
        assert {one or other for one, other in spoken} <= named_by(rule)
        for mismatch in named_by(rule):
            shared = {*Standing, "count_differs"} if "rdchem.reconciled" in source else set[str]()
            assert f'"{mismatch}"' in source or mismatch in shared
            known = class_of(rule.name, mismatch)
            assert known.type in SPOT_CHECK_TYPES and known.label != mismatch


def test_a_class_without_a_name_is_shown_all_the_same() -> None:
    assert class_of("new_rule", "new_class").label == "new_class"


def test_every_reason_table_and_unit_has_a_chinese_name() -> None:
    shared = [
        RULES_FOLDER.parent / f"{name}.py"
        for name in (
            "begun",
            "declared",
            "blindness",
            "side_by_side",
            "breaks",
            "reconciled",
            "witness",
            "announcement",
        )
    ]
    sources = [*RULES_FOLDER.glob("*.py"), Path(judging.__file__), *shared]
    text = "\n".join(path.read_text(encoding="utf-8") for path in sources)
    codes = set(re.findall(r'Reason\(\s*"([a-z_]+)"|none_to_watch\(day, "([a-z_]+)"', text))
    assert {one or other for one, other in codes} | {"shut_down", "out_of_scope"} == set(REASONS)
    assert set(TABLES) == set(COLUMNS)
    assert {limit.unit for limit in LIMITS.in_force.values()} <= set(UNITS)


def test_shares_and_tallies_round_down_and_name_what_they_leave_out() -> None:
    assert Share(5539, 0, 5540).text == "99.9%"
    assert Share(5540, 0, 5540).text == "100.0%"
    assert Share(0, 0, 3).text == "0.0%"
    assert Share(1, 1, 4).text == "25.0%~50.0%"
    assert Share(0, 0, 0).text == Share(0, 4, 4).text == "—"
    assert (Tally(0, 0, 3).text, Tally(0, 1, 3).text, Tally(0, 3, 3).text) == ("0", "0", "—")
    assert (Tally(1, 0, 3).note, Tally(1, 2, 3).note) == ("", "另 2 家未知")
