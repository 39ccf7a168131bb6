"""Siblings: sources of one hazard and quantity that always went together, and how far apart they are today.

Nobody registers siblings: their past, in both of its halves, fits on a rising line. Each is measured by its
own past, less its mean, in its standard deviations; what lies between two was never more than so much.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.beside import Beside
from rdchem.readings.grid import HOUR_S
from rdchem.readings.series import Floats

_ALIKE: Final = 0.98
"""So well they fit, as a correlation."""
_MOVES: Final = 1.5
"""What moves strays so many times as far as noise that steps like it."""
SEEN: Final = 0.8
"""So much of the least past must be known of both."""
LONGER: Final = 1.5
"""They went together so many times as long as they have not: else that is how they are now."""
_MOSTLY: Final = 0.8
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
    """Siblings `one` and `other`, as rows of what they are beside; of each pair one place, or one row.

    `far`: by step of today, how far apart they are, 1 being as far as may be, NaN where one is missing.
    `outside`: by step of today, whether the one, and the other, is outside of its own past. `times`, `plus`:
    how many times the other, plus how much, the one should show. `agreed`: for so many steps of the past they
    went together, and ever since not any more.
    """

    one: Places
    other: Places
    far: Floats
    outside: tuple[Bools, Bools]
    times: Floats
    plus: Floats
    agreed: Places

    @property
    def judged(self) -> Bools:
        """Where both are there, and not where the plant went as it never did, both outside of their past."""
        judged: Bools = np.isfinite(self.far) & ~(self.outside[0] & self.outside[1])
        return judged

    def line(self, pair: int, *, back: bool = False) -> tuple[float, float]:
        """How many times the other, plus how much, one of a pair should show; `back`: the other way."""
        times, plus = float(self.times[pair]), float(self.plus[pair])
        return (1 / times, -plus / times) if back else (times, plus)


def pairs(beside: Beside, *, least_s: float) -> Pairs | None:
    """The siblings among sources of one quantity; None where there are none. `least_s`: from a shorter past
    nothing is learned.
    """
    past, steps = beside.past, least_s / beside.step_s
    agreed = np.triu(went_together(past, SEEN * steps), 1) * past.shape[1]
    for pair, since in parted(past, round(steps), round(HOUR_S / beside.step_s)).items():
        if since >= LONGER * (past.shape[1] - since):
            agreed[pair] = since
    ends = np.unique(agreed[agreed > 0]).tolist()
    if not ends:
        return None
    found = [held(past[:, :end], beside.today, *np.nonzero(agreed == end)) for end in ends]
    return _together(found) if len(found) > 1 else found[0]


def _together(several: Sequence[Pairs]) -> Pairs:
    """Pairs of different pasts, in order of their rows."""
    one, other, far, own, others, times, plus, agreed = (
        np.concatenate(column)
        for column in zip(
            *((p.one, p.other, p.far, *p.outside, p.times, p.plus, p.agreed) for p in several), strict=True
        )
    )
    at = np.lexsort((other, one))
    return Pairs(one[at], other[at], far[at], (own[at], others[at]), times[at], plus[at], agreed[at])


def held(past: Floats, values: Floats, one: Places, other: Places) -> Pairs:
    """Some values of siblings held against each other by a past in which they went together."""
    mean, deviation = np.zeros(past.shape[0]), np.ones(past.shape[0])
    some = np.union1d(one, other)
    mean[some], deviation[some] = np.nanmean(past[some], axis=1), np.nanstd(past[some], axis=1)
    then, now = ((part - mean[:, None]) / deviation[:, None] for part in (past, values))
    apart = then[one] - then[other]
    low, high = np.nanmin(apart, axis=1), np.nanmax(apart, axis=1)
    usually, reach = (low + high) / 2, np.maximum(_FAR * (high - low) / 2, _LEAST_FAR)
    far = (now[one] - now[other] - usually[:, None]) / reach[:, None]
    outside = np.zeros(values.shape, np.bool_)
    outside[some] = _outside(past[some], values[some])
    times = deviation[one] / deviation[other]
    plus = mean[one] + deviation[one] * usually - times * mean[other]
    length = np.full(one.size, past.shape[1])
    return Pairs(one, other, far, (outside[one], outside[other]), times, plus, length)


def _outside(past: Floats, today: Floats) -> Bools:
    low, high = np.nanmin(past, axis=1, keepdims=True), np.nanmax(past, axis=1, keepdims=True)
    more = _BEYOND * (high - low)
    outside: Bools = (today < low - more) | (today > high + more)
    return outside


def parted(past: Floats, first: int, hour: int) -> dict[tuple[int, int], int]:
    """Of rows that went together in the first so many steps, and at the end no more: since which step they
    are far apart nearly always. That they are must not teach how they are.
    """
    found: dict[tuple[int, int], int] = {}
    if past.shape[1] < first + hour:
        return found
    one, other = np.nonzero(np.triu(went_together(past[:, :first], SEEN * first), 1))
    if not one.size:
        return found
    known = held(past[:, :first], past, one, other)
    for place in range(one.size):
        since = _since(known, place, hour)
        if since is None or since < first:
            continue
        both = past[[one[place], other[place]]]
        if went_together(both[:, :since], SEEN * first)[0, 1]:
            again = held(both[:, :since], both, np.array([0]), np.array([1]))
            if _since(again, 0, hour) is not None:
                found[int(one[place]), int(other[place])] = since
    return found


def _since(known: Pairs, place: int, hour: int) -> int | None:
    """From which step on to the last one a pair is far apart nearly always, for an hour at least."""
    judged = np.flatnonzero(known.judged[place])
    gone = np.abs(known.far[place, judged]) > 1
    share = np.cumsum(gone[::-1])[::-1] / np.arange(gone.size, 0, -1)
    begins = np.flatnonzero(gone & (share >= _MOSTLY))
    return int(judged[begins[0]]) if begins.size and gone.size - begins[0] >= hour else None


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
