"""A signal screened: what is said of it, on both sides of each threshold."""

from datetime import timedelta

import numpy as np
import pytest

from rdchem.model.signal import SignalInterval
from rdchem.readings.learned import learn
from rdchem.readings.screen import instant, screen
from rdchem.readings.series import Floats, Series, ordered

STEP_S = 300.0
DAY = 288


def wandering(days: float, seed: int = 1, start: float = 0.0) -> Series:
    """A day's swing with noise of its own, each value unlike the one before."""
    seconds = start + np.arange(int(days * DAY)) * STEP_S
    noise = np.random.default_rng(seed).normal(0, 0.3, seconds.size)
    return ordered(seconds, 20 + 3 * np.sin(seconds / 86400 * 2 * np.pi) + noise)


def changed(series: Series, first: int, values: Floats) -> Series:
    shown = series.values.copy()
    shown[first : first + values.size] = values
    return Series(series.seconds, shown)


def states(found: list[SignalInterval]) -> list[str]:
    return [one.state.value for one in found]


def test_an_honest_signal_has_no_intervals() -> None:
    assert screen(wandering(2, seed=2, start=7 * 86400), learn(wandering(7))) == []


@pytest.mark.parametrize(("rows", "expected"), [(12, []), (14, ["stuck"])])
def test_stuck_for_more_than_an_hour(rows: int, expected: list[str]) -> None:
    series = changed(wandering(1), 100, np.full(rows, 20.0))
    found = screen(series, learn(wandering(7)))
    assert states(found) == expected
    if expected:
        assert found[0].start == instant(100 * STEP_S)
        assert found[0].end == instant((100 + rows - 1) * STEP_S)


@pytest.mark.parametrize(("missing", "expected"), [(4, []), (7, ["gap"])])
def test_a_gap_is_longer_than_six_steps(missing: int, expected: list[str]) -> None:
    series = wandering(1)
    kept = np.delete(np.arange(DAY), np.arange(50, 50 + missing))
    series = Series(series.seconds[kept], series.values[kept])
    assert states(screen(series, learn(wandering(7)))) == expected


def test_a_stopped_stream_is_silent_from_its_last_row_on() -> None:
    series = wandering(1)
    until = float(series.seconds[-1]) + 7200
    found = screen(series, learn(wandering(7)), until=until)
    assert states(found) == ["silent"]
    assert found[0].end - found[0].start == timedelta(hours=2)
    assert screen(series, learn(wandering(7)), until=float(series.seconds[-1]) + 600) == []


def test_out_of_range() -> None:
    series = changed(wandering(1), 10, np.array([41.0, 42.0, 40.0]))
    found = screen(series, learn(wandering(7)), span=(0.0, 40.0))
    out = [one for one in found if one.state == "out_of_range"]
    assert [(one.start, one.end) for one in out] == [(instant(10 * STEP_S), instant(11 * STEP_S))]
    assert out[0].measure["worst"] == 42.0


def test_nothing_can_be_said_of_nothing() -> None:
    empty = ordered(np.array([]), np.array([]))
    assert learn(empty) is None
    assert screen(empty, None, until=10.0) == []


def test_rows_in_any_order_are_one_series() -> None:
    seconds, values = np.array([3.0, 1, 2, 2, np.nan]), np.array([3.0, np.inf, 5, 4, 1])
    series = ordered(seconds, values)
    assert series.seconds.tolist() == [1, 2, 3]
    assert np.array_equal(series.values, [np.nan, 5, 3], equal_nan=True)
    assert (series.duplicates, series.conflicts, series.disordered, series.dateless) == (1, 1, 1, 1)
    with pytest.raises(ValueError, match="one length"):
        ordered(seconds, values[:2])


def resting(value: float, lasts: list[int]) -> Series:
    """A week that wanders, but stands at one value for so many rows each day."""
    values = wandering(7).values.copy()
    for day, rows in enumerate(lasts):
        values[day * DAY : day * DAY + rows] = value
    return Series(wandering(7).seconds, values)


def stands(value: float, rows: int) -> Series:
    return changed(wandering(1, seed=2, start=7 * 86400), 100, np.full(rows, value))


def test_what_never_had_another_value_is_not_stuck_at_it() -> None:
    flat = learn(changed(wandering(7), 0, np.full(7 * DAY, 5.0)))
    assert screen(stands(5.0, DAY - 100).between(7 * 86400 + 30_000, 8 * 86400), flat) == []
    assert "stuck" in states(screen(stands(6.0, 60), flat))


def test_at_the_value_it_rests_at_a_signal_may_rest_as_long_as_ever() -> None:
    usual = learn(resting(20.0, [60] * 7))
    assert states(screen(stands(20.0, 70), usual)) == []
    assert states(screen(stands(21.0, 70), usual)) == ["stuck"]
    assert states(screen(stands(20.0, 120), usual)) == ["stuck"]


def test_rests_that_outdo_each_other_may_be_outdone_again() -> None:
    usual = learn(resting(20.0, [20, 30, 45, 60, 30, 15, 20]))
    assert states(screen(stands(20.0, 90), usual)) == []
    assert states(screen(stands(21.0, 90), usual)) == ["stuck"]


@pytest.mark.parametrize(("rows", "expected"), [(20, []), (23, ["stuck"])])
def test_a_flat_top_is_stuck_an_hour_after_the_longest_one(rows: int, expected: list[str]) -> None:
    past = changed(wandering(7), 3 * DAY, np.full(10, 23.0))  # three quarters of an hour
    shown = changed(wandering(1, seed=2, start=7 * 86400), 60, np.full(rows, 23.0))
    assert states(screen(shown, learn(past))) == expected


@pytest.mark.parametrize(
    ("kind", "expected"), [("noise", ["stuck_with_jitter"]), ("smooth", ["noisy"]), ("rests", [])]
)
def test_jitter_is_noise_around_a_value(kind: str, expected: list[str]) -> None:
    random = np.random.default_rng(3)
    made = {
        "noise": random.normal(0, 0.02, 200),
        "smooth": 0.02 * np.sin(np.arange(200) / 6),
        "rests": np.where(np.arange(200) % 5 == 0, 0.02, 0.0),
    }[kind]
    found = screen(changed(wandering(1, seed=2, start=7 * 86400), 60, 20 + made), learn(wandering(7)))
    assert states(found) == expected


def test_a_fault_of_the_past_is_no_excuse() -> None:
    past = changed(wandering(7), 3 * DAY, np.full(DAY, 21.0))
    assert states(screen(past.between(3 * 86400, 5 * 86400), learn(past))) == ["stuck"]
