"""A signal with what came before it: its past and itself on one grid, and where each place was in time."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.grid import Grid, gridded
from rdchem.readings.series import DAY_S, Series

LONGEST_GAP_S: Final = 2 * DAY_S


@dataclass(frozen=True, slots=True)
class Context:
    """The past up to place `since`, the signal from there on; `grid.first` counts as if nothing lay between.

    A longer time between the two is left out, by whole days, so that each value keeps its time of day.
    `left_out` steps, if any, lie before place `since`.
    """

    grid: Grid
    since: int
    left_out: int

    def second(self, place: int) -> float:
        """The second a place begins with."""
        return self.grid.second(place - (self.left_out if place < self.since else 0))


def context(past: Grid | None, series: Series, step_s: float) -> Context:
    """The context of a signal; what of the past is not before it is left out."""
    now = gridded(series, step_s)
    before = np.zeros(0) if past is None else past.values[: max(0, now.first - past.first)]
    if past is None or not before.size:
        return Context(now, 0, 0)
    between = now.first - past.first - before.size
    day, longest = round(DAY_S / step_s), round(LONGEST_GAP_S / step_s)
    kept = between if between <= longest else between % day
    values = np.concatenate((before, np.full(kept, np.nan), now.values))
    since = before.size + kept
    return Context(Grid(now.first - since, step_s, values), since, between - kept)


def densest(matches: NDArray[np.bool_], against: float = 1.5) -> tuple[int, int]:
    """The run of places, first to before last, with the most matches less `against` times the others."""
    score = np.concatenate(([0.0], np.cumsum(np.where(matches, 1.0, -against))))
    lowest = np.minimum.accumulate(score)
    end = int(np.argmax(score - lowest))
    begin = int(np.argmin(score[: end + 1]))
    return begin, end
