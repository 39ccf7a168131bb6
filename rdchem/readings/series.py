"""One signal as two arrays in order of time, whatever order its rows came in."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
DAY_S: Final = 86_400.0
MOST: Final = 1e30
"""No instrument shows more; squares of it are still numbers."""


@dataclass(frozen=True, slots=True)
class Series:
    """Values of one source by time, rising strictly.

    `seconds`: float64 of shape (n,), from 1970-01-01 UTC. `values`: float64 of shape (n,), in the unit of the
    source; NaN is a row without a value. `duplicates`: rows dropped because a row of the same instant stands
    for them; `conflicts`: those of them that said another value; `disordered`: rows that came after a later
    one; `dateless`: rows dropped for want of an instant.
    """

    seconds: Floats
    values: Floats
    duplicates: int = 0
    conflicts: int = 0
    disordered: int = 0
    dateless: int = 0

    def between(self, start: float, end: float) -> "Series":
        """The rows from second `start` to before second `end`."""
        first, last = np.searchsorted(self.seconds, (start, end))
        return Series(self.seconds[first:last], self.values[first:last])

    def present(self) -> "Series":
        """The rows that have a value."""
        there = np.abs(self.values) <= MOST
        return self if there.all() else Series(self.seconds[there], self.values[there])


def ordered(seconds: Floats, values: Floats) -> Series:
    """The series of rows in any order: the result depends on the set of rows alone.

    Of several rows of one instant the greatest value stands (a row with a value before one without), so that
    no order of arrival decides. Infinite values, and such as no instrument shows, count as missing.
    """
    if seconds.shape != values.shape or seconds.ndim != 1:
        raise ValueError(f"two arrays of one length are needed, not {seconds.shape} and {values.shape}")
    dated = np.isfinite(seconds)
    dateless = int(seconds.size - np.count_nonzero(dated))
    if dateless:
        seconds, values = seconds[dated], values[dated]
    values = np.where(np.abs(values) <= MOST, values, np.nan)
    steps = np.diff(seconds)
    if np.all(steps > 0):
        return Series(seconds.astype(np.float64), values, dateless=dateless)
    order = np.lexsort((np.where(np.isnan(values), -np.inf, values), seconds))
    seconds, values = seconds[order], values[order]
    last = np.append(seconds[1:] != seconds[:-1], True)
    twin = ~last
    same = values[:-1] == values[1:]
    conflicts = int(np.count_nonzero(twin[:-1] & ~same & ~np.isnan(values[:-1])))
    return Series(
        seconds[last].astype(np.float64),
        values[last],
        duplicates=int(np.count_nonzero(twin)),
        conflicts=conflicts,
        disordered=int(np.count_nonzero(steps < 0)),
        dateless=dateless,
    )


def cadence(seconds: Floats) -> float:
    """The usual step between rows in seconds (their median); NaN for fewer than two rows."""
    return float(np.median(np.diff(seconds))) if seconds.size > 1 else float("nan")
