"""Noise and last digits: what is unlike the past of a signal, on both sides of what is told of."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rdchem.model.signal import APART, SignalInterval
from rdchem.readings.decimals import UNTOLD, usual_decimals
from rdchem.readings.keeping import packed, unpacked
from rdchem.readings.learned import learn
from rdchem.readings.screen import instant, screen
from rdchem.readings.series import Floats, Series
from rdchem.readings.texture import window_length_s

STEP_S = 60.0
HOUR = 60
DAY = 24 * HOUR
PAST = 8 * DAY


def process(seed: int = 1, digits: int = 1, days: int = 10) -> Floats:
    """A slow wandering and noise, as an instrument of so many decimals shows them."""
    random = np.random.default_rng(seed)
    size = days * DAY
    slow = random.normal(0, 1, size + 4 * HOUR)
    for _ in range(2):
        slow = np.convolve(slow, np.ones(2 * HOUR + 1) / (2 * HOUR + 1), "valid")
    return np.round(50 + 60 * slow + random.normal(0, 0.4, size), digits)


def found(values: Floats, past: int = PAST) -> list[SignalInterval]:
    seconds = np.arange(values.size) * STEP_S
    usual = learn(Series(seconds[:past], values[:past]))
    assert usual is not None
    assert unpacked(packed(usual)).texture == usual.texture
    return screen(Series(seconds[past:], values[past:]), usual)


def told(values: Floats) -> list[tuple[str, float, float]]:
    """States, and hours after the past from where to where."""
    return [(one.state.value, *_hours(one)) for one in found(values)]


def _hours(one: SignalInterval) -> tuple[float, float]:
    begin = instant(PAST * STEP_S)
    return (one.start - begin).total_seconds() / 3600, (one.end - begin).total_seconds() / 3600


def stretch(first_h: float, hours: float) -> slice:
    first = PAST + round(first_h * HOUR)
    return slice(first, first + round(hours * HOUR))


@pytest.mark.parametrize("digits", [0, 1, 2, 3])
def test_an_honest_signal_of_any_decimals_shows_nothing(digits: int) -> None:
    assert found(process(2, digits)) == []


@pytest.mark.parametrize(
    ("values", "decimals"),
    [
        (process(digits=0), 0),
        (process(digits=2), 2),
        (process(digits=3).astype(np.float32).astype(float), 3),
        (1e6 * process(digits=1) + 0.1, 1),
        ((1e6 * process(digits=1) + 0.1).astype(np.float32).astype(float), 0),  # it holds no more
        (np.nextafter(process(digits=9), 100), 9),  # as arithmetic leaves it
        (np.where(np.arange(10 * DAY) % 2000, process(), 50.123), 1),
        (np.where(np.arange(10 * DAY) % 20, process(), 50.123), 3),
        (np.sqrt(process()), UNTOLD),
        (np.repeat(process(), 200)[: 90 * 200], UNTOLD),  # hardly ever moved
        (np.tile([20.0, 20.5], DAY), UNTOLD),  # on and off
    ],
)
def test_decimals_are_those_of_what_it_moved_to(values: Floats, decimals: int) -> None:
    assert usual_decimals(values) == decimals


def test_noise_over_a_constant_with_decimals_no_instrument_gave() -> None:
    values, part = process(), stretch(10, 4)
    values[part] = values[part.start] + np.random.default_rng(3).normal(0, 0.3, 4 * HOUR)
    (one,) = found(values)
    assert (one.state.value, *_hours(one)) == ("stuck_with_jitter", 10.0, 13 + 59 / 60)
    assert "过去的读数至多 1 位" in one.why


def test_noise_over_yesterday_with_decimals_no_instrument_gave() -> None:
    values, part = process(), stretch(26, 6)
    before = values[part.start - DAY : part.stop - DAY]
    values[part] = before + np.random.default_rng(3).normal(0, 0.3, 6 * HOUR)
    (one,) = found(values)
    assert (one.state.value, *_hours(one)) == ("replayed", 26.0, 31 + 59 / 60)
    assert one.resembles is not None
    assert (one.start - one.resembles.start).total_seconds() == 86400


@pytest.mark.parametrize(("grows", "state"), [(False, "offset"), (True, "drift")])
def test_what_is_added_shows_in_what_is_left_beyond_the_last_digit(grows: bool, state: str) -> None:
    values, part = process(), stretch(10, 4)
    values[part] += np.arange(1, 4 * HOUR + 1) * 0.0137 if grows else 0.537
    (one,) = found(values)
    assert (one.state.value, *_hours(one)) == (state, 10.0, 13 + 59 / 60)
    assert APART in one.measure


def test_too_many_decimals_are_told_as_such_where_nothing_explains_them() -> None:
    values, part = process(), stretch(10, 4)
    values[part] += np.random.default_rng(3).normal(0, 0.05, 4 * HOUR)
    (one,) = found(values)
    assert (one.state.value, *_hours(one)) == ("digits", 10.0, 13 + 59 / 60)


@pytest.mark.parametrize(("minutes", "states"), [(30, []), (31, ["digits"])])
def test_too_many_decimals_for_half_an_hour(minutes: int, states: list[str]) -> None:
    values, part = process(), stretch(10, minutes / 60)
    values[part] += np.random.default_rng(3).normal(0, 0.05, minutes)
    assert [one[0] for one in told(values)] == states


@pytest.mark.parametrize(("whole", "states"), [(2, ["digits"]), (20, ["digits", "digits"])])
def test_a_few_whole_values_do_not_part_a_stretch(whole: int, states: list[str]) -> None:
    values, part = process(), stretch(10, 2)
    values[part] += np.random.default_rng(3).normal(0, 0.05, 2 * HOUR)
    middle = part.start + HOUR
    values[middle : middle + whole] = values[middle : middle + whole].round(1)
    assert [one[0] for one in told(values)] == states


def test_what_is_told_ends_where_the_signal_does() -> None:
    values, first = process(digits=3), PAST + 30
    values[first:] += np.random.default_rng(3).normal(0, 4, values.size - first).round(3)
    (one,) = found(values[:-10], first)
    assert one.start == instant(first * STEP_S)
    assert one.end == instant((values.size - 11) * STEP_S)


@pytest.mark.parametrize(("hours", "states"), [(1, ["digits"]), (4, ["stuck_with_jitter"])])
def test_in_an_hour_anything_may_stand_still(hours: int, states: list[str]) -> None:
    values, part = process(), stretch(10, hours)
    values[part] = values[part.start] + np.random.default_rng(3).normal(0, 0.3, hours * HOUR)
    assert [one[0] for one in told(values)] == states


@pytest.mark.parametrize("over", ["a constant", "yesterday", "yesterday, a little", "yesterday and more"])
def test_what_moves_smoothly_is_not_noise_over_something(over: str) -> None:
    values, part = process(), stretch(26, 6)
    before = values[part.start - DAY : part.stop - DAY].copy()
    random = np.random.default_rng(3).normal(0, 0.3, before.size)
    smooth = 0.1 * np.sin(np.arange(before.size) / 20)
    added = {
        "a constant": 50 + smooth,
        "yesterday": before + smooth,
        "yesterday, a little": before + smooth / 2,
        "yesterday and more": before + 3 + random,
    }
    values[part] = added[over]
    assert "digits" in [one[0] for one in told(values)]


def test_values_below_all_of_the_past_may_be_shown_more_finely() -> None:
    values, part = process(), stretch(10, 1)
    values[part] = 0.1 * process(4, 1)[:HOUR]
    assert "digits" not in [one[0] for one in told(values)]


@pytest.mark.parametrize(("hours", "states"), [(2, []), (3, ["digits"])])
def test_readings_typed_to_the_nearest_half_for_three_hours(hours: int, states: list[str]) -> None:
    values, part = process(), stretch(10, hours)
    values[part] = np.round(values[part] * 2) / 2
    several = told(values)
    assert several == [(state, 10.0, 10.0 + hours) for state in states]


def test_an_instrument_of_halves_always_ends_in_0_or_5() -> None:
    assert found(np.round(process() * 2) / 2) == []


@pytest.mark.parametrize(
    ("hours", "times", "states"), [(5, 4, []), (6, 4, ["noisy"]), (12, 2.2, []), (6, 0.1, ["noisy"])]
)
def test_other_noise_than_ever_for_six_hours(hours: int, times: float, states: list[str]) -> None:
    values, part = process(digits=3), stretch(10, hours)
    level = np.convolve(values, np.ones(31) / 31, "same")[part]
    values[part] = np.round(level + times * (values[part] - level), 3)
    assert told(values) == [(state, 10.0, 10.0 + hours) for state in states]


def test_who_always_showed_one_value_may_begin_to_show_others() -> None:
    values = np.zeros(10 * DAY)
    values[:PAST:500] = 0.3
    values[PAST + 100 :] = np.random.default_rng(3).normal(5, 1, values.size - PAST - 100).round(1)
    assert "noisy" not in [one[0] for one in told(values)]


def test_what_rests_is_not_quiet() -> None:
    values, part = process(digits=3), stretch(10, 8)
    values[part] = np.where(np.arange(8 * HOUR) % 40 == 0, 50.01, 50.0)
    assert "noisy" not in [one[0] for one in told(values)]


def test_a_past_of_less_than_a_day_tells_nothing_of_noise() -> None:
    values = process(digits=3)
    values[PAST:] += np.random.default_rng(3).normal(0, 4, values.size - PAST).round(3)
    short = values[PAST - 20 * HOUR :]
    assert [one.state.value for one in found(values)] == ["noisy"]
    assert "noisy" not in [one.state.value for one in found(short, 20 * HOUR)]


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 10**6), st.integers(0, 3), st.floats(0.01, 100))
def test_honest_signals_of_any_scale_show_nothing_of_it(seed: int, digits: int, scale: float) -> None:
    values = np.round(scale * process(seed), digits)
    assert not {"digits", "noisy"} & {one.state.value for one in found(values)}


def test_what_noise_lies_over_is_no_constant_where_the_signal_is_often_as_calm() -> None:
    random, part = np.random.default_rng(5), stretch(10, 4)
    values = random.normal(50, 0.4, 10 * DAY).round(1)
    values[: PAST // 2] += np.repeat(random.normal(0, 40, PAST // 2 // 30), 30).round(1)
    values[part] += random.normal(0, 0.05, 4 * HOUR)
    assert [one[0] for one in told(values)] == ["digits"]


def test_a_shift_is_told_beside_decimals_it_does_not_explain() -> None:
    values, part = process(days=11), stretch(20, 24)
    values[part] += 3 * values[:PAST].std() + np.random.default_rng(3).normal(0, 0.05, 24 * HOUR)
    assert np.count_nonzero(values[part] < values[:PAST].max()) > 6
    assert sorted({one[0] for one in told(values)}) == ["digits", "offset"]


@pytest.mark.parametrize("every", [2, 10])
def test_who_sends_less_or_more_often_trembles_by_another_measure(every: int) -> None:
    values = process(digits=3)
    seconds = np.arange(values.size) * STEP_S
    often, seldom = Series(seconds, values), Series(seconds[::every], values[::every])
    for past, shown in ((often, seldom), (seldom, often)):
        found = screen(shown.between(PAST * STEP_S, np.inf), learn(past.between(0, PAST * STEP_S)))
        assert "noisy" not in [one.state.value for one in found]


@pytest.mark.parametrize(
    ("step_s", "hours"), [(10, 1), (300, 1), (300.007, 1), (331, 2), (900, 3), (3600, 12)]
)
def test_a_window_holds_a_dozen_readings(step_s: float, hours: int) -> None:
    assert window_length_s(step_s) == 3600 * hours
