"""公告提醒: every day at 09:00, who has not announced yet, told once."""

from datetime import timedelta
from typing import Any

from airflow.sdk import dag, task

from dags import house
from dags.house import Moment

RUNBOOK = """
### 公告提醒 rdchem_reminder

每天 **09:00(北京时间)** 启动,列出尚未公告安全承诺的企业并通知一次。依据的时刻固定为截止时间前的若干分钟
(规定值 `commitment_reminder`);只提醒,不判定,不留案底。停用、豁免的企业不在名单内。

**如何看出它是健康的**

1. 当天(分区键 = 日期)有一次运行,任务全绿,一分钟内结束。
2. `remind` 的返回值给出名单家数;报告目录当天文件夹里有 `reminder.txt` 和 `not_announced.csv`。

**变红时怎么办**(先看日志最后一行)

| 任务 | 常见原因 | 处理 |
|---|---|---|
| business_day | 手工运行时日期或时刻写错 | 按 `2026-09-15` 的格式重新触发 |
| remind | 没有企业登记、数据库不可用、通知送不出去 | 按日志处理后清除(Clear)该任务;已送达的不会重发 |

错过 09:20 之后不必补跑:晨间核查会给出正式判定。
"""


@dag(
    dag_id="rdchem_reminder",
    schedule=house.every("reminder", "0 9 * * *"),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(minutes=15),
    default_args=house.DEFAULTS | {"retry_delay": timedelta(seconds=30)},
    params={"day": house.day_param("要提醒的日期"), "as_of": house.AS_OF_PARAM},
    tags=["rdchem", "daily"],
    doc_md=RUNBOOK,
)
def rdchem_reminder() -> None:
    """Before the deadline: tell who has not announced."""

    @task
    def business_day() -> Moment:
        """Which day this run is about, and the instant before its deadline."""
        from rdchem import reminder

        return house.moment(reminder.reminder_as_of)

    @task
    def remind(moment: Moment) -> dict[str, Any]:
        """List who has not announced, and tell it once."""
        from rdchem import reminder

        house.skip_if_backfilled()
        return reminder.remind(*house.read(moment))

    remind(business_day())  # type: ignore[arg-type]


rdchem_reminder()
