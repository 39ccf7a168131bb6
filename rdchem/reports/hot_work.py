"""Declared hot work against permits as lines to be read, one a row of `rdchem.side_by_side`."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rdchem.calendar import local_text
from rdchem.declared import announcement
from rdchem.model.commitment import HotWorkGrade
from rdchem.model.day import EnterpriseDay
from rdchem.side_by_side import Row, Standing, side_by_side

_NOTHING_SAID: Final = {
    True: "公告未附作业明细,无法逐项核对",
    False: "没有有效的公告,无从核对",
}


@dataclass(frozen=True, slots=True)
class HotWorkLine:
    """What one row says, as text; empty where that side has nothing."""

    company_code: str
    enterprise: str
    item: str
    declared: str
    ticket_no: str
    permitted: str
    standing: str
    remark: str


COLUMNS: Final = (
    ("企业编码", 14),
    ("企业", 24),
    ("申报编号", 26),
    ("申报(级别、地点、时间)", 44),
    ("作业票编号", 26),
    ("作业票(级别、地点、时间)", 44),
    ("核对结果", 20),
    ("说明", 50),
)


def hot_work_lines(days: Iterable[EnterpriseDay]) -> list[HotWorkLine]:
    """Every declared item and every permit in force of some days, enterprise by enterprise.

    An enterprise whose announcement cannot be compared has one line that says so, where permits are in force.
    """
    return [line for day in days for line in _lines(day)]


def _lines(day: EnterpriseDay) -> list[HotWorkLine]:
    code, name = day.company_code, day.register.enterprise.name
    has_announcement = announcement(day) is not None
    rows = side_by_side(day) if has_announcement else None
    if rows is None:
        why = _NOTHING_SAID[has_announcement]
        return [HotWorkLine(code, name, "", "", "", "", Standing.NOT_SAID.label, why)] if day.permits else []
    return [_line(code, name, row) for row in rows]


def _line(code: str, name: str, row: Row) -> HotWorkLine:
    item = row.item[0] if row.item else None
    permit = row.permit.message if row.permit else None
    return HotWorkLine(
        company_code=code,
        enterprise=name,
        item=item.item_id if item else "",
        declared=_said(item.grade, item.place, item.begin_at, item.end_at) if item else "",
        ticket_no=permit.ticket_no if permit else "",
        permitted=_said(permit.grade, permit.place, permit.plan_start_at, permit.plan_end_at)
        if permit
        else "",
        standing="、".join(standing.label for standing in row.standings),
        remark=";".join(reason.text for reason in row.reasons),
    )


def _said(grade: HotWorkGrade | None, place: str | None, start: datetime | None, end: datetime | None) -> str:
    times = "至".join(local_text(one) if one else "未注明" for one in (start, end))
    return f"{grade.label if grade else '级别未填'} {place or '地点未填'} {times}"
