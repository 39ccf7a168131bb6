"""The readings of one source as they were received."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.series import Floats, Series


@dataclass(frozen=True, slots=True)
class Rows:
    """Readings of one source in order of collect time: float64 seconds and values; `journal` is the place in
    `ids` of the message each came in.
    """

    seconds: Floats
    values: Floats
    journal: NDArray[np.int64]
    ids: Sequence[str]
    delays: Floats
    """Seconds from collecting to hearing."""

    def between(self, start: float, end: float) -> "Rows":
        """The rows from second `start` to second `end`, both included."""
        first, after = np.searchsorted(self.seconds, start), np.searchsorted(self.seconds, end, side="right")
        part = slice(int(first), int(after))
        return Rows(self.seconds[part], self.values[part], self.journal[part], self.ids, self.delays[part])

    @property
    def series(self) -> Series:
        """The signal."""
        return Series(self.seconds, self.values)

    def id_of(self, row: int) -> str:
        """The message a row came in."""
        return self.ids[int(self.journal[row])]

    @property
    def edges(self) -> tuple[str, ...]:
        """The messages of the first and the last row."""
        return tuple(sorted({self.id_of(0), self.id_of(-1)})) if self.journal.size else ()
