"""企业在规定时间前完成安全承诺公告。

Every enterprise in scope has a published announcement by the deadline, and it still stands. The instant that
counts is the platform's time of publication, or our receipt if that was earlier. What was withdrawn again by
the deadline does not count; whether what is announced anew after it counts as late is a setting. An
announcement that says it was in time but reached us much later than the tolerance is neither accepted nor
accused: an officer looks. If our own intake was down while an announcement in time could still have been on
its way, and may have lost something, a missing one is not accused. The states: `rdchem.announcement`.

Basis: 如东县应急管理局2022年工作方案附件2第5项;应急〔2018〕74号(安全风险研判与承诺公告制度)。
"""

from collections.abc import Sequence
from datetime import timedelta

from rdchem.announcement import Announced, State, announced
from rdchem.calendar import duration_text, exact_text, local_text
from rdchem.declared import journal_ids, published_at
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import (
    Fail,
    NotApplicable,
    NotEvaluated,
    Outcome,
    Pass,
    Severity,
    Subject,
    Verdict,
)


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or missing · late · withdrawn."""
    found = announced(day)
    if found.state is State.EXEMPT and found.reason is not None:
        return NotApplicable(found.reason)
    if found.reason is not None:
        return NotEvaluated(found.reason)
    if found.state is State.WITHDRAWN:
        text = "安全承诺公告已撤回,且未重新公告"
        return _fail(day, found, "withdrawn", Severity.CONSIDERABLE, text, day.commitments)
    if found.version is not None and found.late is not None:
        at = exact_text(published_at(found.version))
        text = f"安全承诺公告迟报:{at} 公告,晚 {duration_text(found.late)}"
        return _fail(day, found, "late", Severity.GENERAL, text, [found.version])
    if found.state is State.MISSING:
        by = local_text(found.deadline)
        text = f"截至 {local_text(day.as_of)} 未收到当日安全承诺公告(应于 {by} 前完成)"
        return _fail(day, found, "missing", Severity.CONSIDERABLE, text)
    return Pass()


def _fail(
    day: EnterpriseDay,
    found: Announced,
    mismatch: str,
    severity: Severity,
    text: str,
    versions: Sequence[Received[SafetyCommitment]] = (),
) -> Fail:
    actual = published_at(versions[0]) if versions else None
    late = max(actual - found.deadline, timedelta(0)) if actual else None
    evidence = {
        "expected": f"{local_text(found.deadline)} 前公告",
        "actual": exact_text(actual) if actual else "无",
        "difference": duration_text(late) if late else None,
        "received": [exact_text(version.received_at) for version in day.commitments],
        "journal": journal_ids(
            [version.journal_id for version in day.commitments] or day.register.journal_ids
        ),
    }
    subject = Subject("commitment", day.day.isoformat())
    return Fail((Verdict(mismatch, subject, severity, text, evidence),))
