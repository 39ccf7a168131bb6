"""What the draws share: work in order, its grade, its times of day."""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from rdchem import calendar
from rdchem.model.commitment import HotWorkGrade
from sensors_sim.effects.effect import Effect
from sensors_sim.plan import Plan

SECOND: Final = 1 / 3600
MIDNIGHT: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - times of day are added to it
SPECIAL, ONE, TWO = HotWorkGrade.SPECIAL, HotWorkGrade.GRADE_1, HotWorkGrade.GRADE_2
Label = tuple[str, str] | None
"""Rule and class of what must follow; None: nothing may."""
Draw = Callable[[Random, Plan], tuple[Effect, Label]]


def work(random: Random, plan: Plan) -> dict[str, Any]:
    """Grade, begin and hours of work in order: this morning, later, over midnight, or for three days."""
    rests = calendar.is_rest_day(plan.window.day)
    kind = random.choice(("morning", "later", "over midnight", "for days"))
    if kind == "morning":
        grade = random.choice((SPECIAL, ONE) if rests else (SPECIAL, ONE, TWO))
        return {"grade": grade, "begin": time_of_day(random, 7, 9), "hours": random.randint(3, 8)}
    if kind == "later":
        grade = random.choice((SPECIAL, ONE) if rests else (SPECIAL, ONE, TWO))
        return {"grade": grade, "begin": time_of_day(random, 10, 19), "hours": random.randint(1, 8)}
    if kind == "over midnight":
        grade = random.choice((SPECIAL, ONE))
        return {
            "grade": grade,
            "begin": time_of_day(random, 19, 22),
            "hours": random.randint(6, 8),
            "days": -1,
        }
    days = -random.choice((1, 2))
    if calendar.is_rest_day(plan.window.day + timedelta(days=days)):
        return {"grade": ONE, "begin": time_of_day(random, 7, 9), "hours": 8}
    return {"grade": TWO, "begin": time(8), "hours": random.choice((48, 72)), "days": days}


def begun_work(random: Random, plan: Plan, *grades: HotWorkGrade) -> dict[str, Any]:
    """Work of one of these grades begun this morning and going on."""
    rests = calendar.is_rest_day(plan.window.day)
    allowed = [one for one in grades or (SPECIAL, ONE, TWO) if one is not TWO or not rests]
    grade = random.choice(allowed or [ONE])
    return {"grade": grade, "begin": time(7, random.randrange(60)), "hours": random.randint(4, 8)}


def one_of(random: Random, cases: Sequence[Any]) -> Any:
    return random.choice(cases)


def time_of_day(random: Random, first: int, last: int) -> time:
    return time(random.randrange(first, last), random.randrange(60))


class Unfitted(Effect, frozen=True):
    """An effect that happens whatever the day."""

    of: Any

    def apply(self, plan: Plan) -> list[Any]:
        return list(self.of.apply(plan))
