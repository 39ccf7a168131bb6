"""What may be wrong between what is declared and the permits, drawn anew each time, and its label."""

from datetime import time
from random import Random
from typing import Any

from rdchem import calendar
from rdchem.model.commitment import HotWorkGrade, Operation
from sensors_sim.effects import declared, delivery, paper, permits, special
from sensors_sim.effects.effect import Effect
from sensors_sim.plan import Plan
from sensors_sim.truth_set_draws.drawing import (
    ONE,
    SPECIAL,
    TWO,
    Label,
    Unfitted,
    begun_work,
    one_of,
    time_of_day,
    work,
)


def undeclared(random: Random, plan: Plan) -> tuple[Effect, Label]:
    return permits.PermitWithoutItem(**work(random, plan)), ("hot_work_matches_permits", "undeclared_permit")


def void(random: Random, plan: Plan) -> tuple[Effect, Label]:
    void = one_of(random, ("cancelled", "deleted", "test", "draft"))
    return permits.PermitWithoutItem(**work(random, plan), void=void), None


def late_addition(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    job: dict[str, Any] = {"grade": ONE, "begin": time(9, random.randrange(30, 60)), "hours": 4}
    return permits.PermitWithoutItem(**job, issued=time(9, 20, random.randint(1, 59))), None


def on_time(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    job: dict[str, Any] = {"grade": ONE, "begin": time(9, random.randrange(30, 60)), "hours": 4}
    label = ("hot_work_matches_permits", "undeclared_permit")
    return permits.PermitWithoutItem(**job, issued=time(9, 20, 0)), label


def without_permit(random: Random, plan: Plan) -> tuple[Effect, Label]:
    begun = random.random() < 0.7
    job = (
        begun_work(random, plan)
        if begun
        else {"grade": ONE, "begin": time_of_day(random, 10, 20), "hours": 3}
    )
    label = ("hot_work_matches_permits", "declared_without_permit")
    return permits.ItemWithoutPermit(**job), label if begun else None


def grades(random: Random, plan: Plan) -> tuple[Effect, Label]:
    rests = calendar.is_rest_day(plan.window.day)
    declared, held = random.choice(((TWO, ONE), (TWO, SPECIAL), (ONE, SPECIAL), (SPECIAL, ONE)))
    night = random.random() < 0.3
    job: dict[str, Any] = {
        "grade": declared,
        "begin": time(20, 30) if night else time_of_day(random, 9, 12),
        "hours": 5,
    }
    if held.rank < declared.rank:
        return permits.GradesDiffer(**job, held=held), (
            "hot_work_matches_permits",
            "grade_higher_than_permit",
        )
    lawful = held.rank - declared.rank == 1 and (rests or night)
    label = None if lawful else ("hot_work_matches_permits", "grade_lower_than_permit")
    return Unfitted(permits.GradesDiffer(**job, held=held)), label


def papers(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    held = one_of(random, ("elsewhere", "later"))
    job: dict[str, Any] = {
        "grade": random.choice((SPECIAL, ONE)),
        "begin": time_of_day(random, 10, 14),
        "hours": 2,
    }
    mismatch = "place_differs" if held == "elsewhere" else "time_outside_permit"
    return permits.PapersDiffer(**job, held=held), ("hot_work_matches_permits", mismatch)


def agreeing(random: Random, plan: Plan) -> tuple[Effect, Label]:
    kind = random.choice((permits.DeclaredAndPermitted, permits.TwoTicketsOnePlace))
    return kind(**work(random, plan)), None


def cancelled(random: Random, plan: Plan) -> tuple[Effect, Label]:
    return permits.DeclaredThenCancelled(**begun_work(random, plan), at=time(9, random.randrange(20))), None


def twice(random: Random, plan: Plan) -> tuple[Effect, Label]:
    says, mismatch = one_of(random, (("the_same", "duplicate_record"), ("another_place", "duplicate_ticket")))
    return permits.RecordedTwice(**work(random, plan), says=says), ("ticket_numbers_are_unique", mismatch)


def borrowed(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    label = ("ticket_numbers_are_unique", "ticket_used_elsewhere")
    return delivery.BorrowedTicket(grade=ONE, begin=time_of_day(random, 10, 14), hours=3, at=time(9)), label


def shared(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    rule = "each_operation_has_its_own_permit"
    by, label = one_of(
        random,
        (
            ("another_place", (rule, "ticket_for_several_works")),
            ("another_operation", (rule, "ticket_for_several_operations")),
            ("the_same_place", None),
        ),
    )
    return declared.ShareTicket(grade=ONE, begin=time_of_day(random, 10, 14), hours=4, by=by), label


def contractors(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    told, mismatch = random.choice(((0, "contractor_not_declared"), (2, "contractor_count_differs")))
    job: dict[str, Any] = {"grade": ONE, "begin": time_of_day(random, 10, 14), "hours": 4}
    label = ("contractors_are_declared", mismatch)
    return declared.ContractorsUntold(**job, several=3, told=told), label


def changed(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    job: dict[str, Any] = {"grade": ONE, "begin": time_of_day(random, 10, 14), "hours": 4}
    return declared.ChangedSince(**job, at=time(9, 19, 30)), None


def other(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    papers, mismatch = one_of(
        random,
        (
            ("undeclared", "undeclared_permit"),
            ("without_permit", "declared_without_permit"),
            ("elsewhere", "place_differs"),
            ("later", "time_outside_permit"),
            ("agree", None),
        ),
    )
    begin = time(7, 30) if papers == "without_permit" else time_of_day(random, 10, 14)
    label = None if mismatch is None else ("other_work_matches_permits", mismatch)
    return special.OtherWork(begin=begin, hours=3, papers=papers), label


def miscounted_other(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    kinds = (Operation.HEIGHT, Operation.LIFTING, Operation.EXCAVATION)
    job: dict[str, Any] = {"grade": ONE, "begin": time(10), "hours": 2}
    label = ("other_work_counts_match_line_items", "count_differs")
    return declared.MiscountOtherWork(**job, operation=random.choice(kinds), by=random.choice((1, 2))), label


def analysed_though_none(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    in_time = random.random() < 0.6
    analysed = time(9, random.randrange(20)) if in_time else time(9, 20, random.randint(1, 20))
    job: dict[str, Any] = {"grade": ONE, "begin": time(9, 40), "hours": 4}
    label = ("hot_work_matches_permits", "declared_none_but_analysed") if in_time else None
    return declared.AnalysedThoughNone(**job, analysed=analysed, issued=time(9, 20, 30)), label


def declared_late(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    second = random.choice((0, 1, 40))
    label = ("hot_work_matches_permits", "declared_late") if second else None
    job: dict[str, Any] = {"grade": ONE, "begin": time_of_day(random, 7, 8), "hours": 6}
    return declared.DeclaredLate(**job, at=time(9, 20, second)), label


def taken_back(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    started = random.choice((None, time(9, 3), time(9, 3, 1)))
    job: dict[str, Any] = {"grade": ONE, "begin": time(9), "hours": 4}
    worked = started == time(9, 3, 1)
    label = ("hot_work_matches_permits", "worked_though_taken_back") if worked else None
    return declared.TakenBack(**job, published=time(8, 51), at=time(9, 3), started=started), label


def miscounted(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    return paper.MiscountHotWork(grade=random.choice(list(HotWorkGrade)), by=random.choice((1, 2))), (
        "hot_work_counts_match_line_items",
        "count_differs",
    )
