"""周报汇总: every Monday, the week that is over out of stored verdicts; a draft, told once approved."""

from datetime import timedelta

from airflow.sdk import dag

from dags import bulletin, house


@dag(
    dag_id="rdchem_weekly",
    schedule=house.every("weekly", "30 7 * * 1", run_offset=-1),
    catchup=False,
    max_active_runs=1,
    is_paused_upon_creation=False,
    dagrun_timeout=timedelta(days=4),
    default_args=house.DEFAULTS,
    params=bulletin.PARAMS,
    tags=["rdchem", "weekly"],
    doc_md=bulletin.runbook("周报汇总 rdchem_weekly", "每周一 **07:30(北京时间)**", "上一周的星期一"),
)
def rdchem_weekly() -> None:
    """Sum up, have it approved if asked for, tell it."""
    bulletin.steps("week_of", house.WEEK_ROLLUP)


rdchem_weekly()
