"""What may be wrong with an enterprise's papers, drawn with parameters of its own each time, and its label.

Each draw gives an effect and what must follow of it (None: nothing), on both sides of the boundary concerned.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, time, timedelta
from random import Random
from typing import Any, Final

from rdchem import calendar
from rdchem.model.commitment import HotWorkGrade, Operation
from sensors_sim.effects import declared, delivery, paper, permits, special
from sensors_sim.effects.effect import Effect
from sensors_sim.plan import Plan

_SECOND: Final = 1 / 3600
_MIDNIGHT: Final = datetime(2026, 1, 1)  # noqa: DTZ001 - times of day are added to it
_SPECIAL, _ONE, _TWO = HotWorkGrade.SPECIAL, HotWorkGrade.GRADE_1, HotWorkGrade.GRADE_2
Label = tuple[str, str] | None
"""Rule and class of what must follow; None: nothing may."""
Draw = Callable[[Random, Plan], tuple[Effect, Label]]


def _job(random: Random, plan: Plan) -> dict[str, Any]:
    """Grade, begin and hours of work in order: this morning, later, over midnight, or for three days."""
    rests = calendar.is_rest_day(plan.window.day)
    kind = random.choice(("morning", "later", "over midnight", "for days"))
    if kind == "morning":
        grade = random.choice((_SPECIAL, _ONE) if rests else (_SPECIAL, _ONE, _TWO))
        return {"grade": grade, "begin": _at(random, 7, 9), "hours": random.randint(3, 8)}
    if kind == "later":
        grade = random.choice((_SPECIAL, _ONE) if rests else (_SPECIAL, _ONE, _TWO))
        return {"grade": grade, "begin": _at(random, 10, 19), "hours": random.randint(1, 8)}
    if kind == "over midnight":
        grade = random.choice((_SPECIAL, _ONE))
        return {"grade": grade, "begin": _at(random, 19, 22), "hours": random.randint(6, 8), "days": -1}
    days = -random.choice((1, 2))
    if calendar.is_rest_day(plan.window.day + timedelta(days=days)):
        return {"grade": _ONE, "begin": _at(random, 7, 9), "hours": 8}
    return {"grade": _TWO, "begin": time(8), "hours": random.choice((48, 72)), "days": days}


def _begun(random: Random, plan: Plan, *grades: HotWorkGrade) -> dict[str, Any]:
    """Work of one of these grades begun this morning and going on."""
    rests = calendar.is_rest_day(plan.window.day)
    allowed = [one for one in grades or (_SPECIAL, _ONE, _TWO) if one is not _TWO or not rests]
    grade = random.choice(allowed or [_ONE])
    return {"grade": grade, "begin": time(7, random.randrange(60)), "hours": random.randint(4, 8)}


def _one_of(random: Random, cases: Sequence[Any]) -> Any:
    return random.choice(cases)


def _at(random: Random, first: int, last: int) -> time:
    return time(random.randrange(first, last), random.randrange(60))


def _undeclared(random: Random, plan: Plan) -> tuple[Effect, Label]:
    return permits.PermitWithoutItem(**_job(random, plan)), ("hot_work_matches_permits", "undeclared_permit")


def _void(random: Random, plan: Plan) -> tuple[Effect, Label]:
    void = _one_of(random, ("cancelled", "deleted", "test", "draft"))
    return permits.PermitWithoutItem(**_job(random, plan), void=void), None


def _late_addition(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    job: dict[str, Any] = {"grade": _ONE, "begin": time(9, random.randrange(30, 60)), "hours": 4}
    return permits.PermitWithoutItem(**job, issued=time(9, 20, random.randint(1, 59))), None


def _on_time(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    job: dict[str, Any] = {"grade": _ONE, "begin": time(9, random.randrange(30, 60)), "hours": 4}
    label = ("hot_work_matches_permits", "undeclared_permit")
    return permits.PermitWithoutItem(**job, issued=time(9, 20, 0)), label


def _without_permit(random: Random, plan: Plan) -> tuple[Effect, Label]:
    begun = random.random() < 0.7
    job = _begun(random, plan) if begun else {"grade": _ONE, "begin": _at(random, 10, 20), "hours": 3}
    label = ("hot_work_matches_permits", "declared_without_permit")
    return permits.ItemWithoutPermit(**job), label if begun else None


def _grades(random: Random, plan: Plan) -> tuple[Effect, Label]:
    rests = calendar.is_rest_day(plan.window.day)
    declared, held = random.choice(((_TWO, _ONE), (_TWO, _SPECIAL), (_ONE, _SPECIAL), (_SPECIAL, _ONE)))
    night = random.random() < 0.3
    job: dict[str, Any] = {
        "grade": declared,
        "begin": time(20, 30) if night else _at(random, 9, 12),
        "hours": 5,
    }
    if held.rank < declared.rank:
        return permits.GradesDiffer(**job, held=held), (
            "hot_work_matches_permits",
            "grade_higher_than_permit",
        )
    lawful = held.rank - declared.rank == 1 and (rests or night)
    label = None if lawful else ("hot_work_matches_permits", "grade_lower_than_permit")
    return _Unfitted(permits.GradesDiffer(**job, held=held)), label


class _Unfitted(Effect, frozen=True):
    """An effect that happens whatever the day."""

    of: Any

    def apply(self, plan: Plan) -> list[Any]:
        return list(self.of.apply(plan))


def _papers(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    held = _one_of(random, ("elsewhere", "later"))
    job: dict[str, Any] = {"grade": random.choice((_SPECIAL, _ONE)), "begin": _at(random, 10, 14), "hours": 2}
    mismatch = "place_differs" if held == "elsewhere" else "time_outside_permit"
    return permits.PapersDiffer(**job, held=held), ("hot_work_matches_permits", mismatch)


def _agreeing(random: Random, plan: Plan) -> tuple[Effect, Label]:
    kind = random.choice((permits.DeclaredAndPermitted, permits.TwoTicketsOnePlace))
    return kind(**_job(random, plan)), None


def _cancelled(random: Random, plan: Plan) -> tuple[Effect, Label]:
    return permits.DeclaredThenCancelled(**_begun(random, plan), at=time(9, random.randrange(20))), None


def _validity(random: Random, plan: Plan) -> tuple[Effect, Label]:
    over = random.random() < 0.5
    lasts_days = random.random() < 0.5 and not calendar.is_rest_day(plan.window.day)
    grade = _TWO if lasts_days else random.choice((_SPECIAL, _ONE))
    hours = (72 if lasts_days else 8) + over * _SECOND
    label = ("permit_validity_is_within_limit", "validity_over_limit")
    effect = permits.DeclaredAndPermitted(grade=grade, begin=_at(random, 10, 13), hours=hours)
    return effect, label if over else None


def _gas(random: Random, plan: Plan) -> tuple[Effect, Label]:
    minutes, result, label = _one_of(
        random,
        (
            (30, 0.2, None),
            (30 + 1 / 60, 0.0, ("gas_is_analysed_before_hot_work", "analysis_too_old")),
            (None, 0.0, ("gas_is_analysed_before_hot_work", "no_analysis")),
            (12, 0.51, ("gas_is_within_limit", "gas_over_limit")),
        ),
    )
    return permits.GasSampled(**_begun(random, plan), minutes_before=minutes, result=result), label


def _guarded(random: Random, plan: Plan) -> tuple[Effect, Label]:
    by, mismatch = _one_of(random, (("nobody", "guardian_not_named"), ("worker", "guardian_is_worker")))
    return permits.Guarded(**_job(random, plan), by=by), ("hot_work_has_a_guardian", mismatch)


def _approved(random: Random, plan: Plan) -> tuple[Effect, Label]:
    how, mismatch = _one_of(
        random,
        (
            ("unfinished", "approval_missing"),
            ("turned", "approvals_out_of_order"),
            ("late", "approved_after_start"),
            ("short", "approver_too_low"),
        ),
    )
    grade = _SPECIAL if how in ("turned", "short") else random.choice((_SPECIAL, _ONE))
    return permits.Approved(**_begun(random, plan, grade), how=how), (
        "permit_is_approved_before_work",
        mismatch,
    )


def _worked(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    stays, checked = "hot_work_stays_within_permit", "hot_work_completion_is_checked"
    job: dict[str, Any] = {"grade": random.choice((_SPECIAL, _ONE)), "begin": time(6, 30), "hours": 1}
    times, label = _one_of(
        random,
        (
            ({"started": time(6, 29, 59)}, (stays, "begun_before_permit")),
            ({"started": time(6, 30), "ended": time(7, 30, 1), "checked": time(7, 40)}, (stays, "ran_over")),
            ({"started": time(6, 30), "ended": time(7, 30), "checked": time(7, 30)}, None),
            ({"started": time(6, 30)}, (stays, "still_working_after_expiry")),
            ({"started": time(6, 30), "ended": time(7, 20, 59)}, (checked, "not_checked")),
            ({"started": time(6, 30), "ended": time(7, 21)}, None),
            (
                {"started": time(6, 30), "ended": time(7, 20), "checked": time(7, 19, 59)},
                (checked, "checked_before_end"),
            ),
        ),
    )
    if "ended" not in times and label and label[1] == "begun_before_permit":
        job["hours"] = 4
    return permits.Worked(**job, **times), label


def _not_upgraded(random: Random, plan: Plan) -> tuple[Effect, Label]:
    started = random.choice((time(5, 59, 59), time(6)))
    rests = calendar.is_rest_day(plan.window.day)
    early = started < time(6)
    label = ("hot_work_is_upgraded_when_required", "upgrade_not_done") if early or rests else None
    return _Unfitted(permits.Worked(grade=_TWO, begin=time(5, 50), hours=5, started=started)), label


def _filmed(random: Random, plan: Plan) -> tuple[Effect, Label]:
    job = _begun(random, plan, _SPECIAL)
    if random.random() < 0.5:
        return permits.Filmed(**job, by="nobody"), ("special_hot_work_is_on_video", "no_camera_named")
    return permits.Filmed(**job, by="offline_camera"), (
        "special_hot_work_is_on_video",
        "camera_offline_during_work",
    )


def _dead_camera(random: Random, plan: Plan) -> tuple[Effect, Label]:
    label = ("hot_work_cameras_are_online", "camera_offline_during_work")
    return special.FilmedByADeadCamera(**_begun(random, plan, _ONE)), label


def _twice(random: Random, plan: Plan) -> tuple[Effect, Label]:
    says, mismatch = _one_of(
        random, (("the_same", "duplicate_record"), ("another_place", "duplicate_ticket"))
    )
    return permits.RecordedTwice(**_job(random, plan), says=says), ("ticket_numbers_are_unique", mismatch)


def _borrowed(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    label = ("ticket_numbers_are_unique", "ticket_used_elsewhere")
    return delivery.BorrowedTicket(grade=_ONE, begin=_at(random, 10, 14), hours=3, at=time(9)), label


def _rested(random: Random, plan: Plan) -> tuple[Effect, Label]:
    job = _begun(random, plan) | {"begin": time(6, 30)}
    limit = 60 if job["grade"] is _TWO else 30
    over, again = random.random() < 0.6, random.random() < 0.4
    until = time(7 + (limit == 60), limit % 60, 1 if over else 0)
    rest: dict[str, Any] = {"rests_from": time(7), "rests_until": until, "analysed": until if again else None}
    label = ("gas_is_analysed_again_after_break", "no_reanalysis")
    return special.Rested(**job, **rest), label if over and not again else None


def _night(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    again = random.choice((None, time(0), time(7, 59, 59), time(8)))
    rest: dict[str, Any] = {
        "rests_from": time(18),
        "rests_until": time(8),
        "overnight": True,
        "analysed": again,
    }
    job: dict[str, Any] = {"grade": _TWO, "days": -1, "begin": time(9), "hours": 72}
    label = None if again is not None else ("gas_is_analysed_every_day", "no_analysis_that_day")
    return special.Rested(**job, **rest), label


def _unmonitored(random: Random, plan: Plan) -> tuple[Effect, Label]:
    return special.Unmonitored(**_begun(random, plan, _SPECIAL)), (
        "special_hot_work_is_monitored",
        "not_monitored",
    )


def _gas_alarm(random: Random, plan: Plan) -> tuple[Effect, Label]:
    share, minutes = random.choice(((0.26, 3), (0.6, 3), (0.25, 3), (0.6, 0.5)))
    since = time(9, random.randrange(16))
    until = (datetime.combine(_MIDNIGHT, since) + timedelta(minutes=minutes)).time()
    alarm = share > 0.25 and minutes > 1
    label = ("gas_stays_below_alarm_during_hot_work", "gas_alarm_during_work") if alarm else None
    return special.GasDuringWork(**_begun(random, plan, _ONE), since=since, until=until, share=share), label


def _shared(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    rule = "each_operation_has_its_own_permit"
    by, label = _one_of(
        random,
        (
            ("another_place", (rule, "ticket_for_several_works")),
            ("another_operation", (rule, "ticket_for_several_operations")),
            ("the_same_place", None),
        ),
    )
    return declared.ShareTicket(grade=_ONE, begin=_at(random, 10, 14), hours=4, by=by), label


def _contractors(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    told, mismatch = random.choice(((0, "contractor_not_declared"), (2, "contractor_count_differs")))
    job: dict[str, Any] = {"grade": _ONE, "begin": _at(random, 10, 14), "hours": 4}
    label = ("contractors_are_declared", mismatch)
    return declared.ContractorsUntold(**job, several=3, told=told), label


def _crossing(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    associated = random.random() < 0.4
    label = None if associated else ("crossing_jobs_are_coordinated", "not_coordinated")
    return special.CrossingJobs(grade=_ONE, begin=_at(random, 10, 14), hours=4, associated=associated), label


def changed(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    job: dict[str, Any] = {"grade": _ONE, "begin": _at(random, 10, 14), "hours": 4}
    return declared.ChangedSince(**job, at=time(9, 19, 30)), None


def _other(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    papers, mismatch = _one_of(
        random,
        (
            ("undeclared", "undeclared_permit"),
            ("without_permit", "declared_without_permit"),
            ("elsewhere", "place_differs"),
            ("later", "time_outside_permit"),
            ("agree", None),
        ),
    )
    begin = time(7, 30) if papers == "without_permit" else _at(random, 10, 14)
    label = None if mismatch is None else ("other_work_matches_permits", mismatch)
    return special.OtherWork(begin=begin, hours=3, papers=papers), label


def _confined(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    changes, label = _one_of(
        random,
        (
            ({"oxygen": 19.4}, ("confined_space_oxygen_is_within_limit", "oxygen_out_of_range")),
            ({"oxygen": 23.6}, ("confined_space_oxygen_is_within_limit", "oxygen_out_of_range")),
            ({"oxygen": 19.5}, None),
            ({"hours": 24.0}, None),
            ({"hours": 24 + _SECOND}, ("permit_validity_is_within_limit", "validity_over_limit")),
            ({"rests": (time(7), time(8))}, None),
            ({"rests": (time(7), time(8, 0, 1))}, ("gas_is_analysed_again_after_break", "no_reanalysis")),
        ),
    )
    return special.ConfinedSpace(**{"begin": time(6, 30), "hours": 9} | changes), label


def _miscounted_other(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    kinds = (Operation.HEIGHT, Operation.LIFTING, Operation.EXCAVATION)
    job: dict[str, Any] = {"grade": _ONE, "begin": time(10), "hours": 2}
    label = ("other_work_counts_match_line_items", "count_differs")
    return declared.MiscountOtherWork(**job, operation=random.choice(kinds), by=random.choice((1, 2))), label


def analysed_though_none(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    in_time = random.random() < 0.6
    analysed = time(9, random.randrange(20)) if in_time else time(9, 20, random.randint(1, 20))
    job: dict[str, Any] = {"grade": _ONE, "begin": time(9, 40), "hours": 4}
    label = ("hot_work_matches_permits", "declared_none_but_analysed") if in_time else None
    return declared.AnalysedThoughNone(**job, analysed=analysed, issued=time(9, 20, 30)), label


def declared_late(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    second = random.choice((0, 1, 40))
    label = ("hot_work_matches_permits", "declared_late") if second else None
    job: dict[str, Any] = {"grade": _ONE, "begin": _at(random, 7, 8), "hours": 6}
    return declared.DeclaredLate(**job, at=time(9, 20, second)), label


def _taken_back(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    started = random.choice((None, time(9, 3), time(9, 3, 1)))
    job: dict[str, Any] = {"grade": _ONE, "begin": time(9), "hours": 4}
    worked = started == time(9, 3, 1)
    label = ("hot_work_matches_permits", "worked_though_taken_back") if worked else None
    return declared.TakenBack(**job, published=time(8, 51), at=time(9, 3), started=started), label


def _miscounted(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    return paper.MiscountHotWork(grade=random.choice(list(HotWorkGrade)), by=random.choice((1, 2))), (
        "hot_work_counts_match_line_items",
        "count_differs",
    )


MIXED: Final[Sequence[Draw]] = [
    _undeclared, _void, _late_addition, _on_time, _without_permit, _grades, _papers, _agreeing, _cancelled,
    _validity, _gas, _guarded, _approved, _worked, _not_upgraded, _filmed, _dead_camera, _twice, _borrowed,
    _rested, _night, _unmonitored, _gas_alarm, _shared, _contractors, _crossing, changed, _other, _confined,
    _miscounted_other,
]  # fmt: skip
LAST: Final[Sequence[Draw]] = [declared_late, _taken_back, _miscounted]
"""What writes the announcement anew, or its board: one of these, after everything else."""
