"""Where readings lie beyond the registered thresholds: which stretches, how far, told by which messages."""

import numpy as np
import pytest

from rdchem.model.course import Beyond
from rdchem.model.source import Source, SourceKind
from rdchem.readings.beyond import alarms_from, beyond
from rdchem.readings.rows import Rows
from rdchem.readings.screen import instant

START = 1_789_430_400.0


def source(**marks: float) -> Source:
    return Source(source_code="S1", kind=SourceKind.SENSOR, name="S1", **marks)


def rows(*values: float) -> Rows:
    size = len(values)
    seconds = START + 60 * np.arange(size)
    ids = [f"j{number}" for number in range(size)]
    return Rows(seconds, np.array(values), np.arange(size), ids, np.zeros(size))


def told(found: tuple[Beyond, ...]) -> list[tuple[str, float, float, float, tuple[str, ...]]]:
    return [
        (one.side, (one.start - instant(START)).seconds / 60, (one.end - instant(START)).seconds / 60,
         one.farthest, one.journal)
        for one in found
    ]  # fmt: skip


def test_stretches_of_both_sides_with_the_farthest_of_each() -> None:
    found = beyond(rows(3, 6, 7, 6, 3, 1, 3, 8), source(low=2, high=5))
    assert told(found) == [
        ("high", 1, 3, 7, ("j1", "j2")),
        ("low", 5, 5, 1, ("j5",)),
        ("high", 7, 7, 8, ("j7",)),
    ]
    assert {one.threshold for one in found} == {2, 5}


def test_at_the_threshold_is_not_beyond_it() -> None:
    assert beyond(rows(5, 2), source(low=2, high=5)) == ()


def test_a_missing_value_neither_breaks_nor_makes_a_stretch() -> None:
    assert told(beyond(rows(6, np.nan, 7, np.nan), source(high=5))) == [("high", 0, 2, 7, ("j0", "j2"))]


def test_what_lies_outside_the_measuring_range_is_a_fault_and_no_exceedance() -> None:
    marks = {"range_low": 0.0, "range_high": 10.0, "low": 2.0, "high": 5.0}
    assert told(beyond(rows(6, 11, 3, -1, 1), source(**marks))) == [
        ("high", 0, 0, 6, ("j0",)),
        ("low", 4, 4, 1, ("j4",)),
    ]


@pytest.mark.parametrize(
    ("marks", "expected"),
    [
        ({}, {}),
        ({"high": 5.0, "high_high": 8.0}, {"high": 5.0}),
        ({"high_high": 8.0}, {"high": 8.0}),
        ({"low_low": 1.0, "low": 2.0}, {"low": 2.0}),
        ({"low_low": 0.0}, {"low": 0.0}),
    ],
)
def test_the_first_alarm_of_each_side_counts(marks: dict[str, float], expected: dict[str, float]) -> None:
    assert alarms_from(source(**marks)) == expected


def test_of_very_many_stretches_the_longest_are_kept() -> None:
    flapping = [6.0, 3.0] * 60 + [6.0] * 30
    found = beyond(rows(*flapping), source(high=5))
    assert len(found) == 50
    assert found[-1].end - found[-1].start == max(one.end - one.start for one in found)
