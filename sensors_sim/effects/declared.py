"""Scenarios of what was declared when: late, taken back, changed, none at all, and who shares a ticket."""

from dataclasses import replace
from datetime import time
from typing import Literal

from msgspec import structs

from rdchem.model.commitment import HotWorkCounts, HotWorkGrade, Operation
from rdchem.model.permit import GasAnalysis, TicketStatus
from sensors_sim.announcement import count_hot_work, declare
from sensors_sim.effects.effect import Hit, lists_work
from sensors_sim.effects.permits import JobEffect
from sensors_sim.hot_work import line_item, ticket_no
from sensors_sim.plan import Plan


class DeclaredLate(JobEffect, frozen=True, kw_only=True):
    """A job whose permit was there, declared only in a later version of the announcement."""

    at: time

    def fits(self, plan: Plan) -> bool:
        return super().fits(plan) and lists_work(plan)

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        number, last = plan.permit(job), plan.announcements[-1]
        item = line_item(plan.site, job, plan.window, ticket=number)
        plan.announcements.append(
            structs.replace(declare(last, item), seq=last.seq + 1, occurred_at=plan.window.at(self.at))
        )
        return [Hit(f"item:{item.item_id}")]


class TakenBack(JobEffect, frozen=True, kw_only=True):
    """A declared job taken back in a later version, while its permit stands; perhaps begun after that."""

    published: time
    at: time
    started: time | None = None

    def apply(self, plan: Plan) -> list[Hit]:
        plan.change_announcement(occurred_at=plan.window.at(self.published))
        job = self.job(plan)
        item_id = plan.declare(job)
        started = plan.window.at(self.started) if self.started else None
        begun = {"started_at": started, "status": TicketStatus.WORKING, "occurred_at": started}
        number = plan.permit(job, **(begun if started else {}))
        first = plan.announcements[0]
        items = [
            structs.replace(one, cancelled=True, cancelled_reason="天气原因")
            if one.item_id == item_id
            else one
            for one in first.items or ()
        ]
        counts = count_hot_work([one for one in items if not one.cancelled])
        changes = {"items": items, "hot_work": counts, "occurred_at": plan.window.at(self.at)}
        plan.announcements.append(structs.replace(first, seq=first.seq + 1, **changes))
        return [Hit(f"permit:{number}")]


class ChangedSince(JobEffect, frozen=True, kw_only=True):
    """A declared job whose permit was moved to another tank after the announcement."""

    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        job = replace(job, place=f"{job.number}#储罐")
        number = plan.permit(job)
        item = plan.declare(job)
        moved = {
            "seq": plan.permits[-1].seq + 1,
            "occurred_at": plan.window.at(self.at),
            "place": f"{200 + job.number}#储罐",
        }
        plan.permits.append(structs.replace(plan.permits[-1], changed_reason="作业点调整", **moved))
        return [Hit(f"item:{item}"), Hit(f"permit:{number}")]


class AnalysedThoughNone(JobEffect, frozen=True, kw_only=True):
    """No hot work declared, while gas was analysed for a permit that was issued afterwards."""

    analysed: time
    issued: time

    def fits(self, plan: Plan) -> bool:
        return super().fits(plan) and not plan.jobs and plan.added_jobs == 0 and bool(plan.announcements)

    def apply(self, plan: Plan) -> list[Hit]:
        nothing = HotWorkCounts(**dict.fromkeys((grade.value for grade in HotWorkGrade), 0))
        plan.change_announcement(hot_work=nothing)
        job = self.job(plan, issued=plan.window.at(self.issued))
        sample = GasAnalysis(gas="可燃气体", result=0.0, unit="%", analysed_at=plan.window.at(self.analysed))
        return [Hit(f"permit:{plan.permit(job, filing=2, gas_analyses=[sample])}")]


class ShareTicket(JobEffect, frozen=True, kw_only=True):
    """A second piece of work declared under a job's ticket: at another tank, of another kind, or the same."""

    by: Literal["another_place", "another_operation", "the_same_place"]

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        job = replace(job, place=f"{job.number}#储罐")
        plan.declare(job)
        number = plan.permit(job)
        if self.by == "another_operation":
            begin = plan.window.at(self.begin, days=self.days)
            item = plan.declare_other(Operation.HEIGHT, job.place, begin, self.hours, ticket_no=number)
            return [Hit(f"item:{item.item_id}")]
        place = f"{200 + job.number}#储罐" if self.by == "another_place" else f"{job.place}顶"
        second = replace(job, number=plan.new_number(), place=place)
        assert number == ticket_no(plan.site, job, plan.window)  # noqa: S101
        item = line_item(plan.site, second, plan.window, ticket=number)
        plan.announcements[0] = declare(plan.announcements[0], item)
        return [Hit(f"item:{item.item_id}")]


class ContractorsUntold(JobEffect, frozen=True, kw_only=True):
    """Jobs of `several` contractors, while the announcement tells of `told`."""

    several: int
    told: int

    def apply(self, plan: Plan) -> list[Hit]:
        for number in range(self.several):
            job = replace(self.job(plan), contractor=f"示例外包{number + 1}队")
            plan.declare(job)
            plan.permit(job)
        first = plan.announcements[0]
        plan.change_announcement(
            flags=structs.replace(first.flags, has_contractor=self.told > 0),
            other_work=structs.replace(first.other_work, contractors=self.told),
        )
        return [Hit(plan.day_subject)]


class MiscountOtherWork(JobEffect, frozen=True, kw_only=True):
    """A piece of other special work more on the board, or fewer, than in the items."""

    operation: Operation
    by: int

    def apply(self, plan: Plan) -> list[Hit]:
        begin = plan.window.at(self.begin, days=self.days)
        plan.declare_other(self.operation, f"{600 + plan.added_jobs}#塔", begin, self.hours)
        name, other = self.operation.name.lower(), plan.announcements[0].other_work
        counts = {name: (other.of(self.operation) or 0) + self.by}
        plan.change_announcement(other_work=structs.replace(other, **counts))
        return [Hit(f"operation:{self.operation.value}")]
