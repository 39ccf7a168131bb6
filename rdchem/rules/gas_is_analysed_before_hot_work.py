"""动火前在规定时间内进行了气体分析。

For each permit in force whose work has started (as reported, else as planned), the newest gas analysis at
or before the start is no older than the limit. Analyses after the start do not count. What was measured is
left to `gas_is_within_limit`, analyses after a break and daily ones of longer work to their own rules.
Where work is only planned to have begun, or an analysis may have been lost on us, nobody is accused.

Basis: GB 30871-2022 5.3.1 c)(取样分析与动火开始时间间隔不超过 30 分钟);2022-10-01 前为 GB 30871-2014 5.4。
"""

from datetime import datetime

from rdchem.calendar import duration_text, local_text
from rdchem.declared import (
    has_begun,
    nothing_started,
    settled,
    start_unknown,
    started_permits,
    unheard,
    unrecorded,
)
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or no_analysis · analysis_too_old for each permit whose work started so."""
    started, unclear = started_permits(day), start_unknown(day)
    if not started and not unclear:
        return NotApplicable(nothing_started(day))
    found: list[Verdict] = []
    for held, start in started:
        verdict = _judge(day, held, start)
        if verdict is None:
            continue
        number = held.message.ticket_no
        reason = unrecorded(held.message, "gas_analyses") or unheard(day, "hot_work_permit", day.as_of)
        if reason:
            unclear.append(reason)
        elif not has_begun(held.message):
            text = f"作业票 {number} 计划开工时间已到,没有及时的气体分析,是否已开工不详"
            unclear.append(Reason("data_insufficient", text))
        else:
            found.append(verdict)
    return settled(found, unclear)


def _judge(day: EnterpriseDay, held: Received[HotWorkPermit], start: datetime) -> Verdict | None:
    """What is to be said of a permit's newest analysis before its start; None if it was in time."""
    permit = held.message
    limit = day.limits.duration("gas_analysis_before_start")
    newest = max((one.analysed_at for one in permit.gas_analyses if one.analysed_at <= start), default=None)
    if newest is not None and start - newest <= limit:
        return None
    said = "实际" if permit.started_at else "计划"
    head = f"{permit.grade.label}动火作业票 {permit.ticket_no} {said} {local_text(start)} 开工"
    evidence = {
        "expected": f"开工前 {duration_text(limit)}内分析",
        "actual": f"{local_text(newest)} 分析" if newest else "开工前无分析",
        "difference": duration_text(start - newest - limit) if newest else None,
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    subject = Subject("permit", permit.ticket_no)
    if newest is None:
        text = f"{head},开工前没有气体分析记录"
        return Verdict("no_analysis", subject, Severity.CONSIDERABLE, text, evidence)
    text = f"{head},最近一次气体分析在 {duration_text(start - newest)}之前,超过规定的 {duration_text(limit)}"
    return Verdict("analysis_too_old", subject, Severity.CONSIDERABLE, text, evidence)
