"""LocalExecutor whose tasks find rdchem imported: what takes seconds in every task is done once, beforehand.

`AIRFLOW__CORE__EXECUTOR=dags.warm.WarmLocalExecutor`. The scheduler imports what tasks import and only then
forks its workers, and these fork the tasks. So a new version of rdchem asks for a restart of the scheduler.
"""

from importlib import import_module
from typing import Final

from airflow.executors.local_executor import LocalExecutor

WARM: Final = (
    "rdchem.groups",
    "rdchem.quality",
    "rdchem.quality_jobs",
    "rdchem.report_jobs",
    "rdchem.day_end",
    "rdchem.sweep",
)
"""What the tasks of the morning, of the day's end and of the sweep import."""


class WarmLocalExecutor(LocalExecutor):
    """Airflow's LocalExecutor, begun after the imports."""

    def start(self) -> None:
        """Import, then fork the workers."""
        for module in WARM:
            import_module(module)
        super().start()
