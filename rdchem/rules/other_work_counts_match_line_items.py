"""公告的其他特殊作业数量与作业明细一致。

For each operation but hot work, the number on the board equals the number of items declared beside it. An
operation of which no item is listed may simply not be itemised by the platform: then nothing is said. So is
nothing said of a number left open.

Basis: 如东县应急管理局2022年工作方案附件2第5项(公告与作业一致);应急〔2018〕74号。
"""

from rdchem.declared import NO_ANNOUNCEMENT, announcement, journal_ids, line_items, settled, standing_items
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import NotApplicable, NotEvaluated, Outcome, Reason, Severity, Subject, Verdict


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or count_differs for each operation that differs."""
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    listed, counts = line_items(day) or (), current.message.other_work
    declared = {
        operation: (standing_items(listed, operation), counts.of(operation))
        for operation in Operation
        if operation is not Operation.HOT_WORK
    }
    if not any(items or count for items, count in declared.values()):
        return NotApplicable(Reason("no_other_work", "当日没有申报其他特殊作业,也没有其作业票"))
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for operation, (items, count) in declared.items():
        if items and count is None:
            text = f"公告未填写{operation.label}作业数量"
            unclear.append(Reason("data_insufficient", text))
        elif count and not items:
            text = f"公告{operation.label}作业 {count} 处,未附明细,数量无从核对"
            unclear.append(Reason("no_line_items", text))
        elif items and count != len(items):
            difference = len(items) - (count or 0)
            text = f"{operation.label}作业:公告 {count} 处,作业明细 {len(items)} 项,相差 {difference:+d}"
            evidence = {
                "expected": count,
                "actual": len(items),
                "difference": difference,
                "items": [item.item_id for item, _ in items],
                "journal": journal_ids([current.journal_id], *(ids for _, ids in items)),
            }
            subject = Subject("operation", operation.value)
            found.append(Verdict("count_differs", subject, Severity.GENERAL, text, evidence))
    return settled(found, unclear)
