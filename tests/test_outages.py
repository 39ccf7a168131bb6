"""What changed between two sweeps: each thing said once, common causes as one, flapping counted."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem.liveness import Liveness
from rdchem.model.day import BlindInterval
from rdchem.model.outage import Cause, ChangeKind, Explained, Outage, StateChange
from rdchem.outage_text import sentence
from rdchem.outages import Flapping, changes, own_outages, silent_causes, source_states
from tests.days import AS_OF, good, sensor, with_register

MINUTE = timedelta(minutes=1)
FLAPPING = Flapping(within=60 * MINUTE, times=3)


def outage(cause: Cause = Cause.GATEWAY, code: str = "G1", *sources: str, minute: int = 0) -> Outage:
    return Outage("C", cause, code, sources or ("S1", "S2"), AS_OF, AS_OF + minute * MINUTE)


def told(before: list[Outage], now: list[Outage], minute: int) -> list[tuple[str, str, bool]]:
    found = changes(before, now, as_of=AS_OF + minute * MINUTE, flapping=FLAPPING)
    return [(one.kind.value, f"{one.outage.cause.value}:{one.outage.code}", one.told) for one in found]


def test_an_outage_is_said_once_and_ends_as_one() -> None:
    one = outage()
    assert told([], [one], 0) == [("fell_silent", "gateway:G1", True)]
    assert told([one], [outage(minute=5)], 5) == []
    assert told([one], [], 10) == [("returned", "gateway:G1", True)]


def test_one_that_reaches_further_is_the_same_trouble() -> None:
    whole = outage(Cause.ENTERPRISE, "C", "S1", "S2", "S3", minute=5)
    assert told([outage()], [whole], 5) == [
        ("widened", "enterprise:C", True),
        ("returned", "gateway:G1", False),
    ]


def test_one_that_shrinks_says_what_is_left_and_what_returned() -> None:
    whole = outage(Cause.ENTERPRISE, "C", "S1", "S2", "S3")
    assert told([whole], [outage(minute=5)], 5) == [
        ("narrowed", "gateway:G1", True),
        ("returned", "enterprise:C", True),
    ]


def test_a_declared_outage_past_its_planned_return_is_said_once_more() -> None:
    declared = replace(outage(), explained=Explained.DECLARED)
    overdue = replace(outage(minute=5), explained=Explained.OVERDUE)
    assert told([declared], [overdue], 5) == [("overdue", "gateway:G1", True)]
    assert told([replace(declared, explained=Explained.OVERDUE)], [overdue], 6) == []


def test_flapping_is_counted_told_as_a_habit_and_over_once_it_stays_away() -> None:
    history: list[Outage] = []
    said: list[tuple[int, str, bool]] = []

    def step(minute: int, down: bool) -> None:
        nonlocal history
        now = [outage(minute=minute)] if down else []
        for one in changes(history, now, as_of=AS_OF + minute * MINUTE, flapping=FLAPPING):
            said.append((minute, one.kind.value, one.told))
            same = (one.outage.subject, one.outage.found_at)
            history = [old for old in history if (old.subject, old.found_at) != same] + [one.outage]
        kept = [one for one in history if one.until is None or not one.settled or one.times]
        history = kept

    for number in range(4):
        step(20 * number, True)
        step(20 * number + 10, False)
    for minute in (100, 129, 130, 131):
        step(minute, False)
    assert [entry for entry in said if entry[2]] == [
        (0, "fell_silent", True),
        (10, "returned", True),
        (40, "flapped", True),
        (130, "steadied", True),
    ]
    assert history[-1].times == 4 and history[-1].settled


def test_one_that_was_only_counted_and_lasts_is_told_all_the_same() -> None:
    again = replace(outage(minute=5), times=2, announced=False)
    assert told([again], [outage(minute=64)], 64) == []
    assert told([again], [outage(minute=65)], 65) == [("persists", "gateway:G1", True)]
    assert told([replace(again, announced=True)], [outage(minute=66)], 66) == []


def test_what_cannot_be_judged_stays_as_it_was() -> None:
    day = with_register(good(), [sensor("S1"), sensor("S2")])
    live = {"S1": Liveness.UNKNOWN, "S2": Liveness.LAGGING}
    assert silent_causes(day, live, []) == []
    held = outage(Cause.SENSOR, "S1", "S1")
    assert [one.sources for one in silent_causes(day, live, [held])] == [("S1",)]


def test_our_own_outage_is_one_and_nobody_elses() -> None:
    gaps = [
        BlindInterval(AS_OF - 9 * MINUTE, AS_OF - 8 * MINUTE, lossless=True),
        BlindInterval(AS_OF - 5 * MINUTE, AS_OF, lossless=False, open=True),
    ]
    (ours,) = own_outages(gaps, AS_OF)
    assert (ours.cause, ours.since) == (Cause.INTAKE, AS_OF - 5 * MINUTE)
    told_so = sentence(StateChange(ChangeKind.FELL_SILENT, ours), "")
    assert told_so == "本系统采集中断,自 2026-09-15 09:16:00"
    day = with_register(good(readings={}, blind=tuple(gaps)), [sensor("S1")])
    assert silent_causes(day, source_states(day), []) != []  # a day without data is more than nine minutes


@pytest.mark.parametrize("kind", ChangeKind)
@pytest.mark.parametrize("cause", Cause)
def test_every_change_of_every_cause_has_a_sentence(kind: ChangeKind, cause: Cause) -> None:
    one = replace(outage(cause, "X"), until=AS_OF + 12 * MINUTE)
    text = sentence(StateChange(kind, one), "示例化工")
    assert "None" not in text
    assert kind is not ChangeKind.RETURNED or "12 分" in text


SUBJECTS = {
    "gateway": outage(Cause.GATEWAY, "G1", "S1", "S2"),
    "whole": outage(Cause.ENTERPRISE, "C", "S1", "S2", "S3"),
    "one": outage(Cause.SENSOR, "S1", "S1"),
    "other": outage(Cause.SENSOR, "S3", "S3"),
}
SILENT = st.sampled_from([(), ("gateway",), ("whole",), ("one",), ("one", "other"), ("gateway", "other")])


@given(st.lists(SILENT, max_size=12))
def test_outages_open_are_always_those_silent_now_and_every_one_opened_is_closed(
    course: list[tuple[str, ...]],
) -> None:
    open_now: dict[tuple[str, str], Outage] = {}
    ended: dict[tuple[str, str], Outage] = {}
    for number, names in enumerate(course):
        as_of = AS_OF + 10 * number * MINUTE
        now = [replace(SUBJECTS[name], found_at=as_of) for name in names]
        for one in changes([*open_now.values(), *ended.values()], now, as_of=as_of, flapping=FLAPPING):
            subject = one.outage.subject
            if one.outage.until is None:
                open_now[subject] = one.outage
                ended.pop(subject, None)
            else:
                open_now.pop(subject, None)
                ended[subject] = one.outage
        assert {one.subject for one in now} == set(open_now)
        again = changes([*open_now.values(), *ended.values()], now, as_of=as_of, flapping=FLAPPING)
        assert not [one for one in again if one.told], "the same twice"
