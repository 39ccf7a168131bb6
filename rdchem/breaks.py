"""Breaks in the work of a permit: which were ended by a resumption today, and how long one may be. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from rdchem import calendar
from rdchem.limits import Limits
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Reason
from rdchem.model.permit import Break, HotWorkPermit, Permit


def resumed_today(day: EnterpriseDay, permit: Permit) -> Iterator[tuple[Break, datetime]]:
    """The breaks after which work was resumed on the day, by the instant judged, with that resumption.

    A break that ends before it begins is none.
    """
    start, end = calendar.day_bounds(day.day)
    for pause in sorted(permit.breaks or (), key=lambda one: one.since):
        resumed = pause.until
        if resumed is not None and pause.since < resumed and start <= resumed < end and resumed <= day.as_of:
            yield pause, resumed


def break_limit(permit: Permit, limits: Limits) -> timedelta | None:
    """How long work may pause without a new analysis; None where nothing is laid down on that day."""
    if isinstance(permit, HotWorkPermit):
        return limits.duration(f"gas_reanalysis_after_break_{permit.grade.value}")
    name = "gas_reanalysis_after_break_confined_space"
    concerned = permit.operation is Operation.CONFINED_SPACE and name in limits.in_force
    return limits.duration(name) if concerned else None


def breaks_unknown(permit: Permit) -> Reason:
    """Why breaks cannot be asked about: the source does not tell them."""
    return Reason("data_insufficient", f"{permit.title} 的数据来源没有作业中断记录,无从核对")
