"""What an enterprise declares for a day, and the permits that stand against it, as of an instant. Pure.

The notions the rules and the report share: the announcement in force, its hot-work items, the permits that
count. Late data adds versions; the newest by the sender's own clock and sequence is the one in force.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Final, TypeVar

from msgspec import structs

from rdchem import calendar
from rdchem.blindness import blind_for, blind_reason
from rdchem.model.commitment import DeclaredWork, Operation, SafetyCommitment, WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Verdict
from rdchem.model.permit import HotWorkPermit, Permit, Recorded, SpecialWorkPermit, TicketStatus
from rdchem.once import once_a_day

Item = tuple[WorkItem, tuple[str, ...]]
"""A line item with the journal ids it rests on."""
P = TypeVar("P", bound=Permit)

NO_ANNOUNCEMENT = Reason("no_announcement", "当日没有有效的承诺公告,无从比对")
NO_PERMITS = Reason("no_permits", "当日没有生效的动火作业票")
NO_WORK_STARTED = Reason("no_work_started", "当日生效的动火作业票均尚未开工")


@once_a_day
def announcement(day: EnterpriseDay) -> Received[SafetyCommitment] | None:
    """The announcement in force as of the day's instant; None if there is none or it was withdrawn."""
    return standing(day.commitments)


def standing(versions: Sequence[Received[SafetyCommitment]]) -> Received[SafetyCommitment] | None:
    """Of a day's versions in order, the announcement that stands; None if there is none or it was withdrawn.

    A withdrawal takes back what was published under its own id: a platform may give a new announcement a new
    id and delete the old row later.
    """
    newest = {version.message.id: version for version in versions}
    left = [
        version
        for version in versions
        if version.message.state == "published" and newest[version.message.id] is version
    ]
    return left[-1] if left else None


def published_at(version: Received[SafetyCommitment]) -> datetime:
    """When a version was out at the latest: a clock running ahead cannot make it later than its receipt."""
    return min(version.message.occurred_at, version.received_at)


def announcement_at(day: EnterpriseDay, instant: datetime) -> Received[SafetyCommitment] | None:
    """The announcement that stood at an instant, of what we know today."""
    return standing([version for version in day.commitments if published_at(version) <= instant])


@once_a_day
def known_at(day: EnterpriseDay, instant: datetime) -> EnterpriseDay:
    """The papers of a day as they were known to us at an earlier instant."""
    return replace(
        day,
        as_of=instant,
        commitments=tuple(one for one in day.commitments if one.received_at <= instant),
        declared_work=tuple(one for one in day.declared_work if one.received_at <= instant),
        permits=tuple(one for one in day.permits if one.received_at <= instant),
        other_permits=tuple(one for one in day.other_permits if one.received_at <= instant),
    )


@once_a_day
def hot_work_items(day: EnterpriseDay) -> list[Item] | None:
    """The hot-work items that stand, each with the journal ids it rests on, ordered by item id.

    Items come inside the announcement or as messages of their own; None if neither gave any list.
    """
    items = line_items(day)
    return None if items is None else standing_items(items, Operation.HOT_WORK)


@once_a_day
def line_items(day: EnterpriseDay) -> list[Item] | None:
    """Every line item of the announcement in force, void ones too, by item id; None without a list."""
    return _items(announcement(day), day.declared_work)


@once_a_day
def line_items_at(day: EnterpriseDay, instant: datetime) -> list[Item] | None:
    """The line items as they stood at an instant; None without an announcement or a list.

    An exported item that does not tell when it was declared counts as declared by then.
    """
    current = announcement_at(day, instant)
    by_then = [
        entry
        for entry in day.declared_work
        if min(entry.message.occurred_at, entry.received_at) <= instant
        or (entry.from_platform and entry.message.occurred_at >= entry.received_at)
    ]
    return None if current is None else _items(current, by_then)


def standing_items(items: Iterable[Item], operation: Operation) -> list[Item]:
    """The items of one operation that were not taken back."""
    return [
        pair for pair in items if pair[0].operation is operation and pair[0].active and not pair[0].cancelled
    ]


def _items(
    current: Received[SafetyCommitment] | None, apart: Sequence[Received[DeclaredWork]]
) -> list[Item] | None:
    items: dict[str, Item] = {}
    if current is not None:
        for item in current.message.items or ():
            items[item.item_id] = (item, (current.journal_id,))
    for entry in apart:
        items[entry.message.item.item_id] = (entry.message.item, (entry.journal_id,))
    if not apart and (current is None or current.message.items is None):
        return None
    return sorted(items.values(), key=lambda pair: pair[0].item_id)


@once_a_day
def permits_in_force(day: EnterpriseDay) -> list[Received[HotWorkPermit]]:
    """The permits of `records_in_force`, each once: records that differ in their id alone are one."""
    return each_once(records_in_force(day))


@once_a_day
def others_in_force(day: EnterpriseDay, operation: Operation) -> list[Received[SpecialWorkPermit]]:
    """The permits in force of another operation than hot work, each once."""
    of_operation = [held for held in day.other_permits if held.message.operation is operation]
    return each_once(in_force(of_operation, day.day)) if of_operation else []


def each_once(records: Iterable[Received[P]]) -> list[Received[P]]:
    """Permits without those that say the same as an earlier one but for their id."""
    seen: dict[str, list[P]] = {}
    permits = []
    for held in records:
        same_number = seen.setdefault(held.message.ticket_no, [])
        if not any(says_the_same(held.message, one) for one in same_number):
            same_number.append(held.message)
            permits.append(held)
    return permits


def says_the_same(one: Permit, other: Permit) -> bool:
    """Whether two permits differ in nothing but the id, version and time of their record."""
    return structs.replace(other, id=one.id, seq=one.seq, occurred_at=one.occurred_at) == one


@once_a_day
def records_in_force(day: EnterpriseDay) -> list[Received[HotWorkPermit]]:
    """The newest version of each hot-work permit that counts and whose time overlaps the business day."""
    return in_force(day.permits, day.day)


def in_force(history: Iterable[Received[P]], day: date) -> list[Received[P]]:
    """The newest version of each permit that counts and whose planned time overlaps the business day.

    Drafts, test, deleted and cancelled permits do not count. A permit without planned times counts on the
    day of its issue; one whose work has ended no longer counts on the days after. Ordered by ticket number.
    """
    start, end = calendar.day_bounds(day)
    standing = [permit for permit in newest(history) if counts(permit.message)]
    return sorted(
        (permit for permit in standing if _overlaps(permit.message, start, end)),
        key=lambda permit: (permit.message.ticket_no, permit.message.id),
    )


def newest(history: Iterable[Received[P]]) -> list[Received[P]]:
    """The newest version of every permit, void ones too."""
    return list({permit.message.id: permit for permit in history}.values())


def work_start(permit: Permit, as_of: datetime) -> datetime | None:
    """When the work of a permit started: as reported, else as planned; None if not reached or unknown."""
    start = permit.started_at or permit.plan_start_at
    return start if start is not None and start <= as_of else None


def has_begun(permit: Permit) -> bool:
    """Whether the work of a permit is known to have begun, though perhaps not when."""
    return permit.started_at is not None or permit.status in (TicketStatus.WORKING, TicketStatus.CLOSED)


def started_permits(day: EnterpriseDay) -> list[tuple[Received[HotWorkPermit], datetime]]:
    """The permits in force whose work has started, each with its start."""
    starts = ((held, work_start(held.message, day.as_of)) for held in permits_in_force(day))
    return [(held, start) for held, start in starts if start is not None]


def nothing_started(day: EnterpriseDay) -> Reason:
    """Why there is no started work to ask about."""
    return NO_WORK_STARTED if permits_in_force(day) else NO_PERMITS


def start_unknown(day: EnterpriseDay) -> list[Reason]:
    """A reason for each permit in force that tells neither when its work started nor when it should."""
    permits = [held.message for held in permits_in_force(day)]
    return [
        Reason("data_insufficient", f"作业票 {permit.ticket_no} 的开工时间与计划开工时间均缺失")
        for permit in permits
        if permit.started_at is None and permit.plan_start_at is None
    ]


def settled(found: list[Verdict], unclear: list[Reason]) -> Outcome:
    """The outcome of a rule that asked each permit: what it found, and, joined, what it could not judge."""
    reasons = tuple(unclear)
    if len(reasons) > 1:
        code = reasons[0].code if len({one.code for one in reasons}) == 1 else "data_insufficient"
        reasons = (Reason(code, ";".join(one.text for one in reasons)),)
    if found:
        return Fail(tuple(found), reasons)
    return NotEvaluated(reasons[0]) if reasons else Pass()


def counts(permit: Permit) -> bool:
    """Whether a permit is a real one that stands."""
    void = permit.cancelled or permit.deleted or permit.test
    return not void and permit.status is not TicketStatus.DRAFT


def was_issued_by(permit: Permit, cutoff: datetime) -> bool:
    """Whether a permit was there at the cut-off; one without an issue time is taken as there."""
    return permit.issued_at is None or permit.issued_at <= cutoff


@once_a_day
def unheard(day: EnterpriseDay, kind: str, until: datetime) -> Reason | None:
    """Why something of a kind said today before `until` can have been lost on us; None if it cannot."""
    start, _ = calendar.day_bounds(day.day)
    hiding = [gap for gap in blind_for(day, kind) if gap.overlap(start, until) and not gap.lossless]
    return blind_reason(day, kind, hiding) if hiding else None


def unrecorded(permit: Permit, field: Recorded) -> Reason | None:
    """Why an empty field of a permit is nobody's fault: its source has no such field. None if it has."""
    if field not in permit.not_recorded:
        return None
    text = f"作业票 {permit.ticket_no} 的数据来源没有{_FIELDS[field]},无从核对"
    return Reason("data_insufficient", text)


_FIELDS: Final[dict[Recorded, str]] = {
    "guardian": "监护人一栏",
    "checked_at": "完工验收时间一栏",
    "camera_codes": "视频设备一栏",
    "gas_analyses": "气体分析记录",
    "associated_tickets": "关联作业票一栏",
}


def journal_ids(*groups: Iterable[str]) -> list[str]:
    """Journal ids without repetition, in order."""
    return list(dict.fromkeys(one for group in groups for one in group))


def _overlaps(permit: Permit, start: datetime, end: datetime) -> bool:
    begin = permit.plan_start_at or permit.issued_at or permit.occurred_at
    finish = permit.plan_end_at or begin
    done = permit.ended_at or permit.checked_at
    if done is not None and done > begin:
        finish = min(finish, done)
    return begin < end and (finish > start or begin >= start)
