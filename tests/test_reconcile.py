"""Declared work against permits: who belongs to whom, whatever the order."""

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem.model.commitment import HotWorkGrade, Operation, WorkItem
from rdchem.model.permit import HotWorkPermit, TicketStatus
from rdchem.places import UNKNOWN, place_likeness, plain
from rdchem.reconcile import WORST_MATCH, Work, cost, match, overlap

EIGHT = datetime(2026, 9, 15, tzinfo=UTC)
GRADES = list(HotWorkGrade)


def item(
    name: str = "W1",
    place: str | None = "泵区",
    start: float = 0,
    hours: float = 4,
    ticket: str | None = None,
    grade: HotWorkGrade | None = HotWorkGrade.GRADE_1,
) -> WorkItem:
    begin = EIGHT + timedelta(hours=start)
    return WorkItem(
        item_id=name,
        operation=Operation.HOT_WORK,
        grade=grade,
        ticket_no=ticket,
        place=place,
        begin_at=begin,
        end_at=begin + timedelta(hours=hours),
    )


def permit(
    ticket: str = "T1",
    place: str | None = "泵区",
    start: float = 0,
    hours: float = 4,
    grade: HotWorkGrade = HotWorkGrade.GRADE_1,
) -> HotWorkPermit:
    begin = EIGHT + timedelta(hours=start)
    return HotWorkPermit(
        id=ticket,
        seq=1,
        occurred_at=EIGHT,
        company_code="1",
        ticket_no=ticket,
        status=TicketStatus.APPROVED,
        grade=grade,
        place=place,
        issued_at=EIGHT,
        plan_start_at=begin,
        plan_end_at=begin + timedelta(hours=hours),
    )


def test_equal_ticket_numbers_belong_together_however_different_the_rest() -> None:
    matching = match(
        [item(ticket="T2", place="甲"), item("W2", place="乙")], [permit("T1", "甲"), permit("T2", "乙")]
    )
    assert matching.pairs == ((0, 1),)
    assert (matching.items, matching.permits) == ((1,), (0,))


def test_a_ticket_number_serves_one_item_only() -> None:
    matching = match([item("W1", ticket="T1"), item("W2", ticket="T1", place="罐顶平台")], [permit("T1")])
    assert matching.pairs == ((0, 0),) and matching.items == (1,)


def test_the_cheapest_assignment_as_a_whole_wins() -> None:
    items = [item("W1", "1#泵", 0), item("W2", "1#泵", 2)]
    permits = [permit("T1", "1#泵", 2), permit("T2", "1#泵", 0)]
    assert match(items, permits).pairs == ((0, 1), (1, 0))


def test_what_is_too_far_apart_is_left_over_by_name() -> None:
    matching = match([item(place="1#罐")], [permit(place="2#罐")])
    assert (matching.pairs, matching.items, matching.permits) == ((), (0,), (0,))


def test_costs_are_the_weighted_differences() -> None:
    assert sum(cost(Work.declared(item()), Work.permitted(permit()))) == 0
    assert sum(
        cost(Work.declared(item()), Work.permitted(permit(grade=HotWorkGrade.SPECIAL)))
    ) == pytest.approx(0.1)
    assert sum(cost(Work.declared(item()), Work.permitted(permit(start=4)))) == pytest.approx(0.3)
    assert sum(cost(Work.declared(item()), Work.permitted(permit(start=2)))) == pytest.approx(0.15)
    assert sum(cost(Work.declared(item(grade=None)), Work.permitted(permit()))) == pytest.approx(
        0.2 * UNKNOWN
    )
    assert sum(cost(Work.declared(item(place=None)), Work.permitted(permit()))) == pytest.approx(
        0.5 * UNKNOWN
    )
    assert sum(cost(Work.declared(item(hours=0)), Work.permitted(permit()))) == pytest.approx(0.3 * UNKNOWN)
    assert sum(cost(Work.declared(item()), Work.permitted(permit(start=6)))) == pytest.approx(WORST_MATCH)


def test_a_time_inside_the_other_is_no_distance() -> None:
    assert sum(cost(Work.declared(item(start=1, hours=1)), Work.permitted(permit(hours=8)))) == 0


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("泵 区", "泵区", 1),
        ("V-101", "v-101", 1),
        ("1#罐", "2#罐", 0.2),
        (None, "罐", UNKNOWN),
        ("", "罐", UNKNOWN),
    ],
)
def test_places_are_compared_without_blanks_and_case_and_by_their_numbers(
    one: str | None, other: str | None, alike: float
) -> None:
    assert place_likeness(one, other) == place_likeness(other, one)
    assert place_likeness(one, other) == pytest.approx(alike, abs=0.001)


def test_plain_names() -> None:
    assert plain(" V-101 \u3000Tank ") == "v-101tank"


def test_touching_times_do_not_overlap_and_unknown_ones_may() -> None:
    assert not overlap(item(hours=4), permit(start=4))
    assert overlap(item(hours=4.1), permit(start=4))
    unknown = item()
    assert overlap(WorkItem(item_id="x", operation=unknown.operation), permit(start=9))


def named(
    items: list[WorkItem], permits: list[HotWorkPermit]
) -> tuple[set[tuple[str, str]], set[str], set[str]]:
    matching = match(items, permits)
    return (
        {(items[i].item_id, permits[j].ticket_no) for i, j in matching.pairs},
        {items[i].item_id for i in matching.items},
        {permits[j].ticket_no for j in matching.permits},
    )


ITEMS = st.lists(
    st.builds(
        item,
        name=st.uuids().map(str),
        place=st.sampled_from(["1#泵", "2#泵", "罐区", None]),
        start=st.integers(0, 6),
        ticket=st.sampled_from([None, None, "T0", "T1"]),
        grade=st.sampled_from([*GRADES, None]),
    ),
    max_size=4,
)
PERMITS = st.lists(
    st.builds(
        permit,
        place=st.sampled_from(["1#泵", "2#泵", "罐区"]),
        start=st.integers(0, 6),
        grade=st.sampled_from(GRADES),
    ),
    max_size=4,
)


@given(items=ITEMS, permits=PERMITS)
def test_everybody_is_paired_or_left_over_once_in_any_order(
    items: list[WorkItem], permits: list[HotWorkPermit]
) -> None:
    import msgspec

    permits = [msgspec.structs.replace(one, id=f"T{n}", ticket_no=f"T{n}") for n, one in enumerate(permits)]
    told = named(items, permits)
    pairs, alone, unclaimed = told
    assert {i for i, _ in pairs} | alone == {one.item_id for one in items}
    assert {j for _, j in pairs} | unclaimed == {one.ticket_no for one in permits}
    assert len(pairs) + len(alone) == len(items) and len(pairs) + len(unclaimed) == len(permits)
    assert all(named(list(turned), permits[::-1]) == told for turned in permutations(items))
