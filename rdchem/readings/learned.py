"""What is usual for a source, learned from an earlier stretch of it; small, and all that is kept of it."""

from dataclasses import dataclass

import numpy as np

from rdchem.readings.runs import longest_runs
from rdchem.readings.series import Series, cadence


@dataclass(frozen=True, slots=True)
class Learned:
    """What is usual for one source; the unit of the source, seconds.

    `rows`: values it was learned from. `step_s`: cadence. `longest_wait_s`: longest time between two values.
    `longest_run_s`: longest time without a change; `rest`: the lowest value, where a signal may rest
    (`longest_rest_s`: for how long it did). `low`, `high`: smallest and greatest value.
    """

    rows: int
    start: float
    end: float
    step_s: float
    longest_wait_s: float
    longest_run_s: float
    longest_rest_s: float
    low: float
    high: float


def learn(series: Series) -> Learned | None:
    """What is usual in a series; None where it has fewer than three values: nothing can be said of it."""
    past = series.present()
    if past.seconds.size < 3:
        return None
    low, high = float(past.values.min()), float(past.values.max())
    moving, resting = longest_runs(past, low)
    return Learned(
        rows=past.seconds.size,
        start=float(past.seconds[0]),
        end=float(past.seconds[-1]),
        step_s=cadence(past.seconds),
        longest_wait_s=float(np.diff(past.seconds).max()),
        longest_run_s=moving,
        longest_rest_s=resting,
        low=low,
        high=high,
    )
