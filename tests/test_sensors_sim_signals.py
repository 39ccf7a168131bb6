"""Simulated signals are pure, move like processes, stay within thresholds; faults begin when they say."""

from datetime import UTC, date, datetime, time
from statistics import mean

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rdchem.model.source import CameraStatus, Quantity, Readings, Source
from sensors_sim import faults
from sensors_sim.county import site
from sensors_sim.morning import Morning, morning
from sensors_sim.processes import Process, honest_signal, operation
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.signals import DAY_S, Signal, event, noise, share, walk, wave
from sensors_sim.window import Window
from sensors_sim.wire import Sent

DAY = date(2026, 9, 15)
MONTH_S = 31 * DAY_S
SECONDS = st.integers(int(datetime(2025, 1, 1, tzinfo=UTC).timestamp()), 2_000_000_000)
SALTS = st.integers(0, 2**32 - 1)


def sensor(seed: int, quantity: Quantity) -> Source:
    """The first of a quantity in the county of a seed."""
    sites = (site(seed, index) for index in range(10))
    return next(one for where in sites for one in where.working_sensors if one.quantity is quantity)


def honest(seed: int, quantity: Quantity) -> Process:
    return honest_signal(seed, sensor(seed, quantity))


signals = st.builds(honest, st.integers(0, 40), st.sampled_from(Quantity))


@given(st.integers(0, 300), st.sampled_from(Quantity), SECONDS)
@settings(deadline=None)
def test_honest_values_stay_within_their_thresholds_for_a_month(
    seed: int, quantity: Quantity, start: int
) -> None:
    one = sensor(seed, quantity)
    values = [honest_signal(seed, one).at(second) for second in range(start, start + MONTH_S, 1213)]
    assert (one.low or 0.0) <= min(values)
    assert max(values) < (one.high or 0.0)


@given(SALTS, SECONDS)
def test_the_shapes_stay_within_their_bounds(salt: int, second: int) -> None:
    assert noise(salt, second) == 2 * share(salt, second) - 1
    assert -1 <= noise(salt, second) < 1
    assert -1 <= walk(salt, second, 3600) < 1
    assert -1 <= wave(second % 3600 / 3600) <= 1
    assert 0 <= event(salt, second, 14400, 900) <= 1


def test_values_are_the_same_on_every_machine() -> None:
    shown = [honest(1, quantity).at(1_789_434_000) for quantity in Quantity]
    assert [round(value, 9) for value in shown] == [
        200.930795308,
        0.337219945,
        2.942004997,
        23.563382391,
        0.332006584,
        0.18833828,
    ]


def test_a_shutdown_lowers_what_its_hazard_does() -> None:
    flow = sensor(2, Quantity.FLOW)
    hazard = [one for one in site(2, 0).working_sensors if one.hazard_code == flow.hazard_code]
    pressure = next(one for one in hazard if one.quantity is Quantity.PRESSURE)
    runs = operation(2, flow.hazard_code or "")
    down = 1000 * runs.campaign_s - runs.phase_s - runs.shutdown_s // 2
    up = down + 3 * DAY_S
    assert (runs.load(down), runs.load(up)) == (0, 1)
    assert honest_signal(2, flow).share(down) < 0.1 < 0.2 < honest_signal(2, flow).share(up)
    assert honest_signal(2, pressure).share(down) < honest_signal(2, pressure).share(up) - 0.1


@given(st.integers(0, 40), SECONDS)
@settings(deadline=None)
def test_afternoons_are_warmer_than_nights(seed: int, start: int) -> None:
    signal, midnight = honest(seed, Quantity.TEMPERATURE), start - start % DAY_S
    days = [midnight + day * DAY_S for day in range(40)]
    afternoon = mean(signal.share(day + 7 * 3600) for day in days)
    assert afternoon > mean(signal.share(day + 19 * 3600) for day in days)


@given(st.integers(0, 40), SECONDS)
@settings(deadline=None)
def test_a_tank_is_filled_and_emptied_in_each_batch(seed: int, start: int) -> None:
    level = honest(seed, Quantity.LEVEL)
    values = [level.share(second) for second in range(start, start + 2 * level.period_s, 300)]
    assert max(values) - min(values) > 0.25


def test_gas_is_next_to_nothing_but_for_rare_events() -> None:
    gas = honest(3, Quantity.COMBUSTIBLE_GAS)
    values = [gas.share(1_789_000_000 + second) for second in range(0, 6 * MONTH_S, 60)]
    events = sum(value > 0.02 for value in values)
    assert 0 < events < 0.02 * len(values)
    assert max(values) > 0.06


def streams(made: Morning, start: time, end: time) -> list[tuple[datetime, str, bytes]]:
    """Readings and camera states that leave within a part of the window."""
    return [
        (sent.at, sent.topic, sent.payload)
        for sent in made.timeline()
        if isinstance(sent.content, Readings | CameraStatus)
        and made.window.at(start) <= sent.at < made.window.at(end)
    ]


@given(st.integers(0, 99), st.integers(0, 40), st.integers(1, 15))
@settings(max_examples=15, deadline=None)
def test_a_window_asked_for_alone_is_a_piece_of_a_longer_one(seed: int, minute: int, length: int) -> None:
    catalogue = shipped_catalogue()
    chosen = catalogue.named(["gateway_sends_slowly", "sensor_stale", "gateway_flaps"])
    start, end = time(8, minute), time(9, length)
    alone = morning(seed, 5, Window(DAY, start, end), catalogue=catalogue, chosen=chosen)
    longer = morning(seed, 5, Window(DAY, time(7, 30), time(9, 30)), catalogue=catalogue, chosen=chosen)
    assert streams(alone, start, end) == streams(longer, start, end)


def test_one_more_enterprise_changes_no_other() -> None:
    catalogue = shipped_catalogue()
    wanted = ("sensor_stuck", "gateway_flaps", "camera_online_with_a_frozen_picture", "permit_back_dated")
    chosen = catalogue.named(wanted)
    window = Window(DAY, time(8, 50), time(9, 0))
    smaller, larger = (
        morning(3, enterprises, window, catalogue=catalogue, chosen=chosen) for enterprises in (40, 41)
    )
    added = larger.plans[-1].company_code

    def others(sent: Sent) -> bool:
        return f"/{added}/" not in sent.topic

    assert [sent.payload for sent in filter(others, larger.timeline())] == [
        sent.payload for sent in smaller.timeline()
    ]


@given(signals, SECONDS, st.integers(1, 90_000))
@settings(deadline=None)
def test_stuck_repeats_from_its_very_second_on(signal: Signal, since: int, later: int) -> None:
    stuck = faults.During(signal, faults.Stuck(signal, since), since)
    assert stuck.at(since - later) == signal.at(since - later)
    assert stuck.at(since) == stuck.at(since + later) == signal.at(since)


@given(signals, SECONDS, st.integers(0, 90_000), st.integers(1, 600))
@settings(deadline=None)
def test_a_replay_is_yesterday_once_the_seam_is_past(
    signal: Signal, since: int, later: int, seam_s: int
) -> None:
    replay = faults.During(signal, faults.Replayed(signal, DAY_S), since, seam_s=seam_s)
    second = since + later
    today, yesterday = signal.at(second), signal.at(second - DAY_S)
    if later == 0:
        assert replay.at(second) == today
    elif later >= seam_s:
        assert replay.at(second) == yesterday
    else:
        tolerance = 1e-9 * max(1.0, abs(today), abs(yesterday))
        assert min(today, yesterday) - tolerance <= replay.at(second) <= max(today, yesterday) + tolerance


@given(signals, SECONDS, st.integers(0, 7200), st.integers(1, 7200))
@settings(deadline=None)
def test_a_fault_ends_when_it_says(signal: Signal, since: int, inside: int, length: int) -> None:
    assume(inside < length)
    faulty = faults.During(signal, faults.Offset(signal, 1000.0), since, since + length)
    assert faulty.at(since + inside) == signal.at(since + inside) + 1000.0
    assert faulty.at(since + length) == signal.at(since + length)


@given(signals, SECONDS, st.integers(0, 90_000), SALTS)
@settings(deadline=None)
def test_faults_change_a_value_by_as_much_as_they_say(
    signal: Signal, since: int, later: int, salt: int
) -> None:
    second = since + later
    true = signal.at(second)
    assert faults.Scaled(signal, 1000).at(second) == 1000 * true
    assert faults.Drifting(signal, since, 3.6).at(second) == pytest.approx(true + later / 1000, abs=1e-9)
    assert abs(faults.Noisy(signal, 0.5, salt).at(second) - true) <= 0.5 + 1e-9
    spiking = faults.Spiking(signal, since, 300, 7.0).at(second)
    assert spiking == true + (7.0 if later % 300 < 60 else 0.0)


def test_faults_lie_one_over_the_other() -> None:
    signal = honest(1, Quantity.PRESSURE)
    since = int(datetime(2026, 9, 15, 1, tzinfo=UTC).timestamp())
    both = faults.Scaled(faults.During(signal, faults.Offset(signal, 0.25), since), 1000)
    assert both.at(since - 1) == 1000 * signal.at(since - 1)
    assert both.at(since) == 1000 * (signal.at(since) + 0.25)
