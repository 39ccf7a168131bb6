"""跨日的动火作业每日动火前进行了气体分析。

For each hot-work permit whose work was resumed today after a break over midnight, longer than its grade may
pause: gas was analysed today, at the resumption at the latest. Work that only went on over midnight is one
shift's. A permit at work for more than a day whose source tells no breaks, or none, cannot be judged: nobody
knows when today's work began, unless an analysis of today is there.

Basis: GB 30871-2022 5.3.1 d)(每日动火前均应进行动火分析);2022-10-01 前为 GB 30871-2014 5.4。
"""

from datetime import datetime, timedelta

from rdchem import calendar
from rdchem.breaks import break_limit, resumed_today
from rdchem.calendar import duration_text, local_text
from rdchem.declared import NO_PERMITS, has_begun, permits_in_force, settled, unheard, unrecorded
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit

_A_DAY = timedelta(days=1)


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or no_analysis_that_day for each permit resumed so."""
    permits = permits_in_force(day)
    if not permits:
        return NotApplicable(NO_PERMITS)
    start, _ = calendar.day_bounds(day.day)
    earlier = [
        (held, began)
        for held in permits
        if (began := held.message.started_at) is not None and began < start and has_begun(held.message)
    ]
    if not earlier:
        return NotApplicable(Reason("no_work_of_several_days", "当日没有跨日的动火作业"))
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held, began in earlier:
        permit = held.message
        resumed = _resumed_over_midnight(day, held, start)
        until = min(day.as_of, resumed) if resumed else day.as_of
        if any(start <= one.analysed_at <= until for one in permit.gas_analyses):
            continue
        if resumed is None:
            if not permit.breaks and permit.ended_at is None and day.as_of - began > _A_DAY:
                text = f"作业票 {permit.ticket_no} 跨日未完工,没有中断记录,当日何时作业不详"
                unclear.append(Reason("data_insufficient", text))
            continue
        if reason := unrecorded(permit, "gas_analyses") or unheard(day, "hot_work_permit", day.as_of):
            unclear.append(reason)
        else:
            found.append(_verdict(held, resumed))
    return settled(found, unclear)


def _resumed_over_midnight(
    day: EnterpriseDay, held: Received[HotWorkPermit], start: datetime
) -> datetime | None:
    """When the work of another day was resumed today after more than a short break; None if it was not."""
    limit = break_limit(held.message, day.limits)
    resumptions = (
        resumed
        for pause, resumed in resumed_today(day, held.message)
        if pause.since < start and limit is not None and resumed - pause.since > limit
    )
    return min(resumptions, default=None)


def _verdict(held: Received[HotWorkPermit], resumed: datetime) -> Verdict:
    permit = held.message
    last = max((one.analysed_at for one in permit.gas_analyses if one.analysed_at <= resumed), default=None)
    text = f"{permit.title} {local_text(resumed)} 恢复作业,当日动火前没有气体分析"
    evidence = {
        "expected": "当日恢复作业前有气体分析",
        "actual": f"最近一次 {local_text(last)}" if last else "没有气体分析",
        "difference": f"距恢复作业 {duration_text(resumed - last)}" if last else "缺当日分析",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    subject = Subject("permit", permit.ticket_no)
    return Verdict("no_analysis_that_day", subject, Severity.CONSIDERABLE, text, evidence)
