"""Frozen and forged: jitter, replays, offsets and drifts, each on both sides of what is told of."""

from datetime import timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from rdchem.model.signal import SignalInterval
from rdchem.readings.context import densest
from rdchem.readings.keeping import packed, unpacked
from rdchem.readings.learned import Learned, learn
from rdchem.readings.own_past import screen_by_own_past
from rdchem.readings.screen import instant, screen
from rdchem.readings.series import DAY_S, Floats, Series, ordered
from rdchem.readings.whiter import noise_between

STEP_S = 300.0
DAY = 288
DAYS = 14
DEVIATION = float(np.std(20 + 3 * np.sin(np.arange(DAY) / DAY * 2 * np.pi)))


def swinging(days: float, seed: int = 1) -> Floats:
    """A day's swing, a slow wandering and noise."""
    random = np.random.default_rng(seed)
    size = int(days * DAY)
    slow = np.convolve(random.normal(0, 1, size + 72), np.ones(73) / 73, "valid")
    return 20 + 3 * np.sin(np.arange(size) / DAY * 2 * np.pi) + 3 * slow + random.normal(0, 0.2, size)


WHOLE = swinging(DAYS + 3)
PAST = ordered(np.arange(DAYS * DAY) * STEP_S, WHOLE[: DAYS * DAY])


@pytest.fixture(scope="module")
def usual() -> Learned:
    learned = learn(PAST)
    assert learned is not None
    return learned


def with_day(values: Floats) -> Series:
    """The three days after the past, the middle one replaced."""
    shown = WHOLE[DAYS * DAY :].copy()
    shown[DAY : 2 * DAY] = values
    return Series((DAYS * DAY + np.arange(shown.size)) * STEP_S, shown)


HONEST = WHOLE[(DAYS + 1) * DAY : (DAYS + 2) * DAY]
YESTERDAY = WHOLE[DAYS * DAY : (DAYS + 1) * DAY]
LONG_AGO = WHOLE[5 * DAY + 100 : 6 * DAY + 100]
NOISE = np.random.default_rng(9).normal(0, 1, DAY)
RAMP = np.arange(DAY) / DAY
SEAM = np.clip(np.minimum(RAMP, 1 - RAMP) * 12, 0, 1)
FAULTS = {
    "stuck": ("stuck", np.full(DAY, HONEST[0])),
    "jitter": ("stuck_with_jitter", HONEST[0] + 0.02 * DEVIATION * NOISE),
    "replay": ("replayed", YESTERDAY),
    "replay_of_long_ago": ("replayed", LONG_AGO),
    "replay_with_noise": ("replayed", YESTERDAY + 0.02 * DEVIATION * NOISE),
    "replay_blended": ("replayed", SEAM * YESTERDAY + (1 - SEAM) * HONEST),
    "offset_up": ("offset", HONEST + 3 * DEVIATION),
    "offset_down": ("offset", HONEST - 3 * DEVIATION),
    "drift_up": ("drift", HONEST + 3 * DEVIATION * RAMP),
    "drift_down": ("drift", HONEST - 3 * DEVIATION * RAMP),
}


def overlap(found: SignalInterval, start: float, end: float) -> float:
    shared = min(end, found.end.timestamp()) - max(start, found.start.timestamp())
    return max(0.0, shared) / (end - start)


@pytest.mark.parametrize("fault", FAULTS)
def test_a_day_of_every_fault_is_named_by_its_interval(usual: Learned, fault: str) -> None:
    state, values = FAULTS[fault]
    found = screen(with_day(values), usual)
    assert [one.state for one in found] == [state]
    start = (DAYS + 1) * DAY_S
    assert overlap(found[0], start, start + DAY_S) > 0.8
    assert (found[0].end - found[0].start).total_seconds() < 1.2 * DAY_S
    assert found[0].why


@pytest.mark.parametrize("fault", FAULTS)
def test_and_so_without_a_past_file(fault: str) -> None:
    state, values = FAULTS[fault]
    rest = with_day(values)
    series = Series(np.concatenate((PAST.seconds, rest.seconds)), np.concatenate((PAST.values, rest.values)))
    start = (DAYS + 1) * DAY_S
    assert [one.state for one in screen_by_own_past(series) if overlap(one, start, start + DAY_S) > 0.5] == [
        state
    ]


def test_what_is_honest_is_not_told_of(usual: Learned) -> None:
    assert screen(with_day(HONEST), usual) == []


@pytest.mark.parametrize(
    "values",
    [
        HONEST + 1.2 * DEVIATION,  # lower than two deviations
        HONEST + 1.2 * DEVIATION * RAMP,
        YESTERDAY + 0.4 * DEVIATION * NOISE,  # noise greater than what days differ by
        HONEST[0] + 3 * (HONEST - HONEST.mean()) / HONEST.std() * 0.3 + 0.3 * NOISE,  # quiet, but alive
    ],
)
def test_what_is_within_the_usual_is_not_told_of(usual: Learned, values: Floats) -> None:
    assert [one.state for one in screen(with_day(values), usual) if one.state in ("replayed", "offset")] == []


def test_what_is_learned_is_kept_in_few_bytes_and_judges_alike() -> None:
    compact = learn(PAST, grid_s=900.0)
    assert compact is not None
    kept = packed(compact)
    assert len(kept) < 7_000
    again = unpacked(kept)
    assert packed(again) == kept
    for fault, (state, values) in FAULTS.items():
        if fault == "replay_of_long_ago":  # by 8 h 20 min: not by whole steps of the coarser grid
            continue
        assert [one.state for one in screen(with_day(values), again)] == [state], fault


def test_a_replay_names_what_it_repeats(usual: Learned) -> None:
    (found,) = screen(with_day(LONG_AGO), usual)
    assert found.resembles is not None
    assert abs((found.resembles.start - instant((5 * DAY + 100) * STEP_S)).total_seconds()) < 3600


@pytest.mark.parametrize(("keeps", "expected"), [(0.0, ["replayed"]), (0.5, [])])
def test_a_replay_leaves_nothing_but_noise(usual: Learned, keeps: float, expected: list[str]) -> None:
    noise = np.random.default_rng(5).normal(0, 0.05, DAY)
    left = np.array(
        [noise[max(0, at - 9) : at + 1] @ keeps ** np.arange(min(at, 9), -1, -1) for at in range(DAY)]
    )
    shown = WHOLE[DAYS * DAY :].copy()
    shown[DAY : 2 * DAY] = WHOLE[5 * DAY : 6 * DAY] + left
    found = screen(ordered((DAYS * DAY + np.arange(shown.size)) * STEP_S, shown), usual)
    assert [one.state.value for one in found] == expected


def test_a_signal_that_is_the_same_every_day_does_not_replay_itself() -> None:
    day = 20 + 3 * np.sin(np.arange(DAY) / DAY * 2 * np.pi)
    series = ordered(np.arange(10 * DAY) * STEP_S, np.tile(day, 10))
    learned = learn(series.between(0, 7 * DAY_S))
    assert screen(series.between(7 * DAY_S, 10 * DAY_S), learned) == []


def test_a_signal_that_rests_at_its_lowest_is_not_stuck() -> None:
    values = np.zeros(10 * DAY)
    values[::400] = 5.0
    series = ordered(np.arange(10 * DAY) * STEP_S, values)
    assert screen(series.between(7 * DAY_S, 10 * DAY_S), learn(series.between(0, 7 * DAY_S))) == []


def test_a_signal_that_never_moved_is_stuck_only_where_nothing_is_known_of_it() -> None:
    series = ordered(np.arange(10 * DAY) * STEP_S, np.full(10 * DAY, 45.0))
    assert screen_by_own_past(series) == screen(series, learn(series)) == []
    assert [one.state for one in screen(series, None)] == ["stuck"]


@pytest.mark.parametrize(
    ("matches", "expected"),
    [([0, 1, 1, 1, 0], (1, 4)), ([1, 0, 1, 1, 1], (2, 5)), ([1, 1, 0, 1, 1], (0, 5)), ([0, 0], (0, 0))],
)
def test_the_densest_run(matches: list[int], expected: tuple[int, int]) -> None:
    assert densest(np.array(matches, bool)) == expected


rows = st.lists(
    st.tuples(
        st.integers(0, 400),
        st.one_of(st.floats(-1e9, 1e9), st.floats(), st.sampled_from([0.0, 1.0])),
    ),
    max_size=60,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@example([(0, 0.0), (1, 8e-126), (120, 0.0), (144, 0.0)], Random(0), 0)
@given(rows, st.randoms(), st.integers(-5, 5))
def test_any_rows_in_any_order_at_any_time(rows: list[tuple[int, float]], shuffle: object, days: int) -> None:
    """Nothing raises; the order of rows says nothing; a shift by whole days shifts the intervals."""
    mixed = list(rows)
    shuffle.shuffle(mixed)  # type: ignore[attr-defined]
    straight = told(rows, 0)
    assert told(mixed, 0) == straight
    shifted = [(state, start + days * DAY_S, end + days * DAY_S) for state, start, end in straight]
    assert told(rows, days) == shifted


def told(rows: list[tuple[int, float]], days: int) -> list[tuple[str, float, float]]:
    """What is found in rows every half an hour, by their own past and by one another."""
    seconds = np.array([row[0] for row in rows], float) * 1800.0 + days * DAY_S
    series = ordered(seconds, np.array([row[1] for row in rows], float))
    until = (500 * 1800.0) + days * DAY_S
    found = screen_by_own_past(series, span=(-1e6, 1e6), until=until)
    found += screen(series, learn(series), span=(-1e6, 1e6), until=until)
    return [(one.state.value, one.start.timestamp(), one.end.timestamp()) for one in found]


def calm_at_first(seed: int) -> Floats:
    """Fifteen days of a wandering about a level, the first four of them calm and so near one another."""
    random = np.random.default_rng(seed)
    size, smooth = 15 * 96, 33
    slow = np.convolve(random.normal(0, 1, size + smooth - 1), np.ones(smooth) / smooth, "valid")
    slow[: 4 * 96] *= 0.25
    return 20 + slow


@pytest.mark.parametrize(("noise", "expected"), [(0.03, ["replayed"]), (None, [])])
def test_a_replay_no_nearer_than_calm_days_differs_by_noise(noise: float | None, expected: list[str]) -> None:
    values, past = calm_at_first(5), 14 * 96
    if noise is not None:
        values[past:] = values[past - 96 : past] + np.random.default_rng(5).normal(0, noise, 96)
    seconds = np.arange(values.size) * 900.0
    found = screen(Series(seconds[past:], values[past:]), learn(Series(seconds[:past], values[:past])))
    assert [one.state.value for one in found] == expected
    for one in found:
        assert "白度" in one.why
        assert one.resembles is not None
        assert one.start - one.resembles.start == timedelta(days=1)


@pytest.mark.parametrize("night", [1.0, 0.1])
def test_noise_over_a_replay_is_as_great_at_every_hour(night: float) -> None:
    values, past = calm_at_first(5), 14 * 96
    noise = np.random.default_rng(5).normal(0, 0.03, 96)
    noise[:36] *= night
    values[past:] = values[past - 96 : past] + noise
    assert (noise_between(values, past, past, 96, 900.0) is not None) == (night == 1.0)
