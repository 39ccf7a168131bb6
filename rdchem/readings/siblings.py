"""Siblings: sources of one hazard and quantity that always went together, and how far apart they are today.

Nobody registers siblings: their past, in both of its halves, fits on a rising line. Each is measured by its
own past, less its mean, in its standard deviations; what lies between two was never more than so much.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.beside import Beside
from rdchem.readings.series import Floats

_ALIKE: Final = 0.98
"""So well they fit, as a correlation."""
_MOVES: Final = 1.5
"""What moves strays so many times as far as noise that steps like it."""
_SEEN: Final = 0.8
"""So much of the least past must be known of both."""
_FAR: Final = 3.0
"""Far is so many times the farthest of the past …"""
_LEAST_FAR: Final = 0.2
"""… and so many standard deviations."""
_BEYOND: Final = 0.1
"""Outside of its past is what lies so much of its width beyond."""

Bools = NDArray[np.bool_]
Places = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Siblings `one` and `other`, as rows of what they are beside.

    `far`: by step of today, how far apart they are, 1 being as far as may be, NaN where one is missing;
    `usually`: what lay between them in the middle, in deviations. Of each row `outside`: by step of today,
    whether it is outside of its own past; `mean` and `deviation` of its past.
    """

    one: Places
    other: Places
    usually: Floats
    far: Floats
    outside: Bools
    mean: Floats
    deviation: Floats

    def line(self, pair: int, *, back: bool = False) -> tuple[float, float]:
        """How many times the other, plus how much, one of a pair should show; `back`: the other way."""
        one, other, usually = int(self.one[pair]), int(self.other[pair]), float(self.usually[pair])
        if back:
            one, other, usually = other, one, -usually
        times = float(self.deviation[one] / self.deviation[other])
        return times, float(self.mean[one] + self.deviation[one] * usually - times * self.mean[other])


def pairs(beside: Beside, *, least_s: float) -> Pairs | None:
    """The siblings among sources of one quantity; None where there are none. `least_s`: from a shorter past
    nothing is learned.
    """
    one, other = np.nonzero(np.triu(went_together(beside.past, _SEEN * least_s / beside.step_s), 1))
    if not one.size:
        return None
    past, today = beside.past, beside.today
    mean, deviation = np.zeros(past.shape[0]), np.ones(past.shape[0])
    some = np.union1d(one, other)
    mean[some], deviation[some] = np.nanmean(past[some], axis=1), np.nanstd(past[some], axis=1)
    then, now = ((values - mean[:, None]) / deviation[:, None] for values in (past, today))
    apart = then[one] - then[other]
    low, high = np.nanmin(apart, axis=1), np.nanmax(apart, axis=1)
    usually, reach = (low + high) / 2, np.maximum(_FAR * (high - low) / 2, _LEAST_FAR)
    far = (now[one] - now[other] - usually[:, None]) / reach[:, None]
    outside = np.zeros(today.shape, np.bool_)
    outside[some] = _outside(past[some], today[some])
    return Pairs(one, other, usually, far, outside, mean, deviation)


def _outside(past: Floats, today: Floats) -> Bools:
    low, high = np.nanmin(past, axis=1, keepdims=True), np.nanmax(past, axis=1, keepdims=True)
    more = _BEYOND * (high - low)
    outside: Bools = (today < low - more) | (today > high + more)
    return outside


def went_together(past: Floats, least: float) -> Bools:
    """Which rows went together, in both halves of at least so many steps that both of them have."""
    half = past.shape[1] // 2
    alike = np.ones((past.shape[0],) * 2, np.bool_)
    for part in (past[:, :half], past[:, half:]):
        alike &= _fit(part, least / 2)
        if alike.sum() <= past.shape[0]:  # nobody but each with itself
            return np.zeros(alike.shape, np.bool_)
    moves = _moves(past)
    return alike & moves[:, None] & moves[None, :]


def _fit(values: Floats, least: float) -> Bools:
    """Which rows fit on a rising line, over the steps that both have, so many at least; each with itself."""
    there = np.isfinite(values)
    if there.all():
        rest = values - values.mean(axis=1, keepdims=True)
        squares: Floats = np.broadcast_to((rest**2).sum(axis=1, keepdims=True), (values.shape[0],) * 2)
        together, enough = rest @ rest.T, np.array(values.shape[1] >= least)
    else:
        rest, known = np.where(there, values - _mean(values, there), 0.0), there.astype(np.float64)
        count, sums = known @ known.T, rest @ known.T
        common = np.maximum(count, 1)
        squares = np.maximum(rest**2 @ known.T - sums**2 / common, 0.0)
        together, enough = rest @ rest.T - sums * sums.T / common, count >= least
    of_both = np.sqrt(squares * squares.T)
    fit: Bools = enough & (of_both > 0) & (together >= _ALIKE * of_both)
    return fit | np.eye(values.shape[0], dtype=np.bool_)


def _mean(values: Floats, there: Bools) -> Floats:
    total = np.where(there, values, 0.0).sum(axis=1, keepdims=True)
    mean: Floats = total / np.maximum(there.sum(axis=1, keepdims=True), 1)
    return mean


def _moves(past: Floats) -> Bools:
    """Which rows move by more than their noise: of noise alone steps are √2 times as large as values."""
    there = np.isfinite(past)
    rest = np.where(there, past - _mean(past, there), 0.0)
    steps = np.where(there[:, 1:] & there[:, :-1], np.diff(rest, axis=1), 0.0)
    moves: Bools = (rest**2).sum(axis=1) > _MOVES**2 * (steps**2).sum(axis=1) / 2
    return moves
