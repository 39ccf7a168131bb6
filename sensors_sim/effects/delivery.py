"""Scenarios of clocks and of the way: what is said is honest or not, and comes otherwise than it should."""

from datetime import time, timedelta
from typing import Literal

from msgspec.structs import replace

from rdchem.messages import MAX_PAYLOAD_BYTES, topic_of
from sensors_sim import delivery
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.effects.permits import JobEffect
from sensors_sim.plan import Plan
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


class UntruePermit(JobEffect, frozen=True, kw_only=True):
    """Declared work whose permit is not what it says, as sent at a time of day.

    `back_dated`: written then, dated before the work. `borrowed`: under another enterprise's ticket number.
    """

    how: Literal["back_dated", "borrowed"]
    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        job = self.job(plan)
        plan.declare(job, ticket=self.how == "back_dated")
        plan.permit(job)
        permit = plan.permits.pop()
        if self.how == "borrowed":
            permit = replace(permit, ticket_no=permit.ticket_no.replace(plan.company_code, "320600000"))
        at = plan.window.at(self.at)
        plan.send(at, permit)
        return [Hit(f"permit:{permit.ticket_no}", at)]


class Delivered(Effect, frozen=True):
    """All an enterprise sends travels badly: everything twice, or readings out of order."""

    how: Literal["twice", "out_of_order"]

    def apply(self, plan: Plan) -> list[Hit]:
        plan.delivery = delivery.twice if self.how == "twice" else delivery.out_of_order
        return [Hit(f"enterprise:{plan.company_code}", plan.window.start)]


class Oversize(Effect, frozen=True):
    """On the announcement's topic comes more than a message may hold, at a time of day."""

    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        topic = topic_of(plan.enterprise.area_code, plan.announcements[0])
        payload = b"0" * (MAX_PAYLOAD_BYTES + 1)
        plan.extra.append(Sent(plan.window.at(self.at), topic, payload))
        return [Hit(f"topic:{topic}")]
