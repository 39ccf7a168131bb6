"""The course of a source within a day: gaps, delay, what is said of its signal, and its pictures."""

from datetime import timedelta

import msgspec
import numpy as np
import pytest

from rdchem.model.course import Course
from rdchem.model.signal import SignalState
from rdchem.model.source import Quantity, Source, SourceKind
from rdchem.readings.courses import course
from rdchem.readings.drawn import thinned, with_last_hours, with_past
from rdchem.readings.learned import Learned, learn
from rdchem.readings.rows import Rows
from rdchem.readings.series import DAY_S, Floats, Series
from rdchem.readings.told import instant

STEP_S = 300.0
ROWS = 288
PAST_DAYS = 7
START_S = PAST_DAYS * DAY_S


def signal(days: float, seed: int = 3) -> Floats:
    """A day's swing with noise of its own, between 15 and 25."""
    at = np.arange(int(days * ROWS))
    noise = np.random.default_rng(seed).normal(0, 0.2, at.size)
    return 20 + 3 * np.sin(at / ROWS * 2 * np.pi) + noise


WHOLE = signal(PAST_DAYS + 1)
HONEST = WHOLE[-ROWS:]
SENSOR = Source(
    source_code="S1",
    kind=SourceKind.SENSOR,
    name="TI-101",
    quantity=Quantity.TEMPERATURE,
    range_low=0.0,
    range_high=50.0,
)


@pytest.fixture(scope="module")
def usual() -> Learned:
    learned = learn(Series(np.arange(PAST_DAYS * ROWS) * STEP_S, WHOLE[:-ROWS]))
    assert learned is not None
    return learned


def rows(values: Floats, late: float = 2.0) -> Rows:
    """A day's rows, each heard so many seconds later, ten to a message."""
    seconds = START_S + np.arange(values.size) * STEP_S
    messages = np.arange(values.size) // 10
    ids = [f"m{number}" for number in range(messages[-1] + 1)]
    return Rows(seconds, values, messages, ids, np.full(values.size, late))


def without(whole: Rows, gone: slice) -> Rows:
    kept = np.delete(np.arange(whole.seconds.size), gone)
    return Rows(whole.seconds[kept], whole.values[kept], whole.journal[kept], whole.ids, whole.delays[kept])


def judged(of: Rows, learned: Learned | None, source: Source = SENSOR, *, signals: bool = True) -> Course:
    return course(
        of,
        source,
        learned,
        least_gap=timedelta(minutes=30),
        signals=signals,
    )


def states(of: Rows, learned: Learned | None, source: Source = SENSOR) -> list[str]:
    return [one.interval.state.value for one in judged(of, learned, source).shown]


def test_an_honest_day(usual: Learned) -> None:
    found = judged(rows(HONEST), usual)
    assert (found.rows, found.step, found.delay) == (ROWS, timedelta(minutes=5), timedelta(seconds=2))
    assert found.journal == ("m0", "m28")
    assert (found.gaps, found.shown) == ((), ())
    assert found.past >= timedelta(days=6)


@pytest.mark.parametrize(("missing", "gaps"), [(5, 1), (4, 0)])
def test_a_gap_is_worth_naming_from_half_an_hour_on(usual: Learned, missing: int, gaps: int) -> None:
    found = judged(without(rows(HONEST), slice(100, 100 + missing)), usual)
    assert (len(found.gaps), found.gap_count) == (gaps, gaps)
    if gaps:
        assert found.gaps[0].start == instant(START_S + 99 * STEP_S)
        assert found.gaps[0].end == instant(START_S + 105 * STEP_S)
        assert found.gaps[0].journal == ("m9", "m10")


def test_one_reading_has_no_step_and_no_gap() -> None:
    found = judged(rows(HONEST[:1]), None)
    assert (found.step, found.gaps, found.past) == (None, (), timedelta(0))


def test_what_lies_outside_the_range_hides_nothing_else(usual: Learned) -> None:
    values = HONEST.copy()
    values[20:30] *= 1000
    values[150:200] = values[150]
    found = judged(rows(values), usual)
    assert [one.interval.state.value for one in found.shown] == ["out_of_range", "stuck"]
    assert found.shown[0].interval.measure["factor"] == pytest.approx(1000, rel=0.05)
    assert found.shown[1].journal == ("m15", "m19")
    assert len(found.shown[1].drawn) <= 96


def test_a_missing_value_among_those_outside_the_range_does_not_hide_by_how_much(usual: Learned) -> None:
    values = HONEST.copy()
    values[20:30] *= 1000
    values[24] = float("nan")
    [shown] = judged(rows(values), usual).shown
    assert shown.interval.measure["factor"] == pytest.approx(1000, rel=0.05)


@pytest.mark.parametrize(("count", "expected"), [(3, ["spike"]), (2, [])])
def test_several_single_leaps_are_spikes(usual: Learned, count: int, expected: list[str]) -> None:
    values = HONEST.copy()
    values[50 : 50 + 40 * count : 40] += 15
    found = judged(rows(values), usual)
    assert [one.interval.state.value for one in found.shown] == expected
    if expected:
        assert found.shown[0].interval.measure["count"] == count


@pytest.mark.parametrize(
    ("quantity", "expected"),
    [(Quantity.TEMPERATURE, ["offset"]), (Quantity.PRESSURE, ["offset"]), (Quantity.LEVEL, [])],
)
def test_what_operators_move_is_no_offset(usual: Learned, quantity: Quantity, expected: list[str]) -> None:
    values = HONEST.copy()
    values[96:240] += 8
    source = Source(
        source_code="S1",
        kind=SourceKind.SENSOR,
        name="S1",
        quantity=quantity,
        range_low=0.0,
        range_high=50.0,
    )
    assert states(rows(values), usual, source) == expected


@pytest.mark.parametrize(
    ("quantity", "times", "expected"),
    [
        (Quantity.TEMPERATURE, 5, ["noisy"]),
        (Quantity.TOXIC_GAS, 5, []),
        (Quantity.COMBUSTIBLE_GAS, 5, []),
        (Quantity.TOXIC_GAS, 0.1, ["noisy"]),
    ],
)
def test_a_gas_detector_may_tremble_for_there_is_gas(
    usual: Learned, quantity: Quantity, times: float, expected: list[str]
) -> None:
    swing = 20 + 3 * np.sin(np.arange(ROWS) / ROWS * 2 * np.pi)
    values = swing + np.where(np.arange(ROWS) // 96 == 1, times, 1.0) * (HONEST - swing)
    assert states(rows(values), usual, msgspec.structs.replace(SENSOR, quantity=quantity)) == expected


@pytest.mark.parametrize(("added", "expected"), [(2.0, []), (2.0037, ["offset"])])
def test_no_operator_moves_the_decimals_of_a_level(added: float, expected: list[str]) -> None:
    whole = WHOLE.round(2)
    learned = learn(Series(np.arange(PAST_DAYS * ROWS) * STEP_S, whole[:-ROWS]))
    values = whole[-ROWS:].copy()
    values[96:240] += added
    level = msgspec.structs.replace(SENSOR, quantity=Quantity.LEVEL)
    assert states(rows(values.round(4)), learned, level) == expected


def test_hours_played_again_are_told_of_with_what_they_repeat(usual: Learned) -> None:
    values = HONEST.copy()
    values[96:168] = WHOLE[-2 * ROWS : -ROWS][96:168]
    found = judged(rows(values), usual)
    assert [one.interval.state for one in found.shown] == [SignalState.REPLAYED]
    shown = with_past(found.shown[0], rows(WHOLE[-2 * ROWS : -ROWS]).between(START_S, START_S + 3600))
    assert [at for at, _ in (shown.repeated[0], shown.repeated[-1])] == [START_S, START_S + 3600]
    assert set(found.shown[0].journal) < {*shown.journal}


def test_without_a_past_or_unasked_nothing_is_said_of_a_signal(usual: Learned) -> None:
    values = HONEST.copy()
    values[150:200] = values[150]
    assert states(rows(values), None) == []
    assert judged(rows(values), usual, signals=False).shown == ()


def test_what_is_alike_is_drawn_alike_whatever_lies_around_it() -> None:
    sent = rows(HONEST)
    start, end = float(sent.seconds[60]), float(sent.seconds[220])
    around = {second: value for second, value in thinned(sent, start, 2500.0) if start < second < end}
    alone = dict(thinned(sent.between(start, end), start, 2500.0))
    assert len(around) > 30 and around.items() <= alone.items() and len(alone) <= len(around) + 3


def test_a_picture_keeps_lowest_and_highest() -> None:
    values = HONEST.copy()
    values[77], values[200], values[90] = 40.0, 1.0, np.nan
    sent = rows(values)
    drawn = thinned(sent, float(sent.seconds[0]), (sent.seconds[-1] - sent.seconds[0]) / 48)
    assert len(drawn) <= 100
    assert {40.0, 1.0} <= {value for _, value in drawn}
    assert drawn == tuple(sorted(drawn))
    assert all(np.isfinite(value) for _, value in drawn)


@pytest.mark.parametrize(("later", "drawn"), [(29, False), (30, True)])
def test_the_last_two_hours_of_a_sensor_that_stopped_are_drawn(later: int, drawn: bool) -> None:
    of, least = rows(HONEST), timedelta(minutes=30)
    found = judged(of, None)
    told = with_last_hours(found, of, until=found.last_at + timedelta(minutes=later), least_gap=least)
    assert bool(told.last_hours) == drawn
    if drawn:
        last = round(float(of.seconds[-1]))
        assert (told.last_hours[0][0], told.last_hours[-1]) == (last - 7200, (last, float(of.values[-1])))
        assert len(told.last_hours) == 25


def test_two_hours_around_the_last_pause_are_drawn() -> None:
    of = without(rows(HONEST), slice(200, 210))
    found = judged(of, None)
    told = with_last_hours(found, of, until=found.last_at, least_gap=timedelta(minutes=30))
    assert [told.last_hours[at][0] - round(START_S) for at in (0, -1)] == [188 * 300, 212 * 300]
    assert len(told.last_hours) == 15
    stopped = with_last_hours(
        found, of, until=found.last_at + timedelta(hours=1), least_gap=timedelta(hours=1)
    )
    assert stopped.last_hours[-1][0] == round(float(of.seconds[-1]))
