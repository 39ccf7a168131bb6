"""Reading each DAG file beside reading an empty one, as the dag-processor does it.

The dag-processor imports what a file imports of Airflow, forks, and the child reads and serialises the file;
the child is what is timed, in a process that has done the same. Rounds of all files in turn, medians.
"""

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from dags.once import environment

_DAGS: Final = Path(__file__).resolve().parent.parent.parent / "dags"
_MOST: Final = 1.5
_ROUNDS: Final = 7
_EMPTY: Final = """
from airflow.sdk import dag, task


@dag(dag_id="empty", schedule="20 9 * * *")
def empty() -> None:
    @task
    def nothing() -> None:
        pass

    nothing()


empty()
"""


def run(runs: int) -> None:
    """Measure and print; exit with 1 if a file takes more than it may."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(environment(Path(folder)))
        empty = Path(folder) / "empty.py"
        empty.write_text(_EMPTY, encoding="utf-8")
        files = [empty, *sorted(_DAGS.glob("rdchem_*.py"))]
        parsers = [_parser(path) for path in files]
        rounds = [[_in_a_child(one) for one in parsers] for _ in range(_ROUNDS * runs)]
    medians = [statistics.median(column) for column in zip(*rounds, strict=True)]
    table = Table(title=f"reading a DAG file, medians of {len(rounds)}")
    for name in ("file", "ms", "of an empty one"):
        table.add_column(name, justify="left" if name == "file" else "right")
    for path, seconds in zip(files, medians, strict=True):
        table.add_row(path.name, f"{1000 * seconds:.0f}", f"{seconds / medians[0]:.2f}")
    Console(file=sys.stdout).print(table)
    if max(medians) > _MOST * medians[0]:
        raise SystemExit(1)


def _parser(path: Path) -> Callable[[], Any]:
    """What the child does for a file, once the parent has imported what the dag-processor would."""
    import structlog
    from airflow.dag_processing import processor

    log = structlog.get_logger()
    processor._pre_import_airflow_modules(str(path), log)
    request = processor.DagFileParseRequest(
        file=str(path), bundle_path=path.parent, bundle_name="dags-folder"
    )

    def parse() -> None:
        result = processor._parse_file(request, log)
        assert result and result.serialized_dags and not result.import_errors, result

    return parse


def _in_a_child(work: Callable[[], Any]) -> float:
    """Seconds it takes in a forked child."""
    reads, writes = os.pipe()
    if not (child := os.fork()):
        try:
            begun = time.perf_counter()
            work()
            os.write(writes, str(time.perf_counter() - begun).encode())
        finally:
            os._exit(0)
    os.close(writes)
    seconds = os.read(reads, 100)
    os.close(reads)
    os.waitpid(child, 0)
    return float(seconds)
