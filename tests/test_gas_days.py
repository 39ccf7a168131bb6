"""What a gas detector tells belongs to its enterprise, under whichever of its codes it was sent."""

from dataclasses import replace
from datetime import timedelta

from rdchem.enterprise_day import DayFacts
from rdchem.gas_days import detectors, with_gas
from rdchem.gas_watch import GasReading, watch
from rdchem.model.source import Quantity
from tests.days import EIGHT, good, sensor, with_register

GAS = sensor("GT1", quantity=Quantity.COMBUSTIBLE_GAS, high=25.0)
ALARM = watch([GasReading(EIGHT, 30.0, "m1")], 25.0)


def facts() -> DayFacts:
    days = tuple(with_register(good(code), [GAS, sensor("TT1")]) for code in ("320600001", "320600002"))
    return DayFacts(days, EIGHT - timedelta(days=1), (), True, None, (), {"9132X": "320600001"})


def test_detectors_are_asked_for_under_each_code_of_their_enterprise() -> None:
    own = {"GT1": 25.0}
    assert detectors(facts()) == {"320600001": own, "320600002": own, "9132X": own}
    assert detectors(facts(), {"320600001"}) == {"320600002": own}


def test_what_was_sent_under_a_credit_code_is_told_of_its_enterprise() -> None:
    known = facts()
    first, second = with_gas(known, {"9132X": {"GT1": ALARM}}).days
    assert first == replace(known.days[0], gas={"GT1": ALARM})
    assert second is known.days[1]
