"""Sources of one hazard side by side on one grid: what each showed in the past that is known, and today."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

import numpy as np

from rdchem.model.source import Quantity, Source
from rdchem.readings.courses import span_of
from rdchem.readings.grid import Grid, gridded, joined
from rdchem.readings.learned import Learned
from rdchem.readings.series import Floats, Series

COMPARED: Final = (Quantity.TEMPERATURE, Quantity.PRESSURE, Quantity.LEVEL, Quantity.FLOW)


class Sensor(NamedTuple):
    """What is measured, of which hazard (any name or number; None: of none), and in which range."""

    quantity: Quantity
    hazard: str | int | None = None
    span: tuple[float, float] | None = None


def sensors(sources: Mapping[str, Source]) -> dict[str, Sensor]:
    """Registered sources of quantities that are compared."""
    return {
        code: Sensor(one.quantity, one.hazard_code, span_of(one))
        for code, one in sources.items()
        if one.quantity in COMPARED
    }


@dataclass(frozen=True, slots=True)
class Today:
    """Signals of today by code, on a grid from step `first` on: laid on it when they are asked for, for most
    are not. What lies outside the measuring range is left out: it is told of as such.
    """

    step_s: float
    signals: Mapping[str, Series]
    known: Mapping[str, Sensor]
    first: int
    size: int
    laid: dict[str, Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, signals: Mapping[str, Series], known: Mapping[str, Sensor], step_s: float) -> "Today":
        """Signals of a row at least each."""
        first = min(int(one.seconds[0] // step_s) for one in signals.values())
        last = max(int(one.seconds[-1] // step_s) for one in signals.values())
        return cls(step_s, signals, known, first, last - first + 1)

    def means(self, codes: Sequence[str]) -> Floats:
        """A row of means for each, NaN where there are none."""
        for code in codes:
            if code not in self.laid:
                shown = gridded(_in_range(self.signals[code], self.known[code]), self.step_s)
                self.laid[code] = _rows([shown], self.first, self.size)[0]
        return np.stack([self.laid[code] for code in codes])


@dataclass(frozen=True, slots=True)
class Beside:
    """`past` holds a row of means for each of `codes`, NaN where there are none."""

    codes: tuple[str, ...]
    quantities: tuple[Quantity, ...]
    past: Floats
    sent: Today

    def of(self, quantity: Quantity) -> "Beside":
        """Those of one quantity."""
        at = [place for place, one in enumerate(self.quantities) if one is quantity]
        codes = tuple(self.codes[place] for place in at)
        return Beside(codes, (quantity,) * len(at), self.past[at], self.sent)

    @property
    def step_s(self) -> float:
        """Seconds a step."""
        return self.sent.step_s

    @property
    def today(self) -> Floats:
        """A row of means of today for each of `codes`."""
        return self.sent.means(self.codes)

    def span(self, code: str, begin: int, end: int) -> tuple[float, float]:
        """From when to when a source sent between a place of today and before another, seconds."""
        seconds = self.sent.signals[code].seconds
        first, after = ((self.sent.first + place) * self.step_s for place in (begin, end))
        return max(first, float(seconds[0])), min(after, float(seconds[-1]))


def hazards(
    signals: Mapping[str, Series], known: Mapping[str, Sensor], learned: Mapping[str, Learned]
) -> Iterator[Beside]:
    """The sources of each hazard of an enterprise, by step and code: those with a past, that sent today."""
    sent = {code: own for code, own in signals.items() if own.seconds.size}
    pasts = {code: joined(one.earlier, one.past) for code, one in learned.items() if code in sent}
    for codes, step_s, past in pasts_beside(pasts, known):
        today = Today.of({code: sent[code] for code in codes}, known, step_s)
        yield Beside(codes, tuple(known[code].quantity for code in codes), past, today)


def pasts_beside(
    pasts: Mapping[str, Grid], known: Mapping[str, Sensor]
) -> Iterator[tuple[tuple[str, ...], float, Floats]]:
    """The sources of each hazard, by step and code: their codes, the step, their pasts as rows."""
    alike: dict[tuple[str, float], list[str]] = defaultdict(list)
    for code in sorted(pasts.keys() & known.keys()):
        if known[code].hazard is not None:
            alike[str(known[code].hazard), pasts[code].step_s].append(code)
    for (_, step_s), codes in sorted(alike.items()):
        if len(codes) > 1:
            yield tuple(codes), step_s, _laid([pasts[code] for code in codes])


def _in_range(series: Series, sensor: Sensor) -> Series:
    shown = series.present()
    if sensor.span is None:
        return shown
    inside = (shown.values >= sensor.span[0]) & (shown.values <= sensor.span[1])
    return shown if inside.all() else Series(shown.seconds[inside], shown.values[inside])


def _laid(grids: Sequence[Grid]) -> Floats:
    """Grids of one step as rows of one array."""
    first = min(grid.first for grid in grids)
    return _rows(grids, first, max(grid.first + grid.values.size for grid in grids) - first)


def _rows(grids: Sequence[Grid], first: int, size: int) -> Floats:
    """Grids as rows of so many steps from `first` on."""
    laid = np.full((len(grids), size), np.nan)
    for row, grid in zip(laid, grids, strict=True):
        row[grid.first - first : grid.first - first + grid.values.size] = grid.values
    return laid
