"""动火作业票在开工前按顺序审批完毕。

For each permit in force whose work has started: every step of the approval has its time, in the order
given, none after the start, and the last step is of the level its grade asks for. With a planned start
alone nobody is accused: work may be waiting for the signature; a step without a time is a finding only once
work is known to have begun, a late one only where its start was reported. The level is read off the last
step's name by lists that nobody could confirm; a name on none of them is not judged, and a level higher
than asked for is in order. Whether the person may sign for that level is left to officers.

Basis: GB 30871-2022 附录 B.2(特级由主管领导审批,一级由安全管理部门审批,二级由所在基层单位审批)。
"""

from datetime import datetime
from itertools import pairwise
from typing import Final

from rdchem.calendar import duration_text, local_text
from rdchem.declared import (
    has_begun,
    nothing_started,
    settled,
    start_unknown,
    started_permits,
    unheard,
)
from rdchem.limits import Limits
from rdchem.model.commitment import HotWorkGrade
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit

_LOWEST_FIRST: Final = (HotWorkGrade.GRADE_2, HotWorkGrade.GRADE_1, HotWorkGrade.SPECIAL)


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or approval_missing · approvals_out_of_order · approved_after_start · approver_too_low."""
    started, unclear = started_permits(day), start_unknown(day)
    if not started and not unclear:
        return NotApplicable(nothing_started(day))
    found: list[Verdict] = []
    for held, start in started:
        if not held.message.approvals:
            text = f"作业票 {held.message.ticket_no} 没有审批记录"
            unclear.append(Reason("data_insufficient", text))
            continue
        _check_times(day, held, start, found, unclear)
        _check_level(day.limits, held, found, unclear)
    return settled(found, unclear)


def _check_times(
    day: EnterpriseDay,
    held: Received[HotWorkPermit],
    start: datetime,
    found: list[Verdict],
    unclear: list[Reason],
) -> None:
    sides: tuple[str, str, str | None]
    number, steps = held.message.ticket_no, held.message.approvals
    timed = [(step, step.approved_at) for step in steps if step.approved_at is not None]
    if pending := "、".join(step.node for step in steps if step.approved_at is None):
        if reason := unheard(day, "hot_work_permit", day.as_of):
            unclear.append(reason)
        elif not has_begun(held.message):
            text = f"作业票 {number} 的“{pending}”没有审批时间,是否已开工不详"
            unclear.append(Reason("data_insufficient", text))
        else:
            text = f"已开工,而“{pending}”没有审批时间"
            sides = ("各环节均有审批时间", f"“{pending}”无审批时间", None)
            found.append(_verdict("approval_missing", held, text, sides))
    for (first, earlier), (second, later) in pairwise(timed):
        if later < earlier:
            text = f"“{second.node}”先于其前一环节“{first.node}”审批"
            sides = (f"不早于 {local_text(earlier)}", local_text(later), duration_text(earlier - later))
            found.append(_verdict("approvals_out_of_order", held, text, sides))
            break
    if timed and (last := max(at for _, at in timed)) > start:
        late = "、".join(f"{step.node} {local_text(at)}" for step, at in timed if at > start)
        if held.message.started_at is None:
            text = f"作业票 {number} 在计划开工之后才审批({late}),实际开工时间不详"
            unclear.append(Reason("data_insufficient", text))
        else:
            text = f"{local_text(start)} 开工,而审批在其后:{late}"
            sides = (f"不晚于 {local_text(start)}", late, duration_text(last - start))
            found.append(_verdict("approved_after_start", held, text, sides))


def _check_level(
    limits: Limits, held: Received[HotWorkPermit], found: list[Verdict], unclear: list[Reason]
) -> None:
    """The last step's level against what the grade asks for."""
    permit = held.message
    node = "".join(permit.approvals[-1].node.split())
    level = next((one for one in _LOWEST_FIRST if node in limits.names(f"approver_names_{one.value}")), None)
    if level is None:
        text = f"作业票 {permit.ticket_no} 最终审批节点“{node}”的级别无法识别"
        unclear.append(Reason("approver_not_recognised", text))
    elif _LOWEST_FIRST.index(level) < _LOWEST_FIRST.index(permit.grade):
        asked = str(limits[f"approver_{permit.grade.value}"].value)
        text = f"最终审批节点为“{node}”,低于{permit.grade.label}动火要求的{asked}"
        sides = (f"由{asked}审批", f"由{node}审批", "最终审批级别偏低")
        found.append(_verdict("approver_too_low", held, text, sides))


def _verdict(
    mismatch: str, held: Received[HotWorkPermit], text: str, sides: tuple[str, str, str | None]
) -> Verdict:
    permit = held.message
    expected, actual, difference = sides
    evidence = {
        "expected": expected,
        "actual": actual,
        "difference": difference,
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    sentence = f"{permit.grade.label}动火作业票 {permit.ticket_no} {text}"
    subject = Subject("permit", permit.ticket_no)
    return Verdict(mismatch, subject, Severity.CONSIDERABLE, sentence, evidence)
