"""晨间核查: every day at 09:20, one minute of patience for data still under way, then the verdict of the day.

The instant judged by is the deadline and the time left for data under way (a dated setting), whenever the run
takes place; `rdchem.jobs` and `rdchem.report_jobs` know what is done, this file when.
"""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task
from airflow.sdk.definitions.callback import AsyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert, DeadlineReference

from dags import house
from dags.house import Moment

RUNBOOK = """
### 晨间核查 rdchem_morning

每天 **09:20(北京时间)** 启动,依次:等待在途数据入库(catch_up)→ 分组判定(judge)→ 汇成一份判定(gather)→
生成报表(report)→ 发送(deliver);数据质量检查(check)与判定同时进行,报表等它完成。
判定所依据的时刻(as-of)固定为当日截止时间加等待时间,与实际运行时刻无关,因此**同一天重跑结果相同**,可以放心重跑;同一天的几次运行互相等候,不会交错。

**如何看出它是健康的**

1. 当天(分区键 = 日期)有一次运行,任务全绿(`end_red` 为跳过),一般在 09:25 之前结束。
2. `gather` 的返回值中,台账条数 = 在册企业数 × 规则数;“未判定”条数没有突然增多。
3. `deliver` 的返回值里没有失败的接收人。
4. 没有收到“本系统报告迟到”的通知(排队后 10 分钟仍未完成时发出,`RDCHEM_LATE_SECONDS` 可改;由 triggerer 负责)。

**变红时怎么办**(先看变红任务日志的最后一行,它写明原因和下一步)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| business_day | 手工运行时日期或时刻写错 | 按 `2026-09-15` 的格式重新触发 |
| catch_up | 采集端停了、连不上消息服务器,或数据库不可用 | 恢复采集进程(`rdchem ingest`)后清除(Clear)该任务 |
| check | 质量检查程序出错(数据有问题不会变红,会写进报告);判定照常进行,报告注明“未检查” | 把日志交维护人员 |
| judge | 某一组企业规定值缺失、规则或数据出错;其他组不受影响 | 按日志补 `limits.yaml`,清除该组及下游 |
| gather | 某组算不出(该组企业记为未评估)、数据库不可用;其余判定已存,报表照常发送 | 处理该组后清除它及下游 |
| report | 磁盘满、目录不可写 | 腾出空间后清除该任务 |
| deliver | 接收地址配置有误、网络不通 | 改 `RDCHEM_NOTIFY_URLS` 后清除该任务;已送达的不会重发 |
| end_red | 前面有任务失败(全绿时它显示为跳过) | 处理失败的任务,再清除该任务及其下游 |

设置或数据本身的错误不重试,立即变红;连接类错误和“尚未就绪”每分钟重试一次,共三次。任务最终失败时另发一条通知。

**补跑某一天**:点 Trigger,在表单中填业务日(如 `2026-09-15`);不填则为运行当天。可另填截至时刻(此时报告放在当天
目录下的 `as-of-…`)和行政区划(只出该区划的报告)。

**重判一段时间**(如九月;末日按其零点算,故写次日):
`airflow backfill create --dag-id rdchem_morning --from-date 2026-09-01 --to-date 2026-10-01`
只补没有运行过的日期;加 `--reprocess-behavior completed` 则运行过的也重判。补跑更新判定和报告,不发送通知。
"""


@dag(
    dag_id="rdchem_morning",
    schedule=house.every("morning", "20 9 * * *"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(hours=2),
    deadline=DeadlineAlert(
        reference=DeadlineReference.DAGRUN_QUEUED_AT,
        interval=house.LATE,
        callback=AsyncCallback(house.report_is_late),
        name="晨间报告迟到",
    ),
    default_args=house.DEFAULTS,
    params={"day": house.day_param("要核查的日期"), "as_of": house.AS_OF_PARAM, "area": house.AREA_PARAM},
    tags=["rdchem", "daily"],
    doc_md=RUNBOOK,
)
def rdchem_morning() -> None:
    """The morning run: catch up, check, judge, report, deliver."""

    @task
    def business_day() -> Moment:
        """Which day this run is about, and the instant as of which it is judged."""
        from rdchem import jobs

        return house.moment(jobs.morning_as_of)

    @task
    def catch_up(moment: Moment) -> list[int]:
        """Wait until everything received up to the as-of instant is in the database; the groups to judge."""
        from rdchem import groups, jobs

        day, as_of = house.read(moment)
        jobs.catch_up(day, as_of)
        return groups.groups(as_of)

    @task(retries=1, retry_delay=timedelta(seconds=10))  # the report waits for it
    def check(moment: Moment) -> dict[str, Any]:
        """Data quality: rows not fit to be judged upon are named, not dropped."""
        from rdchem import quality_jobs

        return quality_jobs.check(*house.read(moment))

    @task(map_index_template="第 {{ group }} 组")
    def judge(moment: Moment, group: int, of: list[int]) -> dict[str, Any]:
        """One group of enterprises by every rule, beside the quality checks."""
        from rdchem import groups

        return groups.judge_group(*house.read(moment), group, len(of), moment["run"])

    @task(trigger_rule="all_done", outlets=[house.MORNING_VERDICT])
    def gather(moment: Moment) -> dict[str, Any]:
        """The one verdict; what a group did not come to is judged here or said not to be evaluated."""
        from rdchem import groups

        day, as_of = house.read(moment)
        return groups.gather(day, as_of, len(groups.groups(as_of)), moment["run"])

    @task(trigger_rule="all_done", inlets=[house.MORNING_VERDICT], outlets=[house.MORNING_REPORT])
    def report(moment: Moment) -> dict[str, Any]:
        """The reports of the day, from the stored verdict; one rule's failure keeps no other finding back."""
        from rdchem import report_jobs

        return report_jobs.report(*house.read(moment), moment["area"])

    @task(inlets=[house.MORNING_REPORT])
    def deliver(moment: Moment) -> dict[str, Any]:
        """Send what has not been sent yet."""
        from rdchem import report_jobs

        house.skip_if_backfilled()
        return report_jobs.deliver(*house.read(moment), moment["area"])

    @task(trigger_rule="one_failed", retries=0, on_failure_callback=None)
    def end_red() -> None:
        """The run ends red if any task failed, though what did work was reported and delivered."""
        raise RuntimeError("有任务失败:请看变红的任务,处理后清除它及其下游")

    moment: Any = business_day()  # what a task returns, once it runs
    caught: Any = catch_up(moment)
    judged = judge.partial(moment=moment, of=caught).expand(group=caught)
    checked, gathered, reported, delivered = check(moment), gather(moment), report(moment), deliver(moment)
    caught >> [checked, judged]  # side by side: the report needs both, neither needs the other
    judged >> gathered
    [checked, gathered] >> reported >> delivered
    [moment, caught, checked, judged, gathered, reported, delivered] >> end_red()


rdchem_morning()
