"""What is asked of every point of a county, as one small table that goes to whoever judges. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rdchem.readings.plain import NEVER, PointLimits
from rdchem.readings.sorted_day import Integers, Numbers

if TYPE_CHECKING:
    from rdchem.readings.beside import Sensor

COLUMNS: Final = ("low", "high", "spike", "flat_us", "silent_us")
MEASURES: Final = ("quantity", "hazard")
"""What a point measures, of which hazard: its place in `rdchem.readings.beside.COMPARED`, and any number that
tells the hazards of an enterprise apart; -1: none.
"""


@dataclass(frozen=True, slots=True)
class Points:
    """Limits by enterprise and source, in order of both; of a source not in here nothing is asked.

    `enterprises[code]` is where an enterprise's sources begin and end in the other columns.
    """

    enterprises: Mapping[str, tuple[int, int]]
    source: NDArray[np.str_]
    low: Numbers
    high: Numbers
    spike: Numbers
    flat_us: Integers
    silent_us: Integers
    quantity: Integers
    hazard: Integers

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Points":
        """From a table with `company_code`, `source_code` and `COLUMNS`: NaN and NEVER ask nothing. Where
        `MEASURES` are not there too, no points are held against each other.
        """
        table = table.assign(**{name: -1 for name in MEASURES if name not in table})
        ordered = table.sort_values(["company_code", "source_code"])
        company = ordered["company_code"].to_numpy(dtype=object)
        begins = np.flatnonzero(np.r_[True, company[1:] != company[:-1]][: len(company)])
        ends = np.r_[begins[1:], len(company)] if len(begins) else begins
        numbers = {name: ordered[name].to_numpy(np.float64) for name in ("low", "high", "spike")}
        return cls(
            enterprises={str(company[at]): (int(at), int(end)) for at, end in zip(begins, ends, strict=True)},
            source=ordered["source_code"].to_numpy(dtype=str),
            **{name: ordered[name].to_numpy(np.int64) for name in ("flat_us", "silent_us", *MEASURES)},
            **numbers,
        )

    def limits(self, company_code: str, sources: tuple[str, ...]) -> PointLimits:
        """The limits of an enterprise's sources, in their order."""
        known, at = self._places(company_code, sources)
        limits = PointLimits(
            flat_us=np.full(len(known), NEVER),
            silent_us=np.full(len(known), NEVER),
            low=np.full(len(known), np.nan),
            high=np.full(len(known), np.nan),
            spike=np.full(len(known), np.nan),
        )
        for name in COLUMNS:
            getattr(limits, name)[known] = getattr(self, name)[at]
        return limits

    def sensors(self, company_code: str, sources: tuple[str, ...]) -> "dict[str, Sensor]":
        """What those of an enterprise's sources measure that are held against each other."""
        from rdchem.readings.beside import COMPARED, Sensor  # brings SciPy

        _, at = self._places(company_code, sources)
        at = at[self.quantity[at] >= 0]
        columns = (self.source, self.quantity, self.hazard, self.low, self.high)
        return {
            str(code): Sensor(
                COMPARED[quantity], hazard if hazard >= 0 else None, (low, high) if low < high else None
            )
            for code, quantity, hazard, low, high in zip(
                *(column[at].tolist() for column in columns), strict=True
            )
        }

    def _places(
        self, company_code: str, sources: tuple[str, ...]
    ) -> tuple[NDArray[np.bool_], NDArray[np.int64]]:
        """Which of an enterprise's sources are known, and where these stand in the columns."""
        begin, end = self.enterprises.get(company_code, (0, 0))
        own = self.source[begin:end]
        wanted = np.array(sources, dtype=str)
        place = np.searchsorted(own, wanted)
        known = place < len(own)
        known[known] = own[place[known]] == wanted[known]
        return known, begin + place[known]
