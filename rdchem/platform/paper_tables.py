"""Rows of the papers: announcements, declared work, permits with their children, declarations, stops.

An announcement's row tells how it stands now, when it was first published and when it was last changed. It
becomes a version published first, and, where it was changed or withdrawn since, a second version of that
time. What the first version said differently the export does not tell; no verdict reads it.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec

from rdchem import calendar
from rdchem.model.commitment import DeclaredWork, Operation, SafetyCommitment
from rdchem.model.message import Message
from rdchem.model.permit import (
    Approval,
    Break,
    GasAnalysis,
    HotWorkPermit,
    Permit,
    SpecialWorkPermit,
    TicketStatus,
)
from rdchem.model.source import OfflineDeclaration, OutOfService
from rdchem.platform.cells import read_cell
from rdchem.platform.grid import Fault
from rdchem.platform.rows import BadField, Entry, identity, make, sequence

_LONGEST_WORK: Final = 31
_UNITS: Final = dict.fromkeys(("total", "running", "stopped", "overhaul"))
_HOT_WORK: Final = dict.fromkeys(("special", "grade_1", "grade_2"))
_PERMIT: Final = dict.fromkeys(("place", "issued_at", "plan_start_at", "plan_end_at"))


def commitment(entry: Entry) -> list[Message] | BadField:
    """An announcement, as the versions its row tells of."""
    published, updated = entry.values["_published"], entry.get("_updated")
    if "_state" in entry.values and entry.get("_state") is None:
        return BadField("_state", "missing", "未填写承诺状态")
    withdrawn = entry.get("_state") == "withdrawn" or bool(entry.get("_deleted"))
    if withdrawn and (updated is None or updated < published):
        return BadField("_updated", "bad_time", "已撤回或删除的公告应填写更新时间,且不早于公告时间")
    versions: list[Message] = [_announcement(entry, published, sequence(published), "published")]
    if withdrawn or (updated is not None and updated > published):
        later = max(sequence(updated), sequence(published) + 1)
        versions.append(_announcement(entry, updated, later, "withdrawn" if withdrawn else "published"))
    return versions


def _announcement(entry: Entry, said_at: datetime, seq: int, state: str) -> SafetyCommitment:
    said = {"promised_by": None, **entry.fields}
    day: date = entry.values["day"]
    return make(
        SafetyCommitment,
        id=entry.get("_id") or identity(entry.company_code, f"{day:%Y%m%d}"),
        seq=seq,
        occurred_at=said_at,
        company_code=entry.company_code,
        state=state,
        **said | {"units": _UNITS | said.get("units", {}), "hot_work": _HOT_WORK | said.get("hot_work", {})},
    )


def work_item(entry: Entry) -> list[Message] | BadField:
    """A declared piece of work: for the day it was declared, or for each day it lasts where none is given."""
    days = _days_of(entry)
    if isinstance(days, BadField):
        return days
    item = entry.fields
    grade = _grade_of(entry)
    if isinstance(grade, Fault):
        return BadField("_grade", grade.code, grade.reason)
    if grade is not None:
        item["grade"] = grade
    item.setdefault("item_id", _item_id(entry))
    if entry.get("_deleted"):
        item["active"] = False
    said_at = entry.said_at("_updated", "_created")
    return [
        make(
            DeclaredWork,
            id=identity("work", entry.company_code, item["item_id"], f"{day:%Y%m%d}"),
            seq=sequence(said_at),
            occurred_at=said_at,
            company_code=entry.company_code,
            day=day,
            item=item,
        )
        for day in days
    ]


def _grade_of(entry: Entry) -> Any:
    """The grade of hot work; other kinds of work have grades of their own, which nobody asks for."""
    is_hot_work = entry.values["operation"] == Operation.HOT_WORK
    return read_cell("choice:hot_work_grade", entry.get("_grade"), entry.profile) if is_hot_work else None


def _days_of(entry: Entry) -> Sequence[date] | BadField:
    if entry.get("_day") is not None:
        return [entry.values["_day"]]
    begin, end = entry.get("begin_at"), entry.get("end_at")
    if begin is None:
        return BadField("_day", "missing", "承诺日期与作业开始时间都没有填写,不知是哪一天的作业")
    first = calendar.business_day(begin)
    last = calendar.business_day(end - timedelta(microseconds=1)) if end and end > begin else first
    if (last - first).days >= _LONGEST_WORK:
        return BadField("end_at", "bad_time", f"没有承诺日期,而作业时间长达 {(last - first).days + 1} 天")
    return [first + timedelta(days=offset) for offset in range((last - first).days + 1)]


def _item_id(entry: Entry) -> str:
    """An identity for a line without one: its ticket, else kind, place and begin."""
    begin = entry.get("begin_at")
    natural = (str(entry.values["operation"]), entry.get("place") or "", begin.isoformat() if begin else "")
    ticket = entry.get("ticket_no")
    return identity(entry.company_code, *((ticket,) if ticket else natural))


_MAY_LACK: Final = ("guardian", "checked_at", "camera_codes", "associated_tickets")
"""Columns whose absence from a whole table must not be taken for an omission in each permit."""


def permit(entry: Entry) -> list[Message] | BadField:
    """A hot-work permit as it stands, its gas analyses, approvals and breaks not yet joined."""
    return _permit(entry, HotWorkPermit)


def special_permit(entry: Entry) -> list[Message] | BadField:
    """A permit of another operation as it stands; hot work belongs into a table that has its grade."""
    if entry.values["operation_code"] == Operation.HOT_WORK:
        reason = "动火作业票须有动火级别,请放在“动火安全作业票”表中导入"
        return BadField("operation_code", "missing_grade", reason)
    return _permit(entry, SpecialWorkPermit)


def _permit(entry: Entry, noun: type[HotWorkPermit | SpecialWorkPermit]) -> list[Message]:
    said = _PERMIT | entry.fields
    status = entry.values["_status"]
    if status == "void":
        said |= {"cancelled": True}
        status = TicketStatus.CLOSED
    said_at = entry.said_at("_updated", "_created", "issued_at")
    said["not_recorded"] = [field for field in _MAY_LACK if field not in entry.values]
    message = make(
        noun,
        id=entry.get("_id") or said["ticket_no"],
        seq=sequence(said_at),
        occurred_at=said_at,
        company_code=entry.company_code,
        status=status,
        **said,
    )
    return [message]


def gas_analysis(entry: Entry) -> GasAnalysis:
    """One gas analysis of a permit."""
    return make(GasAnalysis, **{"result": None, **entry.fields})


def approval(entry: Entry) -> Approval:
    """One approval of a permit."""
    return make(Approval, **entry.fields)


def work_break(entry: Entry) -> Break:
    """One break in the work of a permit."""
    return make(Break, **entry.fields)


def with_children(permit: Permit, children: Sequence[Any], known: frozenset[str]) -> Permit:
    """The permit with its children, in the order of their rows; `known`: the tables its file has."""
    breaks = [child for child in children if isinstance(child, Break)]
    return msgspec.structs.replace(
        permit,
        breaks=breaks if "breaks" in known else None,
        gas_analyses=[child for child in children if isinstance(child, GasAnalysis)],
        approvals=[child for child in children if isinstance(child, Approval)],
        not_recorded=[*permit.not_recorded, *(() if "gas_analyses" in known else ("gas_analyses",))],
    )


def offline_declaration(entry: Entry) -> list[Message] | BadField:
    """An offline declaration; no source named means the whole enterprise."""
    said = {"plan_online_at": None, **entry.fields}
    if entry.get("_deleted"):
        said["cancelled"] = True
    said_at = entry.said_at("_updated", "_created")
    natural = identity(
        "offline", entry.company_code, f"{said['offline_at']:%Y%m%d%H%M%S}", *said.get("source_codes", ())
    )
    message = make(
        OfflineDeclaration,
        id=entry.get("_id") or natural,
        seq=sequence(said_at),
        occurred_at=said_at,
        company_code=entry.company_code,
        **said,
    )
    return [message]


def out_of_service(entry: Entry) -> list[Message] | BadField:
    """A source out of service, or back in it."""
    if entry.get("_deleted"):
        return BadField(
            "_deleted", "deleted", "停用记录不能标记为已删除;恢复使用请填写启用时间,误录请去掉该行"
        )
    said = entry.fields
    said_at = entry.said_at("_updated")
    message = make(
        OutOfService,
        id=entry.get("_id") or identity("stop", said["source_code"], f"{said['stop_at']:%Y%m%d%H%M%S}"),
        seq=sequence(said_at),
        occurred_at=said_at,
        company_code=entry.company_code,
        **said,
    )
    return [message]
