"""作业票登记的视频在动火期间在线。

Of the cameras that 一级 and 二级 permits at work name (nobody asks them to name any), at least one was
online while the work went on; 特级 work has a rule of its own (`special_hot_work_is_on_video`). The permit
is contradicted only by statuses that say offline from before the work to its end, or to now. A camera that
is not registered, silent or unheard because of us says nothing either way.

Basis: 如东县应急管理局2022年工作方案附件2第5项(动火与视频实时在线一并核对);GB 30871-2022 5.2.11
的精神,非强制条款。
"""

from typing import Final

from rdchem.begun import begun
from rdchem.calendar import local_text
from rdchem.declared import journal_ids, settled
from rdchem.model.commitment import HotWorkGrade
from rdchem.model.day import CameraSeen, EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit
from rdchem.witness import cameras_off_all_the_time

_NONE_NAMED: Final = Reason("no_camera_named", "一级、二级动火作业票没有登记视频设备")


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or camera_offline_during_work for each such permit."""
    at_work = begun(day, _names_a_camera, _NONE_NAMED)
    if isinstance(at_work, NotApplicable):
        return at_work
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in at_work:
        cameras = cameras_off_all_the_time(day, held.message)
        if isinstance(cameras, Reason):
            unclear.append(cameras)
        elif cameras:
            found.append(_verdict(held, cameras))
    return settled(found, unclear)


def _names_a_camera(permit: HotWorkPermit) -> bool:
    return permit.grade is not HotWorkGrade.SPECIAL and bool(permit.camera_codes)


def _verdict(held: Received[HotWorkPermit], cameras: list[CameraSeen]) -> Verdict:
    permit = held.message
    names = "、".join(camera.state.camera_code for camera in cameras)
    since = max(camera.state.since for camera in cameras if camera.state.since)
    began = permit.started_at or permit.plan_start_at or since
    text = f"{permit.title} {local_text(began)} 开工,而登记的视频设备 {names} 自 {local_text(since)} 起离线"
    evidence = {
        "expected": "作业期间视频在线",
        "actual": f"{names} 自 {local_text(since)} 起离线",
        "difference": f"{local_text(began)} 开工以来无视频",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": journal_ids([held.journal_id], [camera.journal_id for camera in cameras]),
    }
    subject = Subject("permit", permit.ticket_no)
    return Verdict("camera_offline_during_work", subject, Severity.GENERAL, text, evidence)
