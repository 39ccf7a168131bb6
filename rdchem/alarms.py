"""Telling about ourselves: a task of ours that failed for good, a report of ours that is late. Each once."""

from datetime import date

from rdchem import delivery
from rdchem.delivery import Notice
from rdchem.foreign_text import visible
from rdchem.home import Home

_LONGEST = 300


def task_failed(day: date, dag_id: str, task_id: str, error: str) -> None:
    """One task of one day's run failed and will not be tried again."""
    said = visible(" ".join(error.split()))[:_LONGEST]
    _tell(
        day,
        title=f"本系统任务失败:{dag_id} {task_id}({day})",
        body=f"{dag_id} 的任务 {task_id} 失败,不再重试。{said}\n处理办法见 Airflow 中该流程的说明(Docs)。",
        content=f"failed {dag_id} {task_id}",
    )


def report_late(day: date, dag_id: str) -> None:
    """The report of a day is not there when it should be."""
    _tell(
        day,
        title=f"本系统报告迟到:{dag_id}({day})",
        body=f"{day} 的报告未能按时完成({dag_id})。这是本系统的问题,与企业无关;请看 Airflow 中该运行。",
        content=f"late {dag_id}",
    )


def _tell(day: date, *, title: str, body: str, content: str) -> None:
    name = content.replace(" ", "-")
    delivery.deliver(Home.open(), Notice(day, title, body, content, file=f"{day}/alarms/{name}.txt"))
