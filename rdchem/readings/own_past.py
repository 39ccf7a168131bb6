"""A signal without a past to learn from: each part of it is judged by the rest.

Five days at a time are judged by what comes before and after them, three weeks on either side; the parts
overlap by two days, so that what is cut off at the end of one lies whole in another.
"""

from datetime import datetime, timedelta
from typing import Final

import numpy as np

from rdchem.model.signal import SignalInterval
from rdchem.readings.learned import learn
from rdchem.readings.screen import (
    Question,
    combined,
    compared,
    in_order,
    of_values,
    out_of_range,
    silences,
    stuck,
)
from rdchem.readings.series import DAY_S, Series
from rdchem.readings.told import instant

LEAST_S: Final = 3 * DAY_S
"""From fewer days nothing is learned."""
_PART_S: Final = 5 * DAY_S
_OVERLAP_S: Final = 2 * DAY_S
_REST_S: Final = 21 * DAY_S


def screen_by_own_past(
    series: Series, *, span: tuple[float, float] | None = None, until: float | None = None
) -> list[SignalInterval]:
    """The intervals of a series by the rest of it; of less than three and a half days by its rows alone."""
    shown = series.present()
    rows = silences(shown, None, until) + out_of_range(shown, span)
    lasts = float(shown.seconds[-1] - shown.seconds[0]) if shown.seconds.size else 0.0
    part_s = min(_PART_S, lasts - LEAST_S)
    if part_s < DAY_S / 2:
        return in_order(rows + of_values(shown, None))
    found: list[SignalInterval] = []
    overlap_s = min(_OVERLAP_S, part_s / 2)
    for begin in np.arange(shown.seconds[0], shown.seconds[-1] - overlap_s, part_s - overlap_s):
        found += _judged(shown, float(begin), float(begin) + part_s, overlap_s)
    told: list[SignalInterval] = []
    for one in sorted(found, key=lambda one: (one.start - one.end, one.start)):
        told = combined(told, [one])
    return in_order(rows + told)


def _judged(shown: Series, begin: float, end: float, overlap_s: float) -> list[SignalInterval]:
    """The intervals of a part of a series by the rest, but for those an overlapping part shows whole."""
    near = shown.between(begin - _REST_S, end + _REST_S)
    rest = (near.seconds < begin) | (near.seconds >= end)
    usual = learn(Series(near.seconds[rest], near.values[rest]))
    part = shown.between(begin, end)
    if usual is None or not part.seconds.size:
        return []
    still = [one for one in stuck(shown, usual) if one.end > instant(begin) and one.start < instant(end)]
    first = instant(float(part.seconds[0])) if part.seconds[0] > shown.seconds[0] else None
    last = instant(float(part.seconds[-1])) if part.seconds[-1] < shown.seconds[-1] else None
    [told] = compared([Question(part, usual, still)])
    return [one for one in told if one in still or not _cut(one, first, last, timedelta(seconds=overlap_s))]


def _cut(one: SignalInterval, first: datetime | None, last: datetime | None, overlap: timedelta) -> bool:
    """Whether an interval reaches an end of its part, and is whole in another one."""
    ends = (first is not None and one.start <= first) or (last is not None and one.end >= last)
    return ends and one.end - one.start <= overlap
