"""Scenarios of clocks and of the way: what is said is honest or not, and comes otherwise than it should."""

from datetime import time, timedelta
from typing import Literal

from msgspec.structs import replace

from rdchem.messages import MAX_PAYLOAD_BYTES, topic_of
from sensors_sim import delivery
from sensors_sim.county import site
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.effects.permits import JobEffect
from sensors_sim.plan import Plan, honest_plan
from sensors_sim.presence import birth, will_of
from sensors_sim.wire import Sent


class AnnounceByAWrongClock(Effect, frozen=True):
    """The announcement leaves at a time of day, stamped by a clock so many seconds ahead, or behind (< 0)."""

    leaves: time
    fast_s: int

    def apply(self, plan: Plan) -> list[Hit]:
        leaves, fast = plan.window.at(self.leaves), timedelta(seconds=self.fast_s)
        plan.change_announcement(occurred_at=leaves + fast)
        plan.clock_fast = fast
        return [Hit(plan.day_subject, plan.window.deadline)]


class CopyYesterday(Effect, frozen=True):
    """Today's announcement repeats yesterday's, which was received as well, word for word."""

    def apply(self, plan: Plan) -> list[Hit]:
        today, day = plan.announcements[0], timedelta(days=1)
        yesterday = replace(
            today, id=f"{today.id}-before", day=today.day - day, occurred_at=today.occurred_at - day
        )
        plan.announcements.append(yesterday)
        return [Hit(plan.day_subject, today.occurred_at)]


class BackDatedPermit(JobEffect, frozen=True, kw_only=True):
    """Declared work whose permit was written at a time of day and dated before the work."""

    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job)
        plan.permit(job)
        permit = plan.permits.pop()
        at = plan.window.at(self.at)
        plan.send(at, permit)
        return [Hit(f"permit:{permit.ticket_no}", at)]


class BorrowedTicket(JobEffect, frozen=True, kw_only=True):
    """From a time of day, declared work is held under a ticket number of the enterprise registered before.

    Which of the two holds it by right is not for the data to tell: both are hit.
    """

    at: time

    def fits(self, plan: Plan) -> bool:
        return super().fits(plan) and plan.site.index > 0 and bool(self._lender(plan).permits)

    def apply(self, plan: Plan) -> list[Hit]:
        lender = self._lender(plan)
        job = self.job(plan)
        plan.declare(job, ticket=False)
        plan.permit(job)
        number = lender.permits[0].ticket_no
        at = plan.window.at(self.at)
        plan.send(at, replace(plan.permits.pop(), ticket_no=number))
        return [Hit(f"permit:{number}", at, company_code=one.company_code) for one in (plan, lender)]

    def _lender(self, plan: Plan) -> Plan:
        return honest_plan(plan.seed, site(plan.seed, plan.site.index - 1), plan.window)


class Delivered(Effect, frozen=True):
    """All an enterprise sends travels badly: everything twice, or readings out of order."""

    how: Literal["twice", "out_of_order"]

    def apply(self, plan: Plan) -> list[Hit]:
        plan.delivery = delivery.twice if self.how == "twice" else delivery.out_of_order
        return [Hit(f"enterprise:{plan.company_code}", plan.window.start)]


class Outage(Effect, frozen=True):
    """A gateway loses its line between two times of day: its will, then a new birth and the outbox."""

    since: time
    until: time

    def apply(self, plan: Plan) -> list[Hit]:
        gateway = plan.random("outage").choice(plan.site.gateways).gateway_code
        since, until = plan.window.at(self.since), plan.window.at(self.until)
        first = birth(plan.company_code, gateway, plan.window.start)
        plan.send(since, will_of(first))
        plan.send(until, birth(plan.company_code, gateway, until, after=first.session))
        plan.delivery = delivery.held_up(gateway, since, until)
        return [Hit(f"gateway:{gateway}", since, until)]


class Oversize(Effect, frozen=True):
    """On the announcement's topic comes more than a message may hold, at a time of day."""

    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        topic = topic_of(plan.enterprise.area_code, plan.announcements[0])
        payload = b"0" * (MAX_PAYLOAD_BYTES + 1)
        plan.extra.append(Sent(plan.window.at(self.at), topic, payload))
        return [Hit(f"topic:{topic}")]
