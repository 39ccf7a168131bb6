"""Declared hot work and permits of one day side by side, as an inspector would draw the table. Pure.

Each declared item and each permit stands in exactly one row, alone or with its partner, and how it stands is
named: what is a fault, what only looks like one, what cannot be said. The rule accuses from these rows, and
the report shows them: there is no second opinion.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from rdchem import calendar
from rdchem.calendar import UnknownYearError, local_text
from rdchem.declared import hot_work_items, newest_permits, permits_in_force, unheard, was_issued_by
from rdchem.model.commitment import WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Reason
from rdchem.model.permit import HotWorkPermit
from rdchem.reconcile import are_elsewhere, match, overlap, plain

Item = tuple[WorkItem, tuple[str, ...]]
Permit = Received[HotWorkPermit]


class Standing(StrEnum):
    """How a row stands. The first five are faults, by the rule's names for them."""

    UNDECLARED = "undeclared_permit"
    NO_PERMIT = "declared_without_permit"
    GRADE_LOWER = "grade_lower_than_permit"
    GRADE_HIGHER = "grade_higher_than_permit"
    PLACE_DIFFERS = "place_differs"
    TIME_OUTSIDE = "time_outside_permit"
    AGREES = "agrees"
    UPGRADED = "legal_upgrade"
    SAME_PLACE = "another_ticket_of_the_place"
    LATE_ADDITION = "late_addition"
    CANCELLED = "permit_cancelled"
    NOT_SAID = "cannot_be_said"

    @property
    def label(self) -> str:
        """As officers call it."""
        return _LABELS[self]


_LABELS = {
    Standing.UNDECLARED: "有作业票无报备",
    Standing.NO_PERMIT: "有报备无作业票",
    Standing.GRADE_LOWER: "申报级别低于作业票",
    Standing.GRADE_HIGHER: "申报级别高于作业票",
    Standing.PLACE_DIFFERS: "地点不符",
    Standing.TIME_OUTSIDE: "申报时间在作业票之外",
    Standing.AGREES: "一致",
    Standing.UPGRADED: "依法升级管理",
    Standing.SAME_PLACE: "同一处的另一张票",
    Standing.LATE_ADDITION: "截止后补报",
    Standing.CANCELLED: "作业票已取消",
    Standing.NOT_SAID: "无法判定",
}


@dataclass(frozen=True, slots=True)
class Row:
    """An item, a permit or a pair; how it stands, and why nothing can be said of part of it."""

    item: Item | None
    permit: Permit | None
    standings: tuple[Standing, ...]
    reasons: tuple[Reason, ...] = ()


def side_by_side(day: EnterpriseDay) -> list[Row] | None:
    """The rows: pairs in the order of their items, then items alone, then permits alone, by their numbers.

    None without line items.
    """
    items = hot_work_items(day)
    if items is None:
        return None
    permits = permits_in_force(day)
    matching = match([item for item, _ in items], [permit.message for permit in permits])
    return [
        *(_pair(day, items[i], permits[j]) for i, j in matching.pairs),
        *(_item_alone(day, items[i]) for i in matching.items),
        *(_permit_alone(day, permits[j], items) for j in matching.permits),
    ]


def _pair(day: EnterpriseDay, item: Item, permit: Permit) -> Row:
    standings: list[Standing] = []
    reasons: list[Reason] = []
    for one in (*_grade(day, item[0], permit.message), *_place_and_time(item[0], permit.message)):
        (standings if isinstance(one, Standing) else reasons).append(one)  # type: ignore[arg-type]
    if not standings:
        standings = [Standing.NOT_SAID if reasons else Standing.AGREES]
    return Row(item, permit, tuple(standings), tuple(reasons))


def _grade(day: EnterpriseDay, declared: WorkItem, held: HotWorkPermit) -> Iterator[Standing | Reason]:
    if declared.grade is None:
        yield Reason("grade_not_given", f"申报作业 {declared.item_id} 未注明动火级别")
        return
    gap = held.grade.rank - declared.grade.rank
    if gap == 1:
        try:
            yield Standing.UPGRADED if _may_be_upgraded(day, held) else Standing.GRADE_LOWER
        except UnknownYearError as unknown:
            yield Reason("calendar_unknown", f"{unknown},无法判断是否属升级管理")
    elif gap:
        yield Standing.GRADE_LOWER if gap > 0 else Standing.GRADE_HIGHER


def _place_and_time(declared: WorkItem, held: HotWorkPermit) -> Iterator[Standing]:
    """What can differ although the ticket number is the same, or everything else."""
    if declared.place and held.place and are_elsewhere(declared.place, held.place):
        yield Standing.PLACE_DIFFERS
    if not overlap(declared, held):
        yield Standing.TIME_OUTSIDE


def _may_be_upgraded(day: EnterpriseDay, permit: HotWorkPermit) -> bool:
    """Whether GB 30871-2022 5.1.1 asks for one grade more: the time touches a rest day or the night."""
    start, end = permit.plan_start_at, permit.plan_end_at
    if start is None or end is None or end <= start:
        return calendar.is_rest_day(day.day)
    first, last = calendar.business_day(start), calendar.business_day(end - timedelta(microseconds=1))
    days = [first + timedelta(days=offset) for offset in range(min((last - first).days, 31) + 1)]
    return calendar.touches_night(start, end, day.limits) or any(calendar.is_rest_day(one) for one in days)


def _item_alone(day: EnterpriseDay, item: Item) -> Row:
    declared, _ = item
    lead = day.limits.duration("permit_lead_before_start")
    if _was_cancelled(day, declared):
        return Row(item, None, (Standing.CANCELLED,))
    if declared.begin_at is None:
        reason = Reason("begin_not_given", f"申报作业 {declared.item_id} 无作业票,且未注明开始时间,无法判定")
    elif declared.begin_at - lead > day.as_of:
        begin = local_text(declared.begin_at)
        reason = Reason("not_begun", f"申报作业 {declared.item_id} 计划 {begin} 开始,开工前办票即可")
    elif (lost := unheard(day, "hot_work_permit", day.as_of)) is not None:
        reason = lost
    else:
        return Row(item, None, (Standing.NO_PERMIT,))
    return Row(item, None, (Standing.NOT_SAID,), (reason,))


def _was_cancelled(day: EnterpriseDay, declared: WorkItem) -> bool:
    """Whether the permit the item names was cancelled: the work fell away, and nobody took the item back."""
    return declared.ticket_no is not None and any(
        held.message.ticket_no == declared.ticket_no and held.message.cancelled
        for held in newest_permits(day)
    )


def _permit_alone(day: EnterpriseDay, permit: Permit, items: Sequence[Item]) -> Row:
    deadline = _deadline(day)
    if _is_covered(permit.message, items):
        return Row(None, permit, (Standing.SAME_PLACE,))
    if not was_issued_by(permit.message, deadline):
        return Row(None, permit, (Standing.LATE_ADDITION,))
    if reason := unheard(day, "commitment", deadline):
        return Row(None, permit, (Standing.NOT_SAID,), (reason,))
    return Row(None, permit, (Standing.UNDECLARED,))


def _is_covered(held: HotWorkPermit, items: Sequence[Item]) -> bool:
    """Whether a declared item names the ticket (a permit sent twice), or is at the same place and time:
    boards count places, permits count tickets.
    """
    place = plain(held.place or "")
    return any(
        item.ticket_no == held.ticket_no
        or (place and plain(item.place or "") == place and overlap(item, held))
        for item, _ in items
    )


def _deadline(day: EnterpriseDay) -> datetime:
    return calendar.deadline(day.day, day.limits)
