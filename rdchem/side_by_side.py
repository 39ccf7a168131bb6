"""Declared work and permits of one operation side by side, as an inspector would draw the table. Pure.

Each declared item and each permit stands in exactly one row, alone or with its partner, and how it stands is
named: what is a fault, what only looks like one, what cannot be said. The rules accuse from these rows, and
the report shows them: there is no second opinion. `Standing` (rdchem.standing) lists the classes.

What was declared is asked twice: what stands now, and what stood at the deadline. A permit the announcement
of 09:20 did not mention and a later one does was declared late; one it mentioned and a later one does not was
taken back, which is no concealment. A permit that was changed after the announcement agreed with it once.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property

from rdchem import calendar
from rdchem.calendar import UnknownYearError, local_text
from rdchem.declared import (
    Item,
    line_items,
    line_items_at,
    newest,
    others_in_force,
    permits_in_force,
    published_at,
    standing_items,
    unheard,
    was_issued_by,
)
from rdchem.model.commitment import Operation, WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Reason
from rdchem.model.permit import HotWorkPermit, Permit
from rdchem.once import once_a_day
from rdchem.places import are_elsewhere, plain
from rdchem.reconcile import Matching, match, overlap
from rdchem.standing import DIFFERS, Standing

Held = Received[Permit]
BY_NUMBER = "票号相同"


@dataclass(frozen=True, slots=True)
class Row:
    """An item, a permit or a pair; how it stands, what cannot be said of it and why, how it was paired."""

    item: Item | None
    permit: Held | None
    standings: tuple[Standing, ...]
    reasons: tuple[Reason, ...] = ()
    paired_by: str = ""


@once_a_day
def side_by_side(day: EnterpriseDay, operation: Operation = Operation.HOT_WORK) -> list[Row] | None:
    """The rows: pairs in the order of their items, then items alone, then permits alone, by their numbers.

    None without line items.
    """
    items = line_items(day)
    if items is None:
        return None
    standing, permits = standing_items(items, operation), permits_of(day, operation)
    return _Papers(day, operation, items, standing, permits).rows() if standing or permits else []


def permits_of(day: EnterpriseDay, operation: Operation) -> Sequence[Held]:
    """The permits of an operation in force."""
    return permits_in_force(day) if operation is Operation.HOT_WORK else others_in_force(day, operation)


def kind_for(operation: Operation) -> str:
    """The kind of message permits of an operation come in."""
    return "hot_work_permit" if operation is Operation.HOT_WORK else "special_work_permit"


def is_connected(day: EnterpriseDay, operation: Operation) -> bool:
    """Whether permits of an operation reach us: hot work's do, others' where one is in force here or the
    county says so.
    """
    hot = operation is Operation.HOT_WORK
    return hot or operation.label in day.limits.names("work_permit_feeds") or bool(permits_of(day, operation))


@dataclass(slots=True)
class _Index:
    """Items by the ticket they name, and by their place."""

    by_ticket: dict[str, list[WorkItem]] = field(default_factory=lambda: defaultdict(list))
    by_place: dict[str, list[WorkItem]] = field(default_factory=lambda: defaultdict(list))

    def add(self, item: WorkItem) -> None:
        if item.ticket_no:
            self.by_ticket[item.ticket_no].append(item)
        if place := plain(item.place or ""):
            self.by_place[place].append(item)

    def covers(self, held: Permit) -> bool:
        """Whether an item names the ticket, or is at the same place and time: boards count places, permits
        count tickets.
        """
        at_its_place = self.by_place.get(plain(held.place or ""), ())
        return held.ticket_no in self.by_ticket or any(overlap(item, held) for item in at_its_place)


class _Papers:
    """All papers of one operation of a day, indexed once."""

    def __init__(
        self,
        day: EnterpriseDay,
        operation: Operation,
        listed: Sequence[Item],
        standing: Sequence[Item],
        permits: Sequence[Held],
    ) -> None:
        self.day, self.operation = day, operation
        self.items, self.permits = standing, permits
        self.deadline = calendar.deadline(day.day, day.limits)
        self.matching = match([item for item, _ in self.items], [held.message for held in self.permits])
        self.declared, self.taken_back = _Index(), _Index()
        for item, _ in self.items:
            self.declared.add(item)
        for item, _ in listed:
            if item.operation is operation and item.cancelled:
                self.taken_back.add(item)
        self.at_deadline = self._covered_at_the_deadline()
        versions: Sequence[Held] = day.permits if operation is Operation.HOT_WORK else day.other_permits
        self.versions: dict[str, list[Held]] = defaultdict(list)
        for version in versions:
            self.versions[version.message.id].append(version)
        self.cancelled = {held.message.ticket_no for held in newest(versions) if held.message.cancelled}
        self.held = {self.permits[j].message.ticket_no: self.permits[j] for _, j in self.matching.pairs}

    def rows(self) -> list[Row]:
        matching = self.matching
        return [
            *(self._pair(i, j, matching) for i, j in matching.pairs),
            *(self._item_alone(self.items[i]) for i in matching.items),
            *(self._permit_alone(j) for j in matching.permits),
        ]

    @cached_property
    def foreign(self) -> frozenset[str]:
        """The ticket numbers in force for other operations."""
        others = (one for one in Operation if one is not self.operation)
        return frozenset(held.message.ticket_no for one in others for held in permits_of(self.day, one))

    def _covered_at_the_deadline(self) -> frozenset[int] | None:
        """The permits that what stood at the deadline speaks of; None where nothing else stood then."""
        if self.day.as_of <= self.deadline or (listed := line_items_at(self.day, self.deadline)) is None:
            return None
        items = standing_items(listed, self.operation)
        if items == self.items:
            return None
        matching, index = match([one for one, _ in items], [one.message for one in self.permits]), _Index()
        for item, _ in items:
            index.add(item)
        covered = {j for j in matching.permits if index.covers(self.permits[j].message)}
        return frozenset(covered | {j for _, j in matching.pairs})

    def _pair(self, i: int, j: int, matching: Matching) -> Row:
        item, held = self.items[i], self.permits[j]
        told = [*_grade(self.day, item[0], held.message), *_place_and_time(item[0], held.message)]
        standings = [one for one in told if isinstance(one, Standing)]
        reasons = [one for one in told if isinstance(one, Reason)]
        if DIFFERS.intersection(standings) and self._agreed_when_declared(item[0], held):
            standings = [Standing.CHANGED]
        if self.at_deadline is not None and j not in self.at_deadline and self._was_there(held):
            lost = unheard(self.day, "commitment", self.deadline)
            (standings if lost is None else reasons).append(lost or Standing.DECLARED_LATE)  # type: ignore[arg-type]
        if not standings:
            standings = [Standing.NOT_SAID if reasons else Standing.AGREES]
        price = matching.costs.get((i, j))
        return Row(item, held, tuple(standings), tuple(reasons), BY_NUMBER if price is None else price.text)

    def _was_there(self, held: Held) -> bool:
        """Whether a permit is known to have been issued by the deadline."""
        return held.message.issued_at is not None and was_issued_by(held.message, self.deadline)

    @cached_property
    def told(self) -> Sequence[tuple[datetime, dict[str, WorkItem], _Index]]:
        """What was declared of the operation each time something was said: when, and all that stood then."""
        times = [published_at(one) for one in self.day.commitments]
        times += [min(one.message.occurred_at, one.received_at) for one in self.day.declared_work]
        told = []
        for at in sorted(set(times)):
            standing = standing_items(line_items_at(self.day, at) or (), self.operation)
            index = _Index()
            for item, _ in standing:
                index.add(item)
            told.append((at, {item.item_id: item for item, _ in standing}, index))
        return told

    def _declared_since(self, item: WorkItem) -> datetime | None:
        """Since when an item has been declared as it is; said again it is no newer."""
        since = None
        for at, items, _ in reversed(self.told):
            if items.get(item.item_id) != item:
                break
            since = at
        return since

    def _taken_back_at(self, held: Permit) -> datetime | None:
        """Since when no declaration speaks of a permit; None if none ever did."""
        since = None
        for at, _, index in reversed(self.told):
            if index.covers(held):
                return since
            since = at
        return None

    def _agreed_when_declared(self, item: WorkItem, held: Held) -> bool:
        """Whether the permit as it stood when it was declared, or as it was first issued if that came later,
        differs in nothing from the item.
        """
        versions, since = self.versions[held.message.id], self._declared_since(item)
        by_then = [one for one in versions if since is not None and one.message.occurred_at <= since]
        then = (by_then or versions[:1])[-1]
        if then is held:
            return False
        told = {*_grade(self.day, item, then.message), *_place_and_time(item, then.message)}
        return not DIFFERS.intersection(one for one in told if isinstance(one, Standing))

    def _item_alone(self, item: Item) -> Row:
        declared, _ = item
        lead = self.day.limits.duration("permit_lead_before_start")
        if (other := self.held.get(declared.ticket_no or "")) is not None:
            where = declared.place, other.message.place
            shared = bool(where[0] and where[1]) and are_elsewhere(where[0] or "", where[1] or "")
            return Row(item, None, (Standing.TICKET_SHARED if shared else Standing.SAME_TICKET,))
        if declared.ticket_no and declared.ticket_no in self.foreign:
            return Row(item, None, (Standing.TICKET_SHARED,))
        if declared.ticket_no in self.cancelled:
            return Row(item, None, (Standing.CANCELLED,))
        if declared.begin_at is None:
            text = f"申报作业 {declared.item_id} 无作业票,且未注明开始时间,无法判定"
            reason = Reason("begin_not_given", text)
        elif declared.begin_at - lead > self.day.as_of:
            begin = local_text(declared.begin_at)
            reason = Reason("not_begun", f"申报作业 {declared.item_id} 计划 {begin} 开始,开工前办票即可")
        elif not is_connected(self.day, self.operation):
            text = f"{self.operation.label}作业票未见接入(work_permit_feeds),无从核对"
            reason = Reason("no_permit_feed", text)
        elif (lost := unheard(self.day, kind_for(self.operation), self.day.as_of)) is not None:
            reason = lost
        else:
            return Row(item, None, (Standing.NO_PERMIT,))
        return Row(item, None, (Standing.NOT_SAID,), (reason,))

    def _permit_alone(self, j: int) -> Row:
        held = self.permits[j]
        if self.declared.covers(held.message):
            return Row(None, held, (Standing.SAME_PLACE,))
        if not was_issued_by(held.message, self.deadline):
            return Row(None, held, (Standing.LATE_ADDITION,))
        was_declared = self.at_deadline is not None and j in self.at_deadline
        if was_declared or self.taken_back.covers(held.message):
            began, back = held.message.started_at, self._taken_back_at(held.message)
            worked = began is not None and back is not None and began > back
            return Row(None, held, (Standing.WORKED_ALL_THE_SAME if worked else Standing.TAKEN_BACK,))
        if reason := unheard(self.day, "commitment", self.deadline):
            return Row(None, held, (Standing.NOT_SAID,), (reason,))
        return Row(None, held, (Standing.UNDECLARED,))


def _grade(day: EnterpriseDay, declared: WorkItem, held: Permit) -> Iterator[Standing | Reason]:
    if not isinstance(held, HotWorkPermit):
        return
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


def _place_and_time(declared: WorkItem, held: Permit) -> Iterator[Standing]:
    """What can differ although the ticket number is the same, or everything else."""
    if declared.place and held.place and are_elsewhere(declared.place, held.place):
        yield Standing.PLACE_DIFFERS
    if not overlap(declared, held):
        yield Standing.TIME_OUTSIDE


def _may_be_upgraded(day: EnterpriseDay, permit: Permit) -> bool:
    """Whether GB 30871-2022 5.1.1 asks for one grade more: the time touches a rest day or the night."""
    start, end = permit.plan_start_at, permit.plan_end_at
    if start is None or end is None or end <= start:
        return calendar.is_rest_day(day.day)
    first, last = calendar.business_day(start), calendar.business_day(end - timedelta(microseconds=1))
    days = [first + timedelta(days=offset) for offset in range(min((last - first).days, 31) + 1)]
    return calendar.touches_night(start, end, day.limits) or any(calendar.is_rest_day(one) for one in days)
