"""A county that falls silent at once is the platform's affair; one enterprise is its own."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem.limits import limits_on
from rdchem.model.day import BlindInterval
from rdchem.model.listener import ListenerEvent
from rdchem.platform_outage import MINUTE, platform_outages, quiet_spell, witnessed

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


DAY_AGO = timedelta(days=1)


def against_the_past(
    counts: list[int], *past: list[int], ours: tuple[int, int] | None = None
) -> list[tuple[int, int, bool]]:
    heard = {at(minute): count for minute, count in enumerate(counts) if count}
    days = [{at(minute): count for minute, count in enumerate(one)} for one in past]
    blind = [BlindInterval(at(ours[0]), at(ours[1]), lossless=False)] if ours else []
    found = platform_outages(heard, blind, as_of=at(len(counts)), limits=LIMITS, past=days)
    return [
        ((gap.start - START) // timedelta(minutes=1), (gap.end - START) // timedelta(minutes=1), gap.open)
        for gap in found
    ]


LIVELY, ASLEEP = [100] * 30, [100] * 10 + [0] * 20


@pytest.mark.parametrize(
    ("counts", "past", "found"),
    [
        pytest.param([0] * 30, [LIVELY] * 3, [(0, 30, True)], id="silent from the first minute"),
        pytest.param([0] * 30, [LIVELY] * 2, [], id="two past days are too few witnesses"),
        pytest.param(ASLEEP, [ASLEEP] * 3, [], id="silent every day at that hour"),
        pytest.param(ASLEEP, [ASLEEP] * 2, [(10, 30, True)], id="too few past days: the hour before"),
        pytest.param(ASLEEP, [ASLEEP, LIVELY, LIVELY], [(10, 30, True)], id="silent once before"),
        pytest.param([30] * 30, [LIVELY] * 3, [], id="thirty of a hundred still send"),
        pytest.param([5] * 30, [LIVELY] * 3, [(0, 30, True)], id="five of a hundred, all day"),
        pytest.param([50] * 10 + [0] * 20, [[4] * 30] * 3, [], id="too few enterprises on past days"),
        pytest.param(ASLEEP, [LIVELY[:5]] * 3, [(10, 30, True)], id="nobody listened then: the hour before"),
    ],
)  # fmt: skip
def test_the_same_minutes_of_past_days_tell_what_is_usual(
    counts: list[int], past: list[list[int]], found: list[tuple[int, int, bool]]
) -> None:
    assert against_the_past(counts, *past) == found


def test_what_we_did_not_hear_is_not_the_platforms_whatever_the_past_was() -> None:
    assert against_the_past([0] * 30, *[LIVELY] * 3, ours=(0, 30)) == []
    assert against_the_past([0] * 30, *[LIVELY] * 3, ours=(0, 20)) == [(20, 30, True)]


def test_the_past_is_asked_only_for_a_quiet_spell() -> None:
    def spell(counts: list[int]) -> tuple[int, int] | None:
        heard = {at(minute): count for minute, count in enumerate(counts) if count}
        found = quiet_spell(heard, since=START, as_of=at(len(counts)), limits=LIMITS)
        return found and ((found[0] - START) // MINUTE, (found[1] - START) // MINUTE)

    assert spell(LIVELY) is None
    assert spell([100, 10, 100]) is None
    assert spell([100, 9, 100, 0, 100]) == (1, 4)
    assert spell([0] * 5) == (0, 5)


def event(kind: Any, minute: float) -> ListenerEvent:
    at_then = at(minute) - DAY_AGO
    return ListenerEvent(
        listener="l", event=kind, occurred_at=at_then, session_present=True, period_s=36000.0
    )


def test_a_past_day_is_a_witness_of_the_minutes_we_listened_in() -> None:
    def minutes(heard: dict[int, int], *events: ListenerEvent) -> dict[int, int]:
        then = {at(minute) - DAY_AGO: count for minute, count in heard.items()}
        found = witnessed(then, events, start=at(0), end=at(5), ago=DAY_AGO, factor=3)
        return {(minute - START) // MINUTE: count for minute, count in found.items()}

    assert minutes({}) == {}
    assert minutes({1: 7}) == {0: 0, 1: 7, 2: 0, 3: 0, 4: 0}
    assert minutes({60: 7}) == dict.fromkeys(range(5), 0)
    away = (event("connected", -9), event("disconnected", 1), event("connected", 3))
    assert minutes({0: 7, 4: 8}, *away) == {0: 7, 3: 0, 4: 8}
    assert minutes({}, *away) == {0: 0, 3: 0, 4: 0}
    assert minutes({0: 7}, event("connected", 9)) == {}
