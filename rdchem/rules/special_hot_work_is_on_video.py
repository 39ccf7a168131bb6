"""特级动火作业全程视频监控。

Each 特级 permit whose work has begun names a camera, and of the cameras it names at least one was online
while the work went on. The camera is a witness apart from the paper: it contradicts it by a status that
says offline since before the work, and that was still so when the work ended, or is now; or by statuses
that say for longer than is tolerated, in the middle of the work, that it was offline or showed one picture.
A camera that is not registered (a mobile one), silent, or unheard because of us says nothing either way.

Basis: GB 30871-2022 5.2.11(特级动火作业应采集全过程作业影像)。
"""

from rdchem.begun import special_begun
from rdchem.calendar import duration_text, local_text, span_text
from rdchem.declared import journal_ids, settled, unheard, unrecorded
from rdchem.model.day import CameraSeen, EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit
from rdchem.spans import Span, length
from rdchem.witness import cameras_off_all_the_time, without_picture


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or no_camera_named · camera_offline_during_work · video_interrupted for each such permit."""
    at_work = special_begun(day)
    if isinstance(at_work, NotApplicable):
        return at_work
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in at_work:
        if not held.message.camera_codes:
            reason = unrecorded(held.message, "camera_codes") or unheard(day, "hot_work_permit", day.as_of)
            if reason:
                unclear.append(reason)
            else:
                found.append(_unnamed(held))
            continue
        cameras = cameras_off_all_the_time(day, held.message)
        if cameras and not isinstance(cameras, Reason):
            found.append(_contradicted(held, cameras))
        elif without := without_picture(day, held.message):
            found.append(_interrupted(day, held, without))
        elif isinstance(cameras, Reason):
            unclear.append(cameras)
    return settled(found, unclear)


def _unnamed(held: Received[HotWorkPermit]) -> Verdict:
    text = "已开工,作业票未登记视频设备"
    evidence = {"expected": "登记视频设备", "actual": "未登记", "difference": "缺视频设备"}
    return _verdict("no_camera_named", held, text, evidence, [])


def _contradicted(held: Received[HotWorkPermit], cameras: list[CameraSeen]) -> Verdict:
    names = "、".join(camera.state.camera_code for camera in cameras)
    since = max(camera.state.since for camera in cameras if camera.state.since)
    began = held.message.started_at or held.message.plan_start_at or since
    text = f"{local_text(began)} 开工,而登记的视频设备 {names} 自 {local_text(since)} 起离线"
    evidence = {
        "expected": "作业期间视频在线",
        "actual": f"{names} 自 {local_text(since)} 起离线",
        "difference": f"{local_text(began)} 开工以来无视频",
    }
    return _verdict(
        "camera_offline_during_work", held, text, evidence, [camera.journal_id for camera in cameras]
    )


def _interrupted(
    day: EnterpriseDay, held: Received[HotWorkPermit], without: list[tuple[Span, list[str]]]
) -> Verdict:
    names, tolerated = "、".join(held.message.camera_codes), day.limits.duration("video_gap_tolerated")
    intervals = [span_text(*span) for span, _ in without]
    lasted = duration_text(length(span for span, _ in without))
    text = f"作业期间登记的视频设备 {names} 均离线或画面未变:{'、'.join(intervals)},共 {lasted}"
    evidence = {
        "expected": f"作业全程有视频(中断不到 {duration_text(tolerated)})",
        "actual": "、".join(intervals),
        "difference": f"{lasted}无视频",
    }
    return _verdict("video_interrupted", held, text, evidence, [one for _, ids in without for one in ids])


def _verdict(
    mismatch: str, held: Received[HotWorkPermit], text: str, sides: dict[str, str], cameras: list[str]
) -> Verdict:
    permit = held.message
    evidence = sides | {
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": journal_ids([held.journal_id], cameras),
    }
    message = f"特级动火作业票 {permit.ticket_no} {text}"
    subject = Subject("permit", permit.ticket_no)
    return Verdict(mismatch, subject, Severity.CONSIDERABLE, message, evidence)
