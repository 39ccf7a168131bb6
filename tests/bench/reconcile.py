"""What reconciling costs as permits grow: to 1,000 in one enterprise-day, to 100,000 in a county-day.

`make bench BENCH_ARGS=reconcile`: every size drawn by a seed, half the items naming their ticket, one in
twenty permits undeclared, one in twenty items without permit, a tenth moved in time; the rows, and the rule
that accuses from them. Near-linear means that the microseconds per permit stay about the same.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Final

from rich.console import Console
from rich.table import Table

from rdchem.model.commitment import (
    HotWorkCounts,
    HotWorkGrade,
    Operation,
    SafetyCommitment,
    Units,
    WorkItem,
)
from rdchem.model.day import EnterpriseDay, Received, RegisterEntry
from rdchem.model.permit import HotWorkPermit, TicketStatus
from rdchem.model.source import Enterprise
from rdchem.rulebook import rulebook_on
from rdchem.rules import hot_work_matches_permits
from rdchem.side_by_side import side_by_side

_DAY: Final = date(2026, 9, 15)
_EIGHT: Final = datetime(2026, 9, 15, tzinfo=UTC)


def enterprise_day(company: str, permits: int) -> EnterpriseDay:
    """One enterprise-day of so many permits and about as many items."""
    random = Random(f"{company} {permits}")
    held, items = [], []
    for number in range(permits):
        begin = _EIGHT + timedelta(minutes=random.randrange(600))
        place, grade = f"{random.choice('甲乙丙丁')}区{number}#设备", random.choice(list(HotWorkGrade))
        ticket = f"{company}-{number:05d}"
        if random.random() >= 0.05:
            held.append(_permit(company, ticket, place, grade, begin))
        if random.random() >= 0.05:
            moved = begin + timedelta(minutes=90 if random.random() < 0.1 else 0)
            named = ticket if random.random() < 0.5 else None
            items.append(_item(number, named, place, grade, moved))
    counts = HotWorkCounts(special=None, grade_1=None, grade_2=None)
    said = SafetyCommitment(
        id=company, seq=1, occurred_at=_EIGHT, company_code=company, day=_DAY, promised_by="甲",
        units=Units(total=1, running=1, stopped=0, overhaul=0), hot_work=counts, items=items,
    )  # fmt: skip
    return EnterpriseDay(
        company_code=company,
        day=_DAY,
        as_of=_EIGHT + timedelta(hours=10),
        register=RegisterEntry(Enterprise(name=company, area_code="320623")),
        limits=rulebook_on(_DAY).limits,
        commitments=(Received("c", _EIGHT, said),),
        permits=tuple(Received(one.id, _EIGHT, one) for one in held),
    )


def _permit(company: str, ticket: str, place: str, grade: HotWorkGrade, begin: datetime) -> HotWorkPermit:
    return HotWorkPermit(
        id=ticket, seq=1, occurred_at=_EIGHT, company_code=company, ticket_no=ticket,
        status=TicketStatus.APPROVED, grade=grade, place=place, issued_at=_EIGHT, plan_start_at=begin,
        plan_end_at=begin + timedelta(hours=3),
    )  # fmt: skip


def _item(number: int, ticket: str | None, place: str, grade: HotWorkGrade, begin: datetime) -> WorkItem:
    return WorkItem(
        item_id=f"W{number:05d}", operation=Operation.HOT_WORK, grade=grade, ticket_no=ticket, place=place,
        begin_at=begin, end_at=begin + timedelta(hours=3),
    )  # fmt: skip


def measured(days: Sequence[EnterpriseDay], runs: int) -> tuple[float, float]:
    """Median seconds of the rows, and of the rule."""
    rows, rule = [], []
    for _ in range(runs):
        begun = time.perf_counter()
        for day in days:
            side_by_side(day)
        between = time.perf_counter()
        for day in days:
            hot_work_matches_permits.check(day)
        rows.append(between - begun)
        rule.append(time.perf_counter() - between)
    return statistics.median(rows), statistics.median(rule)


def run(runs: int) -> None:
    """Measure and print."""
    table = Table(title=f"reconciliation, median of {runs} runs")
    for name in (
        "enterprises",
        "permits each",
        "permits",
        "rows ms",
        "µs a permit",
        "rule ms",
        "µs a permit",
    ):
        table.add_column(name, justify="right")
    counts = ((1, 10), (1, 100), (1, 1_000), (1, 4_000), (100, 10), (100, 100), (100, 1_000))
    for enterprises, each in counts:
        days = [enterprise_day(f"E{number:03d}", each) for number in range(enterprises)]
        permits = enterprises * each
        rows, rule = measured(days, runs)
        sizes = (str(enterprises), f"{each:,}", f"{permits:,}")
        times = (f"{told:,.1f}" for one in (rows, rule) for told in (1e3 * one, 1e6 * one / permits))
        table.add_row(*sizes, *times)
    Console(file=sys.stdout, width=100).print(table)
