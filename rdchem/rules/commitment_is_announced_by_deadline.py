"""企业在规定时间前完成安全承诺公告。

Every enterprise in scope has a published announcement by the deadline, and it still stands. The instant that
counts is the platform's time of publication, or our receipt if that was earlier. What was withdrawn again by
the deadline does not count. An announcement that says it was in time but reached us much later than the
tolerance is neither accepted nor accused: an officer looks. If our own intake was down while an announcement
in time could still have been on its way, and may have lost something, a missing one is not accused.

Basis: 如东县应急管理局2022年工作方案附件2第5项;应急〔2018〕74号(安全风险研判与承诺公告制度)。
"""

from datetime import timedelta

from rdchem import calendar
from rdchem.calendar import duration_text, exact_text, local_text
from rdchem.declared import announcement, journal_ids, published_at, unheard
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
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


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or missing · late · withdrawn."""
    state = day.register.enterprise.state
    excused = state == "shut_down" and day.limits["commitment_when_shut_down"].value == "不要求"
    if excused or state == "out_of_scope":
        return NotApplicable(Reason(state, "企业登记为关停或不在监管范围,不要求公告"))
    deadline = calendar.deadline(day.day, day.limits)
    published = _published(day)
    withdrawn = bool(day.commitments) and announcement(day) is None
    in_time = [version for version in published if published_at(version) <= deadline]
    if not withdrawn and any(_is_believable(day, version) for version in in_time):
        return Pass()
    if day.as_of < deadline:
        return NotEvaluated(Reason("before_deadline", f"尚未到截止时间 {local_text(deadline)}"))
    heard_until = deadline + _on_its_way(day)
    if withdrawn and in_time:
        heard_until = max(heard_until, day.as_of)  # what was announced in time may have been announced anew
    if reason := unheard(day, "commitment", heard_until):
        return NotEvaluated(reason)
    if withdrawn:
        text = "安全承诺公告已撤回,且未重新公告"
        return _fail(day, "withdrawn", Severity.CONSIDERABLE, text, list(day.commitments))
    if in_time:
        return NotEvaluated(
            Reason("claims_in_time_received_late", "公告自称按时,但到达时间明显偏晚,需人工核实")
        )
    if published:
        late = published_at(published[0]) - deadline
        text = f"安全承诺公告迟报:{exact_text(published_at(published[0]))} 公告,晚 {duration_text(late)}"
        return _fail(day, "late", Severity.GENERAL, text, published[:1])
    text = f"截至 {local_text(day.as_of)} 未收到当日安全承诺公告(应于 {local_text(deadline)} 前完成)"
    return _fail(day, "missing", Severity.CONSIDERABLE, text, [])


def _on_its_way(day: EnterpriseDay) -> timedelta:
    """How long an announcement in time may take to us; in an exported table it stands at once."""
    given = day.limits.duration("commitment_transport_tolerance")
    return given if day.exports is None else timedelta(0)


def _published(day: EnterpriseDay) -> list[Received[SafetyCommitment]]:
    """The published versions that no withdrawal had undone by the deadline."""
    deadline = calendar.deadline(day.day, day.limits)
    published: list[Received[SafetyCommitment]] = []
    for version in day.commitments:
        if version.message.state == "published":
            published.append(version)
        elif published_at(version) <= deadline:
            published = [one for one in published if one.message.id != version.message.id]
    return published


def _is_believable(day: EnterpriseDay, version: Received[SafetyCommitment]) -> bool:
    """In time by our own clock, by the platform's word in an export, or by the sender's clock with a delay
    that is small once our own outage is taken off.
    """
    deadline = calendar.deadline(day.day, day.limits)
    delay = version.received_at - version.message.occurred_at
    if version.from_platform:
        return True
    blind = (gap.overlap(version.message.occurred_at, version.received_at) for gap in day.blind)
    tolerance = day.limits.duration("commitment_transport_tolerance")
    return version.received_at <= deadline or delay - sum(blind, timedelta(0)) <= tolerance


def _fail(
    day: EnterpriseDay,
    mismatch: str,
    severity: Severity,
    text: str,
    versions: list[Received[SafetyCommitment]],
) -> Fail:
    deadline = calendar.deadline(day.day, day.limits)
    actual = published_at(versions[0]) if versions else None
    evidence = {
        "expected": f"{local_text(deadline)} 前公告",
        "actual": exact_text(actual) if actual else "无",
        "difference": duration_text(actual - deadline) if actual and actual > deadline else None,
        "received": [exact_text(version.received_at) for version in day.commitments],
        "journal": journal_ids(
            [version.journal_id for version in day.commitments] or day.register.journal_ids
        ),
    }
    subject = Subject("commitment", day.day.isoformat())
    return Fail((Verdict(mismatch, subject, severity, text, evidence),))
