"""Hot work of one enterprise: a job, and the two papers about it, the declared line item and the permit.

The papers of an honest job agree. A scenario writes the same papers from jobs that differ.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from rdchem import calendar
from rdchem.model.commitment import HotWorkGrade, Operation, WorkItem
from rdchem.model.permit import (
    Approval,
    Break,
    GasAnalysis,
    HotWorkPermit,
    SpecialWorkPermit,
    TicketStatus,
)
from sensors_sim import names
from sensors_sim.county import Site
from sensors_sim.streams import stream
from sensors_sim.window import Window

SHORT_WORK_HOURS: Final = (3, 4, 5, 6, 8)
LONG_WORK_HOURS: Final = (48, 72)
_APPROVERS: Final = {
    HotWorkGrade.SPECIAL: ("动火所在单位", "安全管理部门", "主管领导"),
    HotWorkGrade.GRADE_1: ("动火所在单位", "安全管理部门"),
    HotWorkGrade.GRADE_2: ("所在基层单位",),
}
"""Who approves a permit of each grade, in order (GB 30871-2022 B.2)."""
_MARKS: Final = {HotWorkGrade.SPECIAL: "T", HotWorkGrade.GRADE_1: "Y", HotWorkGrade.GRADE_2: "E"}


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of hot work: `number` within the enterprise, planned time, and when its permit was issued."""

    number: int
    grade: HotWorkGrade
    place: str
    begin: datetime
    end: datetime
    issued: datetime
    worker: str
    guardian: str
    responsible: str
    contractor: str | None = None
    names_its_ticket: bool = True


def draw_jobs(seed: int, site: Site, window: Window) -> list[Job]:
    """The honest hot work of an enterprise that day: none to four jobs, permits known before the deadline."""
    random = stream(seed, site.company_code, window.day, "hot work")
    count = random.choices((0, 1, 2, 3, 4), weights=(25, 30, 25, 15, 5))[0]
    return [_draw_job(random, number, window) for number in range(1, count + 1)]


def _draw_job(random: Random, number: int, window: Window) -> Job:
    grade = random.choices(list(HotWorkGrade), weights=(15, 35, 50))[0]
    if grade is HotWorkGrade.GRADE_2 and random.random() < 0.5:
        begin = window.at(time(8), days=-random.choice((1, 2)))
        end = begin + timedelta(hours=random.choice(LONG_WORK_HOURS))
    else:
        begin = window.at(time(8)) + timedelta(minutes=30 * random.randrange(0, 17))
        end = begin + timedelta(hours=random.choice(SHORT_WORK_HOURS))
    if needs_upgrade(grade, begin):
        grade, begin = HotWorkGrade.GRADE_1, max(begin, window.at(time(8)))
        end = begin + timedelta(hours=8)
    return make_job(random, number, grade, begin, end, issue_time(random, begin, window))


def needs_upgrade(grade: HotWorkGrade, begin: datetime) -> bool:
    """Whether work of a grade begun at an instant needs a permit one grade higher (GB 30871-2022 5.1.1).

    Nights apart: nobody here begins 二级 work at night unless a scenario says so.
    """
    return grade is HotWorkGrade.GRADE_2 and calendar.is_rest_day(calendar.business_day(begin))


def make_job(
    random: Random, number: int, grade: HotWorkGrade, begin: datetime, end: datetime, issued: datetime
) -> Job:
    """A job with its place and people drawn; who watches is not who works."""
    place, worker = names.place(random, number), names.person(random)
    return Job(
        number=number,
        grade=grade,
        place=place,
        begin=begin,
        end=end,
        issued=issued,
        worker=worker,
        guardian=next(who for who in iter(lambda: names.person(random), "") if who != worker),
        responsible=names.person(random),
        contractor=f"示例检修{random.randint(1, 9)}队" if random.random() < 0.3 else None,
        names_its_ticket=random.random() < 0.7,
    )


def issue_time(random: Random, begin: datetime, window: Window) -> datetime:
    """When an honest permit is issued: minutes before work already begun, else some time this morning."""
    before = begin - timedelta(seconds=random.randrange(120, 480))
    this_morning = window.at(time(8, 20)) + timedelta(seconds=random.randrange(0, 45 * 60))
    return before if begin <= window.as_of else this_morning


def ticket_no(site: Site, job: Job, window: Window) -> str:
    """The permit number of a job, unique in the county."""
    return f"DH{_MARKS[job.grade]}-{site.company_code}-{window.day:%Y%m%d}-{job.number:02d}"


def line_item(site: Site, job: Job, window: Window, *, ticket: str | None) -> WorkItem:
    """The job as the announcement declares it."""
    return WorkItem(
        item_id=f"{site.company_code}-{window.day:%Y%m%d}-{job.number:02d}",
        operation=Operation.HOT_WORK,
        grade=job.grade,
        ticket_no=ticket,
        place=job.place,
        begin_at=job.begin,
        end_at=job.end,
        by_contractor=job.contractor is not None,
        unit=job.contractor or "设备部",
        person=job.responsible,
        content=f"{job.place}检修动火",
    )


def permit(site: Site, job: Job, window: Window) -> HotWorkPermit:
    """The job as the hot-work system holds it when the window opens, or when it is issued after that."""
    number = ticket_no(site, job, window)
    return HotWorkPermit(
        id=number,
        company_code=site.company_code,
        simulated=True,
        ticket_no=number,
        **_standing(job, window),
        grade=job.grade,
        place=job.place,
        issued_at=job.issued,
        plan_start_at=job.begin,
        plan_end_at=job.end,
        style="电焊",
        worker=job.worker,
        responsible=job.responsible,
        guardian=job.guardian,
        contractor=job.contractor,
        camera_codes=[site.cameras[0].source_code] if job.grade is HotWorkGrade.SPECIAL else [],
        longitude=round(121.0 + site.index % 400 / 1000, 3),
        latitude=round(32.2 + site.index // 400 % 300 / 1000, 3),
        gas_analyses=_gas_analyses(site, job) + _daily_analyses(job, window)
        if job.begin <= window.as_of
        else [],
        approvals=_approvals(job),
        breaks=_nights(job, window),
        continuous_monitoring=True if job.grade is HotWorkGrade.SPECIAL else None,
    )


def _nights(job: Job, window: Window) -> list[Break]:
    """The nights a job of several days rests, as far as they are over when the window opens."""
    nights = []
    morning = job.begin + timedelta(days=1)
    while job.end - job.begin > timedelta(days=1) and morning <= min(job.end, window.start):
        nights.append(Break(since=morning - timedelta(hours=14), until=morning))
        morning += timedelta(days=1)
    return nights


def _daily_analyses(job: Job, window: Window) -> list[GasAnalysis]:
    """A sample before work is resumed in the morning."""
    return [
        GasAnalysis(gas="可燃气体", result=0.0, unit="%", analysed_at=night.until - timedelta(minutes=15))
        for night in _nights(job, window)
        if night.until is not None
    ]


def other_permit(site: Site, item: WorkItem, window: Window) -> SpecialWorkPermit:
    """The permit of a declared piece of other special work, issued before it was due."""
    begin, end = item.begin_at or window.start, item.end_at or window.end
    begun = begin <= window.start
    number = f"SX{item.operation.value}-{item.item_id}"
    analyses = [
        GasAnalysis(gas=gas, result=result, unit="%", analysed_at=begin - timedelta(minutes=12), place="底部")
        for gas, result in (("氧气", 20.9), ("可燃气体", 0.0))
    ]
    return SpecialWorkPermit(
        id=number,
        seq=2 if begun else 1,
        occurred_at=begin if begun else min(begin - timedelta(hours=1), window.start),
        company_code=site.company_code,
        simulated=True,
        ticket_no=number,
        operation_code=item.operation.value,  # type: ignore[arg-type]
        status=TicketStatus.WORKING if begun else TicketStatus.APPROVED,
        place=item.place,
        issued_at=begin - timedelta(minutes=5) if begun else min(begin - timedelta(hours=1), window.start),
        plan_start_at=begin,
        plan_end_at=end,
        started_at=begin if begun else None,
        worker=item.person,
        contractor=item.unit if item.by_contractor else None,
        gas_analyses=analyses if begun else [],
        breaks=[],
    )


def _standing(job: Job, window: Window) -> dict[str, Any]:
    """Where the permit stands: approved, at work, or closed; each step is a version of its own."""
    if job.end <= window.start:
        checked = job.end + timedelta(minutes=10)
        return {
            "seq": 3,
            "occurred_at": checked,
            "status": TicketStatus.CLOSED,
            "started_at": job.begin,
            "ended_at": job.end,
            "checked_at": checked,
            "checked_by": job.responsible,
        }
    if job.begin <= window.start:
        return {
            "seq": 2,
            "occurred_at": job.begin,
            "status": TicketStatus.WORKING,
            "started_at": job.begin,
        }
    return {"seq": 1, "occurred_at": job.issued, "status": TicketStatus.APPROVED}


def _gas_analyses(site: Site, job: Job) -> list[GasAnalysis]:
    """Samples of work about to begin, taken before the permit is signed and within 30 minutes of the work."""
    return [
        GasAnalysis(
            gas="可燃气体",
            result=result,
            unit="%",
            analysed_at=job.issued - timedelta(minutes=10),
            analyst=job.guardian,
            place=f"{job.place}{where}",
        )
        for where, result in (("上部", 0.0), ("下部", site.index % 3 / 100))
    ]


def _approvals(job: Job) -> list[Approval]:
    nodes = _APPROVERS[job.grade]
    return [
        Approval(
            node=node,
            person=job.responsible if step == 0 else f"{node}负责人",
            opinion="同意",
            approved_at=job.issued - timedelta(minutes=2 * (len(nodes) - 1 - step)),
        )
        for step, node in enumerate(nodes)
    ]
