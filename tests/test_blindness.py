"""When our own intake was down: from what the listeners say of themselves, and from their silence."""

from datetime import UTC, datetime, timedelta

from rdchem.blindness import blind_intervals
from rdchem.model.day import BlindInterval
from rdchem.model.listener import ListenerEvent

START = datetime(2026, 9, 15, tzinfo=UTC)
AS_OF = START + timedelta(minutes=60)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


def said(minute: float, event: str, session: bool | None = None, listener: str = "one") -> ListenerEvent:
    return ListenerEvent(
        listener=listener,
        event=event,  # type: ignore[arg-type]
        occurred_at=at(minute),
        session_present=session,
        period_s=60,
    )


def alive(first: int, last: int, listener: str = "one") -> list[ListenerEvent]:
    return [said(minute, "alive", listener=listener) for minute in range(first, last + 1)]


def gaps(*events: ListenerEvent) -> list[tuple[float, float, bool, bool]]:
    found = blind_intervals(events, start=START, as_of=AS_OF, factor=3)
    return [
        (
            (gap.start - START) / timedelta(minutes=1),
            (gap.end - START) / timedelta(minutes=1),
            gap.lossless,
            gap.open,
        )
        for gap in found
    ]


def test_without_any_listener_nothing_is_said() -> None:
    assert gaps() == []


def test_before_its_first_word_a_listener_knew_nothing() -> None:
    assert gaps(said(5, "started"), said(5, "connected", False), *alive(6, 60)) == [(0, 5, False, False)]


def test_a_listener_alive_throughout_was_never_blind() -> None:
    assert gaps(said(-1, "started"), said(-1, "connected", False), *alive(0, 60)) == []


def test_a_lost_connection_is_lossless_only_if_the_broker_kept_the_session() -> None:
    before, after = alive(0, 20), alive(31, 60)
    for kept in (True, False):
        told = gaps(
            said(-1, "connected", True),
            *before,
            said(21, "disconnected"),
            said(30, "connected", kept),
            *after,
        )
        assert told == [(21, 30, kept, False)]


def test_three_periods_of_silence_are_just_bearable_and_more_is_a_gap() -> None:
    early = [said(-1, "connected", True), *alive(0, 20)]
    assert gaps(*early, *alive(23, 60)) == []
    assert gaps(*early, said(23.1, "alive"), *alive(24, 60)) == [(20, 23.1, True, False)]


def test_silence_at_the_end_is_an_open_gap() -> None:
    early = [said(-1, "connected", True)]
    assert gaps(*early, *alive(0, 57)) == []
    assert gaps(*early, *alive(0, 56)) == [(56, 60, False, True)]


def test_a_listener_that_starts_again_without_having_stopped_had_died() -> None:
    events = [
        said(-1, "connected", True),
        *alive(0, 20),
        said(21, "started"),
        said(21, "connected", True),
        *alive(22, 60),
    ]
    assert gaps(*events) == [(20, 21, True, False)]


def test_being_alive_is_not_being_connected() -> None:
    """A listener that has lost its broker goes on saying that it lives."""
    told = gaps(
        said(-1, "connected", True),
        *alive(0, 20),
        said(21, "disconnected"),
        *alive(22, 29),
        said(30, "connected", False),
        *alive(31, 60),
    )
    assert told == [(21, 30, False, False)]


def test_a_history_cut_off_at_its_start_is_not_a_first_word() -> None:
    assert gaps(*alive(2, 60)) == []
    assert gaps(*alive(4, 60)) == [(0, 4, True, False)]


def test_what_is_said_at_one_instant_counts_in_the_order_of_a_life() -> None:
    at_once = [said(21, "connected", False), said(21, "disconnected")]
    assert gaps(said(-1, "connected", True), *alive(0, 20), *at_once, *alive(22, 60)) == []


def test_what_happens_after_the_instant_asked_for_is_not_known_yet() -> None:
    events = [said(-1, "connected", True), *alive(0, 60), said(61, "stopped")]
    assert gaps(*events) == []


def test_two_listeners_are_blind_only_where_both_are() -> None:
    one = [
        said(-1, "connected", True),
        *alive(0, 9),
        said(10, "disconnected"),
        said(30, "connected", False),
        *alive(31, 60),
    ]
    other = [
        said(-1, "connected", True, "two"),
        *alive(0, 19, "two"),
        said(20, "disconnected", None, "two"),
        said(40, "connected", True, "two"),
        *alive(41, 60, "two"),
    ]
    assert gaps(*one, *other) == [(20, 30, True, False)]
    assert gaps(*one, said(-1, "connected", True, "two"), *alive(0, 60, "two")) == []


def test_the_order_in_which_events_are_given_does_not_matter() -> None:
    events = [
        said(-1, "connected", True),
        *alive(0, 20),
        said(21, "disconnected"),
        said(30, "connected", False),
        *alive(31, 60),
    ]
    assert gaps(*reversed(events)) == gaps(*events)


def test_overlap_is_the_shared_part_and_never_negative() -> None:
    gap = BlindInterval(at(10), at(20), lossless=False)
    assert gap.overlap(at(0), at(15)) == timedelta(minutes=5)
    assert gap.overlap(at(12), at(13)) == timedelta(minutes=1)
    assert gap.overlap(at(20), at(30)) == timedelta(0)
    assert gap.overlap(at(0), at(5)) == timedelta(0)
