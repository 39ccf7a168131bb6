"""What the weekly and the monthly DAG share: sum up stored verdicts, have it approved if asked, tell it."""

from datetime import timedelta
from typing import Any

from airflow.providers.standard.operators.hitl import ApprovalOperator
from airflow.sdk import Asset, Param, task

from dags import house
from dags.house import Moment

PARAMS = {
    "day": house.day_param("本期内任意一天"),
    "approval": Param(house.APPROVAL, type="boolean", title="发送前须批准"),
}

_RUNBOOK = """
### {title}

{when},分区键是**{about}**:
由已保存的判定汇总(rollup),写成通报草稿 `rollup/…/bulletin.html`。未判定的日期会写明,不当作没有异常。
设置 `RDCHEM_APPROVAL=1`、或手工运行时勾选“发送前须批准”,则在 Required Actions 中由人批准(approve)之后
才发送;拒绝则不发送。

**如何看出它是健康的**

1. 每期有一次运行;需要批准的停在 `approve` 等待,批准后全绿。
2. `rollup` 的返回值里 `missing` 为空。

**变红时怎么办**(先看日志最后一行)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| business_day | 手工运行时日期写错 | 填本期内任意一天,如 `2026-09-15` |
| rollup | 本期没有任何一天判定过 | 先用 airflow backfill 补判,再清除(Clear)该任务 |
| ask | 设置有误 | 按日志处理 |
| approve | 三天内无人批准 | 看过草稿后清除该任务再批准 |
| deliver | 接收地址配置有误、网络不通 | 改 `RDCHEM_NOTIFY_URLS` 后清除该任务;已送达的不会重发 |
"""


def runbook(title: str, when: str, about: str) -> str:
    """The runbook of one of the two."""
    return _RUNBOOK.format(title=title, when=when, about=about)


def steps(span_of: str, summed: Asset) -> None:
    """The tasks, which make `summed`. `span_of`: the function of `rdchem.rollup` that names a day's span."""

    @task
    def business_day() -> Moment:
        """A day of the period this run is about."""
        from rdchem import day_end

        return house.moment(day_end.day_end_as_of)

    @task(inlets=[house.DAY_VERDICT], outlets=[summed])
    def rollup(moment: Moment) -> dict[str, Any]:
        """Sum up what is stored, beside the period before."""
        from rdchem import rollup as summing

        return summing.rollup(getattr(summing, span_of)(house.read(moment)[0]))

    @task.branch
    def ask() -> str:
        """Whether somebody is to approve it first."""
        return house.if_approval("approve", "deliver")

    approve = ApprovalOperator(
        task_id="approve",
        doc="An officer reads the draft and says whether it goes out.",
        subject="通报草稿:是否发送?",
        body="草稿在报告目录 rollup 下的 bulletin.html。批准(Approve)后发送,拒绝(Reject)则不发送。",
        response_timeout=timedelta(days=3),
        execution_timeout=None,
        retries=0,
        inlets=[summed],
    )

    @task(trigger_rule="none_failed_min_one_success", inlets=[summed])
    def deliver(moment: Moment) -> dict[str, Any]:
        """Tell it, once."""
        from rdchem import rollup as summing

        house.skip_if_backfilled()
        return summing.tell(getattr(summing, span_of)(house.read(moment)[0]))

    moment: Any = business_day()
    asked, told = ask(), deliver(moment)
    rollup(moment) >> asked >> [approve, told]
    approve >> told
