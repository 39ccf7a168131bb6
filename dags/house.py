"""What every DAG of the house has in common: local days, retries, people told, assets. Light to import.

* **Days.** A run is about one business day, Asia/Shanghai; its partition key *is* that day (`2026-09-15`).
  A plain cron string would give a zero-length data interval and a logical date in UTC, from which the day
  would have to be guessed. `RDCHEM_SCHEDULE_MORNING` (and so on) replaces a DAG's cron expression, for a
  county whose deadline is another one.
* **Nothing is caught up on its own**: a missed day is asked for by hand or by `airflow backfill`, and a
  backfilled run tells nobody: a verdict of last Tuesday should not reach anybody's telephone unasked.
* **One day, one writer.** `max_active_runs` counts runs of one DAG; manual runs and backfills come on top.
  What two runs of a day would do to each other is prevented where the data are: `rdchem.store.alone`.
* Tasks exchange days and instants, never rows, and keep nothing on the machine they run on.
"""

import os
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from airflow.sdk import (
    Asset,
    CronPartitionTimetable,
    CronTriggerTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    get_current_context,
)

TIMEZONE = "Asia/Shanghai"

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule(
            "rdchem.errors.DatabaseUnavailableError", RetryAction.RETRY, reason="数据库连不上,稍后再试"
        ),
        RetryRule("rdchem.errors.NotReadyError", RetryAction.RETRY, reason="尚未就绪,稍后再试"),
        RetryRule("rdchem.errors.ConfigurationError", RetryAction.FAIL, reason="设置有误,重试无用"),
        RetryRule("rdchem.errors.InputError", RetryAction.FAIL, reason="输入有误,重试无用"),
        RetryRule("rdchem.errors.JournalError", RetryAction.FAIL, reason="原始记录受损或被拒,重试无用"),
        RetryRule("builtins.ExceptionGroup", RetryAction.FAIL, reason="规则自身出错,判定已保存,重试无用"),
        RetryRule(["builtins.ValueError", "builtins.TypeError"], RetryAction.FAIL, reason="重试无用"),
    ]
)
"""What a retry cannot mend fails at once (our exit codes 3, 4, 5, and bugs); the rest is tried again."""

Moment = dict[str, str]
"""`{"day", "as_of", "area", "run"}`: all that travels between tasks, beside small summaries. ISO texts."""


def asset(name: str) -> Asset:
    """A thing a DAG makes once a local day, week or month; its partition key says which."""
    return Asset(name=f"rdchem_{name}", uri=f"x-rdchem://{name}", group="rdchem")


MORNING_VERDICT = asset("morning_verdict")
MORNING_REPORT = asset("morning_report")
DAY_VERDICT = asset("day_verdict")
DAY_CHANGES = asset("day_changes")
DAY_SEAL = asset("day_seal")
DAY_READINGS = asset("day_readings")
WEEK_ROLLUP = asset("week_rollup")
MONTH_ROLLUP = asset("month_rollup")

APPROVAL = os.environ.get("RDCHEM_APPROVAL") == "1"
"""Whether a bulletin waits for somebody's approval, unless the run's form says otherwise."""


LATE = timedelta(seconds=float(os.environ.get("RDCHEM_LATE_SECONDS") or 600))
"""How long after its run began *our own* report of the morning is late."""


def every(
    name: str, cron: str, *, key_format: str = "%Y-%m-%d", run_offset: int = 0
) -> CronPartitionTimetable:
    """A timetable on local time. `run_offset` -1: the run is about the period that just ended."""
    expression = os.environ.get(f"RDCHEM_SCHEDULE_{name.upper()}") or cron
    return CronPartitionTimetable(expression, timezone=TIMEZONE, key_format=key_format, run_offset=run_offset)


def clock(name: str, cron: str) -> CronTriggerTimetable:
    """A timetable on local time for what runs many times a day and is about no day in particular."""
    return CronTriggerTimetable(os.environ.get(f"RDCHEM_SCHEDULE_{name.upper()}") or cron, timezone=TIMEZONE)


def if_approval(yes: str, no: str) -> str:
    """Which task follows: a backfilled run asks nobody, for it tells nobody."""
    context: Any = get_current_context()
    asked = context["params"]["approval"] and context["dag_run"].run_type != "backfill"
    return yes if asked else no


def day_param(said: str) -> Param:
    """The form's field for the business day."""
    return Param(
        None,
        type=["null", "string"],
        format="date",
        title="业务日",
        description=f"{said},如 2026-09-15;不填为本次运行的分区日期(北京时间)",
    )


AS_OF_PARAM = Param(
    None,
    type=["null", "string"],
    title="截至时刻",
    description="如 12:00 或 2026-09-15T12:00:00+08:00;不填为该流程固定的时刻。不能晚于现在",
)
AREA_PARAM = Param(
    None,
    type=["null", "string"],
    pattern="^[0-9]{2,12}$",
    title="行政区划",
    description="只为代码以此开头的企业出报告,如 320623;不填为全部。判定总是对全部企业作出",
)


def tell_failure(context: Any) -> None:
    """A task that failed for good is told once, by the channels of the reports."""
    from rdchem import alarms

    if context["dag_run"].run_type == "backfill":
        return
    instance = context["task_instance"]
    alarms.task_failed(
        day_of(context), instance.dag_id, instance.task_id, str(context.get("exception") or "")
    )


async def report_is_late(context: Any) -> None:
    """The callback of a DeadlineAlert: *our own* report is late. Runs in the triggerer."""
    import asyncio

    from rdchem import alarms

    run = context["dag_run"]
    if run["run_type"] != "backfill" and run.get("partition_key"):
        day = date.fromisoformat(run["partition_key"])
        await asyncio.to_thread(alarms.report_late, day, run["dag_id"])


DEFAULTS: dict[str, Any] = {
    "owner": "rdchem",
    "retries": 3,
    "retry_delay": timedelta(seconds=float(os.environ.get("RDCHEM_RETRY_SECONDS") or 60)),
    "retry_policy": RETRY_POLICY,
    "execution_timeout": timedelta(minutes=30),
    "on_failure_callback": tell_failure,
}


def moment(as_of: Callable[[date], datetime]) -> Moment:
    """What the run at hand is about: the day and instant asked for, else its partition and `as_of` of it."""
    from rdchem import arguments

    context: Any = get_current_context()
    day, asked = day_of(context), context["params"].get("as_of")
    instant = arguments.moment(day.isoformat(), asked)[1] if asked else as_of(day)
    return {
        "day": day.isoformat(),
        "as_of": instant.isoformat(),
        "area": context["params"].get("area") or "",
        "run": f"{context['dag_run'].dag_id}/{context['dag_run'].run_id}",
    }


def read(moment: Moment) -> tuple[date, datetime]:
    """Day and instant of a moment."""
    return date.fromisoformat(moment["day"]), datetime.fromisoformat(moment["as_of"])


def day_of(context: Any) -> date:
    """The business day of a run: asked for by hand, else its partition, else the local date it runs on."""
    from zoneinfo import ZoneInfo

    if asked := context["params"].get("day") or context.get("partition_key"):
        return date.fromisoformat(asked)
    dag_run = context["dag_run"]
    instant: datetime = dag_run.logical_date or dag_run.run_after
    return instant.astimezone(ZoneInfo(TIMEZONE)).date()


def skip_if_backfilled() -> None:
    """A run of the past asked for as one of many tells nobody anything."""
    from airflow.sdk.exceptions import AirflowSkipException

    if get_current_context()["dag_run"].run_type == "backfill":
        raise AirflowSkipException("补跑不发送通知:报告已更新,需要时手工触发当天的运行")
