"""A level and a flow that cannot both be true: what is learned of them, and what is said."""

from typing import Final

import numpy as np
import pytest

from rdchem.model.signal import Resemblance, SignalState
from rdchem.model.source import Quantity
from rdchem.readings.against import Against
from rdchem.readings.exclusive import exclusive, no_more
from rdchem.readings.related import related
from rdchem.readings.series import Floats
from rdchem.readings.told import instant
from tests.siblings import LEAST_S, PAST, PER_HOUR, TODAY, Hazard, at, noise

STEPS: Final = np.arange(PAST + TODAY)
BATCH: Final = 6 * PER_HOUR
"""Today's batches begin at 0:00 and 6:00."""
FILL: Final = 2 * PER_HOUR
QUANTITIES: Final = {"L": Quantity.LEVEL, "F": Quantity.FLOW, "G": Quantity.FLOW}


def tank() -> dict[str, Floats]:
    """A tank filled in two hours out of six by a pump, kept, and emptied; and another pump of the hazard."""
    turn = STEPS % BATCH
    level = np.interp(turn, [0, FILL, 4 * PER_HOUR, 5 * PER_HOUR], [1.0, 5.0, 5.0, 1.0])
    flow = np.where(turn < FILL, 60.0, 2.0)
    other = np.where((STEPS + 50) % BATCH < FILL, 60.0, 2.0)
    return {"L": level + noise(1, 0.01), "F": flow + noise(2, 0.3), "G": other + noise(3, 0.3)}


def found(shown: dict[str, Floats], **told: int) -> list[Against]:
    hazard = Hazard(shown, QUANTITIES, **told)
    return related(hazard.rows, hazard.sources, hazard.learned, least_s=LEAST_S)


def test_an_honest_day_says_nothing() -> None:
    assert found(tank()) == []


def test_a_level_that_rises_while_the_flow_that_feeds_it_stands() -> None:
    shown = tank()
    shown["F"][PAST + BATCH :] = 2.0 + noise(4, 0.3)[PAST + BATCH :]
    [one] = found(shown)
    assert (one.suspects, one.witnesses, list(one.told)) == (("L", "F"), (), ["L"])
    told = one.told["L"].interval
    assert told.state is SignalState.CONTRADICTED
    assert abs((told.start - instant(at(BATCH))).total_seconds()) <= 600
    assert abs((told.end - instant(at(BATCH + FILL))).total_seconds()) <= 600
    assert told.resembles == Resemblance(told.start, told.end, "F")
    assert told.measure["first"] == pytest.approx(1.0, abs=0.3)
    assert told.measure["last"] == pytest.approx(5.0, abs=0.3)
    assert told.measure["flow"] == pytest.approx(2.0, abs=0.5)
    assert told.why == (
        f"{(told.end - told.start).total_seconds() / 3600:.1f} 小时液位由 {told.measure['first']:.4g} "
        f"升至 {told.measure['last']:.4g},而流量测点 F 停在 {told.measure['flow']:.4g}"
        f"(运行时可达 {told.measure['top']:.4g}),过去液位上升时它总在运行;"
        "二者不能都真实(或另有未计量的进料)"
    )
    assert one.told["L"].repeated and one.told["L"].drawn


def test_a_level_that_falls_while_the_flow_that_empties_it_stands() -> None:
    turn = STEPS % BATCH
    level = np.interp(turn, [0, PER_HOUR, 3 * PER_HOUR], [1.0, 5.0, 1.0])
    out = np.where((turn >= PER_HOUR) & (turn < 3 * PER_HOUR), 60.0, 2.0)
    shown = {"L": level + noise(1, 0.01), "F": out + noise(6, 0.3)}
    assert found(shown) == []
    shown["F"][PAST + BATCH :] = 2.0 + noise(4, 0.3)[PAST + BATCH :]
    [one] = found(shown)
    told = one.told["L"].interval
    assert (one.suspects, told.state) == (("L", "F"), SignalState.CONTRADICTED)
    assert abs((told.start - instant(at(BATCH + PER_HOUR))).total_seconds()) <= 600
    assert abs((told.end - instant(at(BATCH + 3 * PER_HOUR))).total_seconds()) <= 600
    assert (told.measure["first"], told.measure["last"]) == pytest.approx((5.0, 1.0), abs=0.3)
    assert "液位由 5" in told.why and "降至 1" in told.why and "或有泄漏" in told.why


def test_a_flow_that_runs_while_the_level_stands() -> None:
    turn = STEPS % (8 * PER_HOUR)
    ends = [0, 3 * PER_HOUR, 6 * PER_HOUR, 7 * PER_HOUR]
    level = np.interp(turn, ends, [1.0, 5.0, 5.0, 1.0]) + noise(1, 0.01)
    flow = np.where(turn < 3 * PER_HOUR, 60.0, 2.0) + noise(2, 0.3)
    assert found({"L": level, "F": flow}) == []
    flow[PAST + 3 * PER_HOUR : PAST + 6 * PER_HOUR] = 60.0
    [one] = found({"L": level, "F": flow})
    told = one.told["L"].interval
    assert "液位停在 5" in told.why and "流量测点 F 在运行,约 60" in told.why
    assert told.start >= instant(at(3 * PER_HOUR - 2)) and told.end <= instant(at(6 * PER_HOUR + 2))


@pytest.mark.parametrize(("hours", "told"), [(0.75, 0), (1.25, 1)])
def test_what_does_not_last_is_nothing(hours: float, told: int) -> None:
    shown = tank()
    begin = PAST + BATCH
    shown["F"][begin : begin + round(hours * PER_HOUR)] = 2.0
    assert len(found(shown)) == told


def test_where_the_level_also_rose_without_it_nothing_is_learned() -> None:
    shown = tank()
    shown["F"][PAST + BATCH :] = 2.0
    for batch in (3, 7):
        shown["F"][batch * BATCH : batch * BATCH + FILL] = 2.0
    assert found(shown) == []


@pytest.mark.parametrize(("until", "told"), [(TODAY, 1), (0, 0), (-PER_HOUR * 12, 0)])
def test_that_they_contradicted_each_other_lately_does_not_teach_that_they_do(until: int, told: int) -> None:
    shown = tank()
    shown["F"][PAST - 24 * PER_HOUR : PAST + until] = 2.0
    several = found(shown)
    assert [one.suspects for one in several] == [("L", "F")] * (2 * told)
    shown["F"][PAST - 48 * PER_HOUR : PAST + until] = 2.0
    assert found(shown) == [], "half of the past is too much to pass over"


def test_a_flow_that_always_runs_tells_nothing() -> None:
    shown = tank()
    shown["F"][:PAST] = 60.0 + noise(5, 0.3)[:PAST]
    shown["F"][PAST:] = 2.0
    assert found(shown) == []


def test_a_timetable_is_no_cause() -> None:
    """The flow runs longer, and the tank is filled in the midst of it: not as it begins."""
    shown = tank()
    shown["F"] = np.where((STEPS + 18) % BATCH < 50, 60.0, 2.0) + noise(2, 0.3)
    shown["F"][PAST + BATCH - 18 :] = 2.0
    assert found(shown) == []


def test_from_few_hours_nothing_is_learned() -> None:
    shown = tank()
    shown["F"][PAST + BATCH :] = 2.0
    assert found(shown, past=36 * PER_HOUR) == []


def test_without_a_flow_or_a_level_there_is_nothing_to_hold_against_each_other() -> None:
    shown = tank()
    shown["F"][PAST + BATCH :] = 2.0
    assert found({"L": shown["L"]}) == found({code: shown[code] for code in "FG"}) == []


def test_what_excludes_what() -> None:
    one = np.array([[0, 1, 1, 0, 0, 0] * 6], bool)
    assert exclusive(one, ~one, least=12, within=1).all()
    assert not exclusive(one, ~one, least=13, within=1).any(), "the one came too seldom"
    assert not exclusive(~one, one, least=13, within=1).any(), "the other came too seldom"
    assert not exclusive(one[:, :18], ~one[:, :18], least=1, within=1).any(), "three times are few"
    assert not exclusive(one, np.roll(one, 1), least=12, within=1).any(), "they come at once"
    late = np.array([[1, 0, 0, 0, 0, 0, 0, 1, 0] * 4], bool)
    early = np.array([[0, 1, 0, 0, 0, 0, 0, 0, 0] * 4], bool)
    assert not exclusive(late, early, least=1, within=1).any(), "the one does not begin as the other ends"
    assert exclusive(late, early, least=1, within=6).all()


def test_since_when_the_one_never_comes_without_the_other() -> None:
    one = np.array([[0, 1, 1, 0, 0, 0] * 6, [0] * 36], bool)
    other = one[:1] & (np.arange(36) >= 18)
    assert no_more(one, other) == {(0, 0): 19}
    other[0, 31:] = False
    assert no_more(one, other) == {}, "the last time it did"
    assert no_more(one, one[:1]) == {(0, 0): 1}
