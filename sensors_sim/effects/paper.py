"""Scenarios of the announcement itself: when it comes, and numbers that contradict each other."""

from datetime import time
from typing import Literal

from msgspec.structs import replace

from rdchem.model.commitment import CommitmentFlags, HotWorkGrade
from sensors_sim.effects.effect import Effect, Hit, lists_work
from sensors_sim.plan import Plan


class Announce(Effect, frozen=True):
    """Publish at a given time of day, or never."""

    at: time | None

    def apply(self, plan: Plan) -> list[Hit]:
        if self.at is None:
            plan.announcements.clear()
            plan.permits.clear()
            plan.other_permits.clear()
        else:
            plan.change_announcement(occurred_at=plan.window.at(self.at))
        return [Hit(plan.day_subject, plan.window.deadline)]


class Withdraw(Effect, frozen=True):
    """Publish early, withdraw, and perhaps publish again."""

    published: time
    at: time
    again: time | None = None

    def apply(self, plan: Plan) -> list[Hit]:
        plan.change_announcement(occurred_at=plan.window.at(self.published))
        first = plan.announcements[0]
        plan.announcements.append(
            replace(first, seq=2, state="withdrawn", occurred_at=plan.window.at(self.at))
        )
        if self.again is not None:
            plan.announcements.append(replace(first, seq=3, occurred_at=plan.window.at(self.again)))
        return [Hit(plan.day_subject, plan.window.deadline)]


class Amend(Effect, frozen=True):
    """Publish in time, and send a corrected version later."""

    at: time

    def apply(self, plan: Plan) -> list[Hit]:
        first = plan.announcements[0]
        grade = 3 if first.risk_grade == 4 else 4
        plan.announcements.append(
            replace(first, seq=2, risk_grade=grade, occurred_at=plan.window.at(self.at))
        )
        return [Hit(plan.day_subject)]


class MiscountUnits(Effect, frozen=True):
    """Give a total of units that is not running + stopped + overhaul."""

    by: int

    def apply(self, plan: Plan) -> list[Hit]:
        units = plan.announcements[0].units
        plan.change_announcement(units=replace(units, total=(units.total or 0) + self.by))
        return [Hit(plan.day_subject)]


class ContradictFlag(Effect, frozen=True):
    """Answer a yes/no question against the number given beside it."""

    flag: Literal["has_contractor", "trial_production", "starting_or_stopping"]

    def apply(self, plan: Plan) -> list[Hit]:
        flags = plan.announcements[0].flags
        turned: CommitmentFlags = replace(flags, **{self.flag: not getattr(flags, self.flag)})
        plan.change_announcement(flags=turned)
        return [Hit(f"flag:{self.flag}")]


class PromiseDespite(Effect, frozen=True):
    """Promise that all is safe while answering that it is not."""

    answer: Literal["hazards_are_safe", "major_hidden_danger"]

    def apply(self, plan: Plan) -> list[Hit]:
        flags = plan.announcements[0].flags
        changed: CommitmentFlags = replace(flags, **{self.answer: self.answer == "major_hidden_danger"})
        plan.change_announcement(promise=True, flags=changed)
        return [Hit(plan.day_subject)]


class MiscountHotWork(Effect, frozen=True):
    """Put a number of places on the board that is not the number of line items of that grade."""

    grade: HotWorkGrade
    by: int

    def fits(self, plan: Plan) -> bool:
        return lists_work(plan)

    def apply(self, plan: Plan) -> list[Hit]:
        counts = plan.announcements[0].hot_work
        wrong = (counts.of(self.grade) or 0) + self.by
        plan.change_announcement(hot_work=replace(counts, **{self.grade.value: wrong}))
        return [Hit(f"grade:{self.grade.value}")]
