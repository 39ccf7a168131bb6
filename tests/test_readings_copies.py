"""Who shows what another shows."""

from collections.abc import Mapping

import numpy as np
import pytest

from rdchem.model.signal import Resemblance, SignalInterval
from rdchem.readings.copies import Key, copied, fingerprints, suspicions, together
from rdchem.readings.screen import instant
from rdchem.readings.series import Floats, Series

HOUR = 60
DAY = 24 * HOUR
A, B, ELSEWHERE = ("C1", "A"), ("C1", "B"), ("C2", "A")


def wandering(seed: int, digits: int = 1) -> Floats:
    """A day of minutes of an instrument that shows few digits."""
    random = np.random.default_rng(seed)
    return np.round(20 + np.cumsum(random.normal(0, 0.1, DAY)), digits)


def series(values: Floats, *, late_s: float = 0.0) -> Series:
    return Series(np.arange(values.size) * 60.0 + late_s, values)


def copies(signals: Mapping[Key, Series]) -> dict[Key, list[SignalInterval]]:
    """As the store has it, of all in one lot and of each in its own."""
    whole = suspicions(fingerprints(signals))
    assert whole == suspicions(together([fingerprints({key: one}) for key, one in signals.items()]))
    found: dict[Key, list[SignalInterval]] = {}
    for key, several in whole.items():
        told = [copied(signals[key], signals[one.other], one) for one in several]
        if any(told):
            found[key] = sorted({one.start: one for one in told if one}.values(), key=lambda one: one.start)
    return found


@pytest.mark.parametrize("other", [B, ELSEWHERE])
@pytest.mark.parametrize("late_s", [0.0, 47.0])
def test_what_two_sources_show_at_different_times_is_told_of_both(other: Key, late_s: float) -> None:
    one, another = wandering(1), wandering(2)
    another[400:650] = one[280:530]
    found = copies({A: series(one), other: series(another, late_s=late_s)})
    assert {key: [(told.start, told.end) for told in several] for key, several in found.items()} == {
        A: [(instant(280 * 60), instant(529 * 60))],
        other: [(instant(400 * 60 + late_s), instant(649 * 60 + late_s))],
    }
    [theirs] = found[other]
    company = None if other == B else "C1"
    assert theirs.resembles == Resemblance(instant(280 * 60), instant(529 * 60), "A", company)
    assert theirs.why == f"4.2 小时 250 条读数与{'企业 C1 的' if company else ''}测点 A 2.0 小时前的逐条相同"


def test_less_than_three_hours_may_be_chance() -> None:
    one, another = wandering(1), wandering(2)
    another[400:580] = one[400:580]  # from the first to the last a minute less than three hours
    another[580] = one[580] + 1
    assert copies({A: series(one), B: series(another)}) == {}
    another[580] = one[580]
    assert [told.why for told in copies({A: series(one), B: series(another)})[B]] == [
        "3.0 小时 181 条读数与测点 A 同一时段的逐条相同"
    ]


def test_one_other_reading_ends_the_stretch() -> None:
    one = wandering(1)
    another = one.copy()
    another[700] += 0.1
    found = copies({A: series(one), B: series(another)})
    assert [(told.start, told.end) for told in found[B]] == [
        (instant(0), instant(699 * 60)),
        (instant(701 * 60), instant((DAY - 1) * 60)),
    ]


def test_what_stands_still_or_runs_in_a_rhythm_is_nobodys() -> None:
    still = np.zeros(DAY)
    pump = np.tile(np.repeat([0.0, 5.0], 7), DAY // 14 + 1)[:DAY]
    few_levels = np.round(np.random.default_rng(3).integers(0, 3, DAY) / 10, 1)
    for values in (still, pump, few_levels):
        assert copies({A: series(values), ELSEWHERE: series(values)}) == {}


def test_missing_values_are_passed_over_and_a_single_source_copies_nobody() -> None:
    one = wandering(1)
    holes = one.copy()
    holes[::50] = np.nan
    assert copies({A: series(one)}) == {}
    assert copies({A: series(holes), B: series(holes)})[A]
    assert copies({A: Series(np.zeros(0), np.zeros(0)), B: series(one[:10])}) == {}
    assert suspicions(together([])) == {}


def test_among_many_that_are_all_alike_every_one_is_told_of() -> None:
    one = wandering(1)
    signals = {("C1", f"S{number:02d}"): series(one) for number in range(40)}
    prints = suspicions(fingerprints(signals))
    assert prints.keys() == signals.keys()
    assert max(len({one.other for one in several}) for several in prints.values()) == 3
