"""What a combustible-gas detector told of a day: when it read at all, and when above its alarm. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from rdchem.model.day import Exceedance, GasWatch, RegisterEntry
from rdchem.model.source import Quantity, SourceKind

_MOST: Final = 100
"""Exceedances kept of one detector and day, the highest: one that flaps all day tells nothing more."""


class GasReading(NamedTuple):
    """One good reading, in the detector's own unit."""

    at: datetime
    value: float
    journal_id: str


def alarm_thresholds(register: RegisterEntry) -> dict[str, float]:
    """Combustible-gas detector in use -> its registered high alarm 高报; those without one are not asked."""
    return {
        code: source.high
        for code, source in register.sources.items()
        if source.kind is SourceKind.SENSOR
        and source.quantity is Quantity.COMBUSTIBLE_GAS
        and source.in_use
        and source.high is not None
    }


def watch(readings: Sequence[GasReading], threshold: float) -> GasWatch:
    """What readings in order of time come to. An exceedance lasts from its first to its last such reading."""
    runs: list[list[GasReading]] = []
    above = False
    for one in readings:
        if one.value > threshold:
            if not above:
                runs.append([])
            runs[-1].append(one)
        above = one.value > threshold
    told = [
        Exceedance(
            run[0].at, run[-1].at, peak.value, tuple(dict.fromkeys((run[0].journal_id, peak.journal_id)))
        )
        for run in runs
        for peak in [max(run, key=lambda one: (one.value, one.journal_id))]
    ]
    highest = sorted(told, key=lambda one: (-one.peak, one.start))[:_MOST]
    return GasWatch(
        readings[0].at, readings[-1].at, threshold, tuple(sorted(highest, key=lambda one: one.start))
    )


def merged(several: Iterable[Mapping[str, GasWatch]]) -> dict[str, GasWatch]:
    """The watches of one enterprise that sent under several codes: the first of each detector counts."""
    found: dict[str, GasWatch] = {}
    for watches in several:
        found = {**watches, **found}
    return dict(sorted(found.items()))
