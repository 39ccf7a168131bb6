"""What may be wrong with a permit itself, or beside it, drawn anew each time, and its label."""

from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from rdchem import calendar
from sensors_sim.effects import permits, special
from sensors_sim.effects.effect import Effect
from sensors_sim.plan import Plan
from sensors_sim.truth_set_draws.drawing import (
    MIDNIGHT,
    ONE,
    SECOND,
    SPECIAL,
    TWO,
    Label,
    Unfitted,
    begun_work,
    one_of,
    time_of_day,
    work,
)


def validity(random: Random, plan: Plan) -> tuple[Effect, Label]:
    over = random.random() < 0.5
    lasts_days = random.random() < 0.5 and not calendar.is_rest_day(plan.window.day)
    grade = TWO if lasts_days else random.choice((SPECIAL, ONE))
    hours = (72 if lasts_days else 8) + over * SECOND
    label = ("permit_validity_is_within_limit", "validity_over_limit")
    effect = permits.DeclaredAndPermitted(grade=grade, begin=time_of_day(random, 10, 13), hours=hours)
    return effect, label if over else None


def gas_sampled(random: Random, plan: Plan) -> tuple[Effect, Label]:
    minutes, result, label = one_of(
        random,
        (
            (30, 0.2, None),
            (30 + 1 / 60, 0.0, ("gas_is_analysed_before_hot_work", "analysis_too_old")),
            (None, 0.0, ("gas_is_analysed_before_hot_work", "no_analysis")),
            (12, 0.51, ("gas_is_within_limit", "gas_over_limit")),
        ),
    )
    return permits.GasSampled(**begun_work(random, plan), minutes_before=minutes, result=result), label


def guarded(random: Random, plan: Plan) -> tuple[Effect, Label]:
    by, mismatch = one_of(random, (("nobody", "guardian_not_named"), ("worker", "guardian_is_worker")))
    return permits.Guarded(**work(random, plan), by=by), ("hot_work_has_a_guardian", mismatch)


def approved(random: Random, plan: Plan) -> tuple[Effect, Label]:
    how, mismatch = one_of(
        random,
        (
            ("unfinished", "approval_missing"),
            ("turned", "approvals_out_of_order"),
            ("late", "approved_after_start"),
            ("short", "approver_too_low"),
        ),
    )
    grade = SPECIAL if how in ("turned", "short") else random.choice((SPECIAL, ONE))
    return permits.Approved(**begun_work(random, plan, grade), how=how), (
        "permit_is_approved_before_work",
        mismatch,
    )


def worked(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    stays, checked = "hot_work_stays_within_permit", "hot_work_completion_is_checked"
    job: dict[str, Any] = {"grade": random.choice((SPECIAL, ONE)), "begin": time(6, 30), "hours": 1}
    times, label = one_of(
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


def not_upgraded(random: Random, plan: Plan) -> tuple[Effect, Label]:
    started = random.choice((time(5, 59, 59), time(6)))
    rests = calendar.is_rest_day(plan.window.day)
    early = started < time(6)
    label = ("hot_work_is_upgraded_when_required", "upgrade_not_done") if early or rests else None
    return Unfitted(permits.Worked(grade=TWO, begin=time(5, 50), hours=5, started=started)), label


def filmed(random: Random, plan: Plan) -> tuple[Effect, Label]:
    job = begun_work(random, plan, SPECIAL)
    if random.random() < 0.5:
        return permits.Filmed(**job, by="nobody"), ("special_hot_work_is_on_video", "no_camera_named")
    return permits.Filmed(**job, by="offline_camera"), (
        "special_hot_work_is_on_video",
        "camera_offline_during_work",
    )


def dead_camera(random: Random, plan: Plan) -> tuple[Effect, Label]:
    label = ("hot_work_cameras_are_online", "camera_offline_during_work")
    return special.FilmedByADeadCamera(**begun_work(random, plan, ONE)), label


def rested(random: Random, plan: Plan) -> tuple[Effect, Label]:
    job = begun_work(random, plan) | {"begin": time(6, 30)}
    limit = 60 if job["grade"] is TWO else 30
    over, again = random.random() < 0.6, random.random() < 0.4
    until = time(7 + (limit == 60), limit % 60, 1 if over else 0)
    rest: dict[str, Any] = {"rests_from": time(7), "rests_until": until, "analysed": until if again else None}
    label = ("gas_is_analysed_again_after_break", "no_reanalysis")
    return special.Rested(**job, **rest), label if over and not again else None


def night(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    again = random.choice((None, time(0), time(7, 59, 59), time(8)))
    rest: dict[str, Any] = {
        "rests_from": time(18),
        "rests_until": time(8),
        "overnight": True,
        "analysed": again,
    }
    job: dict[str, Any] = {"grade": TWO, "days": -1, "begin": time(9), "hours": 72}
    label = None if again is not None else ("gas_is_analysed_every_day", "no_analysis_that_day")
    return special.Rested(**job, **rest), label


def unmonitored(random: Random, plan: Plan) -> tuple[Effect, Label]:
    return special.Unmonitored(**begun_work(random, plan, SPECIAL)), (
        "special_hot_work_is_monitored",
        "not_monitored",
    )


def gas_alarm(random: Random, plan: Plan) -> tuple[Effect, Label]:
    share, minutes = random.choice(((0.26, 3), (0.6, 3), (0.25, 3), (0.6, 0.5)))
    since = time(9, random.randrange(16))
    until = (datetime.combine(MIDNIGHT, since) + timedelta(minutes=minutes)).time()
    alarm = share > 0.25 and minutes > 1
    label = ("gas_stays_below_alarm_during_hot_work", "gas_alarm_during_work") if alarm else None
    return special.GasDuringWork(
        **begun_work(random, plan, ONE), since=since, until=until, share=share
    ), label


def confined(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    changes, label = one_of(
        random,
        (
            ({"oxygen": 19.4}, ("confined_space_oxygen_is_within_limit", "oxygen_out_of_range")),
            ({"oxygen": 23.6}, ("confined_space_oxygen_is_within_limit", "oxygen_out_of_range")),
            ({"oxygen": 19.5}, None),
            ({"hours": 24.0}, None),
            ({"hours": 24 + SECOND}, ("permit_validity_is_within_limit", "validity_over_limit")),
            ({"rests": (time(7), time(8))}, None),
            ({"rests": (time(7), time(8, 0, 1))}, ("gas_is_analysed_again_after_break", "no_reanalysis")),
        ),
    )
    return special.ConfinedSpace(**{"begin": time(6, 30), "hours": 9} | changes), label


def crossing(random: Random, _plan: Plan) -> tuple[Effect, Label]:
    associated = random.random() < 0.4
    label = None if associated else ("crossing_jobs_are_coordinated", "not_coordinated")
    return special.CrossingJobs(
        grade=ONE, begin=time_of_day(random, 10, 14), hours=4, associated=associated
    ), label
