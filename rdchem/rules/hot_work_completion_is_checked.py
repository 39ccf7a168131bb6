"""动火作业结束后经完工验收。

For each permit in force whose work has ended: somebody checked it, not before it ended, and within the time
allowed (an assumption). A permit closed without an end of work cannot be judged and is said so; so is an
unchecked one if a later version can have been lost on us.

Basis: GB 30871-2022 附录 A 动火安全作业票“完工验收”栏;时限无明文规定,见规定值。
"""

from datetime import datetime, timedelta

from rdchem.calendar import duration_text, local_text
from rdchem.declared import NO_PERMITS, permits_in_force, settled, unheard, unrecorded
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit, TicketStatus


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or checked_before_end · not_checked for each such permit."""
    permits = permits_in_force(day)
    if not permits:
        return NotApplicable(NO_PERMITS)
    over = [
        held
        for held in permits
        if held.message.ended_at is not None or held.message.status is TicketStatus.CLOSED
    ]
    if not over:
        return NotApplicable(Reason("no_work_ended", "当日生效的动火作业均未结束"))
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in over:
        ended = held.message.ended_at
        if ended is None:
            text = f"作业票 {held.message.ticket_no} 已关闭,但没有作业结束时间"
            unclear.append(Reason("data_insufficient", text))
        else:
            _check_one(day, held, ended, found, unclear)
    return settled(found, unclear)


def _check_one(
    day: EnterpriseDay,
    held: Received[HotWorkPermit],
    ended: datetime,
    found: list[Verdict],
    unclear: list[Reason],
) -> None:
    checked, allowed = held.message.checked_at, day.limits.duration("completion_check_within")
    if checked is not None:
        if checked < ended:
            text = f"{local_text(checked)} 完工验收,早于作业结束时间 {local_text(ended)}"
            sides = (f"不早于 {local_text(ended)}", local_text(checked))
            found.append(_verdict("checked_before_end", held, text, sides, ended - checked))
    elif day.as_of > ended + allowed:
        reason = unrecorded(held.message, "checked_at") or unheard(day, "hot_work_permit", day.as_of)
        if reason:
            unclear.append(reason)
            return
        text = f"{local_text(ended)} 结束,至 {local_text(day.as_of)} 没有完工验收记录"
        sides = (f"结束后 {duration_text(allowed)}内验收", "无验收记录")
        found.append(_verdict("not_checked", held, text, sides, day.as_of - ended))


def _verdict(
    mismatch: str, held: Received[HotWorkPermit], text: str, sides: tuple[str, str], gap: timedelta
) -> Verdict:
    permit = held.message
    evidence = {
        "expected": sides[0],
        "actual": sides[1],
        "difference": duration_text(gap),
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    message = f"{permit.grade.label}动火作业票 {permit.ticket_no} {text}"
    return Verdict(mismatch, Subject("permit", permit.ticket_no), Severity.GENERAL, message, evidence)
