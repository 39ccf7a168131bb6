"""How the installation is: its listeners, the projections, the quarantine, the disk; and what is not well.

What the listeners say is read from the journal itself, write-ahead logs included, so it is true also when the
database is behind.
"""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy import func, select

from rdchem.calendar import local_text
from rdchem.home import Home
from rdchem.intake import open_journal
from rdchem.journal import Journal
from rdchem.model.listener import ListenerEvent
from rdchem.segment import OWN_ORIGIN, Record, decoded
from rdchem.store import manifest, tables
from rdchem.write_ahead import read_log

_SILENT_PERIODS: Final = 3
_FORGOTTEN: Final = timedelta(days=7)
_RECENT: Final = timedelta(minutes=10)
_SEGMENTS_BACK: Final = 50


class ListenerStatus(msgspec.Struct, frozen=True, kw_only=True):
    """One listener. `session`: what it said of its connection, newest first; rates over ten minutes."""

    listener: str
    heartbeat_age_s: float
    connected: bool
    session: list[tuple[str, datetime]]
    last_message_age_s: float | None
    records_a_second: float
    last_segment: int
    unsealed_bytes: int


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """All of it; `problems` in words, empty when well."""

    at: datetime
    listeners: list[ListenerStatus]
    segments_behind: int
    projected_until: datetime | None
    quarantined: int
    disk_free_bytes: int
    problems: list[str]


def status(home: Home, now: datetime) -> Status:
    """How it is at `now`."""
    journal = open_journal(home.settings)
    listeners, problems = [], []
    for stream in journal.streams():
        told = _listener(journal, stream, now)
        if told is not None:
            listeners.append(told.status)
            problems += told.problems
    with home.engine.connect() as connection:
        projected = manifest.projected(connection)
        until = manifest.reached(connection)
        aside = connection.execute(select(func.count()).select_from(tables.quarantine)).scalar_one()
    behind = sum(
        seq > projected.get(stream, 0) for stream in journal.streams() for seq in journal.numbers(stream)
    )
    free = shutil.disk_usage(home.settings.home).free
    if free < home.settings.disk_least_mb * 2**20:
        problems.append(f"磁盘只剩 {free // 2**20} MB(下限 {home.settings.disk_least_mb} MB)。请清理或扩容。")
    if not listeners:
        problems.append("没有采集端记录。请启动 rdchem ingest,并检查 RDCHEM_HOME。")
    return Status(
        at=now,
        listeners=listeners,
        segments_behind=behind,
        projected_until=until,
        quarantined=aside,
        disk_free_bytes=free,
        problems=problems,
    )


@dataclass(frozen=True, slots=True)
class _Told:
    status: ListenerStatus
    problems: list[str]


def _listener(journal: Journal, stream: str, now: datetime) -> _Told | None:
    """What a stream tells of its listener; None if it is none's, or was given up a week ago."""
    events: list[ListenerEvent] = []
    last_message: datetime | None = None
    recent = 0
    for record in _newest_first(journal, stream):
        recent += now - record.received_at <= _RECENT
        if record.origin == OWN_ORIGIN:
            events.append(msgspec.json.decode(record.payload, type=ListenerEvent))
        elif last_message is None:
            last_message = record.received_at
        if (
            now - record.received_at > _RECENT
            and last_message
            and any(one.event == "started" for one in events)
        ):
            break
    if not events or now - events[0].occurred_at > _FORGOTTEN:
        return None
    session: list[tuple[str, datetime]] = []
    session += ((one.event, one.occurred_at) for one in events if one.event != "alive")
    connected = next((event for event, _ in session), "") == "connected"
    age = (now - events[0].occurred_at).total_seconds()
    found = ListenerStatus(
        listener=stream,
        heartbeat_age_s=age,
        connected=connected,
        session=session[:10],
        last_message_age_s=(now - last_message).total_seconds() if last_message else None,
        records_a_second=recent / _RECENT.total_seconds(),
        last_segment=max(journal.numbers(stream), default=0),
        unsealed_bytes=sum(path.stat().st_size for path in journal.logs(stream) if path.exists()),
    )
    return _Told(found, _amiss(found, events[0]))


def _amiss(found: ListenerStatus, newest: ListenerEvent) -> list[str]:
    name = f"采集端 {found.listener}"
    if newest.event == "stopped":
        return [f"{name} 已于 {local_text(newest.occurred_at)} 停止。请启动 rdchem ingest。"]
    if found.heartbeat_age_s > _SILENT_PERIODS * newest.period_s:
        return [f"{name} 已 {found.heartbeat_age_s:.0f} 秒没有心跳。请检查该进程和磁盘,必要时重启。"]
    if not found.connected:
        return [f"{name} 没有连上消息代理。请检查消息代理和网络。"]
    return []


def _newest_first(journal: Journal, stream: str) -> Iterator[Record]:
    """The newest records of a stream, those not sealed yet first; not further back than some segments."""
    for path in reversed(journal.logs(stream)):
        try:
            groups = read_log(path).groups
        except FileNotFoundError:
            continue  # sealed meanwhile
        for group in reversed(groups):
            yield from reversed(decoded(group))
    for seq in reversed(journal.numbers(stream)[-_SEGMENTS_BACK:]):
        yield from reversed(journal.segment(stream, seq).records)
