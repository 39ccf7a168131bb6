"""Enterprises known under another code: the credit code leads to the register, if it can mean only one."""

from datetime import timedelta

from rdchem.enterprise_day import _latest
from rdchem.model.day import LastSeen, RegisterEntry
from rdchem.model.source import Enterprise
from rdchem.register import credit_codes
from tests.days import EIGHT


def entry(credit_code: str | None) -> RegisterEntry:
    return RegisterEntry(Enterprise(name="甲", area_code="320623", credit_code=credit_code))


def test_a_credit_code_leads_to_the_one_enterprise_that_has_it() -> None:
    assert credit_codes({"C1": entry("X1"), "C2": entry("X2"), "C3": entry(None)}) == {"X1": "C1", "X2": "C2"}


def test_a_credit_code_of_two_enterprises_or_registered_itself_leads_nowhere() -> None:
    assert credit_codes({"C1": entry("X"), "C2": entry("X")}) == {}
    assert credit_codes({"C1": entry("C2"), "C2": entry(None)}) == {}


def test_of_two_codes_the_newest_reading_counts() -> None:
    older, newer = (LastSeen(EIGHT + timedelta(minutes=n), EIGHT, f"j{n}") for n in (1, 2))
    for order in ([{"S": older}, {"S": newer}], [{"S": newer}, {"S": older}]):
        assert _latest(order) == {"S": newer}
    assert _latest([{"A": older}, {"B": newer}, {}]) == {"A": older, "B": newer}
