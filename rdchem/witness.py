"""The third witness: gas detectors and cameras near a permit's place, while its work went on. Pure.

A detector is near where its hazard, its own name or its tag stands in the permit's place, or the place in
its name: no register tells coordinates of detectors. A camera is near where the permit names it. A witness
that is missing, or was not watching then, says nothing either way.
"""

from collections.abc import Iterator
from datetime import datetime

from rdchem.blindness import blind_for
from rdchem.liveness import TOLD_BY, Liveness, states
from rdchem.model.course import Seen, Spell
from rdchem.model.day import CameraSeen, EnterpriseDay, GasWatch
from rdchem.model.outcome import Reason
from rdchem.model.permit import Permit
from rdchem.model.source import Source, SourceKind
from rdchem.places import plain
from rdchem.spans import Span, both, minus


def work_time(day: EnterpriseDay, permit: Permit) -> tuple[datetime, datetime] | None:
    """From when to when work is known to have gone on, up to the instant judged; None if not known."""
    start = permit.started_at
    if start is None or start > day.as_of:
        return None
    ends = [one for one in (permit.ended_at or permit.checked_at, day.as_of) if one is not None]
    return (start, min(ends)) if min(ends) > start else None


def detectors_near(day: EnterpriseDay, permit: Permit) -> list[tuple[Source, GasWatch]]:
    """The combustible-gas detectors near a permit's place that read while its work went on."""
    place, during = plain(permit.place or ""), work_time(day, permit)
    if not place or during is None:
        return []
    return [
        (source, watched)
        for code, watched in day.gas.items()
        if (source := day.register.sources.get(code)) is not None
        and _is_near(day, source, place)
        and watched.first_at <= during[1]
        and watched.last_at >= during[0]
    ]


def _is_near(day: EnterpriseDay, source: Source, place: str) -> bool:
    hazard = day.register.hazards.get(source.hazard_code or "")
    names = [plain(one) for one in (source.name, source.tag_no, hazard.name if hazard else None) if one]
    return any(name in place for name in names if len(name) > 1) or place in plain(source.name)


def cameras_off_all_the_time(day: EnterpriseDay, permit: Permit) -> list[CameraSeen] | Reason:
    """The cameras a permit names, if every one was offline from before its work on; empty if one was not.

    A reason where that cannot be known: a camera that is not registered (a mobile one), silent, or whose
    newest status does not cover the work; or nobody knows when the work began.
    """
    began, over = permit.started_at or permit.plan_start_at, permit.ended_at or permit.checked_at
    heard = states(day, SourceKind.CAMERA)
    cameras = [
        day.cameras[code]
        for code in permit.camera_codes
        if heard.get(code) is Liveness.ONLINE and (over is None or day.cameras[code].occurred_at >= over)
    ]
    if began is None or len(cameras) < len(permit.camera_codes):
        text = f"作业票 {permit.ticket_no} 的视频设备未登记、无状态或开工时间不明,无从核对"
        return Reason("data_insufficient", text)
    return cameras if cameras and all(_was_offline_since(one, began) for one in cameras) else []


def without_picture(day: EnterpriseDay, permit: Permit) -> list[tuple[Span, list[str]]]:
    """Stretches of the work in which every camera the permit names said of itself that it was offline, or
    showed one picture, and the messages that say so; nothing where a camera is not registered, or we were
    blind, or the tolerated time was not reached.
    """
    during, tolerated = work_time(day, permit), day.limits.duration("video_gap_tolerated")
    if during is None or not permit.camera_codes or not set(permit.camera_codes) <= set(day.register.sources):
        return []
    without = [during]
    for code in permit.camera_codes:
        without = both(without, ((one.start, one.end) for one in _dark(day, code)))
    blind = [(gap.start, gap.end) for gap in blind_for(day, TOLD_BY[SourceKind.CAMERA])]
    return [
        (span, [one for code in permit.camera_codes for one in _told_in(day, code, span)])
        for span in minus(without, blind)
        if span[1] - span[0] >= tolerated
    ]


def _dark(day: EnterpriseDay, code: str) -> list[Spell]:
    frozen = day.limits.duration("camera_frozen_after")
    return [
        one
        for one in day.camera_spells.get(code, ())
        if one.state is Seen.OFFLINE or (one.state is Seen.FROZEN and one.end - one.start >= frozen)
    ]


def _told_in(day: EnterpriseDay, code: str, span: Span) -> Iterator[str]:
    for one in _dark(day, code):
        if one.start < span[1] and one.end > span[0]:
            yield from one.journal


def _was_offline_since(camera: CameraSeen, began: datetime) -> bool:
    return not camera.state.online and camera.state.since is not None and camera.state.since <= began
