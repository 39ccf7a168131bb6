"""Offsets and drifts of a signal that moves smoothly: at any minute of the hour, and of any length."""

import numpy as np
import pytest

from rdchem.readings.grid import Grid
from rdchem.readings.hours import hourly
from rdchem.readings.learned import learn
from rdchem.readings.screen import screen
from rdchem.readings.series import Floats, Series

STEP_S = 900.0
DAY = 96
PAST = 14 * DAY


def smooth(seed: int) -> Floats:
    """Seventeen days of a swing and a wandering without edges, and a last digit of noise."""
    random = np.random.default_rng(seed)
    size = PAST + 3 * DAY
    slow = random.normal(0, 1, size + 2 * DAY)
    for _ in range(2):
        slow = np.convolve(slow, np.ones(DAY + 1) / (DAY + 1), "valid")
    return np.round(8 + 2 * np.sin(np.arange(size) / DAY * 2 * np.pi) + 8 * slow, 2)


def found(values: Floats) -> list[tuple[str, float, float]]:
    """States, and the hours after the past from where to where."""
    seconds = np.arange(values.size) * STEP_S
    shown = screen(Series(seconds[PAST:], values[PAST:]), learn(Series(seconds[:PAST], values[:PAST])))
    begin = PAST * STEP_S
    return [
        (one.state.value, (one.start.timestamp() - begin) / 3600, (one.end.timestamp() - begin) / 3600)
        for one in shown
    ]


@pytest.mark.parametrize("quarter", range(4))
@pytest.mark.parametrize("hours", [12, 17.5, 23, 24])
def test_an_offset_of_any_length_from_any_minute_on(quarter: int, hours: float) -> None:
    values = smooth(3)
    begin = DAY // 2 + quarter
    after = begin + round(4 * hours)
    values[PAST + begin : PAST + after] -= 2.5 * values[:PAST].std()
    ((state, start, end),) = found(np.round(values, 2))
    assert state == "offset"
    assert abs(start - begin / 4) <= 1
    assert abs(end - after / 4) <= 1


@pytest.mark.parametrize("quarter", range(4))
def test_a_drift_until_any_minute(quarter: int) -> None:
    values = smooth(4)
    begin = DAY // 2 + quarter
    values[PAST + begin :][:DAY] += 2.5 * values[:PAST].std() * np.arange(DAY) / DAY
    ((state, start, end),) = found(np.round(values, 2))
    assert state == "drift"
    assert abs(end - (begin + DAY) / 4) <= 1
    assert end - start >= 18


def test_nothing_is_told_of_the_same_days_without() -> None:
    assert found(smooth(3)) == found(smooth(4)) == []


@pytest.mark.parametrize("first", range(5))
def test_an_hour_shows_what_it_showed_before_a_leap_or_after_it(first: int) -> None:
    leap = np.where(np.arange(8) < first, 0.0, 1.0)
    assert set(hourly(Grid(0, STEP_S, leap)).values) <= {0.0, 1.0}
