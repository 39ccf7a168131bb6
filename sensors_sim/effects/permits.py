"""Scenarios between announcement and hot-work permits. Each adds a job of its own to the honest ones."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any, Literal

import msgspec

from rdchem.model.commitment import HotWorkGrade
from rdchem.model.permit import TicketStatus
from sensors_sim.effects.effect import Effect, Hit, lists_work
from sensors_sim.effects.sources import put_camera_down
from sensors_sim.hot_work import Job, issue_time, make_job, needs_upgrade
from sensors_sim.plan import Plan

_VOID: dict[str, dict[str, Any]] = {
    "cancelled": {"cancelled": True, "cancelled_reason": "天气原因,作业取消"},
    "deleted": {"deleted": True},
    "test": {"test": True},
    "draft": {
        "status": TicketStatus.DRAFT,
        "issued_at": None,
        "started_at": None,
        "approvals": [],
        "gas_analyses": [],
    },
}


class JobEffect(Effect, frozen=True):
    """A scenario about one job: its grade, planned begin (local time, `days` from today) and hours."""

    grade: HotWorkGrade
    begin: time
    hours: float
    days: int = 0

    def fits(self, plan: Plan) -> bool:
        return not needs_upgrade(self.grade, plan.window.at(self.begin, days=self.days))

    def job(self, plan: Plan, *, issued: datetime | None = None) -> Job:
        """The job, at a place of its own, done by the enterprise's own people."""
        number = plan.new_number()
        again = f" {plan.added_jobs}" if plan.added_jobs > 1 else ""
        random = plan.random(f"trouble job{again}")
        begin = plan.window.at(self.begin, days=self.days)
        end = begin + timedelta(hours=self.hours)
        issued = issued or issue_time(random, begin, plan.window)
        job = make_job(random, number, self.grade, begin, end, issued)
        return replace(job, contractor=None)


class PermitWithoutItem(JobEffect, frozen=True):
    """A permit for work the announcement does not mention; perhaps void, or issued only at a given time."""

    issued: time | None = None
    void: Literal["cancelled", "deleted", "test", "draft"] | None = None

    def fits(self, plan: Plan) -> bool:
        return super().fits(plan) and lists_work(plan)

    def apply(self, plan: Plan) -> list[Hit]:
        issued = plan.window.at(self.issued) if self.issued else None
        changes = dict(_VOID[self.void]) if self.void else {}
        if self.issued:
            changes["filing"] = 2
        return [Hit(f"permit:{plan.permit(self.job(plan, issued=issued), **changes)}")]


class ItemWithoutPermit(JobEffect, frozen=True):
    """Declared hot work for which no permit exists."""

    def apply(self, plan: Plan) -> list[Hit]:
        return [Hit(f"item:{plan.declare(self.job(plan), ticket=False)}")]


class GradesDiffer(JobEffect, frozen=True, kw_only=True):
    """Hot work declared with `grade`, while its permit is of another."""

    held: HotWorkGrade

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        held = replace(job, grade=self.held)
        plan.permit(held)
        return [Hit(f"item:{plan.declare(job, ticket=False)}")]


class PapersDiffer(JobEffect, frozen=True, kw_only=True):
    """Declared hot work whose permit, of the same ticket number, is for another tank or for later."""

    held: Literal["elsewhere", "later"]

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        if self.held == "elsewhere":
            job = replace(job, place=f"{job.number}#储罐")
            held = replace(job, place=f"{200 + job.number}#储罐")
        else:
            held = replace(job, begin=job.end + timedelta(hours=1), end=job.end + timedelta(hours=3))
        plan.permit(held)
        return [Hit(f"item:{plan.declare(job)}")]


class DeclaredThenCancelled(JobEffect, frozen=True, kw_only=True):
    """Declared hot work whose permit is cancelled at a time of day; the announcement stays as it was."""

    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        number = plan.permit(job)
        plan.declare(job)
        cancelled = msgspec.structs.replace(
            plan.permits[-1],
            seq=plan.permits[-1].seq + 1,
            occurred_at=plan.window.at(self.at),
            **_VOID["cancelled"],
        )
        plan.permits.append(cancelled)
        return [Hit(f"permit:{number}")]


class DeclaredAndPermitted(JobEffect, frozen=True):
    """A job whose papers agree; what may be wrong is only how long it is planned for."""

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        return [Hit(f"permit:{plan.permit(job)}")]


class TwoTicketsOnePlace(JobEffect, frozen=True):
    """One declared place worked under two tickets."""

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        plan.permit(job)
        second = replace(job, number=plan.new_number())
        return [Hit(f"permit:{plan.permit(second)}")]


class ResendPermit(JobEffect, frozen=True, kw_only=True):
    """The platform sends the same permit a second time, as platforms do."""

    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        number = plan.permit(job)
        plan.send(plan.window.at(self.at), plan.permits[-1])
        return [Hit(f"permit:{number}")]


class GasSampled(JobEffect, frozen=True, kw_only=True):
    """A job that began with its samples taken `minutes_before` its begin, or with none; with this result."""

    minutes_before: float | None = None
    result: float = 0.0

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        number = plan.permit(job, status=TicketStatus.WORKING, started_at=job.begin)
        samples = []
        if self.minutes_before is not None:
            at = job.begin - timedelta(minutes=self.minutes_before)
            samples = [
                msgspec.structs.replace(one, analysed_at=at, result=self.result)
                for one in plan.permits[-1].gas_analyses
            ]
        plan.permits[-1] = msgspec.structs.replace(plan.permits[-1], gas_analyses=samples)
        return [Hit(f"permit:{number}")]


class Worked(JobEffect, frozen=True, kw_only=True):
    """A declared job as the platform reports it done: when it began, ended and was checked, times of day.

    Without `ended` it is still at work.
    """

    started: time
    ended: time | None = None
    checked: time | None = None

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        ended, checked = (plan.window.at(one) if one else None for one in (self.ended, self.checked))
        number = plan.permit(
            job,
            status=TicketStatus.CLOSED if ended else TicketStatus.WORKING,
            started_at=plan.window.at(self.started),
            ended_at=ended,
            checked_at=checked,
            occurred_at=checked or ended or plan.window.at(self.started),
        )
        return [Hit(f"permit:{number}")]


class Guarded(JobEffect, frozen=True, kw_only=True):
    """A job watched by nobody, or by the one who works."""

    by: Literal["nobody", "worker"]

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        return [Hit(f"permit:{plan.permit(job, guardian=None if self.by == 'nobody' else job.worker)}")]


class Approved(JobEffect, frozen=True, kw_only=True):
    """A job that began while its approval was unfinished, turned around, late, or a step short."""

    how: Literal["unfinished", "turned", "late", "short"]

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        number = plan.permit(job, status=TicketStatus.WORKING, started_at=job.begin)
        *others, last = plan.permits[-1].approvals
        if self.how == "unfinished":
            others.append(msgspec.structs.replace(last, approved_at=None))
        elif self.how == "late":
            others.append(msgspec.structs.replace(last, approved_at=job.begin + timedelta(minutes=4)))
        elif self.how == "turned":
            early = job.issued - timedelta(minutes=30)
            others.append(msgspec.structs.replace(last, approved_at=early))
        plan.permits[-1] = msgspec.structs.replace(plan.permits[-1], approvals=others)
        return [Hit(f"permit:{number}")]


class Filmed(JobEffect, frozen=True, kw_only=True):
    """A special job at work, its permit naming no camera, or one that was offline before the work began.

    The enterprise declared that camera offline until the evening, so that only the work stands against it.
    """

    by: Literal["nobody", "offline_camera"]

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        codes = [] if self.by == "nobody" else [plan.site.cameras[1].source_code]
        number = plan.permit(
            job, status=TicketStatus.WORKING, started_at=job.begin, occurred_at=job.begin, camera_codes=codes
        )
        for code in codes:
            since = job.begin - timedelta(minutes=20)
            put_camera_down(plan, code, since, until=plan.window.at(time(18)))
        return [Hit(f"permit:{number}", job.begin)]


class RecordedTwice(JobEffect, frozen=True, kw_only=True):
    """Two permits in force under one ticket number: the same one entered twice, or another job's."""

    says: Literal["the_same", "another_place"]

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        number = plan.permit(job)
        if self.says == "another_place":
            job = replace(job, number=plan.new_number(), place=f"{job.place}二层")
            plan.declare(job, ticket=False)
        second = plan.permits[-1]
        plan.permits.append(msgspec.structs.replace(second, id=f"{second.id}-again", place=job.place))
        return [Hit(f"permit:{number}")]
