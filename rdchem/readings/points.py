"""What is asked of every point of a county, as one small table that goes to whoever judges. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rdchem.readings.plain import NEVER, PointLimits
from rdchem.readings.sorted_day import Integers, Numbers

COLUMNS: Final = ("low", "high", "spike", "flat_us", "silent_us")


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

    @classmethod
    def of(cls, table: pd.DataFrame) -> "Points":
        """From a table with `company_code`, `source_code` and `COLUMNS`: NaN and NEVER ask nothing."""
        ordered = table.sort_values(["company_code", "source_code"])
        company = ordered["company_code"].to_numpy(dtype=object)
        begins = np.flatnonzero(np.r_[True, company[1:] != company[:-1]][: len(company)])
        ends = np.r_[begins[1:], len(company)] if len(begins) else begins
        numbers = {name: ordered[name].to_numpy(np.float64) for name in ("low", "high", "spike")}
        return cls(
            enterprises={str(company[at]): (int(at), int(end)) for at, end in zip(begins, ends, strict=True)},
            source=ordered["source_code"].to_numpy(dtype=str),
            **{name: ordered[name].to_numpy(np.int64) for name in ("flat_us", "silent_us")},
            **numbers,
        )

    def limits(self, company_code: str, sources: tuple[str, ...]) -> PointLimits:
        """The limits of an enterprise's sources, in their order."""
        begin, end = self.enterprises.get(company_code, (0, 0))
        own = self.source[begin:end]
        wanted = np.array(sources, dtype=str)
        place = np.searchsorted(own, wanted)
        known = place < len(own)
        known[known] = own[place[known]] == wanted[known]
        at = begin + place[known]
        limits = PointLimits(
            flat_us=np.full(len(wanted), NEVER),
            silent_us=np.full(len(wanted), NEVER),
            low=np.full(len(wanted), np.nan),
            high=np.full(len(wanted), np.nan),
            spike=np.full(len(wanted), np.nan),
        )
        for name in COLUMNS:
            getattr(limits, name)[known] = getattr(self, name)[at]
        return limits
