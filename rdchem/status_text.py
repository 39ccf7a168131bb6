"""The status as text, as JSON, and as a Prometheus text file."""

from pathlib import Path

import msgspec
from prometheus_client import CollectorRegistry, Gauge, write_to_textfile

from rdchem.calendar import local_text
from rdchem.foreign_text import visible
from rdchem.status import Status

_EVENTS = {
    "started": "启动", "connected": "连上", "disconnected": "断开", "stopped": "停止"
}  # fmt: skip


def table(found: Status) -> str:
    """Lines for the person."""
    lines = []
    for one in found.listeners:
        heard = "无" if one.last_message_age_s is None else f"{one.last_message_age_s:.0f} 秒前"
        lines += [
            f"采集端 {one.listener}:心跳 {one.heartbeat_age_s:.0f} 秒前,"
            f"{'已连接' if one.connected else '未连接'},最近报文 {heard},"
            f"近十分钟每秒 {one.records_a_second:.1f} 条",
            f"  最后一段 {one.last_segment},未封段 {one.unsealed_bytes / 2**20:.1f} MB",
            *(f"  {local_text(at)} {_EVENTS.get(event, event)}" for event, at in one.session),
        ]
    until = local_text(found.projected_until) if found.projected_until else "无"
    lines += [
        f"投影:到 {until},尚有 {found.segments_behind} 段未投影",
        f"隔离:{found.quarantined} 条",
        f"磁盘:剩余 {found.disk_free_bytes / 2**30:.1f} GB",
    ]
    return visible("\n".join(lines)) + "\n"


def json(found: Status) -> str:
    """All of it."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def write_textfile(found: Status, path: Path) -> None:
    """For the node exporter; written beside it first, so that it is never read half."""
    registry = CollectorRegistry()
    beat = Gauge(
        "rdchem_heartbeat_age_seconds", "since a listener last spoke", ["listener"], registry=registry
    )
    connected = Gauge("rdchem_connected", "whether it is connected", ["listener"], registry=registry)
    rate = Gauge("rdchem_records_per_second", "over ten minutes", ["listener"], registry=registry)
    for one in found.listeners:
        beat.labels(one.listener).set(one.heartbeat_age_s)
        connected.labels(one.listener).set(one.connected)
        rate.labels(one.listener).set(one.records_a_second)
    for name, value, told in (
        ("rdchem_segments_behind", found.segments_behind, "segments not projected yet"),
        ("rdchem_quarantined", found.quarantined, "kept aside"),
        ("rdchem_disk_free_bytes", found.disk_free_bytes, "left"),
        ("rdchem_problems", len(found.problems), "what is not well"),
    ):
        Gauge(name, told, registry=registry).set(value)
    write_to_textfile(str(path), registry)
