"""一项特殊作业一张作业票。

No declared piece of work names the ticket of another: neither of another operation, nor, of its own, of
work at a place that cannot be the same. The permit's own work is the declared item paired with it. What no
permit in force carries is left to the rules that compare declarations and permits.

Basis: GB 30871-2022 4.6(同一作业涉及两种及以上特殊作业的,应同时执行各自要求,分别办理作业票)。
"""

from rdchem.declared import NO_ANNOUNCEMENT, NO_PERMITS, Item, announcement, journal_ids
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
from rdchem.side_by_side import Held, permits_of, side_by_side
from rdchem.standing import Standing


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or ticket_for_several_operations · ticket_for_several_works for each such item."""
    tickets: dict[str, list[Held]] = {}
    for operation in Operation:
        for held in permits_of(day, operation):
            tickets.setdefault(held.message.ticket_no, []).append(held)
    if not tickets:
        return NotApplicable(NO_PERMITS)
    if announcement(day) is None:
        return NotEvaluated(NO_ANNOUNCEMENT)
    found = []
    for operation in Operation:
        rows = side_by_side(day, operation)
        if rows is None:
            return NotEvaluated(Reason("no_line_items", "公告未附作业明细,无从核对"))
        shared = [row.item for row in rows if row.item and Standing.TICKET_SHARED in row.standings]
        found += [_verdict(item, tickets[number]) for item in shared if (number := item[0].ticket_no)]
    return Fail(tuple(found)) if found else Pass()


def _verdict(item: Item, permits: list[Held]) -> Verdict:
    declared, ids = item
    own = [held for held in permits if held.message.operation is declared.operation]
    held = (own or permits)[0].message
    what = f"{declared.operation.label}作业({declared.place or '地点未填'})"
    text = f"一票多用:申报的{what}填的是{held.title}({held.place or '地点未填'})"
    evidence = {
        "expected": f"{declared.operation.label}作业单独办理作业票",
        "actual": f"与 {held.title} 共用一个票号",
        "difference": "缺作业票 1 张",
        "ticket_no": held.ticket_no,
        "place": declared.place,
        "journal": journal_ids(ids, [one.journal_id for one in own or permits]),
    }
    subject = Subject("item", declared.item_id)
    if own:
        return Verdict("ticket_for_several_works", subject, Severity.CONSIDERABLE, text, evidence)
    return Verdict("ticket_for_several_operations", subject, Severity.CONSIDERABLE, text, evidence)
