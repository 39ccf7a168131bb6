"""Several listeners: of one enterprise we are blind where nobody heard all of what it may have sent."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from rdchem.blindness import blind_intervals, watches
from rdchem.model.listener import ListenerEvent
from rdchem.partitions import blind_of

START = datetime(2026, 9, 15, tzinfo=UTC)
AS_OF = START + timedelta(minutes=60)
ALL = "rdchem/v1/#"
RUDONG, QIDONG = "rdchem/v1/320623/#", "rdchem/v1/320681/#"
SHARED = "$share/rdchem/rdchem/v1/#"


def life(listener: str, topic: str, *away: tuple[int, int | None], kept: bool = True) -> list[ListenerEvent]:
    """A listener alive each minute but for the minutes it was away (None: it never came back)."""

    def said(minute: int, event: str, session: bool | None = None) -> ListenerEvent:
        return ListenerEvent(
            listener=listener,
            event=event,  # type: ignore[arg-type]
            occurred_at=START + timedelta(minutes=minute),
            session_present=session,
            period_s=60,
            topics=[topic],
        )

    events = [said(-1, "connected", True)]
    for minute in range(61):
        if not any(begin <= minute and (end is None or minute <= end) for begin, end in away):
            events.append(said(minute, "alive"))
    for begin, end in away:
        events.append(said(begin, "disconnected"))
        if end is not None:
            events.append(said(end, "connected", kept))
    return events


def blind(events: list[ListenerEvent], area: str | None = None, company: str = "C1") -> object:
    found = blind_of(watches(events, start=START, as_of=AS_OF, factor=3), area, [company])
    if found is None:
        return None
    minutes = timedelta(minutes=1)
    return [((gap.start - START) / minutes, (gap.end - START) / minutes, gap.lossless) for gap in found]


def test_listeners_of_the_same_topics_stand_in_for_one_another() -> None:
    both = [*life("one", ALL, (10, 30)), *life("two", ALL, (20, 40))]
    assert blind(both) == blind(both, "320623") == [(20, 30, True)]


def test_listeners_that_share_a_subscription_do_not() -> None:
    both = [*life("one", SHARED, (10, 30)), *life("two", SHARED, (20, 40), kept=False)]
    assert blind(both) == blind(both, "320623") == [(10, 20, True), (20, 40, False)]
    assert blind([*life("one", SHARED, (10, 15)), *life("two", SHARED)], "320623") == [(10, 15, True)]


def test_a_partition_that_is_away_makes_us_blind_for_its_own_enterprises() -> None:
    both = [*life("one", RUDONG, (10, 30)), *life("two", QIDONG)]
    assert blind(both) == blind(both, "320623") == [(10, 30, True)]
    assert blind(both, "320681") == []
    assert blind(both, "999999") is None, "nobody listens to that area"


def test_one_that_hears_everything_stands_in_for_a_partition_but_not_the_other_way_round() -> None:
    both = [*life("all", ALL, (10, 30)), *life("part", RUDONG, (20, 50))]
    assert blind(both) == [(10, 30, True)]
    assert blind(both, "320623") == blind(both, "320681") == [(10, 30, True)]
    spare = [*life("all", ALL), *life("part", RUDONG, (20, 50))]
    assert blind(spare) == blind(spare, "320623") == []


def test_a_shared_group_and_one_that_hears_everything_stand_in_for_each_other() -> None:
    heard = [*life("one", SHARED, (10, 30)), *life("two", SHARED), *life("all", ALL, (25, 40))]
    assert blind(heard, "320623") == [(25, 30, True)]


def test_topics_left_for_others_are_heard_by_nobody() -> None:
    """The one listener now hears one county only: the others' enterprises must not be accused of silence."""
    before, after = life("one", ALL, (20, None)), life("one", RUDONG)[21:]
    assert blind([*before, *after], "320681") == [(20, 60, False)]


@pytest.mark.parametrize(
    ("topic", "heard"),
    [
        ("#", True), ("rdchem/#", True), ("rdchem/v1/+/C1/#", True), ("rdchem/v1/320623/C1/#", True),
        ("rdchem/v1/+/+/readings/#", True), ("$share/g/rdchem/v1/320623/#", True),
        ("rdchem/v1/+/C2/#", False), ("rdchem/v1/320681/C1/#", False), ("rdchem/v1/+/+", False),
        ("other/#", False), ("rdchem/v1", False),
    ],
)  # fmt: skip
def test_whose_topics_a_filter_takes(topic: str, heard: bool) -> None:
    assert (blind(life("one", topic), "320623") is not None) == heard


@pytest.mark.parametrize(
    ("wide", "narrow", "covers"),
    [
        ("#", "a/b", True), ("a/#", "a/b/#", True), ("a/+/#", "a/b/#", True), ("a/+", "a/b", True),
        ("a/b/#", "a/#", False), ("a/b", "a/+", False), ("a/+", "a/#", False), ("a/+", "a/b/c", False),
        ("a/b", "$share/g/a/b", True),
    ],
)  # fmt: skip
def test_which_filter_takes_all_of_another(wide: str, narrow: str, covers: bool) -> None:
    spare = [*life("wide", wide), *life("narrow", narrow, (10, 20))]
    assert (blind(spare) == []) == covers


def test_events_that_name_no_topics_mean_everything() -> None:
    plain = [msgspec.structs.replace(event, topics=[]) for event in life("one", RUDONG, (10, 30))]
    assert blind(plain, "320681") == [(10, 30, True)]
    assert len(blind_intervals(plain, start=START, as_of=AS_OF, factor=3)) == 1
