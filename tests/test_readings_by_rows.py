"""An irregular signal that repeats its own values row by row, at instants of its own."""

import numpy as np
import pytest

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.by_rows import played_by_rows
from rdchem.readings.learned import learn
from rdchem.readings.of_file import screen_after, screen_alone
from rdchem.readings.screen import instant, screen
from rdchem.readings.series import DAY_S, Floats, Series

A_DAY = 150
PAST_DAYS, DAYS = 10, 3
FIRST, AFTER = PAST_DAYS * A_DAY + 100, PAST_DAYS * A_DAY + 100 + A_DAY
"""The rows that are played again."""


def rows(regular: bool = False) -> tuple[Floats, Floats]:
    """Instants and values of a source that sends when it likes, or every so often; it swings by the day."""
    random = np.random.default_rng(5)
    count = (PAST_DAYS + DAYS) * A_DAY
    waits = np.full(count, DAY_S / A_DAY) if regular else random.exponential(DAY_S / A_DAY, count)
    seconds = np.cumsum(waits)
    wander = np.cumsum(random.normal(0, 0.3, count))
    wander -= np.linspace(0, wander[-1], count)
    return seconds, 50 + 5 * np.sin(seconds / DAY_S * 2 * np.pi) + wander + random.normal(0, 1, count)


def played(values: Floats, noise: float = 0.0) -> Floats:
    """The values with a day of rows that are those of the day's rows before them."""
    shown = values.copy()
    shown[FIRST:AFTER] = values[FIRST - A_DAY : FIRST] + np.random.default_rng(6).normal(0, noise, A_DAY)
    return shown


def parted(seconds: Floats, values: Floats) -> tuple[Series, Series]:
    at = PAST_DAYS * A_DAY
    return Series(seconds[:at], values[:at]), Series(seconds[at:], values[at:])


def covered(found: list[SignalInterval], seconds: Floats) -> float:
    """The share of what is played that is told of as that."""
    start, end = seconds[FIRST], seconds[AFTER - 1]
    spans = [
        (one.start.timestamp(), one.end.timestamp()) for one in found if one.state is SignalState.REPLAYED
    ]
    return sum(max(0.0, min(end, last) - max(start, first)) for first, last in spans) / (end - start)


def test_too_many_decimals_do_not_hide_what_was_played() -> None:
    seconds, values = rows()
    past, series = parted(seconds, played(np.round(values, 2), 0.1))
    assert [one.state.value for one in screen(series, learn(past))] == ["digits"]
    assert [one.state.value for one in screen_after(series, past, learn(past))] == ["replayed"]
    whole = Series(
        np.concatenate((past.seconds, series.seconds)), np.concatenate((past.values, series.values))
    )
    assert [one.state.value for one in screen_alone(whole)] == ["replayed"]


@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_rows_played_again_at_other_instants(noise: float) -> None:
    seconds, values = rows()
    past, series = parted(seconds, played(values, noise))
    usual = learn(past)
    assert covered(screen(series, usual), seconds) == 0, "laid by time nothing fits"
    found = screen_after(series, past, usual)
    assert covered(found, seconds) > 0.9
    [one] = [each for each in found if each.state is SignalState.REPLAYED]
    assert one.resembles is not None
    since = instant(float(seconds[FIRST - A_DAY]))
    assert abs((one.resembles.start - since).total_seconds()) < 0.1 * DAY_S
    assert "逐条比对" in one.why
    assert covered(screen_alone(Series(seconds, played(values, noise))), seconds) > 0.9


def test_rows_of_a_few_seconds_played_again() -> None:
    random = np.random.default_rng(3)
    day = 6000
    seconds = np.cumsum(random.exponential(DAY_S / day, 9 * day))
    values = np.cumsum(random.normal(0, 0.05, seconds.size)) + random.normal(0, 0.3, seconds.size)
    start, end = 7 * day, 8 * day
    values[start:end] = values[start - day : end - day]
    found = screen_alone(Series(seconds, values))
    told = [one for one in found if one.state is SignalState.REPLAYED]
    assert told and told[0].start <= instant(float(seconds[start + day // 20]))
    assert told[0].end >= instant(float(seconds[end - day // 20]))


def test_honest_rows_say_nothing() -> None:
    seconds, values = rows()
    past, series = parted(seconds, values)
    assert played_by_rows(series, past) == []
    assert played_by_rows(Series(seconds, values)) == []


def test_on_and_off_come_in_the_same_order_again() -> None:
    random = np.random.default_rng(7)
    for _ in range(6):
        seconds = np.cumsum(random.exponential(600.0, 2500))
        states = np.cumsum(np.where(random.random(2500) < 0.02, 0, 1)) % 2.0
        past, series = (Series(seconds[part], states[part]) for part in (slice(1750), slice(1750, None)))
        assert played_by_rows(series, past) == played_by_rows(Series(seconds, states)) == []


def test_a_regular_signal_is_laid_by_time_alone() -> None:
    seconds, values = rows(regular=True)
    past, series = parted(seconds, played(values))
    assert played_by_rows(series, past) == []
    assert covered(screen_after(series, past, learn(past)), seconds) > 0.9


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_rows_are_no_matter(count: int) -> None:
    seconds, values = (column[:count] for column in rows())
    series = Series(seconds, values)
    assert played_by_rows(series) == played_by_rows(series, series) == []
    assert played_by_rows(Series(seconds, np.full(count, np.nan)), parted(*rows())[0]) == []


def test_a_past_that_lies_after_the_signal_is_none() -> None:
    past, series = parted(*rows())
    assert played_by_rows(past, series) == played_by_rows(past, Series(np.zeros(0), np.zeros(0))) == []
