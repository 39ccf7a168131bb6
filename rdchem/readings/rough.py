"""Whose noise or digits may be unlike their past, of all sources of an enterprise at once. Pure.

What `rdchem.readings.texture` tells of a source needs some readings of too many decimals, or some windows in
which it trembles more or less than it ever did for long, or ends in 0 and 5. That is asked of all sources
together, in a few passes over all their readings; only of whom it is so is more asked, source by source.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.decimals import LEAST_FINER, UNTOLD, finer
from rdchem.readings.grid import HOUR_S
from rdchem.readings.series import Floats
from rdchem.readings.sorted_day import SortedDay
from rdchem.readings.texture import (
    LEAST_ROWS,
    LOUDER,
    MOST_TYPED,
    MOVES,
    NOISE_LASTS,
    QUIETER,
    TYPED,
    TYPED_LASTS,
    Texture,
    as_often,
    row_by_row,
)

_WINDOW_US = round(HOUR_S * 1e6)


def may_be_rough(
    day: SortedDay, values: Floats, usual: Sequence[Texture], steps_s: Floats
) -> NDArray[np.bool_]:
    """The sources of which something may be told by their texture, counted by windows of an hour; `usual` and
    `steps_s`, the usual seconds between readings, have one for each. Of a source with missing values nothing
    is said that can be relied on.
    """
    first, counts = day.starts[:-1], np.diff(day.starts)
    decimals = np.array([one.decimals for one in usual])
    of_row = np.repeat(np.maximum(decimals, 0), counts)
    told = decimals != UNTOLD
    found = told & (np.add.reduceat(finer(values, of_row), first, dtype=np.int64) >= LEAST_FINER)
    rows, moves, typed, noise = _hours(day, values, of_row)
    enough = as_often(rows, HOUR_S, steps_s[:, None])
    loudest, quietest, most = (
        np.array([getattr(one, name) for one in usual])[:, None] for name in ("loudest", "quietest", "typed")
    )
    loud = enough & (loudest > 0) & (noise > LOUDER * loudest * rows)
    calm = enough & (noise < QUIETER * quietest * rows) & (moves >= MOVES * rows)
    even = told[:, None] & (moves >= LEAST_ROWS / 2) & (typed >= TYPED * moves) & (most <= MOST_TYPED)
    for some, lasts in ((loud, NOISE_LASTS), (calm, NOISE_LASTS), (even, TYPED_LASTS)):
        found |= np.count_nonzero(some, axis=1) >= lasts
    return np.asarray(found)


def _hours(day: SortedDay, values: Floats, decimals: NDArray[np.int64]) -> tuple[Floats, ...]:
    """Readings, moves, moves to 0 or 5, and noise of each source (rows) in each hour; sums."""
    first, last = day.starts[:-1], day.starts[1:] - 1
    hour = day.occurred_us // _WINDOW_US
    earliest = int(hour.min())
    hours = int(hour.max()) - earliest + 1
    cell = np.repeat(np.arange(len(first)) * hours, np.diff(day.starts)) + hour - earliest
    begins = np.flatnonzero(np.diff(cell, prepend=-1))
    moved, typed, bend = row_by_row(values, decimals)
    moved[first] = typed[first] = False  # that is how it differs from another source
    bend[first] = bend[last] = 0.0
    sums = [np.zeros(len(first) * hours) for _ in range(4)]
    at = cell[begins]
    sums[0][at] = np.diff(begins, append=values.size)
    for total, part in zip(sums[1:], (moved, typed, bend), strict=True):
        total[at] = np.add.reduceat(part, begins, dtype=np.float64)
    return tuple(total.reshape(len(first), hours) for total in sums)
