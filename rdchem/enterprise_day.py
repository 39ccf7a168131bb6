"""Stored messages and newest readings -> one `EnterpriseDay` for every enterprise of the register. Pure.

`enterprise_days(journal where received_at <= as_of)` is the whole of what a verdict knows: the same call with
another as-of tells what was known at another time.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from rdchem.blindness import watches
from rdchem.cameras import camera_spells, newest_cameras
from rdchem.errors import InputError
from rdchem.known import Known, as_received, decoded, in_order
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
    Volume,
)
from rdchem.model.listener import ListenerEvent
from rdchem.model.outcome import Reason
from rdchem.model.permit import HotWorkPermit, SpecialWorkPermit
from rdchem.model.source import (
    GatewayPresence,
    OfflineDeclaration,
    OutOfService,
    SourceKind,
)
from rdchem.partitions import Watch, blind_of
from rdchem.platform_outage import Heard, platform_outages
from rdchem.register import credit_codes, fold_register
from rdchem.tickets import with_tickets_elsewhere


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
    aliases: Mapping[str, str] = field(default_factory=dict)
    """Credit codes that enterprises sent under -> their code in the register."""
    removed: Mapping[str, Reason] = field(default_factory=dict)
    """Message kind -> why what was said in it is not known any more."""

    def refuse_removed(self, kinds: Collection[str] = KINDS) -> None:
        """Raise InputError if what was said in any of some kinds is not known any more."""
        gone = next((why for kind, why in self.removed.items() if kind in kinds), None)
        if gone is not None:
            raise InputError(f"{gone.text}。请给更近的日子;当时的判定和报告仍在。")


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
    known_since: Mapping[str, datetime] = MappingProxyType({}),
    volumes: tuple[Volume, ...] = (),
    past: Sequence[Heard] = (),
    removed: Mapping[str, Reason] = MappingProxyType({}),
) -> DayFacts:
    """Every registered enterprise's day as of an instant, ordered by company code.

    `known` need not be ordered; `last_readings` is company -> source -> newest reading; blind intervals are
    looked for from `start` on. `loaded`: where all came in exported tables, when each kind was loaded last.
    `heard`: how many enterprises were heard in each minute; `past`: in the same minutes of past days.
    `known_since`: when the register first told of each. `volumes`: how much came of each kind, of all.
    `removed`: kind of message -> why it is not known any more.
    """
    received: dict[str, dict[str, list[Received[Any]]]] = defaultdict(lambda: defaultdict(list))
    events: list[ListenerEvent] = []
    for item in known:
        message = decoded(item)
        if isinstance(message, ListenerEvent):
            events.append(message)
        else:
            received[item.company_code][item.kind].append(as_received(item, message))
    alarms_come = any("alarm" in kinds for kinds in received.values())
    exports = None if loaded is None else _exports(loaded, received, last_readings, limits)
    factor = float(limits["listener_silence"].value)
    listened = watches(events, start=start, as_of=as_of, factor=factor)
    ours = blind_of(listened) or ()
    outages = platform_outages(heard, ours, as_of=as_of, limits=limits, past=past)
    blind = tuple(sorted(ours + outages, key=lambda gap: gap.start))
    registers = {
        company_code: register
        for company_code, kinds in received.items()
        if (register := fold_register(in_order(kinds["register"]))) is not None
    }
    others = (received.keys() | last_readings.keys()) - registers.keys()
    aliases = {code: owner for code, owner in credit_codes(registers).items() if code in others}
    days = []
    for company_code, register in sorted(registers.items()):
        codes = [company_code, *(code for code, owner in aliases.items() if owner == company_code)]
        kinds = {
            kind: in_order(item for code in codes for item in received[code][kind])
            for kind in {kind for code in codes for kind in received[code]}
        }
        readings = _latest(last_readings.get(code, {}) for code in codes)
        area_code = register.enterprise.area_code
        own = limits.of(company_code, area_code)
        unheard = _unheard(listened, area_code, codes, (start, as_of)) if listened else ()
        missed = tuple(sorted((*unheard, *outages), key=lambda gap: gap.start))
        one = _one_day(company_code, day, as_of, own, register, kinds, readings, missed)
        since = known_since.get(company_code)
        days.append(
            replace(
                one,
                exports=exports,
                volumes=volumes,
                removed=removed,
                alarms_come=alarms_come,
                known_since=since,
            )
        )
    strangers = tuple(sorted(others - aliases.keys()))
    return DayFacts(
        with_tickets_elsewhere(days),
        start,
        blind,
        bool(events),
        exports,
        strangers,
        dict(sorted(aliases.items())),
        removed,
    )


def _unheard(
    listened: Sequence[Watch], area_code: str, codes: Sequence[str], window: tuple[datetime, datetime]
) -> tuple[BlindInterval, ...]:
    """When nobody heard what an enterprise sent: all the time, if none of our listeners hears it at all."""
    blind = blind_of(listened, area_code, codes)
    return (BlindInterval(*window, lossless=False, open=True),) if blind is None else blind


def _latest(several: Iterable[Mapping[str, LastSeen]]) -> dict[str, LastSeen]:
    """The newest reading of each source, of what came under several codes of one enterprise."""
    newest: dict[str, LastSeen] = {}
    for readings in several:
        for code, seen in readings.items():
            known = newest.get(code)
            if known is None or (seen.occurred_at, seen.received_at) > (known.occurred_at, known.received_at):
                newest[code] = seen
    return newest


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
    others: Sequence[Received[SpecialWorkPermit]] = kinds.get("special_work_permit", ())
    presence: Sequence[Received[GatewayPresence]] = kinds.get("gateway_presence", ())
    declarations: Sequence[Received[OfflineDeclaration]] = kinds.get("offline_declaration", ())
    stops: Sequence[Received[OutOfService]] = kinds.get("out_of_service", ())
    statuses = [one for one in kinds.get("camera_status", ()) if one.received_at <= as_of]
    cameras = newest_cameras(statuses)
    offline_after = limits.duration("camera_offline_after")
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
        other_permits=tuple(others),
        presence=tuple(presence),
        readings={code: seen for code, seen in sorted(readings.items()) if code in register.sources},
        cameras={code: seen for code, seen in cameras.items() if _is_camera(register, code)},
        declarations=tuple(declarations),
        out_of_service=tuple(stops),
        alarms=tuple(kinds.get("alarm", ())),
        blind=blind,
        strays=strays,
        camera_spells=camera_spells(statuses, as_of=as_of, limit=offline_after),
        pictured=frozenset(code for code, seen in cameras.items() if _tells_of_pictures(seen)),
    )


def _tells_of_pictures(seen: CameraSeen) -> bool:
    return seen.state.picture_hash is not None or seen.state.frame_no is not None


def _is_camera(register: RegisterEntry, code: str) -> bool:
    return code in register.sources and register.sources[code].kind is SourceKind.CAMERA
