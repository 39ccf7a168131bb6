"""Who runs the kernel over the compacted files of a day: this process, a pool of processes, or Spark.

All three give the same frames, ordered by enterprise, source, state and time.
"""

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rdchem.heap import keep_what_is_freed
from rdchem.readings.kernel import Judged, Measured, frames, measure
from rdchem.readings.points import Points
from rdchem.readings.sorted_day import SortedDay
from rdchem.store.sorted_days import sorted_days
from rdchem.workers import process_pool

if TYPE_CHECKING:
    from rdchem.readings.learned import Learned
    from rdchem.store.learned_past import LearnedPast


@dataclass(frozen=True, slots=True)
class Task:
    """What to judge: compacted files of one day, what was received by `as_of_us` and collected in
    [start_us, end_us), by the limits of `points`. `learned`: a file of what is usual for each source
    (`rdchem.store.learned_past`); without one only the plain part is judged. Sources with a past shorter than
    `least_past_s` seconds are not held against each other.
    """

    files: tuple[str, ...]
    points: Points
    start_us: int
    end_us: int
    as_of_us: int
    learned: str | None = None
    least_past_s: float = 172_800.0

    def judged(self, company_code: str, day: SortedDay, learned: "Mapping[str, Learned] | None") -> Measured:
        """What the kernel finds in an enterprise's sorted day, given what is usual for its sources."""
        usual = None
        if learned is not None:
            from rdchem.readings.screened import Usual  # brings SciPy

            usual = Usual(learned, self.points.sensors(company_code, day.sources), self.least_past_s)
        limits = self.points.limits(company_code, day.sources)
        return measure(day, limits, start_us=self.start_us, end_us=self.end_us, usual=usual)


def in_process(task: Task) -> Judged:
    """Judge in this process, one enterprise after the other."""
    with _opened(task) or nullcontext() as usual:
        return _merged([_measured(task, file, usual) for file in task.files])


def in_pool(task: Task, processes: int) -> Judged:
    """Judge in so many processes, each a file at a time."""
    with process_pool(processes, _remember, (task,)) as pool:
        return _merged(list(pool.map(_measured_of_known, task.files)))


def _opened(task: Task) -> "LearnedPast | None":
    """What is usual, opened once for all files of a task: with a nation's enterprises that takes its time."""
    if task.learned is None:
        return None
    from rdchem.store.learned_past import LearnedPast  # brings SciPy

    return LearnedPast(task.learned)


def _measured(task: Task, file: str, usual: "LearnedPast | None") -> list[tuple[str, Measured]]:
    return [
        (code, task.judged(code, day, None if usual is None else usual.of(code)))
        for code, day in sorted_days(file, as_of_us=task.as_of_us, end_us=task.end_us)
    ]


def _merged(parts: Sequence[Sequence[tuple[str, Measured]]]) -> Judged:
    found = [one for part in parts for one in part]
    return frames(sorted(found, key=lambda one: one[0]))


_known: "list[tuple[Task, LearnedPast | None]]" = []
"""The task of a worker process and what it opened, once and not with every file."""


def _remember(task: Task) -> None:
    keep_what_is_freed()
    _known[:] = [(task, _opened(task))]


def _measured_of_known(file: str) -> list[tuple[str, Measured]]:
    task, usual = _known[0]
    return _measured(task, file, usual)
