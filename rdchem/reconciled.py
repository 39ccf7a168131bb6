"""What is wrong in the reconciliation of one operation, in words: verdicts of its rows. Pure.

Hot work and the other operations are told by the same sentences; only hot work has a grade to tell.
"""

from datetime import datetime
from typing import Any

from rdchem import calendar
from rdchem.calendar import local_text
from rdchem.declared import Item, journal_ids, unheard, was_issued_by
from rdchem.model.commitment import Operation, SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit, Permit
from rdchem.places import plain
from rdchem.side_by_side import Held, Row, kind_for, permits_of
from rdchem.standing import Standing

Sides = tuple[Any, Any, Any]
"""Expected, actual, difference."""


def verdicts(row: Row, announcement_id: str) -> list[Verdict]:
    """What is wrong in one row; `announcement_id`: the journal id of what was declared."""
    match row:
        case Row(item=None, permit=Received() as permit):
            return [
                _alone(standing, permit, announcement_id)
                for standing in row.standings
                if standing in (Standing.UNDECLARED, Standing.WORKED_ALL_THE_SAME)
            ]
        case Row(item=tuple() as item, permit=None) if Standing.NO_PERMIT in row.standings:
            return [_without_permit(item)]
        case Row(item=tuple() as item, permit=Received() as permit):
            found = [_differing(standing, item, permit) for standing in row.standings]
            return [verdict for verdict in found if verdict is not None]
    return []


def compare_counts(
    day: EnterpriseDay, operation: Operation, current: Received[SafetyCommitment], declared: int
) -> Outcome:
    """Without line items only this can be said: more places under permit than places declared."""
    deadline, kind = calendar.deadline(day.day, day.limits), kind_for(operation)
    standing = [held for held in permits_of(day, operation) if was_issued_by(held.message, deadline)]
    places = {plain(held.message.place or held.message.ticket_no) for held in standing}
    if len(places) > declared:
        if reason := unheard(day, "commitment", deadline):
            return NotEvaluated(reason)
        tickets = f"涉及 {len(places)} 处(共 {len(standing)} 张)"
        text = f"公告{operation.label} {declared} 处,而当日生效的作业票{tickets}"
        evidence = {
            "expected": declared,
            "actual": len(places),
            "difference": len(places) - declared,
            "permits": [held.message.ticket_no for held in standing],
            "journal": journal_ids([current.journal_id], [held.journal_id for held in standing]),
        }
        hot = operation is Operation.HOT_WORK
        subject = Subject("commitment", day.day.isoformat()) if hot else Subject("operation", operation.value)
        return Fail((Verdict("count_differs", subject, Severity.CONSIDERABLE, text, evidence),))
    if declared == 0:
        reason = unheard(day, kind, deadline)
        return NotEvaluated(reason) if reason else Pass()
    what = "公告未附作业明细" if operation is Operation.HOT_WORK else f"公告未附{operation.label}作业明细"
    return NotEvaluated(Reason("no_line_items", f"{what},只能核对总数,无法逐项比对"))


def _differing(standing: Standing, item: Item, permit: Held) -> Verdict | None:
    """A pair that does not agree in one respect."""
    declared, held = item[0], permit.message
    severity = Severity.GENERAL
    match standing:
        case Standing.GRADE_LOWER | Standing.GRADE_HIGHER if declared.grade and isinstance(
            held, HotWorkPermit
        ):
            gap = abs(held.grade.rank - declared.grade.rank)
            labels = f"申报{declared.grade.label},作业票 {held.ticket_no} 为{held.grade.label}"
            text = f"动火级别不一致:{labels}({declared.place or '地点未填'})"
            sides: Sides = (declared.grade.label, held.grade.label, f"相差 {gap} 级")
            severity = Severity.GENERAL if standing is Standing.GRADE_LOWER else Severity.CONSIDERABLE
        case Standing.PLACE_DIFFERS:
            what = declared.operation.label
            text = f"{what}地点不符:申报“{declared.place}”,作业票 {held.ticket_no} 为“{held.place}”"
            sides = (declared.place, held.place, "地点不同,需核实")
        case Standing.TIME_OUTSIDE:
            said = _interval(declared.begin_at, declared.end_at)
            allowed = _interval(held.plan_start_at, held.plan_end_at)
            what = declared.operation.label
            text = f"申报的{what}时间不在作业票 {held.ticket_no} 之内:申报 {said},作业票 {allowed}"
            sides = (said, allowed, "无重合")
        case Standing.DECLARED_LATE:
            issued = local_text(held.issued_at) if held.issued_at else "签发时间未知"
            text = f"截止后补充申报:{_paper(held)}({issued} 签发)在截止时的公告中没有申报,此后才补报"
            sides = ("截止时的公告中有对应的申报", "截止后才申报", f"截止时少报 {_kind(held)} 1 项")
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
    hot = declared.operation is Operation.HOT_WORK
    label = f"{declared.grade.label if declared.grade else ''}{declared.operation.label}"
    where, system = declared.place or "地点未填", "动火协作系统" if hot else "特殊作业系统"
    text = f"有报备无作业票:申报{label}({where}),{system}中没有对应的作业票"
    evidence = {
        "expected": f"{label}作业票",
        "actual": "无",
        "difference": f"申报 {local_text(declared.begin_at)} 开始" if declared.begin_at else None,
        "place": declared.place,
        "ticket_no": declared.ticket_no,
        "journal": list(ids),
    }
    subject = Subject("item", declared.item_id)
    return Verdict("declared_without_permit", subject, Severity.CONSIDERABLE, text, evidence)


def _alone(standing: Standing, permit: Held, announcement_id: str) -> Verdict:
    """A permit that no declaration speaks of, or none any more."""
    held = permit.message
    where = held.place or "地点未填"
    if standing is Standing.UNDECLARED:
        issued = local_text(held.issued_at) if held.issued_at else "签发时间未知"
        text = f"有作业票无报备:{_paper(held)}({where},{issued} 签发)未在公告中申报"
        sides: Sides = ("公告中有对应的申报", "无", f"多 {_kind(held)} 1 张")
        severity = Severity.MAJOR if isinstance(held, HotWorkPermit) else Severity.CONSIDERABLE
    else:
        began = local_text(held.started_at) if held.started_at else "时间未知"
        text = f"申报取消后仍作业:{_paper(held)}({where})的申报已取消,而作业于 {began} 开工"
        sides = ("申报取消后不作业", f"{began} 开工", "取消之后开工")
        severity = Severity.CONSIDERABLE
    evidence = {
        "expected": sides[0],
        "actual": sides[1],
        "difference": sides[2],
        "place": held.place,
        "journal": journal_ids([permit.journal_id], [announcement_id]),
    }
    return Verdict(standing.value, Subject("permit", held.ticket_no), severity, text, evidence)


def _kind(held: Permit) -> str:
    return _paper(held).rpartition(" ")[0]


def _paper(held: Permit) -> str:
    return str(held.title)


def _interval(start: datetime | None, end: datetime | None) -> str:
    return " 至 ".join(local_text(one) if one else "未注明" for one in (start, end))
