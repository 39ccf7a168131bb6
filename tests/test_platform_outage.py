"""A county that falls silent at once is the platform's affair; one enterprise is its own."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem.limits import limits_on
from rdchem.model.day import BlindInterval
from rdchem.platform_outage import platform_outages

START = datetime(2026, 9, 15, tzinfo=UTC)
LIMITS = limits_on(date(2026, 9, 15))


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def outages(
    counts: list[int], *ours: tuple[int, int], as_of: float | None = None
) -> list[tuple[int, int, bool]]:
    heard = {at(minute): count for minute, count in enumerate(counts) if count}
    blind = [BlindInterval(at(first), at(last), lossless=False) for first, last in ours]
    found = platform_outages(heard, blind, as_of=at(len(counts) if as_of is None else as_of), limits=LIMITS)
    assert not any(gap.ours for gap in found)
    assert all(gap.lossless is not gap.open for gap in found)
    return [
        ((gap.start - START) // timedelta(minutes=1), (gap.end - START) // timedelta(minutes=1), gap.open)
        for gap in found
    ]


@pytest.mark.parametrize(
    ("counts", "found"),
    [
        pytest.param([], [], id="nothing ever"),
        pytest.param([100] * 30, [], id="never"),
        pytest.param([100] * 10 + [0] * 5 + [100] * 10, [(10, 15, False)], id="five minutes"),
        pytest.param([100] * 10 + [0] * 4 + [100] * 10, [], id="four are too short"),
        pytest.param([100] * 10 + [9] * 5 + [100], [(10, 15, False)], id="nine of a hundred still send"),
        pytest.param([100] * 10 + [10] * 5 + [100], [], id="ten of a hundred still send"),
        pytest.param([100] * 10 + [0] * 5, [(10, 15, True)], id="it lasts"),
        pytest.param([5] * 10 + [0] * 5, [(10, 15, True)], id="of five enterprises"),
        pytest.param([4] * 10 + [0] * 5, [], id="four are too few"),
        pytest.param([20, 0, 0, 0, 0] * 6, [], id="a county that sends every five minutes"),
        pytest.param([100] * 10 + [0] * 200 + [100], [(10, 210, False)], id="for hours"),
        pytest.param([100] * 10 + [0, 0, 100] * 5, [], id="flapping"),
        pytest.param([100] + [7] * 70, [(1, 71, True)], id="a few send on for long"),
        pytest.param([100] + [20] * 60 + [3] * 5, [], id="the lively minute is long past"),
    ],
)
def test_when_almost_all_are_silent(counts: list[int], found: list[tuple[int, int, bool]]) -> None:
    assert outages(counts) == found


def test_what_we_did_not_hear_ourselves_says_nothing_of_the_platform() -> None:
    assert outages([100] * 10 + [0] * 10 + [100] * 5, (10, 20)) == []
    assert outages([100] * 10 + [0] * 10 + [100] * 5, (12, 20)) == []
    assert outages([100] * 10 + [0] * 15, (10, 15)) == [(15, 25, True)]


def test_a_minute_not_over_yet_says_nothing() -> None:
    assert outages([100] * 10 + [0] * 5, as_of=14.9) == []
    assert outages([100] * 10 + [0] * 5, as_of=15.0) == [(10, 15, True)]


@given(st.lists(st.integers(0, 120), max_size=120), st.integers(5, 30))
def test_a_county_that_is_heard_is_never_down(counts: list[int], lively: int) -> None:
    heard = [max(count, 12) for count in counts]
    assert outages(heard) == []
    assert outages(heard + [0] * lively) == ([(len(heard), len(heard) + lively, True)] if heard else [])
