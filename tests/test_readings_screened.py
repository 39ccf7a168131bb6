"""Sources of a hazard are told of in the kernel as in the verdict of a day."""

import numpy as np
import pytest

from rdchem.model.signal import SignalState
from rdchem.model.source import Quantity
from rdchem.readings.against import weighed
from rdchem.readings.beside import sensors
from rdchem.readings.plain import Stretches
from rdchem.readings.related import related
from rdchem.readings.screened import Usual, screened
from rdchem.readings.sorted_day import SortedDay
from tests.siblings import DAY_S, LEAST_S, PAST, PER_HOUR, STEP_S, Hazard, noise, process

BEGIN, END = PAST + 3 * PER_HOUR, PAST + 7 * PER_HOUR


def hazard(quantity: Quantity = Quantity.TEMPERATURE, **hazards: str) -> Hazard:
    shown = {"A": process(5) + noise(1), "B": 2 * process(5) + 30 + noise(2)}
    shown["B"][BEGIN:END] += 8.0
    return Hazard(shown, dict.fromkeys(shown, quantity), hazards)


def day_of(made: Hazard) -> SortedDay:
    own = list(made.rows.values())
    return SortedDay(
        tuple(made.rows),
        np.cumsum([0, *(one.seconds.size for one in own)]),
        np.concatenate([one.seconds * 1e6 for one in own]).astype(np.int64),
        np.concatenate([one.values for one in own]),
        np.zeros(sum(one.seconds.size for one in own), np.uint8),
        np.zeros(len(own), np.int64),
    )


def found(made: Hazard, *plain: Stretches, least_s: float = LEAST_S) -> list[tuple[str, str, int, int, str]]:
    usual = Usual(made.learned, sensors(made.sources), least_s - STEP_S)
    day = day_of(made)
    return [
        (day.sources[int(one.source[0])], one.state, int(one.begin_us[0]), int(one.end_us[0]), *one.why)
        for one in screened(day, usual, plain)
    ]


@pytest.mark.parametrize("quantity", [Quantity.TEMPERATURE, Quantity.LEVEL])
def test_the_kernel_tells_what_the_verdict_tells(quantity: Quantity) -> None:
    made = hazard(quantity)
    alone = found(hazard(quantity, B="H2"))
    told = weighed(
        dict.fromkeys(made.rows, ()), related(made.rows, made.sources, made.learned, least_s=LEAST_S)
    )
    expected = [
        (code, one.state.value, round(one.start.timestamp() * 1e6), round(one.end.timestamp() * 1e6), one.why)
        for code, shown in told.items()
        for one in (each.interval for each in shown)
    ]
    assert alone == []
    assert found(made) == expected
    assert [one[:2] for one in expected] == [("A", "disagrees"), ("B", "disagrees")]


def test_what_the_plain_part_tells_explains_it() -> None:
    outside = Stretches(
        SignalState.OUT_OF_RANGE.value,
        np.array([1]),
        np.array([BEGIN * STEP_S * 10**6]),
        np.array([END * STEP_S * 10**6]),
        np.array([48]),
    )
    assert found(hazard(), outside) == []


def test_a_short_past_says_nothing_of_others() -> None:
    assert found(hazard(), least_s=5 * DAY_S) == []
