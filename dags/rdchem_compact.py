"""读数整理: every hour, the readings of the running day in order, so that they are judged fast."""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from dags import house

RUNBOOK = """
### 读数整理 rdchem_compact

**每小时的 50 分**(北京时间)一次:把当天已收到的读数整理为按企业、测点、时刻排序的文件。09:20 的判定要看
零点以来的全部读数,由整理过的文件读入只需三分之一时间;不整理结果也相同,只是慢。整理期间照常接收和入库;
整理不增删、不改动任何读数。
前一天的读数由夜间维护(rdchem_upkeep)最后整理一次。

**如何看出它是健康的**

1. 最近一小时内有一次运行,任务为绿。
2. `compact` 的返回值里 `taken` 是并入的文件数,`readings` 是当天至今的读数条数,随时间增加。

**变红时怎么办**(先看日志最后一行)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| compact | 磁盘满;期间有读数文件按保存期限被删除 | 腾出空间;不必补跑,下一次自动接上。一直变红则判定变慢 |
"""


@dag(
    dag_id="rdchem_compact",
    schedule=house.clock("compact", "50 * * * *"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(minutes=50),
    default_args=house.DEFAULTS,
    tags=["rdchem", "watch"],
    doc_md=RUNBOOK,
)
def rdchem_compact() -> None:
    """Through the day: readings in order."""

    @task
    def compact() -> dict[str, Any]:
        """Bring what was received of the running day into order."""
        from rdchem import upkeep

        return upkeep.compact_today()

    compact()


rdchem_compact()
