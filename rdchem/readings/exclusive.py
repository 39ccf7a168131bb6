"""Whether two things that come and go exclude each other: never at once, and one begins as the other ends."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.series import Floats

_LEAST_TIMES: Final = 4
_NEVER: Final = 0.01
_SOON: Final = 0.8
"""So many of the times that one began, the other had just ended."""
_JUST_BEFORE: Final = 2
"""Steps more: a grid is not exact."""

Bools = NDArray[np.bool_]


def exclusive(one: Bools, other: Bools, *, least: float, within: int) -> Bools:
    """By row of the one and of the other, whether these exclude each other; steps along the last axis.

    Both came for `least` steps in all, and several times; next to never at once; and nearly always the one
    began no later than `within` steps after the other had ended.
    """
    known: Bools = often(one, least)[:, None] & often(other, least)[None, :]
    if not known.any():
        return known
    begins = _changes(one) & one
    soon = _product(begins, _lately(_changes(other) & ~other, within))
    never: Bools = _product(one, other) <= _NEVER * one.sum(axis=1)[:, None]
    near: Bools = soon >= _SOON * begins.sum(axis=1)[:, None]
    known &= never & near
    return known


def no_more(one: Bools, other: Bools) -> dict[tuple[int, int], int]:
    """Rows of the one and of the other that came at once whenever the one came, nearly, from a step on to the
    end; and since which step. What was before is another matter.
    """
    steps = one.shape[1]
    last = steps - 1 - np.argmax(one[:, ::-1], axis=1)
    at_last = one[np.arange(one.shape[0]), last][:, None] & other[:, last].T
    found: dict[tuple[int, int], int] = {}
    for row, column in np.argwhere(at_last).tolist():
        both = one[row] & other[column]
        since_end = np.cumsum(one[row, ::-1])[::-1]
        begins = np.flatnonzero(both & (np.cumsum(both[::-1])[::-1] >= _SOON * since_end))
        if begins.size and begins[0]:
            found[row, column] = int(begins[0])
    return found


def often(told: Bools, least: float) -> Bools:
    """Which rows are told for so many steps in all, and several times."""
    found: Bools = told.sum(axis=1) >= least
    if found.any():
        found &= (_changes(told) & told).sum(axis=1) >= _LEAST_TIMES
    return found


def _product(one: Bools, other: Bools) -> Floats:
    """In how many steps both are."""
    count: Floats = one.astype(np.float64) @ other.astype(np.float64).T
    return count


def _changes(told: Bools) -> Bools:
    """Where it is not as it was a step before; before the first one nothing was."""
    changes = told.copy()
    changes[:, 1:] ^= told[:, :-1]
    return changes


def _lately(told: Bools, within: int) -> Bools:
    """Whether something was told within so many steps before, or is in the next one."""
    size, width = told.shape[1], within + _JUST_BEFORE + 1
    count = np.zeros((told.shape[0], size + width), np.int64)
    np.cumsum(told, axis=1, out=count[:, width - 1 : -1])
    count[:, -1] = count[:, -2]
    lately: Bools = np.greater(count[:, width:], count[:, :-width])
    return lately
