"""申报的动火作业与动火协作系统的作业票一致。

The hot work an enterprise declares equals, item by item, the permits in force that day: in grade, place and
time. Permits issued after the deadline are late additions: they may cover an item, but are not held against
the 09:20 announcement. Declared work that has not begun may still get its permit, and one whose permit was
cancelled needs none. What was declared only after the deadline, though its permit was there, is a class of
its own; so is work begun after its declaration was taken back. A permit changed after it was declared is
shown and not held against the declaration. A permit one grade above the declaration is a legal upgrade where
the work touches a rest day or the night. Several tickets for one place are one place. Where we may have
missed a permit, or an announcement that names it, nobody is accused. Where the announcement declares no hot
work at all, gas analyses taken by the deadline for a permit that was not there yet speak against it.
`rdchem.side_by_side` says how each item and permit stands.

Basis: 如东县应急管理局2022年工作方案附件2第5项;GB 30871-2022 5.1(分级、升级管理)。
"""

from datetime import datetime

from rdchem import calendar
from rdchem.calendar import local_text
from rdchem.declared import (
    NO_ANNOUNCEMENT,
    announcement,
    hot_work_items,
    journal_ids,
    newest,
    permits_in_force,
    unheard,
    was_issued_by,
)
from rdchem.model.commitment import HotWorkGrade, Operation, SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit
from rdchem.reconciled import compare_counts, verdicts
from rdchem.side_by_side import side_by_side


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or undeclared_permit · declared_without_permit · grade_lower_than_permit ·
    grade_higher_than_permit · place_differs · time_outside_permit · declared_late ·
    worked_though_taken_back · declared_none_but_analysed · count_differs.
    """
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    counts = [current.message.hot_work.of(grade) for grade in HotWorkGrade]
    analysed = _analysed_though_none_declared(day, current) if not any(counts) and None not in counts else []
    rows = side_by_side(day)
    if rows is None:
        if None in counts:
            return NotEvaluated(Reason("data_insufficient", "公告未填写动火数量,也未附作业明细"))
        whole = compare_counts(day, Operation.HOT_WORK, current, sum(count or 0 for count in counts))
        return Fail(tuple(analysed)) if analysed and not isinstance(whole, Fail) else whole
    found = analysed + [verdict for row in rows for verdict in verdicts(row, current.journal_id)]
    reasons = list(dict.fromkeys(reason for row in rows for reason in row.reasons))
    if found:
        return Fail(tuple(found), tuple(reasons))
    if not reasons and (reason := unheard(day, "hot_work_permit", calendar.deadline(day.day, day.limits))):
        reasons.append(reason)  # a permit we did not hear of may be undeclared
    return NotEvaluated(reasons[0]) if reasons else Pass()


def _analysed_though_none_declared(day: EnterpriseDay, current: Received[SafetyCommitment]) -> list[Verdict]:
    """Permits not yet there at the deadline, or not for today, for which gas was analysed by then today."""
    if hot_work_items(day):
        return []
    deadline = calendar.deadline(day.day, day.limits)
    if unheard(day, "commitment", deadline):
        return []
    start, _ = calendar.day_bounds(day.day)
    there = {held.message.id for held in permits_in_force(day) if was_issued_by(held.message, deadline)}
    found = []
    for held in sorted(newest(day.permits), key=lambda one: (one.message.ticket_no, one.message.id)):
        permit = held.message
        void = permit.cancelled or permit.deleted or permit.test
        taken = [one.analysed_at for one in permit.gas_analyses if start <= one.analysed_at <= deadline]
        if taken and not void and permit.id not in there:
            found.append(_analysed(held, max(taken), len(taken), current.journal_id))
    return found


def _analysed(held: Received[HotWorkPermit], last: datetime, count: int, announcement_id: str) -> Verdict:
    permit = held.message
    text = (
        f"公告动火为 0,而{permit.title}({permit.place or '地点未填'})在截止前已取样分析 {count} 次,"
        f"最近 {local_text(last)}"
    )
    evidence = {
        "expected": "公告动火 0 处,无动火前的气体分析",
        "actual": f"气体分析 {count} 次,最近 {local_text(last)}",
        "difference": f"多 {count} 次气体分析,需核实是否漏报",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": journal_ids([held.journal_id], [announcement_id]),
    }
    subject = Subject("permit", permit.ticket_no)
    return Verdict("declared_none_but_analysed", subject, Severity.GENERAL, text, evidence)
