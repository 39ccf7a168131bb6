"""Who runs the kernel over the compacted files of a day: this process, a pool of processes, or Spark.

All three give the same frames, ordered by enterprise, source, state and time.
"""

from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing import get_context

from rdchem.readings.kernel import Judged, Measured, frames, measure
from rdchem.readings.points import Points
from rdchem.store.sorted_days import sorted_days


@dataclass(frozen=True, slots=True)
class Task:
    """What to judge: compacted files of one day, what was received by `as_of_us` and collected in
    [start_us, end_us), by the limits of `points`. `learned`: a file of what is usual for each source
    (`rdchem.store.learned_past`); without one only the plain part is judged.
    """

    files: tuple[str, ...]
    points: Points
    start_us: int
    end_us: int
    as_of_us: int
    learned: str | None = None


def in_process(task: Task) -> Judged:
    """Judge in this process, one enterprise after the other."""
    return _merged([_measured(task, file) for file in task.files])


def in_pool(task: Task, processes: int) -> Judged:
    """Judge in so many processes, each a file at a time."""
    context = get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with ProcessPoolExecutor(processes, context, _remember, (task,)) as pool:
        return _merged(list(pool.map(_measured_of_known, task.files)))


def _measured(task: Task, file: str) -> list[tuple[str, Measured]]:
    with ExitStack() as stack:
        learned = None
        if task.learned is not None:
            from rdchem.store.learned_past import LearnedPast  # brings SciPy

            learned = stack.enter_context(LearnedPast(task.learned))
        return [
            (
                code,
                measure(
                    day,
                    task.points.limits(code, day.sources),
                    start_us=task.start_us,
                    end_us=task.end_us,
                    learned=None if learned is None else learned.of(code),
                ),
            )
            for code, day in sorted_days(file, as_of_us=task.as_of_us, end_us=task.end_us)
        ]


def _merged(parts: Sequence[Sequence[tuple[str, Measured]]]) -> Judged:
    found = [one for part in parts for one in part]
    return frames(sorted(found, key=lambda one: one[0]))


_known: list[Task] = []
"""The task of a worker process, sent once and not with every file."""


def _remember(task: Task) -> None:
    _known[:] = [task]


def _measured_of_known(file: str) -> list[tuple[str, Measured]]:
    return _measured(_known[0], file)
