"""申报的其他特殊作业与作业票一致。

What is declared of confined space, blind plates, height, lifting, temporary power, excavation, road closure
and maintenance equals the permits of that operation in force, by the same comparison as hot work
(`hot_work_matches_permits`), grades apart. Of an operation nobody knows to be connected, a missing permit
says nothing: it is connected where a permit of it is in force here, or the county says so
(work_permit_feeds). Platforms list hot work alone: an operation counted and not itemised is compared by its
count.

Basis: 如东县应急管理局2022年工作方案附件2第5项;GB 30871-2022 4.6(各项特殊作业分别办理作业票)。
"""

from collections.abc import Sequence

from rdchem.declared import NO_ANNOUNCEMENT, Item, announcement, line_items, settled, standing_items
from rdchem.model.commitment import Operation, SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Fail, NotApplicable, NotEvaluated, Outcome, Reason
from rdchem.reconciled import compare_counts, verdicts
from rdchem.side_by_side import is_connected, permits_of, side_by_side


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or undeclared_permit · declared_without_permit · place_differs · time_outside_permit ·
    declared_late · worked_though_taken_back · count_differs.
    """
    current = announcement(day)
    if current is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    listed = line_items(day)
    outcomes = [
        outcome
        for operation in Operation
        if operation is not Operation.HOT_WORK
        and (outcome := _of_operation(day, operation, current, listed)) is not None
    ]
    if not outcomes:
        return NotApplicable(Reason("no_other_work", "当日没有申报其他特殊作业,也没有其作业票"))
    found = [one for outcome in outcomes if isinstance(outcome, Fail) for one in outcome.verdicts]
    parts = [one for outcome in outcomes if isinstance(outcome, Fail) for one in outcome.not_evaluated]
    parts += [outcome.reason for outcome in outcomes if isinstance(outcome, NotEvaluated)]
    return settled(found, list(dict.fromkeys(parts)))


def _of_operation(
    day: EnterpriseDay,
    operation: Operation,
    current: Received[SafetyCommitment],
    listed: Sequence[Item] | None,
) -> Outcome | None:
    """What is to be said of one operation; None if there is nothing of it."""
    permits, count = permits_of(day, operation), current.message.other_work.of(operation)
    itemised = bool(standing_items(listed or (), operation))
    if not permits and not itemised and not count:
        return None
    if not itemised and count is None:
        text = f"公告未填写{operation.label}作业数量,也未附明细"
        return NotEvaluated(Reason("data_insufficient", text))
    if not itemised and (count or listed is None):
        if is_connected(day, operation):
            return compare_counts(day, operation, current, count or 0)
        text = f"{operation.label}作业票未见接入(work_permit_feeds),无从核对"
        return NotEvaluated(Reason("no_permit_feed", text))
    rows = side_by_side(day, operation) or ()
    found = [verdict for row in rows for verdict in verdicts(row, current.journal_id)]
    return settled(found, list(dict.fromkeys(reason for row in rows for reason in row.reasons)))
