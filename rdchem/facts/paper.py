"""What people wrote, as tables: announcements, declared work, permits, offline declarations."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from rdchem.copied import Copied
from rdchem.declared import announcement
from rdchem.facts.row import Row, columns, given, ordinal, seconds, stated
from rdchem.fitness import contradicting
from rdchem.model.commitment import WorkItem
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.permit import HotWorkPermit

COMMITMENTS = columns(
    time="occurred_at received_at",
    number="ahead_s",
    text="message_id state promised_by same_work_as same_as_enterprise",
    count="seq risk_grade units_total units_running units_stopped units_overhaul"
    " hot_work_special hot_work_grade_1 hot_work_grade_2 other_work_most same_days",
    flag="says_one_thing",
)
WORK_ITEMS = columns(
    time="occurred_at received_at begin_at end_at",
    number="ahead_s duration_s",
    count="begin_ordinal end_ordinal",
    text="item_id operation hot_work_grade ticket_no place person",
)
PERMITS = columns(
    time="occurred_at received_at issued_at plan_start_at plan_end_at",
    number="ahead_s plan_s work_s filed_after_s",
    text="ticket_no status grade place worker guardian",
    count="same_seq_count issued_ordinal",
    flag="says_one_thing",
)
DECLARATIONS = columns(
    time="occurred_at received_at",
    number="ahead_s planned_s",
    text="kind reason",
    count="unknown_sources",
)


def commitments(day: EnterpriseDay, copied: Mapping[str, Copied]) -> Iterator[Row]:
    """A row for each version received; whether it was copied is told of the one in force."""
    current, torn = announcement(day), contradicting(day.commitments)
    for version in day.commitments:
        said = version.message
        other = [getattr(said.other_work, name) for name in said.other_work.__struct_fields__]
        copy = copied.get(day.company_code, Copied()) if version is current else Copied()
        yield stated(day, f"{said.id}#{said.seq}", version) | {
            "message_id": said.id,
            "seq": said.seq,
            "state": said.state,
            "promised_by": given(said.promised_by),
            "risk_grade": said.risk_grade,
            "units_total": said.units.total,
            "units_running": said.units.running,
            "units_stopped": said.units.stopped,
            "units_overhaul": said.units.overhaul,
            "hot_work_special": said.hot_work.special,
            "hot_work_grade_1": said.hot_work.grade_1,
            "hot_work_grade_2": said.hot_work.grade_2,
            "other_work_most": max((count for count in other if count is not None), default=None),
            "same_days": copy.same_days,
            "same_work_as": copy.work_of,
            "same_as_enterprise": copy.elsewhere,
            "says_one_thing": version.journal_id not in torn,
        }


def work_items(day: EnterpriseDay) -> Iterator[Row]:
    """A row for each declared item in force."""
    current = announcement(day)
    apart = {entry.message.item.item_id: (entry, entry.message.item) for entry in day.declared_work}
    inside = [(current, item) for item in (current.message.items or ())] if current else []
    pairs: list[tuple[Received[Any], WorkItem]] = [
        *(pair for pair in inside if pair[1].item_id not in apart),
        *apart.values(),
    ]
    for source, item in pairs:
        if item.active and not item.cancelled:
            yield stated(day, item.item_id, source) | {
                "item_id": item.item_id,
                "operation": item.operation.value,
                "hot_work_grade": item.grade.value if item.grade else None,
                "ticket_no": given(item.ticket_no),
                "place": given(item.place),
                "person": given(item.person),
                "begin_at": item.begin_at,
                "end_at": item.end_at,
                "begin_ordinal": ordinal(item.begin_at),
                "end_ordinal": ordinal(item.end_at),
                "duration_s": seconds(item.begin_at, item.end_at),
            }


def permits(day: EnterpriseDay) -> Iterator[Row]:
    """A row for the newest version of each permit."""
    newest = {version.message.id: version for version in day.permits}
    first: dict[str, datetime] = {}
    for version in day.permits:
        known = first.get(version.message.id, version.received_at)
        first[version.message.id] = min(known, version.received_at)
    versions = Counter((version.message.id, version.message.seq) for version in day.permits)
    torn = contradicting(day.permits)
    for version in newest.values():
        permit = version.message
        void = permit.cancelled or permit.deleted or permit.test
        yield stated(day, permit.ticket_no, version) | {
            "ticket_no": permit.ticket_no,
            "status": "void" if void else permit.status.value,
            "grade": permit.grade.value,
            "place": given(permit.place),
            "worker": given(permit.worker),
            "guardian": given(permit.guardian),
            "issued_at": permit.issued_at,
            "issued_ordinal": ordinal(permit.issued_at),
            "plan_start_at": permit.plan_start_at,
            "plan_end_at": permit.plan_end_at,
            "plan_s": seconds(permit.plan_start_at, permit.plan_end_at),
            "work_s": seconds(permit.started_at, permit.ended_at),
            "filed_after_s": _filed_after_s(day, version, first[permit.id]),
            "same_seq_count": versions[permit.id, permit.seq],
            "says_one_thing": version.journal_id not in torn,
        }


def _filed_after_s(day: EnterpriseDay, version: Received[HotWorkPermit], first: datetime) -> float | None:
    """From its issue to when we first had it; None where an export or an outage may have kept it from us."""
    issued_at = version.message.issued_at
    if issued_at is None or version.from_platform:
        return None
    return None if any(gap.overlap(issued_at, first) for gap in day.blind) else seconds(issued_at, first)


def declarations(day: EnterpriseDay) -> Iterator[Row]:
    """A row for each offline declaration and out-of-service record."""
    known = day.register.sources.keys()
    for entry in day.declarations:
        said = entry.message
        yield stated(day, said.id, entry) | {
            "kind": "offline",
            "reason": given(said.offline_reason),
            "planned_s": seconds(said.offline_at, said.plan_online_at),
            "unknown_sources": sum(code not in known for code in said.source_codes),
        }
    for stop in day.out_of_service:
        record = stop.message
        yield stated(day, record.source_code, stop) | {
            "kind": "out_of_service",
            "reason": given(record.stop_reason),
            "planned_s": seconds(record.stop_at, record.start_at),
            "unknown_sources": int(record.source_code not in known),
        }
