"""How declared work and permits stand side by side: each in one row, whatever comes when and how often."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem.model.commitment import HotWorkGrade, WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.permit import HotWorkPermit
from rdchem.reports.hot_work import hot_work_lines
from rdchem.rules.hot_work_matches_permits import check
from rdchem.side_by_side import side_by_side
from rdchem.standing import Standing
from tests.days import EIGHT, commitment, good, item, permit, received
from tests.installation import Installation

COMPANY = "320600001"
PLACES = st.sampled_from(["1#泵", "2#泵", "罐区", "装卸栈台", None])
HOURS = st.integers(-4, 8).map(lambda hour: EIGHT + timedelta(hours=hour))
GRADES = st.sampled_from(list(HotWorkGrade))


def day_of(items: list[WorkItem], permits: list[HotWorkPermit], **changes: Any) -> EnterpriseDay:
    said = received(commitment(COMPANY, items=items))
    held = tuple(received(one, number) for number, one in enumerate(permits, start=2))
    return good(COMPANY, commitments=(said,), permits=held, **changes)


def standings(day: EnterpriseDay) -> list[tuple[str, str, set[Standing]]]:
    return [
        (
            row.item[0].item_id if row.item else "",
            row.permit.message.ticket_no if row.permit else "",
            {*row.standings},
        )
        for row in side_by_side(day) or []
    ]


@st.composite
def items_and_permits(draw: st.DrawFn) -> tuple[list[WorkItem], list[HotWorkPermit]]:
    numbers = count(1)
    tickets = st.sampled_from([None, "T1", "T2", "T3"])
    items = draw(
        st.lists(
            st.builds(
                lambda place, begin, hours, grade, ticket: item(
                    f"W{next(numbers):02d}", place=place, begin_at=begin,
                    end_at=begin + timedelta(hours=hours), grade=grade, ticket_no=ticket,
                ),
                PLACES, HOURS, st.integers(1, 6), GRADES, tickets,
            ),
            max_size=5,
        )
    )  # fmt: skip
    permits = draw(
        st.lists(
            st.builds(
                lambda number, place, begin, hours, grade, cancelled: permit(
                    COMPANY, number, place=place, plan_start_at=begin,
                    plan_end_at=begin + timedelta(hours=hours), grade=grade, cancelled=cancelled,
                ),
                st.sampled_from(["T1", "T2", "T3", "T4"]), PLACES, HOURS, st.integers(1, 8), GRADES,
                st.booleans(),
            ),
            max_size=5,
            unique_by=lambda one: one.ticket_no,
        )
    )  # fmt: skip
    return items, permits


@given(items_and_permits(), st.randoms(use_true_random=False))
def test_everybody_stands_in_one_row_in_any_order_however_often_sent(
    papers: tuple[list[WorkItem], list[HotWorkPermit]], random: Any
) -> None:
    items, permits = papers
    day = day_of(items, permits)
    told = standings(day)
    in_force = {one.ticket_no for one in permits if not one.cancelled}
    assert sorted(name for name, _, _ in told if name) == sorted(one.item_id for one in items)
    assert sorted(ticket for _, ticket, _ in told if ticket) == sorted(in_force)
    again = [*permits, *(msgspec.structs.replace(one, id=f"{one.id}-2") for one in permits)]
    random.shuffle(again)
    shuffled = random.sample(items, len(items))
    sent_twice = day_of(shuffled, again)
    twice = replace(sent_twice, permits=tuple(sorted(sent_twice.permits, key=_sent)))
    assert sorted(map(str, standings(twice))) == sorted(map(str, told))
    assert str(check(twice))[:20] == str(check(day))[:20]


def _sent(one: Received[HotWorkPermit]) -> tuple[Any, ...]:
    return (one.message.occurred_at, one.message.seq, one.journal_id)


@given(items_and_permits())
def test_what_is_declared_as_it_is_permitted_agrees(
    papers: tuple[list[WorkItem], list[HotWorkPermit]],
) -> None:
    _, permits = papers
    real = [one for one in permits if not one.cancelled]
    declared = [
        item(
            f"W{number}", place=one.place, begin_at=one.plan_start_at, end_at=one.plan_end_at,
            grade=one.grade, ticket_no=one.ticket_no,
        )
        for number, one in enumerate(real)
    ]  # fmt: skip
    assert all(told == {Standing.AGREES} for _, _, told in standings(day_of(declared, real)))


def test_a_late_addition_is_shown_apart_at_the_cut_off_and_at_the_end_of_the_day() -> None:
    late = permit(
        COMPANY,
        "T9",
        place="3#塔",
        issued_at=EIGHT + timedelta(hours=6),
        plan_start_at=EIGHT + timedelta(hours=7),
    )
    for hours in (2, 14):
        day = day_of([], [late], as_of=EIGHT + timedelta(hours=hours))
        assert standings(day) == [("", "T9", {Standing.LATE_ADDITION})]


def test_a_cancelled_permit_explains_an_item_without_one() -> None:
    day = day_of([item("W1", ticket_no="T1")], [permit(COMPANY, "T1", cancelled=True)])
    assert standings(day) == [("W1", "", {Standing.CANCELLED})]


@pytest.mark.parametrize(("commitments", "remark"), [((), "没有有效的公告"), (None, "未附作业明细")])
def test_where_nothing_can_be_compared_one_line_says_why(commitments: Any, remark: str) -> None:
    held = (received(permit(COMPANY, "T1"), 2),)
    said = (received(commitment(COMPANY, items=None)),) if commitments is None else commitments
    [line] = hot_work_lines([good(COMPANY, commitments=said, permits=held, declared_work=())])
    assert line.standing == "无法判定" and remark in line.remark
    assert hot_work_lines([good(COMPANY, commitments=said, permits=(), declared_work=())]) == []


def test_the_command_shows_the_table_and_names_who_is_not_there(tmp_path: Any) -> None:
    home, morning = Installation(tmp_path), tmp_path / "m.jsonl"
    chosen = [
        argument
        for name in ("permit_for_another_tank", "declared_without_permit")
        for argument in ("--scenario", name)
    ]
    home.simulate("envelopes", "--enterprises", "8", "--out", morning, *chosen)
    home.run("receive", morning)
    table = home.run("reconcile", "2026-09-15", "--as-of", "09:21").stdout
    assert "地点不符 1" in table and "有报备无作业票 1" in table and "一致" in table
    lines = msgspec.json.decode(
        home.run("reconcile", "2026-09-15", "--as-of", "09:21", "--format", "json").stdout
    )
    company = next(line["company_code"] for line in lines if line["standing"] == "地点不符")
    only = home.run(
        "reconcile", "2026-09-15", "--as-of", "09:21", "--enterprise", company, "--format", "json"
    )
    assert {line["company_code"] for line in msgspec.json.decode(only.stdout)} == {company}
    done = home.run("reconcile", "2026-09-15", "--as-of", "09:21", "--enterprise", "1", check=False)
    assert done.returncode == 4 and "没有编码为 1 的企业" in done.stderr
