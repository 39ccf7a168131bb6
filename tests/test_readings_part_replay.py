"""Part of a day played again: hours of an earlier day, on both sides of what is told of."""

from datetime import timedelta

import numpy as np
import pytest

from rdchem.readings.learned import Learned, learn
from rdchem.readings.part_replay import part_replay, part_replays
from rdchem.readings.series import DAY_S, Floats, Series
from rdchem.readings.told import instant

STEP_S = 300.0
ROWS = 288
PAST_DAYS = 7
FIRST, LAST = 96, 168
"""Six hours of the day, from eight to two."""


def moving(days: float) -> Floats:
    """A day's swing and noise of its own every five minutes."""
    random = np.random.default_rng(4)
    at = np.arange(int(days * ROWS))
    return 20 + 3 * np.sin(at / ROWS * 2 * np.pi) + random.normal(0, 0.3, at.size)


WHOLE = moving(PAST_DAYS + 1)
TODAY = WHOLE[-ROWS:]


def before(days: int) -> Floats:
    """The day so many days before."""
    return WHOLE[-(days + 1) * ROWS : -days * ROWS]


@pytest.fixture(scope="module")
def usual() -> Learned:
    learned = learn(Series(np.arange(PAST_DAYS * ROWS) * STEP_S, WHOLE[:-ROWS]))
    assert learned is not None
    return learned


def today(values: Floats) -> Series:
    return Series((PAST_DAYS * ROWS + np.arange(ROWS)) * STEP_S, values)


def played(days: int, first: int = FIRST, last: int = LAST, noise: float = 0.0) -> Series:
    """Today with hours of an earlier day in it."""
    values = TODAY.copy()
    values[first:last] = (
        before(days)[first:last] + np.random.default_rng(5).normal(0, 1, last - first) * noise
    )
    return today(values)


@pytest.mark.parametrize("days", [1, 4])
@pytest.mark.parametrize("noise", [0.0, 0.1])
def test_hours_played_again_are_named_with_what_they_repeat(usual: Learned, days: int, noise: float) -> None:
    (found,) = part_replay(played(days, noise=noise), usual)
    start = instant(PAST_DAYS * DAY_S + FIRST * STEP_S)
    end = instant(PAST_DAYS * DAY_S + LAST * STEP_S)
    assert abs(found.start - start) <= timedelta(minutes=30)
    assert abs(found.end - end) <= timedelta(minutes=30)
    assert found.resembles is not None
    assert found.start - found.resembles.start == timedelta(days=days)
    assert found.measure["days_before"] == days


def test_less_than_two_hours_is_not_told_of(usual: Learned) -> None:
    assert part_replay(played(1, FIRST, FIRST + 26), usual)
    assert part_replay(played(1, FIRST, FIRST + 22), usual) == []


def test_an_honest_day_repeats_nothing(usual: Learned) -> None:
    assert part_replay(today(TODAY), usual) == []


def test_a_signal_that_hunts_in_a_rhythm_does_not_replay_itself() -> None:
    at = np.arange((PAST_DAYS + 1) * ROWS)
    values = 20 + np.sin(at / 12 * 2 * np.pi) + np.random.default_rng(6).normal(0, 0.05, at.size)
    learned = learn(Series(at[:-ROWS] * STEP_S, values[:-ROWS]))
    assert learned is not None
    assert part_replay(Series(at[-ROWS:] * STEP_S, values[-ROWS:]), learned) == []


@pytest.mark.parametrize("noise", [0.0, 0.05])
def test_batches_that_turn_as_they_did_a_week_ago_are_no_replay_of_it(noise: float) -> None:
    """A tank filled and emptied 37 times a week, each time to a height of its own."""
    random = np.random.default_rng(7)
    batch, into = np.divmod(np.arange((PAST_DAYS + 1) * ROWS) * 37 / (7 * ROWS), 1)
    heights = random.uniform(3, 6, 44)[batch.astype(int)]
    level = 2 + heights * np.interp(into, [0, 0.25, 0.6, 0.7, 1], [0, 0, 1, 1, 0])
    level += random.normal(0, 0.002, level.size)
    usual = learn(Series(np.arange(PAST_DAYS * ROWS) * STEP_S, level[:-ROWS]))
    assert usual is not None and part_replay(today(level[-ROWS:]), usual) == []
    again = level[:ROWS] + random.normal(0, 1, ROWS) * noise
    (found,) = part_replay(today(again), usual)
    assert found.measure["days_before"] == 7


def test_a_signal_that_stands_still_repeats_nothing(usual: Learned) -> None:
    assert part_replay(today(np.full(ROWS, 20.0)), usual) == []


def test_several_at_once_are_told_as_each_by_itself(usual: Learned) -> None:
    cut = Series(played(2).seconds[:150], played(2).values[:150])
    several = [today(TODAY), played(1), played(4, noise=0.1), cut, today(np.full(ROWS, 20.0))]
    found = part_replays([(one, usual) for one in several])
    assert found == [part_replay(one, usual) for one in several]
    assert [len(one) for one in found] == [0, 1, 1, 1, 0]
    assert part_replays([]) == []
