"""公告的动火数量与作业明细一致。

For each grade the number of places on the board equals the number of hot-work items declared beside it. Items
without a grade cannot be counted by grade: then only the totals are compared, and the grades not evaluated.

Basis: 如东县应急管理局2022年工作方案附件2第5项(公告动火与动火协作系统一致);应急〔2018〕74号。
"""

from collections import Counter

from rdchem.declared import NO_ANNOUNCEMENT, announcement, hot_work_items, journal_ids
from rdchem.model.commitment import HotWorkGrade
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Fail, NotEvaluated, Outcome, Pass, Reason, Severity, Subject, Verdict


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or count_differs for each grade that differs."""
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
        return NotEvaluated(Reason("grade_not_given", "作业明细中有动火作业未注明级别,无法按级别核对"))
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
