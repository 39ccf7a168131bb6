"""Stuck with jitter: where no spread tells of it, and where few rows tell little of the spread."""

import numpy as np
import pytest

from rdchem.model.signal import SignalInterval
from rdchem.readings.learned import learn
from rdchem.readings.screen import screen
from rdchem.readings.series import Floats, Series

PAST_DAYS = 14


def of(values: Floats, per_day: int) -> list[SignalInterval]:
    """What is said of the days after the past."""
    seconds = np.arange(values.size) * 86400.0 / per_day
    past = PAST_DAYS * per_day
    return screen(Series(seconds[past:], values[past:]), learn(Series(seconds[:past], values[:past])))


def calm_at_times(seed: int, per_day: int) -> Floats:
    """Seventeen days of a level that hardly moves for a week, and moves a lot in the other ones; smoothly."""
    random = np.random.default_rng(seed)
    size = (PAST_DAYS + 3) * per_day
    slow = random.normal(0, 1, size + 2 * (per_day // 4))
    for _ in range(2):
        slow = np.convolve(slow, np.ones(per_day // 4 + 1) / (per_day // 4 + 1), "valid")
    slow[: 7 * per_day] *= 0.05
    return 5 + 10 * slow


@pytest.mark.parametrize(
    ("made", "expected"), [("noise", ["stuck_with_jitter"]), ("waves", []), ("none", [])]
)
def test_noise_where_nothing_was_white_before(made: str, expected: list[str]) -> None:
    values = calm_at_times(1, 96)
    day = slice((PAST_DAYS + 1) * 96, (PAST_DAYS + 2) * 96)
    held, size = values[day.start], 2 * values[: 7 * 96].std()
    if made == "noise":
        values[day] = held + np.random.default_rng(2).normal(0, size, 96)
    if made == "waves":
        values[day] = held + size * np.sin(np.arange(96) / 5)
    found = [one for one in of(values, 96) if one.state.value == "stuck_with_jitter"]
    assert [one.state.value for one in found] == expected
    for one in found:
        assert one.measure["white"] > 0.74 > 0.6 > one.measure["usual_white"]
        assert "白度" in one.why
        hours = (one.start.timestamp() / 3600 - day.start / 4, one.end.timestamp() / 3600 - day.stop / 4)
        assert np.abs(hours).max() <= 2


def test_what_was_white_before_is_not_told_of_by_its_whiteness() -> None:
    values = calm_at_times(1, 96) + np.random.default_rng(3).normal(0, 1, 17 * 96)
    values[15 * 96 : 16 * 96] = values[15 * 96] + np.random.default_rng(2).normal(0, 1, 96)
    assert of(values, 96) == []


@pytest.mark.parametrize("calm", [2, 3])
def test_of_few_rows_not_only_the_calmest_hours_are_noise(calm: int) -> None:
    """Hours of a process that keeps near a set point, but wanders around it."""
    random = np.random.default_rng(calm)
    size = 17 * 24
    values = 50 + np.cumsum(random.normal(0, 2, size)) % 40
    wave = 0.6 * np.sign(np.arange(48) - 23.5) + random.normal(0, 0.2, 48)
    wave[12:36] = wave[12:36].mean() + random.normal(0, 0.2, 24)
    values[15 * 24 - 12 : 16 * 24 + 12] = 70 + wave
    assert "stuck_with_jitter" not in [one.state.value for one in of(values, 24)]
    values[15 * 24 - 12 : 16 * 24 + 12] = 70 + random.normal(0, 0.2, 48)
    assert "stuck_with_jitter" in [one.state.value for one in of(values, 24)]
