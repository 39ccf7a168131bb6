"""Siblings that disagree: who is named, and when nothing is said."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.model.signal import Resemblance, SignalState
from rdchem.model.source import Quantity
from rdchem.readings.against import Against
from rdchem.readings.related import related
from rdchem.readings.series import Floats
from rdchem.readings.told import instant
from tests.siblings import LEAST_S, PAST, PER_DAY, PER_HOUR, STEP_S, TODAY, Hazard, at, noise, process

BEGIN, HOURS = PAST + 3 * PER_HOUR, 4
PROCESS = process(5)


def family(**departs: float) -> dict[str, Floats]:
    """Three gauges of one process, on scales of their own; some of them depart for four hours by so much of
    it.
    """
    shown = {
        "A": PROCESS + noise(1),
        "B": 2 * PROCESS + 30 + noise(2),
        "C": 0.5 * PROCESS - 7 + noise(3, 0.02),
    }
    for code, much in departs.items():
        times = {"A": 1.0, "B": 2.0, "C": 0.5}[code]
        shown[code][BEGIN : BEGIN + HOURS * PER_HOUR] += much * times * PROCESS[:PAST].std()
    return shown


def pair(**departs: float) -> dict[str, Floats]:
    return {code: values for code, values in family(**departs).items() if code != "C"}


def found(hazard: Hazard, least_s: float = LEAST_S) -> list[Against]:
    return related(hazard.rows, hazard.sources, hazard.learned, least_s=least_s)


def test_of_two_it_is_told_of_both() -> None:
    [one] = found(Hazard(pair(B=0.8)))
    assert one.told.keys() == {*one.suspects} == {"A", "B"}
    assert one.witnesses == ()
    told = one.told["B"].interval
    assert (told.state, told.measure["sure"]) == (SignalState.DISAGREES, 0.0)
    assert (told.start, told.end) == (instant(at(36)), instant(at(84)))
    assert told.resembles == Resemblance(told.start, told.end, "A")
    assert told.measure["shown"] - told.measure["due"] == pytest.approx(1.6 * PROCESS[:PAST].std(), rel=0.1)
    assert told.why == (
        f"4.0 小时读数约 {told.measure['shown']:.4g},按同类测点 A 应约 {told.measure['due']:.4g},"
        "此前 96 小时二者一直同步;二者之一有误"
    )
    assert one.told["A"].interval.measure["due"] > one.told["A"].interval.measure["shown"]


def test_it_is_drawn_with_what_it_should_show() -> None:
    [one] = found(Hazard(pair(B=0.8)))
    shown = one.told["B"]
    assert shown.journal == ("A-36", "A-84", "B-36", "B-84")
    due = dict(shown.repeated)
    honest = {round(at(place)): float(pair()["B"][PAST + place]) for place in range(TODAY)}
    assert len(due) > 10
    assert all(abs(value - honest[second]) < 1.0 for second, value in due.items())


@pytest.mark.parametrize("odd", ["A", "B", "C"])
def test_of_three_the_odd_one_is_named(odd: str) -> None:
    several = found(Hazard(family(**{odd: -0.8})))
    assert [list(one.told) for one in several] == [[odd], [odd]]
    others = sorted({"A", "B", "C"} - {odd})
    assert sorted(one.witnesses for one in several) == [(other,) for other in others]
    for one in several:
        [third] = set(others) - set(one.witnesses)
        assert one.told[odd].interval.why.endswith(f"后者与同类测点 {third} 仍一致")


def test_nobody_s_order_matters() -> None:
    whole = family(C=0.8)
    told = [found(Hazard({code: whole[code] for code in order})) for order in permutations("ABC")]
    assert all(one == told[0] for one in told) and told[0]


def test_who_left_its_own_past_is_named_without_a_third() -> None:
    shown = pair()
    shown["A"][BEGIN : BEGIN + HOURS * PER_HOUR] = PROCESS[:PAST].max() + 10
    [one] = found(Hazard(shown))
    assert list(one.told) == ["A"]
    assert {*one.suspects} == {"A", "B"}
    assert one.told["A"].interval.why.endswith("本测点超出自身过去的范围")


@pytest.mark.parametrize(("steps", "told"), [(PER_HOUR - 1, 0), (PER_HOUR, 1)])
def test_less_than_an_hour_is_nothing(steps: int, told: int) -> None:
    shown = pair()
    shown["B"][BEGIN : BEGIN + steps] += 1.6 * PROCESS[:PAST].std()
    assert len(found(Hazard(shown))) == told


@pytest.mark.parametrize("missing", [np.nan, 5000.0])
def test_what_is_missing_or_out_of_range_is_passed_over(missing: float) -> None:
    shown = pair(B=0.8)
    shown["B"][BEGIN + 5 :: 6] = missing
    [one] = found(Hazard(shown))
    assert one.told["A"].interval.start == instant(at(36))
    whole = pair()
    whole["B"][PAST:] = missing
    assert found(Hazard(whole)) == []


@settings(max_examples=20, deadline=None)
@given(much=st.floats(-3, 3), begin=st.integers(0, TODAY), lasts=st.integers(1, TODAY))
def test_what_all_of_them_do_is_the_process(much: float, begin: int, lasts: int) -> None:
    moved = PROCESS.copy()
    moved[PAST + begin : PAST + begin + lasts] += much
    assert found(Hazard({"A": moved + noise(1), "B": 2 * moved + 30 + noise(2)})) == []


def test_where_both_went_as_they_never_did_nothing_was_learned() -> None:
    shown = pair()
    for code, much in (("A", 30.0), ("B", 20.0)):
        shown[code][BEGIN : BEGIN + HOURS * PER_HOUR] += much * shown[code][:PAST].std()
    assert found(Hazard(shown)) == []


def test_those_that_are_no_siblings_say_nothing_of_each_other() -> None:
    shown = pair(B=5.0)
    gas = dict.fromkeys("AB", Quantity.COMBUSTIBLE_GAS)
    assert found(Hazard(shown, {"A": Quantity.PRESSURE})) == []
    assert found(Hazard(shown, gas)) == []
    assert found(Hazard(shown, hazards={"B": "H2"})) == []
    assert found(Hazard({"A": shown["A"], "B": process(9)})) == []
    assert found(Hazard({"A": shown["A"]})) == []


def test_one_event_in_half_of_the_past_makes_no_siblings() -> None:
    shown = {"A": noise(1), "B": noise(2)}
    for values in shown.values():
        values[:PER_DAY] += 50.0
    shown["B"][BEGIN : BEGIN + HOURS * PER_HOUR] += 40.0
    assert found(Hazard(shown)) == []


def test_noise_that_two_codes_share_is_no_movement() -> None:
    shown = {"A": noise(1), "B": noise(1)}
    shown["B"][BEGIN : BEGIN + HOURS * PER_HOUR] += 1.0
    assert found(Hazard(shown)) == []


def test_from_a_shorter_past_nothing_is_learned() -> None:
    short = Hazard(pair(B=2.0), past=PER_DAY)
    assert found(short) == []
    assert len(found(short, least_s=PER_DAY * STEP_S)) == 1


def parted(*spans: tuple[int, int]) -> Hazard:
    """Two of which one departs in some hours, counted from the beginning of today on."""
    shown = pair()
    for begin, end in spans:
        part = slice(PAST + begin * PER_HOUR, PAST + end * PER_HOUR)
        shown["B"][part] += 1.6 * PROCESS[:PAST].std()
    return Hazard(shown)


def test_that_they_have_disagreed_lately_does_not_teach_that_they_do() -> None:
    [one] = found(parted((-30, 10)))
    assert one.told.keys() == {"A", "B"}
    assert "二者曾 66 小时一直同步,当日之前已有 30 小时不一致" in one.told["B"].interval.why
    assert one.told["B"].interval.start == instant(at(0))


def test_who_agrees_again_is_not_told_of() -> None:
    assert found(parted((-30, 0))) == []
    assert found(parted((-30, -10))) == []
    assert found(parted((-60, -40))) == []


def test_they_are_as_they_were_for_most_of_the_past() -> None:
    assert found(parted((-46, 10))) == []
    assert found(parted((-90, 10))) == []


def test_who_disagrees_now_and_then_does_so() -> None:
    assert found(parted(*((begin, begin + 4) for begin in range(-36, 10, 12)))) == []
