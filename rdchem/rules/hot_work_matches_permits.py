"""申报的动火作业与动火协作系统的作业票一致。

The hot work an enterprise declares equals, item by item and grade by grade, the permits in force that day.
Permits issued after the deadline are late additions: they may cover an item, but are not held against the
09:20 announcement. Declared work that has not begun may still get its permit. A permit one grade above the
declaration is a legal upgrade where the work touches a rest day or the night. Several tickets for one place
are one place. Where we may have missed a permit, or an announcement that names it, nobody is accused.

Basis: 如东县应急管理局2022年工作方案附件2第5项;GB 30871-2022 5.1(分级、升级管理)。
"""

from datetime import datetime, timedelta

from rdchem import calendar
from rdchem.calendar import UnknownYearError, local_text
from rdchem.declared import (
    NO_ANNOUNCEMENT,
    announcement,
    hot_work_items,
    journal_ids,
    permits_in_force,
    unheard,
    was_issued_by,
)
from rdchem.model.commitment import WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit
from rdchem.reconcile import match, overlap, plain

Item = tuple[WorkItem, tuple[str, ...]]
Permit = Received[HotWorkPermit]


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or undeclared_permit · declared_without_permit · grade_lower_than_permit ·
    grade_higher_than_permit · count_differs.
    """
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    permits = permits_in_force(day)
    items = hot_work_items(day)
    if items is None:
        return _compare_counts(day, permits)
    matching = match([item for item, _ in items], [permit.message for permit in permits])
    verdicts: list[Verdict] = []
    reasons: list[Reason] = []
    for i, j in matching.pairs:
        _compare_grades(day, items[i], permits[j], verdicts, reasons)
    for i in matching.items:
        _judge_item(day, items[i], verdicts, reasons)
    undeclared = [
        permits[j]
        for j in matching.permits
        if not _is_covered(permits[j], items) and was_issued_by(permits[j].message, _deadline(day))
    ]
    if undeclared and (reason := unheard(day, "commitment", _deadline(day))):
        reasons.append(reason)
    else:
        verdicts.extend(_undeclared(permit, current.journal_id) for permit in undeclared)
    if verdicts:
        return Fail(tuple(verdicts), tuple(reasons))
    if not reasons and (reason := unheard(day, "hot_work_permit", _deadline(day))):
        reasons.append(reason)  # a permit we did not hear of may be undeclared
    return NotEvaluated(reasons[0]) if reasons else Pass()


def _deadline(day: EnterpriseDay) -> datetime:
    return calendar.deadline(day.day, day.limits)


def _compare_counts(day: EnterpriseDay, permits: list[Permit]) -> Outcome:
    """Without line items only this can be said: more places under permit than places declared."""
    current = announcement(day)
    assert current is not None  # noqa: S101
    counts = current.message.hot_work
    given = (counts.special, counts.grade_1, counts.grade_2)
    if None in given:
        return NotEvaluated(Reason("data_insufficient", "公告未填写动火数量,也未附作业明细"))
    declared = sum(count or 0 for count in given)
    standing = [permit for permit in permits if was_issued_by(permit.message, _deadline(day))]
    places = {plain(permit.message.place or permit.message.ticket_no) for permit in standing}
    if len(places) > declared:
        if reason := unheard(day, "commitment", _deadline(day)):
            return NotEvaluated(reason)
        text = f"公告动火 {declared} 处,而当日生效的作业票涉及 {len(places)} 处(共 {len(standing)} 张)"
        evidence = {
            "expected": declared,
            "actual": len(places),
            "difference": len(places) - declared,
            "permits": [permit.message.ticket_no for permit in standing],
            "journal": journal_ids([current.journal_id], [permit.journal_id for permit in standing]),
        }
        subject = Subject("commitment", day.day.isoformat())
        return Fail((Verdict("count_differs", subject, Severity.CONSIDERABLE, text, evidence),))
    if declared == 0:
        reason = unheard(day, "hot_work_permit", _deadline(day))
        return NotEvaluated(reason) if reason else Pass()
    return NotEvaluated(Reason("no_line_items", "公告未附作业明细,只能核对总数,无法逐项比对"))


def _compare_grades(
    day: EnterpriseDay, item: Item, permit: Permit, verdicts: list[Verdict], reasons: list[Reason]
) -> None:
    declared, ids = item
    held = permit.message
    if declared.grade is None:
        reasons.append(Reason("grade_not_given", f"申报作业 {declared.item_id} 未注明动火级别"))
        return
    gap = held.grade.rank - declared.grade.rank
    if gap == 0:
        return
    if gap == 1:
        try:
            if _may_be_upgraded(day, held):
                return
        except UnknownYearError as unknown:
            reasons.append(Reason("calendar_unknown", f"{unknown},无法判断是否属升级管理"))
            return
    mismatch = "grade_lower_than_permit" if gap > 0 else "grade_higher_than_permit"
    labels = f"申报{declared.grade.label},作业票 {held.ticket_no} 为{held.grade.label}"
    text = f"动火级别不一致:{labels}({_where(item)})"
    evidence = {
        "expected": declared.grade.label,
        "actual": held.grade.label,
        "difference": f"相差 {abs(gap)} 级",
        "ticket_no": held.ticket_no,
        "journal": journal_ids(ids, [permit.journal_id]),
    }
    subject = Subject("item", declared.item_id)
    severity = Severity.GENERAL if gap > 0 else Severity.CONSIDERABLE
    verdicts.append(Verdict(mismatch, subject, severity, text, evidence))


def _may_be_upgraded(day: EnterpriseDay, permit: HotWorkPermit) -> bool:
    """Whether GB 30871-2022 5.1.1 asks for one grade more: the time touches a rest day or the night."""
    start, end = permit.plan_start_at, permit.plan_end_at
    if start is None or end is None or end <= start:
        return calendar.is_rest_day(day.day)
    first, last = calendar.business_day(start), calendar.business_day(end - timedelta(microseconds=1))
    days = [first + timedelta(days=offset) for offset in range(min((last - first).days, 31) + 1)]
    return calendar.touches_night(start, end, day.limits) or any(calendar.is_rest_day(one) for one in days)


def _judge_item(day: EnterpriseDay, item: Item, verdicts: list[Verdict], reasons: list[Reason]) -> None:
    declared, ids = item
    label = declared.grade.label if declared.grade else ""
    lead = day.limits.duration("permit_lead_before_start")
    if declared.begin_at is None:
        reasons.append(
            Reason("begin_not_given", f"申报作业 {declared.item_id} 无作业票,且未注明开始时间,无法判定")
        )
    elif declared.begin_at - lead > day.as_of:
        reasons.append(
            Reason(
                "not_begun",
                f"申报作业 {declared.item_id} 计划 {local_text(declared.begin_at)} 开始,开工前办票即可",
            )
        )
    elif reason := unheard(day, "hot_work_permit", day.as_of):
        reasons.append(reason)
    else:
        text = f"有报备无作业票:申报{label}动火({_where(item)}),动火协作系统中没有对应的作业票"
        evidence = {
            "expected": f"{label}动火作业票",
            "actual": "无",
            "difference": f"申报 {local_text(declared.begin_at)} 开始",
            "place": declared.place,
            "ticket_no": declared.ticket_no,
            "journal": list(ids),
        }
        subject = Subject("item", declared.item_id)
        verdicts.append(Verdict("declared_without_permit", subject, Severity.CONSIDERABLE, text, evidence))


def _undeclared(permit: Permit, announcement_id: str) -> Verdict:
    held = permit.message
    issued = local_text(held.issued_at) if held.issued_at else "签发时间未知"
    where = held.place or "地点未填"
    text = (
        f"有作业票无报备:{held.grade.label}动火作业票 {held.ticket_no}({where},{issued} 签发)未在公告中申报"
    )
    evidence = {
        "expected": "公告中有对应的申报",
        "actual": "无",
        "difference": f"多 {held.grade.label}动火作业票 1 张",
        "place": held.place,
        "journal": journal_ids([permit.journal_id], [announcement_id]),
    }
    return Verdict("undeclared_permit", Subject("permit", held.ticket_no), Severity.MAJOR, text, evidence)


def _is_covered(permit: Permit, items: list[Item]) -> bool:
    """Whether a declared item names the ticket (a permit sent twice), or is at the same place and time:
    boards count places, permits count tickets.
    """
    held = permit.message
    place = plain(held.place or "")
    return any(
        item.ticket_no == held.ticket_no
        or (place and plain(item.place or "") == place and overlap(item, held))
        for item, _ in items
    )


def _where(item: Item) -> str:
    return item[0].place or "地点未填"
