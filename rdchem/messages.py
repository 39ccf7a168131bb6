"""Bytes from a topic -> a noun, or an `InvalidMessage` with its reason. Never an exception, never a clock.

Topics: `rdchem/v1/{area_code}/{company_code}/{kind}[/{gateway_code}]`; what our own intake says of itself
goes to `rdchem/v1/self/{listener}/listener_event`, and a simulator's clock to `rdchem/v1/simulated/clock`.
A payload must agree with the topic it came on: an enterprise may speak only for itself.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any, Final

import msgspec

from rdchem.model.commitment import DeclaredWork, SafetyCommitment
from rdchem.model.listener import ListenerEvent
from rdchem.model.message import Message
from rdchem.model.permit import HotWorkPermit, SpecialWorkPermit
from rdchem.model.source import (
    Alarm,
    CameraStatus,
    GatewayPresence,
    OfflineDeclaration,
    OutOfService,
    Readings,
    Register,
)

TOPIC_ROOT: Final = "rdchem/v1"
CLOCK_TOPIC: Final = f"{TOPIC_ROOT}/simulated/clock"
MAX_PAYLOAD_BYTES: Final = 4 * 1024 * 1024

ENTERPRISE_KINDS: Final[dict[str, type[Message]]] = {
    "register": Register,
    "commitment": SafetyCommitment,
    "declared_work": DeclaredWork,
    "hot_work_permit": HotWorkPermit,
    "special_work_permit": SpecialWorkPermit,
    "gateway_presence": GatewayPresence,
    "readings": Readings,
    "camera_status": CameraStatus,
    "alarm": Alarm,
    "offline_declaration": OfflineDeclaration,
    "out_of_service": OutOfService,
}
"""Every kind an enterprise or platform sends, in the order a reader of the contract wants them."""

BY_GATEWAY: Final = frozenset({"gateway_presence", "readings", "camera_status"})
"""Kinds whose topic ends in the gateway's code."""

KINDS: Final[dict[str, type[msgspec.Struct]]] = {**ENTERPRISE_KINDS, "listener_event": ListenerEvent}

_TOPIC = re.compile(
    rf"{TOPIC_ROOT}/(?P<area>[0-9]{{6}})/(?P<company>[0-9A-Za-z_.-]{{1,40}})/(?P<kind>[a-z_]+)"
    r"(?:/(?P<gateway>[0-9A-Za-z_.-]{1,40}))?"
)
_SELF = re.compile(rf"{TOPIC_ROOT}/self/(?P<listener>[0-9A-Za-z_.-]{{1,40}})/listener_event")
_DECODERS: Final[dict[str, msgspec.json.Decoder[Any]]] = {
    kind: msgspec.json.Decoder(noun) for kind, noun in KINDS.items()
}
_GRADE_HINT: Final = (
    "(级别只用 special、grade_1、grade_2;平台自己的写法请由接入端按 rdchem/platform/profile.yaml 的 "
    "hot_work_grade 对应,缺的先在其中补充)"
)
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_EARLIEST: Final = datetime(2000, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(2100, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class InvalidMessage:
    """A message that cannot be taken as said: a reason code, and a sentence that tells what to mend."""

    code: str
    reason: str


def topic_of(area_code: str, message: Message) -> str:
    """The topic a message belongs on."""
    kind = kind_of(message)
    topic = f"{TOPIC_ROOT}/{area_code}/{message.company_code}/{kind}"
    if isinstance(message, GatewayPresence | Readings | CameraStatus):
        return f"{topic}/{message.gateway_code}"
    return topic


def kind_of(message: msgspec.Struct) -> str:
    """The message kind: its tag on the wire, the name of its schema."""
    return str(message.__struct_config__.tag)


def kind_on(topic: str) -> str:
    """The kind of message a topic is for, `listener_event`, or nothing."""
    where = _TOPIC.fullmatch(topic)
    if where is None:
        return "listener_event" if _SELF.fullmatch(topic) else ""
    return where["kind"] if where["kind"] in ENTERPRISE_KINDS else ""


def encode(message: msgspec.Struct) -> bytes:
    """The canonical payload of a message: JSON, fields in the order of the contract."""
    return msgspec.json.encode(message)


def decode(topic: str, payload: bytes) -> Message | ListenerEvent | InvalidMessage:
    """The noun a payload states, or why it states none."""
    if len(payload) > MAX_PAYLOAD_BYTES:
        return InvalidMessage("too_large", f"报文 {len(payload)} 字节,超过上限 {MAX_PAYLOAD_BYTES} 字节")
    if own := _SELF.fullmatch(topic):
        return _decode_event(own["listener"], payload)
    where = _TOPIC.fullmatch(topic)
    if where is None:
        return InvalidMessage("bad_topic", f"主题不符合 {TOPIC_ROOT}/区划/企业/类别 的约定:{topic[:200]!r}")
    kind = where["kind"]
    if kind not in ENTERPRISE_KINDS:
        known = "、".join(ENTERPRISE_KINDS)
        return InvalidMessage("unknown_kind", f"未知的报文类别 {kind!r};已知:{known}")
    message = _decode_payload(kind, payload)
    if isinstance(message, InvalidMessage):
        return message
    return _disagreement(where, message) or message


def _decode_payload(kind: str, payload: bytes) -> Any:
    if b"\\u0000" in payload and _NUL.search(payload):
        return InvalidMessage("nul_character", "含有 NUL 字符(\\u0000),数据库无法保存")
    try:
        return _DECODERS[kind].decode(payload)
    except msgspec.ValidationError as error:
        hint = _GRADE_HINT if ".grade`" in str(error) else ""
        return InvalidMessage("schema", f"字段不符合 schemas/{kind}.json:{error}{hint}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        return InvalidMessage("not_json", f"不是有效的 UTF-8 JSON:{error}")


def _decode_event(listener: str, payload: bytes) -> ListenerEvent | InvalidMessage:
    event: ListenerEvent | InvalidMessage = _decode_payload("listener_event", payload)
    if isinstance(event, InvalidMessage):
        return event
    if event.listener != listener:
        return InvalidMessage("topic_mismatch", f"主题中的采集端 {listener} 与报文 {event.listener} 不一致")
    return _bad_time(event) or event


def _disagreement(where: re.Match[str], message: Message) -> InvalidMessage | None:
    """Why a well-formed message may not be believed on this topic, or None."""
    if message.company_code != where["company"]:
        return InvalidMessage(
            "topic_mismatch", f"主题中的企业 {where['company']} 与报文 {message.company_code} 不一致"
        )
    gateway = getattr(message, "gateway_code", None) if where["kind"] in BY_GATEWAY else None
    if gateway != where["gateway"]:
        return InvalidMessage("topic_mismatch", f"主题中的网关 {where['gateway']} 与报文 {gateway} 不一致")
    enterprise = message.enterprise if isinstance(message, Register) else None
    if enterprise is not None and enterprise.area_code != where["area"]:
        return InvalidMessage(
            "topic_mismatch", f"主题中的区划 {where['area']} 与登记的区划 {enterprise.area_code} 不一致"
        )
    return _bad_time(message)


def _bad_time(message: msgspec.Struct) -> InvalidMessage | None:
    """A time no calendar can work with: a placeholder such as year 1 or 9999, or a misprint."""
    for name, stated in _times(message):
        instant = stated if isinstance(stated, datetime) else datetime.combine(stated, time(), UTC)
        if not _EARLIEST <= instant < _LATEST:
            return InvalidMessage("bad_time", f"{name} {stated.isoformat()} 不在 2000–2100 年之间")
    return None


def _times(part: msgspec.Struct) -> Iterator[tuple[str, date]]:
    """Every date and instant a message states, with its field; the readings of a batch state none."""
    for name in part.__struct_fields__:
        value = getattr(part, name)
        if isinstance(value, date):
            yield name, value
        for inner in value if isinstance(value, list) and name != "readings" else (value,):
            if isinstance(inner, msgspec.Struct):
                yield from _times(inner)
