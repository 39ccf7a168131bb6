"""重大危险源视频实时在线。

Every camera in service reports itself online, and its last report is fresh: an "online" of an hour ago says
nothing of now. A camera declared offline is no finding until its planned return is past. All cameras of an
enterprise in the same state are one finding. What our own blindness covers is not evaluated.

Basis: 如东县应急管理局2022年工作方案附件2第5项(视频实时在线);危险化学品安全法第36条。
"""

from collections.abc import Mapping

from rdchem.blindness import blind_reason
from rdchem.calendar import duration_text, local_text
from rdchem.declared import journal_ids
from rdchem.liveness import Liveness, declaration_for, in_service, is_overdue, states
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
from rdchem.model.source import Source, SourceKind
from rdchem.rules.major_hazard_sensors_are_online import OUT_OF_SCOPE, none_to_watch

_WORDS = {
    "camera_offline": "视频离线",
    "camera_silent": "视频状态长时间未更新",
    "declared_offline_overdue": "视频申报离线后超期未恢复",
}


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or camera_offline · camera_silent · declared_offline_overdue · enterprise_video_offline."""
    if day.register.enterprise.state in ("shut_down", "out_of_scope"):
        return NotApplicable(OUT_OF_SCOPE)
    cameras = in_service(day, SourceKind.CAMERA)
    if not cameras:
        return none_to_watch(day, "no_cameras", "摄像头")
    failing: dict[str, str] = {}
    unknown: list[str] = []
    for code, state in states(day, SourceKind.CAMERA).items():
        if state in (Liveness.UNKNOWN, Liveness.LAGGING, Liveness.NEW):
            unknown.append(code)
        elif mismatch := _mismatch(day, code, state):
            failing[code] = mismatch
    verdicts = _verdicts(day, failing, cameras)
    reason = _why_unknown(day, unknown)
    if verdicts:
        return Fail(tuple(verdicts), (reason,) if unknown else ())
    return NotEvaluated(reason) if unknown else Pass()


def _why_unknown(day: EnterpriseDay, unknown: list[str]) -> Reason:
    codes = f"{len(unknown)} 路视频({'、'.join(unknown[:10])})"
    if day.exports is not None:
        why = blind_reason(day, "camera_status")
        return Reason(why.code, f"{why.text}:{codes}")
    if day.known_since and day.as_of - day.known_since < day.limits.duration("camera_offline_after"):
        return Reason("newly_registered", f"登记不足一个离线时限,尚无从判定:{codes}")
    return Reason("we_were_blind_or_clock", f"采集中断或时间陈旧,无法判定:{codes}")


def _mismatch(day: EnterpriseDay, code: str, state: Liveness) -> str | None:
    """The class of a camera that is not online, None if it is or may be offline by declaration."""
    online = state is Liveness.ONLINE and day.cameras[code].state.online
    if online:
        return None
    if declared := declaration_for(day, code):
        return "declared_offline_overdue" if is_overdue(declared[0], day.as_of) else None
    return "camera_offline" if state is Liveness.ONLINE else "camera_silent"


def _verdicts(day: EnterpriseDay, failing: Mapping[str, str], cameras: Mapping[str, Source]) -> list[Verdict]:
    if len(cameras) > 1 and failing.keys() >= cameras.keys() and len(set(failing.values())) == 1:
        word = _WORDS[next(iter(failing.values()))]
        text = f"企业全部 {len(cameras)} 路{word}"
        return [_verdict(day, "enterprise_video_offline", sorted(failing), text, cameras)]
    verdicts = []
    for code, mismatch in sorted(failing.items()):
        text = f"{_WORDS[mismatch]}:{cameras[code].name}({code})"
        verdicts.append(_verdict(day, mismatch, [code], text, cameras))
    return verdicts


def _verdict(
    day: EnterpriseDay, mismatch: str, codes: list[str], text: str, cameras: Mapping[str, Source]
) -> Verdict:
    seen = [day.cameras[code] for code in codes if code in day.cameras]
    newest = max((one.occurred_at for one in seen), default=None)
    since = min((one.state.since for one in seen if one.state.since and not one.state.online), default=None)
    declared = [found for code in codes if (found := declaration_for(day, code))]
    stated = [one.state.offline_reason for one in seen if one.state.offline_reason]
    evidence = {
        "expected": "在线,且状态在 " + duration_text(day.limits.duration("camera_offline_after")) + "内更新",
        "actual": f"最近状态 {local_text(newest)}" if newest else "回看期内无任何状态",
        "difference": f"离线自 {local_text(since)},已 {duration_text(day.as_of - since)}" if since else None,
        "reason_given": sorted(set(stated)),
        "sources": codes,
        "names": [cameras[code].name for code in codes],
        "journal": journal_ids(
            sorted({one.journal_id for one in seen}),
            sorted({journal_id for _, journal_id in declared}),
            sorted({day.register.source_ids[code] for code in codes if code not in day.cameras}),
        ),
    }
    whole = mismatch == "enterprise_video_offline"
    subject = Subject("enterprise", day.company_code) if whole else Subject("camera", codes[0])
    severity = Severity.CONSIDERABLE if whole else Severity.GENERAL
    return Verdict(mismatch, subject, severity, text, evidence)
