"""在线巡检: every five minutes, what fell silent and what returned, said once; and notices left unsent."""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from dags import house

RUNBOOK = """
### 在线巡检 rdchem_sweep

**每五分钟**(北京时间)一次:自上次巡检以来哪些传感器、视频、网关离线,哪些恢复,各说一次并通知;另把已登记而
未送达的通知补发(例如发送时进程被中断的)。只读上次以来新收到的内容,错过几次不要紧,下一次接着上次的时刻。

**如何看出它是健康的**

1. 最近五分钟内有一次运行,两个任务全绿。
2. `sweep` 的返回值里 `changes` 只有真正的变化;`deliver_pending` 一般为空。

**变红时怎么办**(先看日志最后一行)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| sweep | 没有企业登记、采集端停了、数据库不可用 | 按日志处理;不必补跑,下一次自动接上 |
| deliver_pending | 接收地址配置有误、网络不通 | 改 `RDCHEM_NOTIFY_URLS`;下一次自动再试 |
"""


@dag(
    dag_id="rdchem_sweep",
    schedule=house.clock("sweep", "*/5 * * * *"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(minutes=10),
    default_args=house.DEFAULTS | {"retries": 0, "execution_timeout": timedelta(minutes=4)},
    tags=["rdchem", "watch"],
    doc_md=RUNBOOK,
)
def rdchem_sweep() -> None:
    """Through the day: what changed, told once."""

    @task
    def sweep() -> dict[str, Any]:
        """What fell silent and what returned since the last sweep."""
        from rdchem.sweep import sweep as swept

        found = swept()
        return {"as_of": found["as_of"], "since": found["since"], "changes": len(found["changes"])}

    @task
    def deliver_pending() -> dict[str, Any]:
        """Send what was recorded to be told and never sent."""
        from rdchem import report_jobs

        return report_jobs.deliver_pending()

    sweep()  # neither waits for the other: a leaf that runs after a failure would turn the run green
    deliver_pending()


rdchem_sweep()
