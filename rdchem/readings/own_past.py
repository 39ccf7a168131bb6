"""A signal without a past to learn from: each part of it is judged by the parts before it.

From the first days a usual course is learned; what follows is judged by it a week at a time, and then learned
from in its turn, but for what was found in it. The first days themselves are judged by what follows them.
"""

from typing import Final

import numpy as np

from rdchem.model.signal import SignalInterval
from rdchem.readings.learned import learn
from rdchem.readings.screen import combined, compared, in_order, of_values, out_of_range, silences, stuck
from rdchem.readings.series import DAY_S, Series

LEAST_S: Final = 3 * DAY_S
"""From fewer days nothing is learned."""
_FIRST_S: Final = 14 * DAY_S
_LEARNED_S: Final = 21 * DAY_S
_PART_S: Final = 7 * DAY_S
_ON_S: Final = 5 * DAY_S
"""The next part begins so long after the one before, so that no day lies at an end alone."""


def screen_by_own_past(
    series: Series, *, span: tuple[float, float] | None = None, until: float | None = None
) -> list[SignalInterval]:
    """The intervals of a series by its own earlier parts; of less than four days by its rows alone."""
    shown = series.present()
    rows = silences(shown, None, until) + out_of_range(shown, span)
    if not shown.seconds.size or shown.seconds[-1] - shown.seconds[0] < LEAST_S + DAY_S / 2:
        return in_order(rows + of_values(shown, None))
    start, end = float(shown.seconds[0]), float(shown.seconds[-1])
    first = start + max(LEAST_S, min(_FIRST_S, (end - start) / 3))
    found: list[SignalInterval] = []
    still: list[SignalInterval] = []
    begin = first
    while begin < end:
        if usual := learn(_without(shown.between(max(start, begin - _LEARNED_S), begin), found + still)):
            found += compared(shown.between(begin, begin + _PART_S), usual)
            still = combined(still, _within(stuck(shown, usual), begin, begin + _PART_S))
        begin += _ON_S
    if usual := learn(_without(shown.between(first, first + _LEARNED_S), found + still)):
        found += compared(shown.between(start, first), usual)
        still = combined(still, _within(stuck(shown, usual), start, first))
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        still = combined(still, [one])
    return in_order(rows + still)


def _within(found: list[SignalInterval], start: float, end: float) -> list[SignalInterval]:
    """The intervals that reach into a part; a run of equal values is told of whole."""
    return [one for one in found if one.end.timestamp() >= start and one.start.timestamp() < end]


def _without(past: Series, found: list[SignalInterval]) -> Series:
    kept = np.ones(past.seconds.size, bool)
    for one in found:
        kept &= (past.seconds < one.start.timestamp()) | (past.seconds > one.end.timestamp())
    return past if kept.all() else Series(past.seconds[kept], past.values[kept])
