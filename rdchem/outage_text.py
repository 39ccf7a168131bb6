"""An outage and its changes in the officers' words. Pure."""

from typing import Final

from rdchem.calendar import duration_text, local_text
from rdchem.model.outage import Cause, ChangeKind, Explained, Outage, StateChange

_NAMES: Final = {
    Cause.INTAKE: "本系统采集",
    Cause.PLATFORM: "平台或传输",
    Cause.ENTERPRISE: "全部传感器",
    Cause.VIDEO: "全部视频",
    Cause.GATEWAY: "网关",
    Cause.SENSOR: "传感器",
    Cause.CAMERA: "视频",
}
_EXPLAINED: Final = {
    Explained.UNEXPLAINED: "",
    Explained.DECLARED: ",已申报离线",
    Explained.OVERDUE: ",申报离线已超期",
}
_BY_THEMSELVES: Final = (Cause.INTAKE, Cause.PLATFORM)


def sentence(change: StateChange, enterprise: str) -> str:
    """A change in one sentence; `enterprise` is its name, empty for what is not any enterprise's."""
    one = change.outage
    return f"{_subject(one, enterprise)}{_happened(change.kind, one)}"


def _subject(one: Outage, enterprise: str) -> str:
    name = _NAMES[one.cause]
    if one.cause in _BY_THEMSELVES:
        return name
    if one.cause in (Cause.GATEWAY, Cause.SENSOR, Cause.CAMERA):
        name = f"{name} {one.code}"
    many = f"(共 {len(one.sources)} 个点)" if len(one.sources) > 1 else ""
    return f"{enterprise}({one.company_code}):{name}{many}"


def _happened(kind: ChangeKind, one: Outage) -> str:
    down = "中断" if one.cause in _BY_THEMSELVES else "离线"
    since = f",自 {local_text(one.since)}" if one.since else ",从未有数据"
    so_far = f"{down}{since}{_EXPLAINED[one.explained]}"
    match kind:
        case ChangeKind.FELL_SILENT:
            return so_far
        case ChangeKind.WIDENED:
            return f"{so_far}(范围扩大)"
        case ChangeKind.NARROWED:
            return f"仍{so_far}(其余已恢复)"
        case ChangeKind.OVERDUE:
            return f"仍{so_far}"
        case ChangeKind.PERSISTS:
            return f"仍{so_far}(此前已 {one.times} 次离线)"
        case ChangeKind.FLAPPED:
            return f"反复上下线,已 {one.times} 次{since}"
        case ChangeKind.STEADIED:
            return f"反复 {one.times} 次后已稳定"
        case ChangeKind.RETURNED:
            lasted = one.until - one.since if one.until and one.since else None
            return f"恢复(此次{down} {duration_text(lasted)})" if lasted else "恢复"
