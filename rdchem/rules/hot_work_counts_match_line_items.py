"""公告的动火数量与作业明细一致。

For each grade the number of places on the board equals the number of hot-work items declared beside it. Items
without a grade cannot be counted by grade: then only the totals are compared, and the grades not evaluated.

Basis: 如东县应急管理局2022年工作方案附件2第5项(公告动火与动火协作系统一致);应急〔2018〕74号。
"""

from collections import Counter

from rdchem.declared import NO_ANNOUNCEMENT, announcement, hot_work_items, journal_ids
from rdchem.model.commitment import HotWorkGrade, SafetyCommitment, WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Severity, Subject, Verdict

Item = tuple[WorkItem, tuple[str, ...]]


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or count_differs for each grade that differs, or for the total."""
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    counts = {grade: current.message.hot_work.of(grade) for grade in HotWorkGrade}
    unfilled = [grade.label for grade, count in counts.items() if count is None]
    items = hot_work_items(day)
    if items is None:
        if not unfilled and not any(counts.values()):
            return Pass()
        return NotEvaluated(Reason("no_line_items", "公告未附作业明细,数量无从核对"))
    if any(item.grade is None for item, _ in items):
        return _compare_totals(day, current, items)
    listed = Counter(item.grade for item, _ in items)
    verdicts = []
    for grade, count in counts.items():
        if count is not None and count != listed[grade]:
            found = listed[grade]
            text = f"{grade.label}动火:公告 {count} 处,作业明细 {found} 项,相差 {found - count:+d}"
            evidence = {
                "expected": count,
                "actual": listed[grade],
                "difference": listed[grade] - count,
                "items": [item.item_id for item, _ in items if item.grade is grade],
                "journal": journal_ids([current.journal_id], *(ids for _, ids in items)),
            }
            subject = Subject("grade", grade.value)
            verdicts.append(Verdict("count_differs", subject, Severity.GENERAL, text, evidence))
    reason = Reason("data_insufficient", f"公告未填写动火数量:{'、'.join(unfilled)}")
    if verdicts:
        return Fail(tuple(verdicts), (reason,) if unfilled else ())
    return NotEvaluated(reason) if unfilled else Pass()


def _compare_totals(day: EnterpriseDay, current: Received[SafetyCommitment], items: list[Item]) -> Outcome:
    """What can be said where an item has no grade."""
    ungraded = Reason("grade_not_given", "作业明细中有动火作业未注明级别,无法按级别核对")
    counts = [current.message.hot_work.of(grade) for grade in HotWorkGrade]
    total, found = sum(count or 0 for count in counts), len(items)
    if None in counts or total == found:
        return NotEvaluated(ungraded)
    text = f"动火合计:公告 {total} 处,作业明细 {found} 项,相差 {found - total:+d}"
    evidence = {
        "expected": total,
        "actual": found,
        "difference": found - total,
        "items": [item.item_id for item, _ in items],
        "journal": journal_ids([current.journal_id], *(ids for _, ids in items)),
    }
    subject = Subject("commitment", day.day.isoformat())
    return Fail((Verdict("count_differs", subject, Severity.GENERAL, text, evidence),), (ungraded,))
