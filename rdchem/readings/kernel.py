"""The judge of readings: one enterprise's sorted day in, a small frame out. Pure, vectorised.

Nothing here knows where the readings came from: the same function runs in this process, in a process
pool and on Spark (`rdchem.runners`). The plain part (`rdchem.readings.plain`) works on all sources of an
enterprise at once; where what is usual for them is given, each signal is screened besides, and the sources
of a hazard are held against each other. Who shows what another source shows is for the verdict of a day to
say (`rdchem.store.copies`): for that all enterprises must be looked at.

`SUMMARY` names what is told of each source, `STRETCHES` the intervals that are told of:

`silent`        from a reading to the next one, `PointLimits.silent_us` or more later; from the start or to
                the end of the window where none came before or after
`out_of_range`  from the first to the last of successive readings outside [low, high]
`flat`          from the first to the last of successive equal values, `PointLimits.flat_us` or more apart

any `SignalState`  what `rdchem.readings.screened` says of a signal and the plain part does not

A reading is a spike when it is further than `PointLimits.spike` from the middle of its two neighbours.
Instants are microseconds since 1970 (`…_us`), and so are durations.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from rdchem.readings.plain import PointLimits, Stretches, plain
from rdchem.readings.sorted_day import SortedDay

if TYPE_CHECKING:
    from rdchem.readings.screened import Usual

SUMMARY: Final = {
    "source_code": "str",
    "count": "int64",
    "copies": "int64",
    "missing": "int64",
    "uncertain": "int64",
    "bad": "int64",
    "first_us": "int64",
    "last_us": "int64",
    "last_change_us": "int64",
    "last_value": "float64",
    "lowest": "float64",
    "highest": "float64",
    "online_us": "int64",
    "silent_count": "int64",
    "longest_gap_us": "int64",
    "out_of_range": "int64",
    "spikes": "int64",
    "flat_count": "int64",
    "flat_us": "int64",
}
"""Column -> type, a row for each source that sent. `missing`: readings without a value. `last_change_us`:
since when the newest value has been the same. `online_us`: the part of the window in which the newest reading
was younger than `silent_us`; `silent_count`: how often it was not. `flat_us`: all flat intervals together.
"""
STRETCHES: Final = {
    "source_code": "str",
    "state": "str",
    "from_us": "int64",
    "to_us": "int64",
    "readings": "int64",
    "why": "str",
}
"""Column -> type, a row for each interval, ordered by source, state and time. `why`: of a screened signal."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What the kernel finds in one enterprise's day, as arrays: the columns of `SUMMARY` and `STRETCHES`."""

    summary: Mapping[str, Any]
    stretches: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Judged:
    """What the kernel tells of some enterprises: `SUMMARY` and `STRETCHES` frames, `company_code` before."""

    summary: pd.DataFrame
    stretches: pd.DataFrame


def measure(
    day: SortedDay,
    limits: PointLimits,
    *,
    start_us: int,
    end_us: int,
    usual: "Usual | None" = None,
) -> Measured:
    """Judge the readings of a window [start_us, end_us); `day` holds those and no others, and some.

    `usual`: what is usual for each source and what it measures; then the signals are screened too, and those
    of a hazard held against each other. None: only the plain part is done.
    """
    columns, told = plain(day, limits, start_us, end_us)
    if usual is not None:
        from rdchem.readings.screened import screened  # brings SciPy

        told += screened(day, usual, told)
    return Measured(columns, _in_order(day, told))


def frames(measured: Iterable[tuple[str, Measured]]) -> Judged:
    """What was found of some enterprises, by company code, as frames in that order."""
    found = list(measured)
    return Judged(
        _frame([(code, one.summary) for code, one in found], SUMMARY),
        _frame([(code, one.stretches) for code, one in found], STRETCHES),
    )


def _frame(parts: Sequence[tuple[str, Mapping[str, Any]]], types: Mapping[str, str]) -> pd.DataFrame:
    sizes = [len(part["source_code"]) for _, part in parts]
    codes = np.array([code for code, _ in parts], dtype=object)
    columns = {"company_code": np.repeat(codes, sizes)} | {
        name: np.concatenate([part[name] for _, part in parts]) if parts else () for name in types
    }
    return pd.DataFrame(columns).astype({"company_code": "str", **types})


def _in_order(day: SortedDay, told: Sequence[Stretches]) -> dict[str, Any]:
    """The columns of all intervals, ordered by source, state and time."""
    names = np.array(day.sources, dtype=object)
    source = np.concatenate([one.source for one in told])
    state = np.repeat([one.state for one in told], [len(one.source) for one in told])
    begin = np.concatenate([one.begin_us for one in told])
    why = np.array([word for one in told for word in one.why or [""] * len(one.source)], dtype=object)
    order = np.lexsort((begin, state, source))
    return {
        "source_code": names[source[order]],
        "state": state[order].astype(object),
        "from_us": begin[order],
        "to_us": np.concatenate([one.end_us for one in told])[order],
        "readings": np.concatenate([one.readings for one in told])[order],
        "why": why[order],
    }
