"""月报汇总: on the first, the month that is over out of stored verdicts; a draft, told once approved."""

from datetime import timedelta

from airflow.sdk import dag

from dags import bulletin, house


@dag(
    dag_id="rdchem_monthly",
    schedule=house.every("monthly", "0 8 1 * *", run_offset=-1),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(days=4),
    default_args=house.DEFAULTS,
    params=bulletin.PARAMS,
    tags=["rdchem", "monthly"],
    doc_md=bulletin.runbook("月报汇总 rdchem_monthly", "每月一日 **08:00(北京时间)**", "上个月的一日"),
)
def rdchem_monthly() -> None:
    """Sum up, have it approved if asked for, tell it."""
    bulletin.steps("month_of", house.MONTH_ROLLUP)


rdchem_monthly()
