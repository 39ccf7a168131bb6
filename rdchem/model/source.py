"""Major hazards, their sources (sensors and cameras), and what these send.

A source belongs to a hazard and usually to a gateway. The register is sent as upserts: each entry replaces
the earlier entry of the same code, an entry not mentioned stays as it was, and what leaves is marked so.
"""

from enum import StrEnum
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rdchem.model.message import AreaCode, Code, Instant, Message, Name, Part, Text


class SourceKind(StrEnum):
    """A sensor point or a camera."""

    SENSOR = "sensor"
    CAMERA = "camera"


class Quantity(StrEnum):
    """What a sensor measures."""

    TEMPERATURE = "temperature"
    PRESSURE = "pressure"
    LEVEL = "level"
    FLOW = "flow"
    COMBUSTIBLE_GAS = "combustible_gas"
    TOXIC_GAS = "toxic_gas"


class Enterprise(Part, frozen=True, kw_only=True):
    """One enterprise of the register. `state` says whether it is expected to announce and to report."""

    name: Name
    area_code: AreaCode
    credit_code: Annotated[str, Meta(max_length=40, title="统一社会信用代码")] | None = None
    state: Annotated[
        Literal["operating", "trial", "shut_down", "out_of_scope"],
        Meta(description="运行 / 试生产 / 关停 / 不在监管范围"),
    ] = "operating"
    state_reason: Text | None = None


class Hazard(Part, frozen=True, kw_only=True):
    """A major hazard 重大危险源; levels 1 (R ≥ 100) to 4 (R < 10), GB 18218-2018."""

    hazard_code: Code
    name: Name
    level: Annotated[int, Meta(ge=1, le=4)]


class Gateway(Part, frozen=True, kw_only=True):
    """A gateway through which sources send."""

    gateway_code: Code
    name: Name = ""


class Source(Part, frozen=True, kw_only=True):
    """A sensor or camera as registered (WC_ENT_CGQ). Limits in `unit`, low_low ≤ low < high ≤ high_high."""

    source_code: Code
    kind: SourceKind
    name: Name
    hazard_code: Code | None = None
    gateway_code: Code | None = None
    quantity: Quantity | None = None
    tag_no: Annotated[str, Meta(max_length=80, title="位号")] | None = None
    unit: Name | None = None
    range_low: float | None = None
    range_high: float | None = None
    low_low: float | None = None
    low: float | None = None
    high: float | None = None
    high_high: float | None = None
    in_use: bool = True


class Register(Message, frozen=True, kw_only=True, tag="register", tag_field="kind"):
    """登记信息: an enterprise and its hazards, gateways and sources, as upserts."""

    enterprise: Enterprise | None = None
    hazards: list[Hazard] = []
    gateways: list[Gateway] = []
    sources: list[Source] = []


class GatewayPresence(Message, frozen=True, kw_only=True, tag="gateway_presence", tag_field="kind"):
    """网关上下线: the retained birth and the last will of one gateway session.

    A will carries the session number of the birth it belongs to; a will of an older session says nothing.
    It was handed to the broker with the birth: `occurred_at` is when the session began, for both.
    """

    gateway_code: Code
    session: Annotated[int, Meta(ge=0)]
    state: Literal["online", "offline"]


class Reading(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """`[source_code, value, offset_ms, quality]`; `offset_ms` ≤ 0 is added to the batch's `occurred_at`."""

    source_code: Code
    value: float | None
    offset_ms: Annotated[int, Meta(le=0, ge=-604_800_000)] = 0
    quality: Literal["good", "bad", "uncertain"] = "good"


class Readings(Message, frozen=True, kw_only=True, tag="readings", tag_field="kind"):
    """实时数据: a batch of readings collected by one gateway at `occurred_at`."""

    gateway_code: Code
    readings: Annotated[list[Reading], Meta(min_length=1, max_length=20_000)]


class CameraState(Part, frozen=True, kw_only=True):
    """One camera at `occurred_at`; `since` is when this state began.

    Of its newest picture, where the platform knows it: a running number, a hash, and the bit rate of the
    stream. A camera that is online and whose picture moves never repeats the first two.
    """

    camera_code: Code
    online: bool
    since: Instant | None = None
    offline_reason: Text | None = None
    plan_online_at: Instant | None = None
    frame_no: Annotated[int, Meta(ge=0, le=2**53 - 1, title="帧序号")] | None = None
    picture_hash: Annotated[str, Meta(max_length=128, title="画面摘要")] | None = None
    bitrate_kbps: Annotated[float, Meta(ge=0, title="码率")] | None = None


class CameraStatus(Message, frozen=True, kw_only=True, tag="camera_status", tag_field="kind"):
    """视频状态: the cameras of one gateway (video platform) at `occurred_at`."""

    gateway_code: Code
    cameras: Annotated[list[CameraState], Meta(min_length=1, max_length=5_000)]


class Alarm(Message, frozen=True, kw_only=True, tag="alarm", tag_field="kind"):
    """报警: one alarm of one sensor, raised or cleared; thresholds by the edge or the cloud."""

    gateway_code: Code | None = None
    source_code: Code
    level: Literal["low_low", "low", "high", "high_high"]
    state: Literal["raised", "cleared"]
    value: float | None
    threshold: float | None = None
    threshold_by: Literal["edge", "cloud"] = "edge"
    raised_at: Instant
    cleared_at: Instant | None = None


class OfflineDeclaration(Message, frozen=True, kw_only=True, tag="offline_declaration", tag_field="kind"):
    """离线申报: an enterprise declares sources offline; no sources named means all of it."""

    offline_type: Name
    offline_reason: Text
    offline_at: Instant
    plan_online_at: Instant | None
    source_codes: list[Code] = []
    attachment: Name | None = None
    cancelled: bool = False


class OutOfService(Message, frozen=True, kw_only=True, tag="out_of_service", tag_field="kind"):
    """停用记录: a source properly taken out of service, and its return to service."""

    source_code: Code
    stopped: bool
    stop_at: Instant
    stop_reason: Text | None = None
    stop_by: Name | None = None
    start_at: Instant | None = None
    start_reason: Text | None = None
    start_by: Name | None = None
