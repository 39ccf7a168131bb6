"""夜间维护: the journal of the day that is over sealed, its readings compacted, what is too old removed."""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from dags import house
from dags.house import Moment

RUNBOOK = """
### 夜间维护 rdchem_upkeep

每天 **02:30(北京时间)**,分区键是**前一天**:封存当天日志(seal,写到 `seals/日期.json`,请交外部保存),
再把当天读数整理为有序文件(compact),并学习每个传感器往常的样子(learn,供次日早晨判定信号真伪),
最后按保存期限删除过期的记录(retain;只删已封存的,删除本身记入日志)。各步都可随时重复运行。

**如何看出它是健康的**

1. 每天有一次运行(分区键 = 前一天),任务全绿。
2. `seal` 的 `records` 与当天收到的报文数相当;`seals/` 里有当天的文件。

**变红时怎么办**(先看日志最后一行)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| business_day | 手工运行时日期写错 | 按 `2026-09-15` 的格式重新触发 |
| seal | 日志受损(不重试) | 运行 `rdchem verify`,从备份恢复所列文件,再清除(Clear)该任务 |
| learn | 读数文件受损 | 运行 `rdchem rebuild` 后清除该任务;次日首次判定会自行补学,只是慢几分钟 |
| retain | 尚未封存、与封存不符、期限设得过短 | 先使 seal 变绿;不符的从备份恢复;期限见规则文件 limits;再清除 |
| compact | 磁盘满、另一投影正在进行 | 腾出空间后清除该任务 |
"""


@dag(
    dag_id="rdchem_upkeep",
    schedule=house.every("upkeep", "30 2 * * *", run_offset=-1),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(hours=4),
    default_args=house.DEFAULTS,
    params={"day": house.day_param("要维护的日期")},
    tags=["rdchem", "daily"],
    doc_md=RUNBOOK,
)
def rdchem_upkeep() -> None:
    """At night: seal, compact, learn, remove."""

    @task
    def business_day() -> Moment:
        """Which day this run is about."""
        from rdchem import day_end

        return house.moment(day_end.day_end_as_of)

    @task(outlets=[house.DAY_SEAL])
    def seal(moment: Moment) -> dict[str, Any]:
        """State what the journal holds of the day, to be kept elsewhere."""
        from rdchem import upkeep

        return upkeep.seal_day(house.read(moment)[0])

    @task(outlets=[house.DAY_READINGS])
    def compact(moment: Moment) -> dict[str, Any]:
        """Bring the day's readings into order."""
        from rdchem import upkeep

        return upkeep.compact_day(house.read(moment)[0])

    @task
    def learn(moment: Moment) -> dict[str, Any]:
        """Learn what is usual for each sensor, so that the morning's verdict need not."""
        from rdchem import upkeep

        return upkeep.learn_day(house.read(moment)[0])

    @task(execution_timeout=timedelta(hours=2))
    def retain(moment: Moment) -> dict[str, Any]:
        """Remove what is older than it has to be kept."""
        from rdchem import upkeep

        return upkeep.retain_day(house.read(moment)[0])

    moment: Any = business_day()
    sealed, learned = seal(moment), learn(moment)
    compact(moment) >> learned  # what is learned is kept by the names of the files it came from
    [sealed, learned] >> retain(moment)  # never what is not sealed; and what was learned needs the oldest


rdchem_upkeep()
