"""在线视频的画面随时间变化。

A camera that is reported online shows something new from one status to the next: its newest picture's
hash, or where no hash is given its running number, never stays the same, and its bit rate is not 0.
"Online" with a picture that stands still is a frozen stream or a still image played in its place. Only
cameras whose platform tells of their pictures can be asked.

Basis: 危险化学品安全法第36条、第38条;如东县应急管理局2022年工作方案附件2第5项(视频实时在线)。
"""

from rdchem.calendar import duration_text, span_text
from rdchem.declared import journal_ids
from rdchem.liveness import in_service
from rdchem.model.course import Seen, Spell
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
from rdchem.rules.major_hazard_sensors_are_online import OUT_OF_SCOPE, none_to_watch, some


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or camera_frozen for each such camera."""
    if day.register.enterprise.state in ("shut_down", "out_of_scope"):
        return NotApplicable(OUT_OF_SCOPE)
    cameras = in_service(day, SourceKind.CAMERA)
    if not cameras:
        return none_to_watch(day, "no_cameras", "摄像头")
    limit = day.limits.duration("camera_frozen_after")
    frozen = {
        code: [one for one in spells if one.state is Seen.FROZEN and one.end - one.start >= limit]
        for code, spells in day.camera_spells.items()
    }
    verdicts = [_verdict(day, camera, frozen[code]) for code, camera in cameras.items() if frozen.get(code)]
    unknown = sorted(code for code in cameras if code not in day.pictured and not frozen.get(code))
    reason = Reason(
        "pictures_not_told", f"{len(unknown)} 路视频的状态未提供画面信息,无从判定:{some(unknown)}"
    )
    if verdicts:
        return Fail(tuple(verdicts), (reason,) if unknown else ())
    return NotEvaluated(reason) if unknown else Pass()


def _verdict(day: EnterpriseDay, camera: Source, frozen: list[Spell]) -> Verdict:
    longest = max(frozen, key=lambda one: one.end - one.start)
    lasted = duration_text(longest.end - longest.start)
    when = span_text(longest.start, longest.end)
    text = f"视频 {camera.name}({camera.source_code})在线但画面未变:{when},{lasted}"
    same = "的画面摘要或帧序号相同" if camera.source_code in day.pictured else "的码率为 0,没有画面"
    evidence = {
        "expected": f"画面停顿不到 {duration_text(day.limits.duration('camera_frozen_after'))}",
        "actual": f"{longest.count + 1} 次状态{same}",
        "difference": lasted,
        "intervals": [span_text(one.start, one.end) for one in frozen],
        "sources": [camera.source_code],
        "names": [camera.name],
        "journal": journal_ids(*(one.journal for one in frozen)),
    }
    return Verdict(
        "camera_frozen", Subject("camera", camera.source_code), Severity.CONSIDERABLE, text, evidence
    )
