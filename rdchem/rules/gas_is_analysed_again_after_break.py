"""作业中断超过规定时间后重新进行了气体分析。

For each permit of hot work or confined space whose work was resumed today after a break that began today
and was longer than its kind allows (by grade for hot work): gas was analysed again during the break, from
its beginning to the resumption at the latest. A break over midnight is left to `gas_is_analysed_every_day`,
what was measured to `gas_is_within_limit`. A permit at work whose source tells no breaks cannot be judged,
nor one whose analysis may have been lost on us.

Basis: GB 30871-2022 5.3.1 d)(特级、一级动火中断超过 30 分钟,二级超过 60
分钟,应重新分析)、6(受限空间中断超过 60 分钟);2022-10-01 前为 GB 30871-2014 5.4。
"""

from datetime import timedelta

from rdchem import calendar
from rdchem.breaks import break_limit, breaks_unknown, resumed_today
from rdchem.calendar import duration_text, local_text
from rdchem.declared import (
    NO_PERMITS,
    has_begun,
    nothing_started,
    others_in_force,
    permits_in_force,
    settled,
    unheard,
    unrecorded,
)
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import Break, Permit
from rdchem.side_by_side import kind_for


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or no_reanalysis for each permit resumed so."""
    permits: list[Received[Permit]] = [
        *permits_in_force(day),
        *others_in_force(day, Operation.CONFINED_SPACE),
    ]
    if not permits:
        return NotApplicable(NO_PERMITS)
    begun = [held for held in permits if has_begun(held.message)]
    if not begun:
        return NotApplicable(nothing_started(day))
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in begun:
        if held.message.breaks is None:
            unclear.append(breaks_unknown(held.message))
            continue
        limit = break_limit(held.message, day.limits)
        if limit is None:
            continue
        missing = [
            pause
            for pause, resumed in resumed_today(day, held.message)
            if calendar.business_day(pause.since) == day.day
            and resumed - pause.since > limit
            and not any(pause.since <= one.analysed_at <= resumed for one in held.message.gas_analyses)
        ]
        kind = kind_for(held.message.operation)
        if missing and (reason := unrecorded(held.message, "gas_analyses") or unheard(day, kind, day.as_of)):
            unclear.append(reason)
        elif missing:
            found.append(_verdict(held, missing, limit))
    return settled(found, unclear)


def _verdict(held: Received[Permit], missing: list[Break], limit: timedelta) -> Verdict:
    permit = held.message
    said = "、".join(f"{local_text(one.since)} 至 {local_text(one.until or one.since)}" for one in missing)
    longest = max((one.until or one.since) - one.since for one in missing)
    text = f"{permit.title} 中断 {said},恢复作业前没有重新进行气体分析"
    evidence = {
        "expected": f"中断超过 {duration_text(limit)}的,恢复前重新分析",
        "actual": f"中断 {duration_text(longest)},其间无分析",
        "difference": f"超过 {duration_text(longest - limit)}",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    subject = Subject("permit", permit.ticket_no)
    return Verdict("no_reanalysis", subject, Severity.CONSIDERABLE, text, evidence)
