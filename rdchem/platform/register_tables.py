"""Rows of the register and of what streams: enterprises, hazards, gateways, sensors, cameras, realtime.

One row is one upsert. A row of sensors or cameras that tells its newest reading or state says that too.
The register knows no deletion: a row marked deleted is a bad row, not a silent entry.
"""

from typing import Any

from rdchem.calendar import SHANGHAI
from rdchem.model.message import Message
from rdchem.model.source import CameraState, CameraStatus, Reading, Readings, Register, SourceKind
from rdchem.platform.rows import BadField, Entry, identity, make, sequence


def enterprise(entry: Entry) -> list[Message] | BadField:
    """An enterprise of the register."""
    return _upsert(entry, "enterprise", "", {"enterprise": {"area_code": entry.area_code} | entry.fields})


def hazard(entry: Entry) -> list[Message] | BadField:
    """A major hazard of the register."""
    return _upsert(entry, "hazard", entry.values["hazard_code"], {"hazards": [entry.fields]})


def gateway(entry: Entry) -> list[Message] | BadField:
    """A gateway of the register."""
    return _upsert(entry, "gateway", entry.values["gateway_code"], {"gateways": [entry.fields]})


def sensor(entry: Entry) -> list[Message] | BadField:
    """A sensor, with its newest reading. A value without a collect time is no reading."""
    registered = _source(entry, SourceKind.SENSOR)
    if isinstance(registered, BadField):
        return registered
    if entry.get("_collected") is None:
        return registered
    return [*registered, _reading(entry, entry.values["source_code"], entry.get("gateway_code"))]


def realtime(entry: Entry) -> list[Message] | BadField:
    """The newest reading of a code, registered or not: a reading and nothing else."""
    return [_reading(entry, entry.values["_source"], entry.get("_gateway"))]


def camera(entry: Entry) -> list[Message] | BadField:
    """A camera, with its state and the time of it. "Offline" without a time: it never reported."""
    online, stated_at = entry.get("_online"), entry.get("_stated")
    if online is None and stated_at is not None:
        return BadField("_online", "missing", "有状态时间而未填写在线状态")
    if online and stated_at is None:
        return BadField("_stated", "missing", "填写为在线,但没有状态时间,无法判断是否仍在线")
    registered = _source(entry, SourceKind.CAMERA)
    if isinstance(registered, BadField) or stated_at is None:
        return registered
    return [*registered, _state(entry, entry.values["source_code"], entry.get("gateway_code"))]


def camera_state(entry: Entry) -> list[Message] | BadField:
    """The state of a camera, registered or not."""
    return [_state(entry, entry.values["_source"], entry.get("_gateway"))]


def _source(entry: Entry, kind: SourceKind) -> list[Message] | BadField:
    in_use = all(entry.get(field) is not False for field in ("_in_use", "_active"))
    source = {**entry.fields, "kind": kind, "in_use": in_use and not entry.get("_deleted")}
    return _upsert(entry, kind.value, source["source_code"], {"sources": [source]}, may_be_deleted=True)


def _upsert(
    entry: Entry, what: str, code: str, said: dict[str, Any], *, may_be_deleted: bool = False
) -> list[Message] | BadField:
    if entry.get("_deleted") and not may_be_deleted:
        reason = "该行标记为已删除,而登记信息没有删除;企业请改“企业状态”,其余请从文件中去掉该行"
        return BadField("_deleted", "deleted", reason)
    said_at = entry.said_at("_updated")
    message = make(
        Register,
        id=identity(f"register-{entry.company_code}-{what}", *([code] if code else [])),
        seq=sequence(said_at),
        occurred_at=said_at,
        company_code=entry.company_code,
        **said,
    )
    return [message]


def _reading(entry: Entry, source_code: str, gateway_code: str | None) -> Readings:
    value, collected_at = entry.get("_value"), entry.values["_collected"]
    gateway_code = gateway_code or entry.profile.unnamed_gateway
    return make(
        Readings,
        id=identity(gateway_code, source_code, f"{collected_at.astimezone(SHANGHAI):%Y%m%d%H%M%S}"),
        seq=sequence(collected_at),
        occurred_at=collected_at,
        company_code=entry.company_code,
        gateway_code=gateway_code,
        readings=[Reading(source_code, value, quality="good" if value is not None else "uncertain")],
    )


def _state(entry: Entry, camera_code: str, gateway_code: str | None) -> CameraStatus:
    online, stated_at = entry.values["_online"], entry.values["_stated"]
    gateway_code = gateway_code or entry.profile.unnamed_gateway
    state = CameraState(
        camera_code=camera_code,
        online=online,
        since=None if online else entry.get("_since"),
        offline_reason=None if online else entry.get("_reason"),
        plan_online_at=None if online else entry.get("_return"),
    )
    return make(
        CameraStatus,
        id=identity(gateway_code, camera_code, f"{stated_at.astimezone(SHANGHAI):%Y%m%d%H%M%S}"),
        seq=sequence(stated_at),
        occurred_at=stated_at,
        company_code=entry.company_code,
        gateway_code=gateway_code,
        cameras=[state],
    )
