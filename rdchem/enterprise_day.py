"""Stored messages and newest readings -> one `EnterpriseDay` for every enterprise of the register. Pure.

`enterprise_days(journal where received_at <= as_of)` is the whole of what a verdict knows: the same call with
another as-of tells what was known at another time.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

import msgspec

from rdchem.blindness import EXPORTED, blind_intervals
from rdchem.calendar import local_text
from rdchem.limits import Limits
from rdchem.messages import KINDS
from rdchem.model.commitment import DeclaredWork, SafetyCommitment
from rdchem.model.day import (
    BlindInterval,
    CameraSeen,
    EnterpriseDay,
    LastSeen,
    Received,
    RegisterEntry,
)
from rdchem.model.listener import ListenerEvent
from rdchem.model.permit import HotWorkPermit
from rdchem.model.source import (
    CameraStatus,
    GatewayPresence,
    OfflineDeclaration,
    OutOfService,
    SourceKind,
)
from rdchem.platform_outage import Heard, platform_outages
from rdchem.register import fold_register
from rdchem.segment import FILE_ORIGIN
from rdchem.tickets import with_tickets_elsewhere

_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    kind: msgspec.json.Decoder(noun) for kind, noun in KINDS.items()
}


@dataclass(frozen=True, slots=True)
class Known:
    """A message as stored: kind, owner, when we had it, and its JSON body."""

    journal_id: str
    kind: str
    company_code: str
    received_at: datetime
    body: str
    origin: str = "mqtt"


@dataclass(frozen=True, slots=True)
class DayFacts:
    """All enterprises of a day, and what concerns all of them alike."""

    days: tuple[EnterpriseDay, ...]
    since: datetime
    """How far back readings and our own outages were looked for."""
    blind: tuple[BlindInterval, ...]
    has_listener: bool
    exports: Mapping[str, datetime] | None
    unregistered: tuple[str, ...]
    """Enterprises that sent something but are not in the register."""


def enterprise_days(
    day: date,
    as_of: datetime,
    limits: Limits,
    known: Iterable[Known],
    last_readings: Mapping[str, Mapping[str, LastSeen]],
    *,
    start: datetime,
    loaded: Mapping[str, datetime] | None = None,
    heard: Heard = MappingProxyType({}),
) -> DayFacts:
    """Every registered enterprise's day as of an instant, ordered by company code.

    `known` need not be ordered; `last_readings` is company -> source -> newest reading; blind intervals are
    looked for from `start` on. `loaded`: where all came in exported tables, when each kind was loaded last.
    `heard`: how many enterprises were heard in each minute.
    """
    received: dict[str, dict[str, list[Received[Any]]]] = defaultdict(lambda: defaultdict(list))
    events: list[ListenerEvent] = []
    for item in known:
        message = _DECODERS[item.kind].decode(item.body)
        if isinstance(message, ListenerEvent):
            events.append(message)
        else:
            received[item.company_code][item.kind].append(
                Received(item.journal_id, item.received_at, message, item.origin.startswith(FILE_ORIGIN))
            )
    exports = None if loaded is None else _exports(loaded, received, last_readings, limits)
    factor = float(limits["listener_silence"].value)
    ours = blind_intervals(events, start=start, as_of=as_of, factor=factor)
    outages = platform_outages(heard, ours, as_of=as_of, limits=limits)
    blind = tuple(sorted(ours + outages, key=lambda gap: gap.start))
    days, unregistered = [], []
    for company_code in sorted(received.keys() | last_readings.keys()):
        kinds = {kind: _ordered(items) for kind, items in received[company_code].items()}
        register = fold_register(kinds.get("register", ()))
        if register is None:
            unregistered.append(company_code)
            continue
        readings = last_readings.get(company_code, {})
        own = limits.of(company_code, register.enterprise.area_code)
        one = _one_day(company_code, day, as_of, own, register, kinds, readings, blind)
        days.append(replace(one, exports=exports))
    return DayFacts(with_tickets_elsewhere(days), start, blind, bool(events), exports, tuple(unregistered))


def _exports(
    loaded: Mapping[str, datetime],
    received: Mapping[str, Mapping[str, Sequence[Received[Any]]]],
    last_readings: Mapping[str, Mapping[str, LastSeen]],
    limits: Limits,
) -> Mapping[str, datetime]:
    """Until when the exported tables speak: of their loading, but streams that were old by then of their own
    newest entry, for a table may lie about before somebody loads it.
    """
    newest = {
        "readings": [seen.occurred_at for sources in last_readings.values() for seen in sources.values()],
        "camera_status": [
            status.message.occurred_at for kinds in received.values() for status in kinds["camera_status"]
        ],
    }
    until = dict(loaded)
    for kind, limit in (("readings", "source_offline_after"), ("camera_status", "camera_offline_after")):
        last = max(newest[kind], default=None)
        if kind in until and last is not None and until[kind] - last >= limits.duration(limit):
            until[kind] = last
    return until


def notes(known: DayFacts) -> Sequence[str]:
    """What a reader must know before believing the numbers."""
    told = []
    if known.exports is not None:
        tables = [
            f"{title}截至 {local_text(known.exports[kind])}" if kind in known.exports else f"{title}未导入"
            for kind, title in EXPORTED.items()
        ]
        told.append(f"数据来自导入的表格,此后的情况不判定:{'、'.join(tables)}")
    elif not known.has_listener:
        told.append("没有采集端记录(数据来自回放),覆盖情况由数据提供方负责,按完整处理")
    for gap in known.blind:
        until = "至今" if gap.open else f"至 {local_text(gap.end)}"
        if not gap.ours:
            told.append(
                f"平台或传输中断:{local_text(gap.start)} {until}"
                "(几乎所有企业同时没有数据,不归于任何一家企业,其间的在线情况不判定)"
            )
            continue
        if gap.start == known.since and not gap.open:
            told.append(f"本系统自 {local_text(gap.end)} 起才有采集记录,此前的情况不判定")
            continue
        kind = "其间数据由消息代理保留、事后补到" if gap.lossless else "其间数据可能遗失,相关项不判定"
        told.append(f"本系统采集中断:{local_text(gap.start)} {until}({kind})")
    if known.unregistered:
        codes = "、".join(known.unregistered[:20])
        told.append(f"{len(known.unregistered)} 家未登记企业有数据上传,未纳入判定:{codes}")
    return told


def _one_day(
    company_code: str,
    day: date,
    as_of: datetime,
    limits: Limits,
    register: RegisterEntry,
    kinds: Mapping[str, Sequence[Received[Any]]],
    readings: Mapping[str, LastSeen],
    blind: tuple[BlindInterval, ...],
) -> EnterpriseDay:
    commitments: list[Received[SafetyCommitment]] = [
        item for item in kinds.get("commitment", ()) if item.message.day == day
    ]
    work: list[Received[DeclaredWork]] = [
        item for item in kinds.get("declared_work", ()) if item.message.day == day
    ]
    permits: Sequence[Received[HotWorkPermit]] = kinds.get("hot_work_permit", ())
    presence: Sequence[Received[GatewayPresence]] = kinds.get("gateway_presence", ())
    declarations: Sequence[Received[OfflineDeclaration]] = kinds.get("offline_declaration", ())
    stops: Sequence[Received[OutOfService]] = kinds.get("out_of_service", ())
    cameras = _cameras(kinds.get("camera_status", ()))
    strays = {code: seen for code, seen in sorted(readings.items()) if code not in register.sources}
    for code, camera in cameras.items():
        if code not in register.sources:
            strays[code] = LastSeen(camera.occurred_at, camera.received_at, camera.journal_id)
    return EnterpriseDay(
        company_code=company_code,
        day=day,
        as_of=as_of,
        register=register,
        limits=limits,
        commitments=tuple(commitments),
        declared_work=tuple(work),
        permits=tuple(permits),
        presence=tuple(presence),
        readings={code: seen for code, seen in sorted(readings.items()) if code in register.sources},
        cameras={code: seen for code, seen in cameras.items() if _is_camera(register, code)},
        declarations=tuple(declarations),
        out_of_service=tuple(stops),
        blind=blind,
        strays=strays,
    )


def _cameras(statuses: Iterable[Received[CameraStatus]]) -> dict[str, CameraSeen]:
    """The newest status of each camera; a status from a clock running ahead is only as new as its receipt."""
    newest: dict[str, CameraSeen] = {}
    for status in sorted(statuses, key=lambda item: min(item.message.occurred_at, item.received_at)):
        for state in status.message.cameras:
            heard = status.message.occurred_at if status.from_platform else status.received_at
            newest[state.camera_code] = CameraSeen(
                state, status.message.occurred_at, heard, status.journal_id
            )
    return dict(sorted(newest.items()))


def _is_camera(register: RegisterEntry, code: str) -> bool:
    return code in register.sources and register.sources[code].kind is SourceKind.CAMERA


def _ordered(items: Iterable[Received[Any]]) -> list[Received[Any]]:
    """Oldest statement first: by the sender's clock, then its sequence, then content, never by arrival."""
    return sorted(items, key=lambda item: (item.message.occurred_at, item.message.seq, item.journal_id))
