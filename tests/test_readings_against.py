"""What two sources say against each other is told once, and not where their courses explain it."""

import pytest

from rdchem.model.course import Shown
from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.against import Against, Told, weighed
from rdchem.readings.told import instant

DISAGREES, CONTRADICTED = SignalState.DISAGREES, SignalState.CONTRADICTED


def shown(
    state: SignalState, other: str = "", *, hours: tuple[int, int] = (4, 8), sure: float = 0.0
) -> Shown:
    start, end = (instant(hour * 3600.0) for hour in hours)
    like = Resemblance(start, end, other) if other else None
    return Shown(SignalInterval(start, end, state, "why", like, {"sure": sure} if other else {}), ("m",))


def either(one: str = "A", other: str = "B", strength: float = 2.0) -> Against:
    told = {one: shown(DISAGREES, other), other: shown(DISAGREES, one)}
    return Against(told, {}, (one, other), (), strength)


def wrong(one: str = "A", witness: str = "B", strength: float = 2.0) -> Against:
    return Against({one: shown(DISAGREES, witness, sure=1.0)}, {}, (one,), (witness,), strength)


def process() -> Against:
    return Against({"A": shown(CONTRADICTED, "B")}, {}, ("A", "B"), (), 1.0)


def known(**told: Shown) -> dict[str, Told]:
    return {code: (told[code],) if code in told else () for code in ("A", "B", "C")}


def states(found: dict[str, Told]) -> dict[str, list[str]]:
    return {code: [one.interval.state.value for one in own] for code, own in found.items() if own}


def test_of_whom_it_is_told() -> None:
    assert states(weighed(known(), [either()])) == {"A": ["disagrees"], "B": ["disagrees"]}
    assert states(weighed(known(), [wrong()])) == {"A": ["disagrees"]}
    assert states(weighed(known(), [process()])) == {"A": ["contradicted"]}
    assert weighed(known(), []) == known()


@pytest.mark.parametrize("state", ["stuck", "replayed", "copied", "stuck_with_jitter", "offset", "drift"])
def test_a_fault_of_either_explains_it(state: str) -> None:
    fault = shown(SignalState(state))
    for one in (either(), process()):
        assert states(weighed(known(B=fault), [one])) == {"B": [state]}
    assert states(weighed(known(A=fault), [wrong()])) == {"A": [state]}


def test_what_covers_less_than_half_of_it_explains_nothing() -> None:
    fault = shown(SignalState.STUCK, hours=(2, 5))
    assert states(weighed(known(A=fault), [wrong()])) == {"A": ["stuck", "disagrees"]}
    half = shown(SignalState.STUCK, hours=(2, 6))
    assert states(weighed(known(A=half), [wrong()])) == {"A": ["stuck"]}
    spikes = shown(SignalState.SPIKE)
    assert "disagrees" in states(weighed(known(A=spikes), [wrong()]))["A"]


def test_a_witness_who_shows_what_is_not_measured_is_not_believed_but_one_who_shifted_is() -> None:
    assert states(weighed(known(B=shown(SignalState.STUCK)), [wrong()])) == {"B": ["stuck"]}
    shifted = weighed(known(B=shown(SignalState.OFFSET)), [wrong()])
    assert states(shifted) == {"A": ["disagrees"], "B": ["offset"]}
    assert shifted["B"] == known(B=shown(SignalState.OFFSET))["B"]


@pytest.mark.parametrize("state", ["offset", "drift", "stuck_with_jitter"])
def test_a_shift_no_sibling_goes_along_with_is_noted(state: str) -> None:
    for several in ([either()], [wrong()], [wrong(), wrong(witness="C", strength=1.0)]):
        [one] = weighed(known(A=shown(SignalState(state))), several)["A"]
        assert one.interval.measure == {"sibling_apart": 1.0}
        assert one.interval.why == "why;同类测点 B 没有随之变化"


def test_a_shift_at_another_time_is_not() -> None:
    before = shown(SignalState.OFFSET, hours=(0, 4)), shown(SignalState.DRIFT)
    first, second = weighed({**known(), "A": before}, [either()])["A"]
    assert first == before[0]
    assert second.interval.measure == {"sibling_apart": 1.0}
    assert weighed(known(A=shown(SignalState.DRIFT)), [process()]) == known(A=shown(SignalState.DRIFT))


def test_it_is_told_once_and_the_strongest_of_it() -> None:
    found = weighed(known(), [wrong(witness="C", strength=1.0), wrong(strength=3.0)])
    assert [one.interval.resembles and one.interval.resembles.source_code for one in found["A"]] == ["B"]


def test_who_is_known_to_be_wrong_explains_what_is_less_sure() -> None:
    several = [process(), either("A", "C", strength=9.0), wrong()]
    assert states(weighed(known(), several)) == {"A": ["disagrees"]}
    assert weighed(known(), several) == weighed(known(), several[::-1])
