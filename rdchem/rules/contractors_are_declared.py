"""作业票上的承包商在公告中申报。

Where permits in force and issued by the deadline name contractors, the announcement says that contractors
work, and its number of them is not lower than the number of contractors named. More contractors declared than
named may do work that needs no permit. Names are compared without blanks and case; one contractor under two
names is for officers to see.

Basis: 如东县应急管理局2022年工作方案附件2第5项;应急〔2018〕74号(公告内容含承包商作业)。
"""

from rdchem import calendar
from rdchem.declared import NO_ANNOUNCEMENT, announcement, journal_ids, unheard, was_issued_by
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import (
    Fail,
    NotApplicable,
    NotEvaluated,
    Outcome,
    Pass,
    Reason,
    Severity,
    Subject,
    Verdict,
)
from rdchem.places import plain
from rdchem.side_by_side import Held, permits_of


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or contractor_not_declared · contractor_count_differs."""
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    deadline = calendar.deadline(day.day, day.limits)
    held = [
        one
        for operation in Operation
        for one in permits_of(day, operation)
        if one.message.contractor and was_issued_by(one.message, deadline)
    ]
    if not held:
        return NotApplicable(Reason("no_contractor_named", "当日生效的作业票没有承包商作业"))
    names = sorted({plain(name): name for one in held if (name := one.message.contractor)}.values())
    flag, count = current.message.flags.has_contractor, current.message.other_work.contractors
    if flag is None and count is None:
        return NotEvaluated(Reason("data_insufficient", "公告未填写是否有承包商作业及其数量"))
    denied = count == 0 or (flag is False and not count)
    if not denied and (count is None or count >= len(names)):
        return Pass()
    if reason := unheard(day, "commitment", deadline):
        return NotEvaluated(reason)
    return Fail((_verdict(day, names, held, current.journal_id, None if denied else count),))


def _verdict(
    day: EnterpriseDay, names: list[str], held: list[Held], announcement_id: str, count: int | None
) -> Verdict:
    said = "无承包商作业" if count is None else f"承包商 {count} 家"
    listed = "、".join(names)
    text = f"公告{said},而当日生效的作业票上有承包商 {len(names)} 家:{listed}"
    evidence = {
        "expected": said,
        "actual": f"{len(names)} 家:{listed}",
        "difference": len(names) - (count or 0),
        "permits": [one.message.ticket_no for one in held],
        "journal": journal_ids([announcement_id], [one.journal_id for one in held]),
    }
    subject = Subject("commitment", day.day.isoformat())
    if count is None:
        return Verdict("contractor_not_declared", subject, Severity.GENERAL, text, evidence)
    return Verdict("contractor_count_differs", subject, Severity.LOW, text, evidence)
