"""Sources of one hazard side by side on one grid: what each showed in the past that is known, and today."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rdchem.model.source import Quantity, Source
from rdchem.readings.courses import span_of
from rdchem.readings.grid import Grid, gridded
from rdchem.readings.learned import Learned
from rdchem.readings.rows import Rows
from rdchem.readings.series import Floats, Series

COMPARED: Final = (Quantity.TEMPERATURE, Quantity.PRESSURE, Quantity.LEVEL, Quantity.FLOW)


@dataclass(frozen=True, slots=True)
class Beside:
    """`past` and `today` hold a row of means for each of `codes`, NaN where there are none; today's begin
    with step `first` of all time.
    """

    codes: tuple[str, ...]
    quantities: tuple[Quantity | None, ...]
    step_s: float
    first: int
    past: Floats
    today: Floats

    def of(self, quantity: Quantity) -> "Beside":
        """Those of one quantity."""
        at = [place for place, one in enumerate(self.quantities) if one is quantity]
        codes = tuple(self.codes[place] for place in at)
        return Beside(codes, (quantity,) * len(at), self.step_s, self.first, self.past[at], self.today[at])

    def second(self, place: int) -> float:
        """The second a place of today begins with."""
        return (self.first + place) * self.step_s


def hazards(
    rows: Mapping[str, Rows], sources: Mapping[str, Source], learned: Mapping[str, Learned]
) -> Iterator[Beside]:
    """The sources of each hazard of an enterprise, by step and code: those with a past, that sent today."""
    alike: dict[tuple[str, float], list[str]] = defaultdict(list)
    for code in sorted(rows.keys() & sources.keys() & learned.keys()):
        hazard = sources[code].hazard_code
        if hazard is not None and sources[code].quantity in COMPARED and rows[code].seconds.size:
            alike[hazard, learned[code].past.step_s].append(code)
    for (_, step_s), codes in sorted(alike.items()):
        if len(codes) > 1:
            today = [gridded(_in_range(rows[code].series, sources[code]), step_s) for code in codes]
            first, means = _laid(today)
            _, past = _laid([learned[code].past for code in codes])
            yield Beside(
                tuple(codes), tuple(sources[code].quantity for code in codes), step_s, first, past, means
            )


def _in_range(series: Series, source: Source) -> Series:
    """What lies outside the measuring range is told of as such."""
    span, shown = span_of(source), series.present()
    if span is None:
        return shown
    inside = (shown.values >= span[0]) & (shown.values <= span[1])
    return shown if inside.all() else Series(shown.seconds[inside], shown.values[inside])


def _laid(grids: Sequence[Grid]) -> tuple[int, Floats]:
    """Grids of one step as rows of one array, and the step it begins with."""
    there = [grid for grid in grids if grid.values.size]
    first = min((grid.first for grid in there), default=0)
    after = max((grid.first + grid.values.size for grid in there), default=0)
    laid = np.full((len(grids), after - first), np.nan)
    for row, grid in zip(laid, grids, strict=True):
        if grid.values.size:
            row[grid.first - first : grid.first - first + grid.values.size] = grid.values
    return first, laid
