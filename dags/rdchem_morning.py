"""晨间核查: every day at 09:20, one minute of patience for data still under way, then the verdict of the day.

The timetable is a partition timetable: the run's partition key *is* the business day (`2026-09-15`,
Asia/Shanghai). A plain cron string would give a zero-length data interval and a logical date in UTC, from
which the day would have to be guessed. No run is caught up on its own: a missed day is asked for by hand
(see the runbook), because a verdict of last Tuesday should not reach anybody's telephone unasked.

This file knows when; `rdchem.jobs` and `rdchem.report_jobs` know what. Tasks exchange the day and the as-of
instant, never rows.
"""

from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

from airflow.sdk import (
    CronPartitionTimetable,
    ExceptionRetryPolicy,
    Param,
    RetryAction,
    RetryRule,
    dag,
    get_current_context,
    task,
)

TIMEZONE = "Asia/Shanghai"

RUNBOOK = """
### 晨间核查 rdchem_morning

每天 **09:20(北京时间)** 启动,依次:等待在途数据入库(catch_up)→ 数据质量检查(check)→ 判定(judge)→
生成报表(report)→ 发送(deliver)。判定所依据的时刻(as-of)固定为当日截止时间加等待时间,与实际运行时刻无关,
因此**同一天重跑结果相同**,可以放心重跑。

**如何看出它是健康的**

1. 当天(分区键 = 日期)有一次运行,任务全绿(`end_red` 为跳过),一般在 09:25 之前结束。
2. `judge` 的返回值中,台账条数 = 在册企业数 × 规则数;“未判定”条数没有突然增多。
3. `deliver` 的返回值里没有失败的接收人。

**变红时怎么办**(先看变红任务日志的最后一行,它写明原因和下一步)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| business_day | 手工运行时日期写错 | 按 `2026-09-15` 的格式重新触发 |
| catch_up | 采集端停了、连不上消息服务器,或数据库不可用 | 恢复采集进程(`rdchem ingest`)后清除(Clear)该任务 |
| check | 质量检查程序出错(数据有问题不会变红,会写进报告);判定照常进行,报告注明“未检查” | 把日志交维护人员 |
| judge | 规定值缺失、规则出错;其余判定已存,报表照常发送 | 按日志补 `limits.yaml`,清除该任务及下游 |
| report | 磁盘满、目录不可写 | 腾出空间后清除该任务 |
| deliver | 接收地址配置有误、网络不通 | 改 `RDCHEM_NOTIFY_URLS` 后清除该任务;已送达的不会重发 |
| end_red | 前面有任务失败(全绿时它显示为跳过) | 处理失败的任务,再清除该任务及其下游 |

设置或数据本身的错误不重试,立即变红;连接类错误和“尚未就绪”每分钟重试一次,共三次。

**补跑某一天**:点 Trigger,在 `day` 填日期(如 `2026-09-15`);不填则为运行当天。
"""

RETRY_POLICY = ExceptionRetryPolicy(
    rules=[
        RetryRule("rdchem.errors.NotReadyError", RetryAction.RETRY, reason="尚未就绪,稍后再试"),
        RetryRule("rdchem.errors.InputError", RetryAction.FAIL, reason="输入有误,重试无用"),
        RetryRule("rdchem.errors.JournalError", RetryAction.FAIL, reason="原始记录受损或被拒,重试无用"),
        RetryRule("builtins.ExceptionGroup", RetryAction.FAIL, reason="规则自身出错,判定已保存,重试无用"),
        RetryRule(["builtins.ValueError", "builtins.TypeError"], RetryAction.FAIL, reason="重试无用"),
    ]
)
"""What a retry cannot mend fails at once; the rest, lost connections above all, is tried again."""

Moment = dict[str, str]
"""`{"day": ISO date, "as_of": ISO instant}`: all that travels between the tasks, beside small summaries."""


@dag(
    dag_id="rdchem_morning",
    schedule=CronPartitionTimetable("20 9 * * *", timezone=TIMEZONE, key_format="%Y-%m-%d"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(hours=2),
    default_args={
        "owner": "rdchem",
        "retries": 3,
        "retry_delay": timedelta(minutes=1),
        "retry_policy": RETRY_POLICY,
        "execution_timeout": timedelta(minutes=30),
    },
    params={
        "day": Param(
            None,
            type=["null", "string"],
            format="date",
            title="业务日",
            description="要核查的日期,如 2026-09-15;不填为本次运行的日期(北京时间)",
        )
    },
    tags=["rdchem", "daily"],
    doc_md=RUNBOOK,
)
def rdchem_morning() -> None:
    """The morning run: catch up, check, judge, report, deliver."""

    @task
    def business_day() -> Moment:
        """Which day this run is about, and the instant as of which it is judged."""
        from rdchem import jobs

        day = day_of(get_current_context())
        return {"day": day.isoformat(), "as_of": jobs.morning_as_of(day).isoformat()}

    @task
    def catch_up(moment: Moment) -> dict[str, Any]:
        """Wait until everything received up to the as-of instant is in the database."""
        from rdchem import jobs

        return jobs.catch_up(*_read(moment))

    @task(retries=1, retry_delay=timedelta(seconds=10))  # the verdict waits for it
    def check(moment: Moment) -> dict[str, Any]:
        """Data quality: rows not fit to be judged upon are named, not dropped."""
        from rdchem import quality_jobs

        return quality_jobs.check(*_read(moment))

    @task(trigger_rule="all_done")  # without the quality checks there still is a verdict, and it says so
    def judge(moment: Moment) -> dict[str, Any]:
        """Every enterprise by every rule."""
        from rdchem import jobs

        return jobs.judge(*_read(moment))

    @task(trigger_rule="all_done")  # one rule's failure must not keep the others' findings from anybody
    def report(moment: Moment) -> dict[str, Any]:
        """The reports of the day, from the stored verdict."""
        from rdchem import report_jobs

        return report_jobs.report(*_read(moment))

    @task
    def deliver(moment: Moment) -> dict[str, Any]:
        """Send what has not been sent yet."""
        from rdchem import report_jobs

        return report_jobs.deliver(*_read(moment))

    @task(trigger_rule="one_failed", retries=0)
    def end_red() -> None:
        """The run ends red if any task failed, though what did work was reported and delivered."""
        raise RuntimeError("有任务失败:请看变红的任务,处理后清除它及其下游")

    moment: Any = business_day()  # what a task returns, once it runs
    steps = [catch_up(moment), check(moment), judge(moment), report(moment), deliver(moment)]
    for step, following in pairwise(steps):
        step >> following
    [moment, *steps] >> end_red()


def day_of(context: Any) -> date:
    """The business day of a run: asked for by hand, else its partition, else the local date it runs on."""
    from zoneinfo import ZoneInfo

    if asked := context["params"].get("day") or context.get("partition_key"):
        return date.fromisoformat(asked)
    dag_run = context["dag_run"]
    instant: datetime = dag_run.logical_date or dag_run.run_after
    return instant.astimezone(ZoneInfo(TIMEZONE)).date()


def _read(moment: Moment) -> tuple[date, datetime]:
    return date.fromisoformat(moment["day"]), datetime.fromisoformat(moment["as_of"])


rdchem_morning()
