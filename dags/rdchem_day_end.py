"""日终复核: after the day, judged once more with all that came late, and what that changes."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

from airflow.sdk import dag, task

from dags import house
from dags.house import Moment

RUNBOOK = """
### 日终复核 rdchem_day_end

每天 **次日 00:10(北京时间)** 启动,分区键是**刚结束的那一天**。以当天 24:00 为截至时刻重新核对和判定,
迟到的公告、作业票和补传数据都计入;再与 09:20 的判定逐项比较(changes),
写成 `day_end.txt`、`day_end.json` 并通知一次。09:20 的判定和报告保持原样。

**如何看出它是健康的**

1. 每天有一次运行(分区键 = 前一天),任务全绿(`end_red` 为跳过)。
2. `gather` 的台账条数 = 在册企业数 × 规则数;`changes` 给出变化项数,没有变化也会说明。

**变红时怎么办**(先看日志最后一行)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| business_day | 手工运行时日期写错 | 按 `2026-09-15` 的格式重新触发 |
| catch_up | 采集端停了或数据库不可用 | 恢复采集进程后清除(Clear)该任务 |
| check | 质量检查程序出错;判定照常进行 | 把日志交维护人员 |
| judge | 某一组企业规定值缺失、规则或数据出错;其他组不受影响 | 按日志补 `limits.yaml`,清除该组及下游 |
| gather | 某组算不出(该组企业记为未评估)、数据库不可用;其余判定已存 | 处理该组后清除它及下游 |
| report | 磁盘满、目录不可写 | 腾出空间后清除该任务 |
| changes | 当天 09:20 没有判定过(晨间核查未运行) | 先补跑 rdchem_morning 当天,再清除该任务 |
| deliver | 接收地址配置有误、网络不通 | 改 `RDCHEM_NOTIFY_URLS` 后清除该任务;已送达的不会重发 |
| end_red | 前面有任务失败(全绿时它显示为跳过) | 处理失败的任务,再清除该任务及其下游 |

**重判一段时间**:`airflow backfill create --dag-id rdchem_day_end …`,用法见 rdchem_morning 的说明;
补跑更新判定和报告,不发送通知。
"""


@dag(
    dag_id="rdchem_day_end",
    schedule=house.every("day_end", "10 0 * * *", run_offset=-1),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(hours=4),
    default_args=house.DEFAULTS,
    params={"day": house.day_param("要复核的日期")},
    tags=["rdchem", "daily"],
    doc_md=RUNBOOK,
)
def rdchem_day_end() -> None:
    """The end of the day: judge with all that came late, report what changed since the morning."""

    @task
    def business_day() -> Moment:
        """Which day this run is about, and its last instant."""
        from rdchem import day_end

        return house.moment(day_end.day_end_as_of)

    @task
    def catch_up(moment: Moment) -> list[int]:
        """Wait until everything received up to the as-of instant is in the database; the groups to judge."""
        from rdchem import groups, jobs

        day, as_of = house.read(moment)
        jobs.catch_up(day, as_of)
        return groups.groups(as_of)

    @task(retries=1, retry_delay=timedelta(seconds=10))
    def check(moment: Moment) -> dict[str, Any]:
        """Data quality of all that came."""
        from rdchem import quality_jobs

        return quality_jobs.check(*house.read(moment))

    @task(trigger_rule="all_done", map_index_template="第 {{ group }} 组")
    def judge(moment: Moment, group: int, of: list[int]) -> dict[str, Any]:
        """One group of enterprises by every rule; without the quality checks too, and then it says so."""
        from rdchem import groups

        return groups.judge_group(*house.read(moment), group, len(of), moment["run"])

    @task(trigger_rule="all_done", outlets=[house.DAY_VERDICT])
    def gather(moment: Moment) -> dict[str, Any]:
        """The one verdict; what a group did not come to is judged here or said not to be evaluated."""
        from rdchem import groups

        day, as_of = house.read(moment)
        return groups.gather(day, as_of, len(groups.groups(as_of)), moment["run"])

    @task(trigger_rule="all_done", inlets=[house.DAY_VERDICT])
    def report(moment: Moment) -> dict[str, Any]:
        """The reports as of the end of the day, in a folder within the day's."""
        from rdchem import report_jobs

        return report_jobs.report(*house.read(moment))

    @task(inlets=[house.MORNING_VERDICT, house.DAY_VERDICT], outlets=[house.DAY_CHANGES])
    def changes(moment: Moment) -> dict[str, Any]:
        """What the day's end says that the morning did not."""
        from rdchem import day_end, jobs

        day, as_of = house.read(moment)
        return day_end.changes(day, jobs.morning_as_of(day), as_of)

    @task(inlets=[house.DAY_CHANGES])
    def deliver(moment: Moment) -> dict[str, Any]:
        """Tell the changes, once."""
        from rdchem import day_end, jobs

        house.skip_if_backfilled()
        day, as_of = house.read(moment)
        return day_end.tell_changes(day, jobs.morning_as_of(day), as_of)

    @task(trigger_rule="one_failed", retries=0, on_failure_callback=None)
    def end_red() -> None:
        """The run ends red if any task failed, though what did work was reported and delivered."""
        raise RuntimeError("有任务失败:请看变红的任务,处理后清除它及其下游")

    moment: Any = business_day()  # what a task returns, once it runs
    caught: Any = catch_up(moment)
    judged = judge.partial(moment=moment, of=caught).expand(group=caught)
    steps = [caught, check(moment), judged, gather(moment), report(moment), changes(moment), deliver(moment)]
    for step, following in pairwise(steps):
        step >> following
    [moment, *steps] >> end_red()


rdchem_day_end()
