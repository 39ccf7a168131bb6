"""Declared special work against permits as lines to be read, one a row of `rdchem.side_by_side`.

Hot work comes first, then the other operations of which anything is declared in items or permitted. Beside
how a row stands now is told how its item and permit stood at the deadline, by what was known then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rdchem import calendar
from rdchem.calendar import UnknownYearError, local_text
from rdchem.declared import announcement, known_at, line_items, standing_items
from rdchem.model.commitment import HotWorkGrade, Operation
from rdchem.model.day import EnterpriseDay
from rdchem.model.permit import HotWorkPermit, SpecialWorkPermit
from rdchem.side_by_side import Row, permits_of, side_by_side
from rdchem.standing import Standing

_NOTHING_SAID: Final = {
    True: "公告未附作业明细,无法逐项核对",
    False: "没有有效的公告,无从核对",
}


@dataclass(frozen=True, slots=True)
class HotWorkLine:
    """What one row says, as text; empty where that side has nothing."""

    company_code: str
    enterprise: str
    operation: str
    item: str
    declared: str
    ticket_no: str
    permitted: str
    at_deadline: str
    standing: str
    paired_by: str
    remark: str


COLUMNS: Final = (
    ("企业编码", 14),
    ("企业", 24),
    ("作业", 10),
    ("申报编号", 26),
    ("申报(级别、地点、时间)", 44),
    ("作业票编号", 26),
    ("作业票(级别、地点、时间)", 44),
    ("截止时", 20),
    ("核对结果", 20),
    ("配对依据(差异)", 30),
    ("说明", 50),
)


def hot_work_lines(days: Iterable[EnterpriseDay]) -> list[HotWorkLine]:
    """Every declared item and every permit in force of some days, enterprise by enterprise.

    An enterprise whose announcement cannot be compared has one line that says so, where permits are in force.
    """
    return [line for day in days for operation in Operation for line in _lines(day, operation)]


def _lines(day: EnterpriseDay, operation: Operation) -> Iterator[HotWorkLine]:
    code, name = day.company_code, day.register.enterprise.name
    has_announcement = announcement(day) is not None
    if not (has_announcement and line_items(day) is not None):
        why = _NOTHING_SAID[has_announcement]
        held = day.permits if operation is Operation.HOT_WORK else permits_of(day, operation)
        if held:
            label = Standing.NOT_SAID.label
            yield HotWorkLine(code, name, operation.label, "", "", "", "", "", label, "", why)
        return
    if operation is not Operation.HOT_WORK and not (
        permits_of(day, operation) or standing_items(line_items(day) or (), operation)
    ):
        return
    then = _at_deadline(day, operation)
    for row in side_by_side(day, operation) or ():
        yield _line(code, name, operation, row, then)


def _at_deadline(day: EnterpriseDay, operation: Operation) -> dict[str, str]:
    """Item id or ticket number -> how it stood at the deadline; empty before it, and for exported tables."""
    try:
        deadline = calendar.deadline(day.day, day.limits)
    except UnknownYearError:
        return {}
    earlier = known_at(day, deadline)
    if day.as_of <= deadline or day.exports is not None or announcement(earlier) is None:
        return {}
    stood: dict[str, str] = {}
    for row in side_by_side(earlier, operation) or ():
        label = _label(row)
        if row.item:
            stood[row.item[0].item_id] = label
        if row.permit:
            stood[row.permit.message.ticket_no] = label
    return stood


def _line(code: str, name: str, operation: Operation, row: Row, then: dict[str, str]) -> HotWorkLine:
    item = row.item[0] if row.item else None
    permit = row.permit.message if row.permit else None
    keys = [item.item_id if item else "", permit.ticket_no if permit else ""]
    return HotWorkLine(
        company_code=code,
        enterprise=name,
        operation=operation.label,
        item=keys[0],
        declared=_said(operation, item.grade, item.place, item.begin_at, item.end_at) if item else "",
        ticket_no=keys[1],
        permitted=_permitted(operation, permit) if permit else "",
        at_deadline="、".join(dict.fromkeys(then[key] for key in keys if key in then)),
        standing=_label(row),
        paired_by=row.paired_by,
        remark=";".join(reason.text for reason in row.reasons),
    )


def _label(row: Row) -> str:
    return "、".join(standing.label for standing in row.standings)


def _permitted(operation: Operation, permit: object) -> str:
    assert isinstance(permit, HotWorkPermit | SpecialWorkPermit)  # noqa: S101
    grade = permit.grade if isinstance(permit, HotWorkPermit) else None
    return _said(operation, grade, permit.place, permit.plan_start_at, permit.plan_end_at)


def _said(
    operation: Operation,
    grade: HotWorkGrade | None,
    place: str | None,
    start: datetime | None,
    end: datetime | None,
) -> str:
    times = "至".join(local_text(one) if one else "未注明" for one in (start, end))
    level = "" if operation is not Operation.HOT_WORK else f"{grade.label if grade else '级别未填'} "
    return f"{level}{place or '地点未填'} {times}"
