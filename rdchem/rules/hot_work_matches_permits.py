"""申报的动火作业与动火协作系统的作业票一致。

The hot work an enterprise declares equals, item by item, the permits in force that day: in grade, place and
time. Permits issued after the deadline are late additions: they may cover an item, but are not held against
the 09:20 announcement. Declared work that has not begun may still get its permit, and one whose permit was
cancelled needs none. A permit one grade above the declaration is a legal upgrade where the work touches a
rest day or the night. Several tickets for one place are one place. Where we may have missed a permit, or an
announcement that names it, nobody is accused. `rdchem.side_by_side` says how each item and permit stands.

Basis: 如东县应急管理局2022年工作方案附件2第5项;GB 30871-2022 5.1(分级、升级管理)。
"""

from datetime import datetime
from typing import Any

from rdchem import calendar
from rdchem.calendar import local_text
from rdchem.declared import (
    NO_ANNOUNCEMENT,
    announcement,
    journal_ids,
    permits_in_force,
    unheard,
    was_issued_by,
)
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Severity, Subject, Verdict
from rdchem.reconcile import plain
from rdchem.side_by_side import Item, Permit, Row, Standing, side_by_side


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or undeclared_permit · declared_without_permit · grade_lower_than_permit ·
    grade_higher_than_permit · place_differs · time_outside_permit · count_differs.
    """
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    rows = side_by_side(day)
    if rows is None:
        return _compare_counts(day, current)
    verdicts = [verdict for row in rows for verdict in _verdicts(row, current.journal_id)]
    reasons = list(dict.fromkeys(reason for row in rows for reason in row.reasons))
    if verdicts:
        return Fail(tuple(verdicts), tuple(reasons))
    if not reasons and (reason := unheard(day, "hot_work_permit", calendar.deadline(day.day, day.limits))):
        reasons.append(reason)  # a permit we did not hear of may be undeclared
    return NotEvaluated(reasons[0]) if reasons else Pass()


def _compare_counts(day: EnterpriseDay, current: Received[SafetyCommitment]) -> Outcome:
    """Without line items only this can be said: more places under permit than places declared."""
    counts, deadline = current.message.hot_work, calendar.deadline(day.day, day.limits)
    given = (counts.special, counts.grade_1, counts.grade_2)
    if None in given:
        return NotEvaluated(Reason("data_insufficient", "公告未填写动火数量,也未附作业明细"))
    declared = sum(count or 0 for count in given)
    standing = [permit for permit in permits_in_force(day) if was_issued_by(permit.message, deadline)]
    places = {plain(permit.message.place or permit.message.ticket_no) for permit in standing}
    if len(places) > declared:
        if reason := unheard(day, "commitment", deadline):
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
        reason = unheard(day, "hot_work_permit", deadline)
        return NotEvaluated(reason) if reason else Pass()
    return NotEvaluated(Reason("no_line_items", "公告未附作业明细,只能核对总数,无法逐项比对"))


def _verdicts(row: Row, announcement_id: str) -> list[Verdict]:
    match row:
        case Row(item=None, permit=Received() as permit) if Standing.UNDECLARED in row.standings:
            return [_undeclared(permit, announcement_id)]
        case Row(item=tuple() as item, permit=None) if Standing.NO_PERMIT in row.standings:
            return [_without_permit(item)]
        case Row(item=tuple() as item, permit=Received() as permit):
            found = [_differing(standing, item, permit) for standing in row.standings]
            return [verdict for verdict in found if verdict is not None]
    return []


def _differing(standing: Standing, item: Item, permit: Permit) -> Verdict | None:
    """A pair that does not agree in one respect."""
    declared, held = item[0], permit.message
    match standing:
        case Standing.GRADE_LOWER | Standing.GRADE_HIGHER if declared.grade is not None:
            gap = abs(held.grade.rank - declared.grade.rank)
            labels = f"申报{declared.grade.label},作业票 {held.ticket_no} 为{held.grade.label}"
            text = f"动火级别不一致:{labels}({declared.place or '地点未填'})"
            sides: tuple[Any, Any, Any] = (declared.grade.label, held.grade.label, f"相差 {gap} 级")
            severity = Severity.GENERAL if standing is Standing.GRADE_LOWER else Severity.CONSIDERABLE
        case Standing.PLACE_DIFFERS:
            text = f"动火地点不符:申报“{declared.place}”,作业票 {held.ticket_no} 为“{held.place}”"
            sides = (declared.place, held.place, "地点不同,需核实")
            severity = Severity.GENERAL
        case Standing.TIME_OUTSIDE:
            said = _interval(declared.begin_at, declared.end_at)
            allowed = _interval(held.plan_start_at, held.plan_end_at)
            text = f"申报的动火时间不在作业票 {held.ticket_no} 之内:申报 {said},作业票 {allowed}"
            sides = (said, allowed, "无重合")
            severity = Severity.GENERAL
        case _:
            return None
    evidence = {
        "expected": sides[0],
        "actual": sides[1],
        "difference": sides[2],
        "ticket_no": held.ticket_no,
        "journal": journal_ids(item[1], [permit.journal_id]),
    }
    return Verdict(standing.value, Subject("item", declared.item_id), severity, text, evidence)


def _without_permit(item: Item) -> Verdict:
    declared, ids = item
    label = declared.grade.label if declared.grade else ""
    where = declared.place or "地点未填"
    text = f"有报备无作业票:申报{label}动火({where}),动火协作系统中没有对应的作业票"
    evidence = {
        "expected": f"{label}动火作业票",
        "actual": "无",
        "difference": f"申报 {local_text(declared.begin_at)} 开始" if declared.begin_at else None,
        "place": declared.place,
        "ticket_no": declared.ticket_no,
        "journal": list(ids),
    }
    subject = Subject("item", declared.item_id)
    return Verdict("declared_without_permit", subject, Severity.CONSIDERABLE, text, evidence)


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


def _interval(start: datetime | None, end: datetime | None) -> str:
    return " 至 ".join(local_text(one) if one else "未注明" for one in (start, end))
