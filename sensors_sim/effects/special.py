"""Scenarios of other special work, of breaks, and of the witnesses beside a permit: detectors and cameras."""

from dataclasses import replace
from datetime import time, timedelta
from typing import Any, Literal

from msgspec import structs

from rdchem.model.commitment import Operation
from rdchem.model.permit import Break, GasAnalysis, TicketStatus
from rdchem.model.source import Quantity
from sensors_sim import faults
from sensors_sim.effects.effect import Effect, Hit, lists_work
from sensors_sim.effects.permits import JobEffect
from sensors_sim.effects.sources import put_camera_down
from sensors_sim.plan import Plan


class OtherWork(Effect, frozen=True, kw_only=True):
    """Confined-space work at a place of its own and how its papers stand, planned from a time of day.

    `undeclared`: a permit alone. `without_permit`: an item alone, beside another job that has both.
    `elsewhere`, `later`: the permit is for another tank, or for afterwards. `agree`: nothing is wrong.
    """

    begin: time
    hours: float
    papers: Literal["undeclared", "without_permit", "elsewhere", "later", "agree"]

    def fits(self, plan: Plan) -> bool:
        return bool(plan.announcements) and lists_work(plan)

    def apply(self, plan: Plan) -> list[Hit]:
        begin, place = plan.window.at(self.begin), f"{500 + plan.added_jobs}#沉淀池"
        before = plan.announcements[0]
        item = plan.declare_other(Operation.CONFINED_SPACE, place, begin, self.hours)
        if self.papers == "without_permit":
            second = plan.declare_other(Operation.CONFINED_SPACE, f"旁路{place}", begin, self.hours)
            plan.permit_other(second)
            return [Hit(f"item:{item.item_id}")]
        changes: dict[str, Any] = {}
        if self.papers == "elsewhere":
            changes = {"place": f"{700 + plan.added_jobs}#沉淀池"}
        elif self.papers == "later":
            end = begin + timedelta(hours=self.hours)
            changes = {"plan_start_at": end, "plan_end_at": end + timedelta(hours=2)}
        number = plan.permit_other(item, **changes)
        if self.papers == "undeclared":
            plan.announcements[0] = before
            return [Hit(f"permit:{number}")]
        if self.papers != "agree":
            self._name_the_ticket(plan, item.item_id, number)
        return [Hit(f"item:{item.item_id}")]

    def _name_the_ticket(self, plan: Plan, item_id: str, number: str) -> None:
        items = [
            structs.replace(one, ticket_no=number) if one.item_id == item_id else one
            for one in plan.announcements[0].items or ()
        ]
        plan.change_announcement(items=items)


class ConfinedSpace(Effect, frozen=True, kw_only=True):
    """Declared confined-space work at work since a time of day: its oxygen, its planned hours, its breaks."""

    begin: time
    hours: float
    oxygen: float = 20.9
    rests: tuple[time, time] | None = None

    def apply(self, plan: Plan) -> list[Hit]:
        begin = plan.window.at(self.begin)
        item = plan.declare_other(Operation.CONFINED_SPACE, f"{400 + plan.added_jobs}#釜", begin, self.hours)
        number = plan.permit_other(item)
        held = plan.other_permits[-1]
        sample = GasAnalysis(
            gas="氧气", result=self.oxygen, unit="%", analysed_at=begin - timedelta(minutes=10)
        )
        rests = (
            [Break(since=plan.window.at(self.rests[0]), until=plan.window.at(self.rests[1]))]
            if self.rests
            else []
        )
        plan.other_permits[-1] = structs.replace(
            held, status=TicketStatus.WORKING, started_at=begin, gas_analyses=[sample], breaks=rests
        )
        return [Hit(f"permit:{number}")]


class CrossingJobs(JobEffect, frozen=True, kw_only=True):
    """Hot work and work at height at one place and time, their permits associated or not."""

    associated: bool

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        number = plan.permit(job)
        for held in plan.announcements[0].items or ():
            if held.operation is Operation.HEIGHT and held.ticket_no is None:
                plan.permit_other(held)  # where one permit of the kind is known, the others are missed
        item = plan.declare_other(Operation.HEIGHT, job.place, job.begin, self.hours)
        other = plan.permit_other(item, associated_tickets=[number] if self.associated else [])
        return [Hit(f"permit:{min(number, other)}")]


class Rested(JobEffect, frozen=True, kw_only=True):
    """A declared job at work that rested from one time of day to another, analysed again or not.

    `rests_from` may be of yesterday: the night of a job of several days.
    """

    rests_from: time
    rests_until: time
    overnight: bool = False
    analysed: time | None = None

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        window = plan.window
        rest = Break(
            since=window.at(self.rests_from, days=-1 if self.overnight else 0),
            until=window.at(self.rests_until),
        )
        first = GasAnalysis(
            gas="可燃气体", result=0.0, unit="%", analysed_at=job.begin - timedelta(minutes=10)
        )
        again = [structs.replace(first, analysed_at=window.at(self.analysed))] if self.analysed else []
        number = plan.permit(
            job,
            status=TicketStatus.WORKING,
            started_at=job.begin,
            breaks=[rest],
            gas_analyses=[first, *again],
        )
        return [Hit(f"permit:{number}")]


class Unmonitored(JobEffect, frozen=True):
    """Special hot work at work without continuous monitoring of gas."""

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        changes = {"status": TicketStatus.WORKING, "started_at": job.begin, "continuous_monitoring": False}
        return [Hit(f"permit:{plan.permit(job, **changes)}")]


class FilmedByADeadCamera(JobEffect, frozen=True):
    """A job at work that names a camera, declared offline since before the work began."""

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        code = plan.site.cameras[-1].source_code
        number = plan.permit(
            job, status=TicketStatus.WORKING, started_at=job.begin, occurred_at=job.begin, camera_codes=[code]
        )
        put_camera_down(plan, code, job.begin - timedelta(minutes=20), until=plan.window.at(time(18)))
        return [Hit(f"permit:{number}", job.begin)]


class GasDuringWork(JobEffect, frozen=True, kw_only=True):
    """A job at work beside a combustible-gas detector that reads `share` of its range for a time."""

    since: time
    until: time
    share: float

    def fits(self, plan: Plan) -> bool:
        return super().fits(plan) and bool(_detectors(plan))

    def apply(self, plan: Plan) -> list[Hit]:
        sensor = _detectors(plan)[0]
        hazard = next(one for one in plan.site.hazards if one.hazard_code == sensor.hazard_code)
        job = self.job(plan)
        job = replace(job, place=f"{hazard.name}{job.number}#泵")
        plan.declare(job)
        number = plan.permit(job, status=TicketStatus.WORKING, started_at=job.begin, occurred_at=job.begin)
        level = (sensor.range_high or 100.0) * self.share
        start, end = (int(plan.window.at(one).timestamp()) for one in (self.since, self.until))
        plan.signals[sensor.source_code] = faults.During(
            plan.signal(sensor), faults.Level(level), start, end, 0
        )
        return [Hit(f"permit:{number}", plan.window.at(self.since))]


def _detectors(plan: Plan) -> list[Any]:
    return [one for one in plan.site.working_sensors if one.quantity is Quantity.COMBUSTIBLE_GAS]
