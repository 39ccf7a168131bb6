"""动火作业在作业票有效期内进行。

For each permit in force: work does not begin before its planned time, does not go on after it, and has not
been left open since. What the platform reports as begun or ended is compared to the second; a permit still
at work after its end is a finding only once the time to close it (an assumption) is past, and only if no
later version can have been lost on us. A permit whose work is known to have begun or ended, but whose planned
times are missing or turned around, cannot be judged and is said so.

Basis: GB 30871-2022 4.17(作业时间变更应重新办理作业票)、5.1.5(作业票有效期)。
"""

from datetime import datetime, timedelta

from rdchem.calendar import duration_text, local_text
from rdchem.declared import NO_PERMITS, NO_WORK_STARTED, has_begun, permits_in_force, settled, unheard
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit, TicketStatus


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or begun_before_permit · ran_over · still_working_after_expiry for each such permit."""
    permits = permits_in_force(day)
    if not permits:
        return NotApplicable(NO_PERMITS)
    begun = [held for held in permits if has_begun(held.message) or held.message.ended_at is not None]
    if not begun:
        return NotApplicable(NO_WORK_STARTED)
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in begun:
        start, end = held.message.plan_start_at, held.message.plan_end_at
        if start is None or end is None or end <= start:
            text = f"作业票 {held.message.ticket_no} 的计划时间缺失或先后颠倒"
            unclear.append(Reason("data_insufficient", text))
            continue
        _check_start(held, start, found)
        _check_end(day, held, end, found, unclear)
    return settled(found, unclear)


def _check_start(held: Received[HotWorkPermit], start: datetime, found: list[Verdict]) -> None:
    began = held.message.started_at
    if began is not None and began < start:
        text = f"{local_text(began)} 开工,早于作业票计划时间 {local_text(start)}"
        sides = (f"不早于 {local_text(start)}", local_text(began))
        found.append(_verdict("begun_before_permit", held, text, sides, start - began))


def _check_end(
    day: EnterpriseDay,
    held: Received[HotWorkPermit],
    end: datetime,
    found: list[Verdict],
    unclear: list[Reason],
) -> None:
    permit, until = held.message, f"不晚于 {local_text(end)}"
    if permit.ended_at is not None:
        if permit.ended_at > end:
            text = f"{local_text(permit.ended_at)} 才完工,超过作业票计划结束时间 {local_text(end)}"
            sides = (until, local_text(permit.ended_at))
            found.append(_verdict("ran_over", held, text, sides, permit.ended_at - end))
        return
    to_close = day.limits.duration("permit_closing_tolerance")
    if permit.status is not TicketStatus.WORKING or day.as_of <= end + to_close:
        return
    if reason := unheard(day, "hot_work_permit", day.as_of):
        unclear.append(reason)
        return
    text = f"计划 {local_text(end)} 结束,至 {local_text(day.as_of)} 状态仍为作业中,未见完工或延期"
    sides = (until, f"{local_text(day.as_of)} 仍为作业中")
    found.append(_verdict("still_working_after_expiry", held, text, sides, day.as_of - end))


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
    severity = Severity.GENERAL if mismatch == "still_working_after_expiry" else Severity.CONSIDERABLE
    message = f"{permit.grade.label}动火作业票 {permit.ticket_no} {text}"
    return Verdict(mismatch, Subject("permit", permit.ticket_no), severity, message, evidence)
