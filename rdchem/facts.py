"""Enterprise days as flat tables: one wide frame per table, for the data-quality checks and for analysts.

Columns have ASCII names. Every table begins with `company_code`, `key` (names the row inside its table) and
`journal_id`; times `…_at` are UTC instants, `…_s` seconds, `…_ordinal` local dates as day numbers, counts
nullable integers. Text that is blank counts as not given.

`enterprises`    the register's enterprises
`commitments`    one row a version received
`work_items`     the declared items in force: of the newest announcement, and of messages of their own
`permits`        the newest version of each permit, drafts and cancelled ones included
`sources`        the register's sensors and cameras
`last_readings`  the newest reading of each sensor, the newest status of each camera
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

import pandas as pd

from rdchem import calendar
from rdchem.declared import announcement
from rdchem.model.commitment import WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.source import Source, SourceKind

_Row = dict[str, Any]
_TYPES = {
    "text": "str",
    "count": "Int64",
    "number": "float64",
    "flag": "boolean",
    "time": "datetime64[us, UTC]",
}


def _columns(**names: str) -> dict[str, str]:
    """Column -> pandas type, from the columns' names grouped by what they hold."""
    head = {"company_code": "str", "key": "str", "journal_id": "str"}
    return head | {name: _TYPES[kind] for kind, group in names.items() for name in group.split()}


COLUMNS: dict[str, dict[str, str]] = {
    "enterprises": _columns(text="name area_code credit_code state state_reason", count="source_count"),
    "commitments": _columns(
        time="occurred_at received_at",
        number="ahead_s",
        text="message_id state promised_by",
        count="seq risk_grade units_total units_running units_stopped units_overhaul"
        " hot_work_special hot_work_grade_1 hot_work_grade_2 other_work_most",
    ),
    "work_items": _columns(
        time="occurred_at received_at begin_at end_at",
        number="ahead_s duration_s",
        count="begin_ordinal end_ordinal",
        text="item_id operation hot_work_grade ticket_no place person",
    ),
    "permits": _columns(
        time="occurred_at received_at issued_at plan_start_at plan_end_at",
        number="ahead_s plan_s work_s",
        text="ticket_no status grade place worker guardian",
        count="same_seq_count",
    ),
    "sources": _columns(
        text="source_kind name hazard_code tag_no quantity_unit range thresholds",
        flag="hazard_is_known gateway_is_known thresholds_in_order",
    ),
    "last_readings": _columns(time="occurred_at received_at", number="ahead_s", text="source_kind"),
}
"""Table -> column -> pandas type. `ahead_s`: by how much the sender's clock was ahead of ours at receipt."""


def frames(days: Sequence[EnterpriseDay]) -> dict[str, pd.DataFrame]:
    """All tables of some enterprise days, each with all its columns even when it has no row."""
    makers: dict[str, Callable[[EnterpriseDay], Iterator[_Row]]] = {
        "enterprises": _enterprises,
        "commitments": _commitments,
        "work_items": _work_items,
        "permits": _permits,
        "sources": _sources,
        "last_readings": _last_readings,
    }
    tables = {}
    for table, columns in COLUMNS.items():
        rows = [row for day in days for row in makers[table](day)]
        tables[table] = pd.DataFrame.from_records(rows, columns=list(columns)).astype(columns)
    return tables


def _enterprises(day: EnterpriseDay) -> Iterator[_Row]:
    enterprise = day.register.enterprise
    yield _head(day, day.company_code, _register_id(day)) | {
        "name": _given(enterprise.name),
        "area_code": enterprise.area_code,
        "credit_code": _given(enterprise.credit_code),
        "state": enterprise.state,
        "state_reason": _given(enterprise.state_reason),
        "source_count": sum(source.in_use for source in day.register.sources.values()),
    }


def _commitments(day: EnterpriseDay) -> Iterator[_Row]:
    for version in day.commitments:
        said = version.message
        other = [getattr(said.other_work, name) for name in said.other_work.__struct_fields__]
        yield _said(day, f"{said.id}#{said.seq}", version) | {
            "message_id": said.id,
            "seq": said.seq,
            "state": said.state,
            "promised_by": _given(said.promised_by),
            "risk_grade": said.risk_grade,
            "units_total": said.units.total,
            "units_running": said.units.running,
            "units_stopped": said.units.stopped,
            "units_overhaul": said.units.overhaul,
            "hot_work_special": said.hot_work.special,
            "hot_work_grade_1": said.hot_work.grade_1,
            "hot_work_grade_2": said.hot_work.grade_2,
            "other_work_most": max((count for count in other if count is not None), default=None),
        }


def _work_items(day: EnterpriseDay) -> Iterator[_Row]:
    current = announcement(day)
    apart = {entry.message.item.item_id: (entry, entry.message.item) for entry in day.declared_work}
    inside = [(current, item) for item in (current.message.items or ())] if current else []
    pairs: list[tuple[Received[Any], WorkItem]] = [
        *(pair for pair in inside if pair[1].item_id not in apart),
        *apart.values(),
    ]
    for source, item in pairs:
        if item.active and not item.cancelled:
            yield _said(day, item.item_id, source) | {
                "item_id": item.item_id,
                "operation": item.operation.value,
                "hot_work_grade": item.grade.value if item.grade else None,
                "ticket_no": _given(item.ticket_no),
                "place": _given(item.place),
                "person": _given(item.person),
                "begin_at": item.begin_at,
                "end_at": item.end_at,
                "begin_ordinal": _ordinal(item.begin_at),
                "end_ordinal": _ordinal(item.end_at),
                "duration_s": _seconds(item.begin_at, item.end_at),
            }


def _permits(day: EnterpriseDay) -> Iterator[_Row]:
    newest = {version.message.id: version for version in day.permits}
    versions = Counter((version.message.id, version.message.seq) for version in day.permits)
    for version in newest.values():
        permit = version.message
        void = permit.cancelled or permit.deleted or permit.test
        yield _said(day, permit.ticket_no, version) | {
            "ticket_no": permit.ticket_no,
            "status": "void" if void else permit.status.value,
            "grade": permit.grade.value,
            "place": _given(permit.place),
            "worker": _given(permit.worker),
            "guardian": _given(permit.guardian),
            "issued_at": permit.issued_at,
            "plan_start_at": permit.plan_start_at,
            "plan_end_at": permit.plan_end_at,
            "plan_s": _seconds(permit.plan_start_at, permit.plan_end_at),
            "work_s": _seconds(permit.started_at, permit.ended_at),
            "same_seq_count": versions[permit.id, permit.seq],
        }


def _sources(day: EnterpriseDay) -> Iterator[_Row]:
    known_hazards: Collection[str | None] = {None, *day.register.hazards}
    known_gateways: Collection[str | None] = {None, *day.register.gateways}
    for source in day.register.sources.values():
        if source.in_use:
            yield _head(day, source.source_code, day.register.source_ids[source.source_code]) | {
                "source_kind": source.kind.value,
                "name": _given(source.name),
                "hazard_code": source.hazard_code,
                "hazard_is_known": source.hazard_code in known_hazards,
                "gateway_is_known": source.gateway_code in known_gateways,
                "tag_no": _given(source.tag_no),
                **_scale(source),
            }


def _scale(source: Source) -> _Row:
    """Unit, range and thresholds of a sensor; range_low ≤ low_low ≤ low < high ≤ high_high ≤ range_high."""
    if source.kind is not SourceKind.SENSOR:
        return {"quantity_unit": None, "range": None, "thresholds": None, "thresholds_in_order": True}
    lows = [mark for mark in (source.range_low, source.low_low, source.low) if mark is not None]
    highs = [mark for mark in (source.high, source.high_high, source.range_high) if mark is not None]
    apart = not (lows and highs) or lows[-1] < highs[0]
    unit = f"{source.quantity.value} {source.unit}" if source.quantity and _given(source.unit) else None
    has_range = source.range_low is not None and source.range_high is not None
    return {
        "quantity_unit": unit,
        "range": f"{source.range_low}–{source.range_high}" if has_range else None,
        "thresholds": " < ".join(" ≤ ".join(map(str, marks)) for marks in (lows, highs)),
        "thresholds_in_order": apart and lows == sorted(lows) and highs == sorted(highs),
    }


def _last_readings(day: EnterpriseDay) -> Iterator[_Row]:
    for kind, newest in (("sensor", day.readings), ("camera", day.cameras)):
        for code, seen in newest.items():
            clocks = _clocks(seen.occurred_at, seen.received_at)
            yield _head(day, code, seen.journal_id) | clocks | {"source_kind": kind}


def _head(day: EnterpriseDay, key: str, journal_id: str) -> _Row:
    return {"company_code": day.company_code, "key": key, "journal_id": journal_id}


def _said(day: EnterpriseDay, key: str, version: Received[Any]) -> _Row:
    clocks = _clocks(version.message.occurred_at, version.received_at)
    return _head(day, key, version.journal_id) | clocks


def _clocks(occurred_at: datetime, received_at: datetime) -> _Row:
    ahead_s = _seconds(received_at, occurred_at)
    return {"occurred_at": occurred_at, "received_at": received_at, "ahead_s": ahead_s}


def _seconds(start: datetime | None, end: datetime | None) -> float | None:
    return (end - start).total_seconds() if start is not None and end is not None else None


def _ordinal(instant: datetime | None) -> int | None:
    return calendar.business_day(instant).toordinal() if instant is not None else None


def _given(text: str | None) -> str | None:
    return text.strip() or None if text is not None else None


def _register_id(day: EnterpriseDay) -> str:
    return day.register.journal_ids[-1] if day.register.journal_ids else ""
