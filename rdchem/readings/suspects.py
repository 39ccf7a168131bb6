"""Which signals of an enterprise's day need a closer look: of all at once, what every finding shows. Pure.

A day in which a source is stuck has an hour without a move, one in which it trembles a calm window, and so
on: that is asked of all sources together, in a few arrays of sources by steps of the grid their past is kept
on. Only what may be found is then looked for, source by source (`rdchem.readings.screen`). What is not a full
day after an evenly kept past is always looked at.
"""

import itertools
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from rdchem.readings.context import LONGEST_GAP_S
from rdchem.readings.forged import LIKER
from rdchem.readings.grid import HOUR_S, Grid, filled
from rdchem.readings.hours import hourly, usual_day
from rdchem.readings.learned import Learned
from rdchem.readings.replay import COARSE_S, likenesses, may_be_near, movements, smoothed, stretches
from rdchem.readings.rough import may_be_rough
from rdchem.readings.screen import LEAST_STUCK_S, Asked
from rdchem.readings.series import DAY_S, Floats
from rdchem.readings.shifted import MOVED, TALL_SLOPE
from rdchem.readings.sorted_day import SortedDay
from rdchem.readings.spread import LEAST_MOVES, QUIETER, SMOOTH, SOME_MOVES
from rdchem.readings.texture import Texture, window_length_s
from rdchem.readings.whiter import white_windows

_SLACK: Final = 1.001
Flags = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Suspects:
    """By source of a day: whether it may be stuck, and whether anything else may be told of it."""

    still: Flags
    trembling: Flags
    alike: Flags
    near: Flags
    apart: Flags
    texture: Flags

    @property
    def places(self) -> list[int]:
        """Of those to be looked at at all."""
        told = (self.still, self.trembling, self.alike, self.near, self.apart, self.texture)
        found: list[int] = np.flatnonzero(np.logical_or.reduce(told)).tolist()
        return found

    def asked(self, place: int) -> Asked | None:
        """What to ask of a source by its past; None: nothing."""
        told = (self.trembling, self.alike, self.near, self.apart, self.texture)
        asked = Asked(*(bool(one[place]) for one in told))
        return None if asked == _NOTHING else asked


_NOTHING: Final = Asked(False, False, False, False, False)


def suspects(day: SortedDay, values: Floats, learned: Mapping[str, Learned]) -> Suspects:
    """The sources of a day to look at; `values` are those of the day, NaN for what does not count."""
    known: Flags = np.array([source in learned for source in day.sources])
    found = Suspects(np.ones(known.shape, np.bool_), *(known.copy() for _ in range(5)))
    alike: dict[tuple[float, int, int], list[int]] = defaultdict(list)
    for place in np.flatnonzero(known):
        past = learned[day.sources[place]].past
        if COARSE_S <= past.step_s <= LEAST_STUCK_S / 2:
            alike[past.step_s, past.first, past.values.size].append(int(place))
    texture = np.ones(known.shape, np.bool_)
    cells = {step_s: _Cells.of(day, values, step_s) for step_s in {step_s for step_s, _, _ in alike}}
    for (step_s, _, _), places in alike.items():
        at = np.array(places)[cells[step_s].whole[places]]
        if at.size:
            own = [learned[day.sources[place]] for place in at]
            some = cells[step_s].only(at)
            level = _Level.of(some, own)
            found.still[at], found.trembling[at] = _still(some), _trembles(some, own) | _white(level, own)
            found.alike[at], found.near[at] = _again(level, own)
            found.apart[at] = _apart(level, own)
            texture[at] = [window_length_s(one.step_s) > HOUR_S for one in own]
    if not texture.all():
        usual = [learned[name].texture if name in learned else Texture() for name in day.sources]
        steps_s = np.array([learned[name].step_s if name in learned else np.nan for name in day.sources])
        found.texture[:] = known & (texture | may_be_rough(day, values, usual, steps_s))
    return found


@dataclass(frozen=True, slots=True)
class _Cells:
    """Rows a step of the grid from step `first` on, by source: how many, sums of values less `base`, and of
    squares; how many unlike the one before, sums of squared differences. `whole`: no step is without rows, no
    row without value.
    """

    first: int
    step_s: float
    whole: Flags
    base: Floats
    rows: Floats
    sums: Floats
    squares: Floats
    moves: Floats
    bends: Floats

    @classmethod
    def of(cls, day: SortedDay, values: Floats, step_s: float) -> "_Cells":
        starts, times = day.starts, day.occurred_us
        step_us = round(step_s * 1e6)
        first = int(times[starts[:-1]].min()) // step_us
        edges = np.arange(first, int(times[starts[1:] - 1].max()) // step_us + 2) * step_us
        told = np.zeros((5, len(day.sources), edges.size - 1))
        for place, (begin, end) in enumerate(itertools.pairwise(starts)):  # one at a time stays in the cache
            bounds = np.searchsorted(times[begin:end], edges)
            rows = np.diff(bounds)
            if rows.all():
                rest = values[begin:end] - values[begin]
                moved = np.zeros(rest.size)
                np.subtract(rest[1:], rest[:-1], out=moved[1:])
                told[0, place] = rows
                parts = (rest, rest * rest, (moved != 0).astype(np.float64), moved * moved)
                for part, sums in zip(parts, told[1:, place], strict=True):
                    np.add.reduceat(part, bounds[:-1], out=sums)
        whole = told[0].all(axis=1) & np.isfinite(told[1]).all(axis=1)
        return cls(first, step_s, whole, values[starts[:-1]], *told)

    def only(self, at: NDArray[np.int64]) -> "_Cells":
        """Those of some sources."""
        parts = (self.base, self.rows, self.sums, self.squares, self.moves, self.bends)
        return _Cells(self.first, self.step_s, self.whole[at], *(part[at] for part in parts))


def _still(cells: _Cells) -> Flags:
    """Where there is no move in so many steps as lie whole within the shortest run that counts."""
    length = round(LEAST_STUCK_S / cells.step_s) - 1
    rested = _windows(_running(cells.moves == 0), length)
    return np.asarray((rested >= length).any(axis=1))


def _running(values: NDArray[Any]) -> Floats:
    """Sums of the first so many steps, from none on."""
    total = np.zeros((values.shape[0], values.shape[1] + 1))
    np.cumsum(values, axis=1, out=total[:, 1:])
    return total


def _windows(running: Floats, width: int) -> Floats:
    """Sums over so many steps, from each on."""
    sums: Floats = running[:, width:] - running[:, :-width]
    return sums


def _trembles(cells: _Cells, own: list[Learned]) -> Flags:
    """Where a window is calm enough (`spread.trembles`)."""
    found: Flags = np.zeros(len(own), np.bool_)
    levels = np.array([one.calm.least.shape[1] - 1 for one in own])[:, None]
    low, wide = (np.array([getattr(one.calm, name) for one in own])[:, None] for name in ("low", "width"))
    least = np.concatenate([one.calm.least.ravel() for one in own])
    begins = np.cumsum([0, *(one.calm.least.size for one in own[:-1])])[:, None]
    running = [_running(part) for part in (cells.rows, cells.sums, cells.squares, cells.moves, cells.bends)]
    for window, (window_s, share) in enumerate(QUIETER.items()):
        width = round(window_s / cells.step_s)
        if width > cells.rows.shape[1]:
            continue
        rows, sums, squares, moves, bends = (_windows(part, width) for part in running)
        mean = sums / rows
        variance = np.maximum(squares / rows - mean**2, 0.0)
        with np.errstate(over="ignore"):
            white = bends / rows / np.maximum(2 * variance, 1e-300)
        with np.errstate(divide="ignore", invalid="ignore"):
            place = np.floor((cells.base[:, None] + mean - low) / wide)
        place = np.where(wide > 0, place, 0.0)
        place = np.where((place >= 0) & (place < levels), place, levels).astype(np.int64)
        calmest = least[begins + window * (levels + 1) + place]
        calm = np.sqrt(variance) < _SLACK * share * calmest * np.clip(white, SMOOTH, 1.0)
        found |= (calm & (moves >= np.maximum(LEAST_MOVES, SOME_MOVES * rows))).any(axis=1)
    return found


def _white(level: "_Level", own: list[Learned]) -> Flags:
    """Where a window is noise as never before (`whiter.white_windows`)."""
    past = np.stack([filled(one.past.values) for one in own])
    white, _ = white_windows(level.values[:, level.since :], past, level.step_s, _SLACK)
    return np.asarray((white > 0).any(axis=1))


@dataclass(frozen=True, slots=True)
class _Level:
    """Signals that share a grid, with what came before: steps from `first` on, those of the day from place
    `since` on (`context.Context`).
    """

    first: int
    step_s: float
    since: int
    values: Floats

    @classmethod
    def of(cls, cells: _Cells, own: list[Learned]) -> "_Level":
        past, day = own[0].past, round(DAY_S / cells.step_s)
        before = min(max(0, cells.first - past.first), past.values.size)
        between = cells.first - past.first - before if before else 0
        kept = between if between <= round(LONGEST_GAP_S / cells.step_s) else between % day
        parts = (
            np.stack([one.past.values[:before] for one in own]),
            np.full((len(own), kept), np.nan),
            cells.base[:, None] + cells.sums / cells.rows,
        )
        since = before + kept
        return cls(cells.first - since, cells.step_s, since, np.concatenate(parts, axis=1))


def _apart(level: _Level, own: list[Learned]) -> Flags:
    """Where the hours of the day and the one before lie as far apart as a shape is tall."""
    first = max(0, level.since - round((DAY_S + HOUR_S) / level.step_s))
    hours = hourly(Grid(level.first + first, level.step_s, level.values[:, first:]))
    day = np.stack([one.day for one in own])
    rest = hours.values - day[:, (hours.first + np.arange(hours.values.shape[1])) % day.shape[1]]
    reach = np.nanmax(rest, axis=1) - np.nanmin(rest, axis=1)
    return np.asarray(_SLACK * reach > [MOVED * TALL_SLOPE * one.deviation for one in own])


def _again(level: _Level, own: list[Learned]) -> tuple[Flags, Flags]:
    """Where a day is like one before, and where near one."""
    width = round(DAY_S / level.step_s)
    places = list(stretches(Grid(level.first, level.step_s, level.values[0]), max(level.since, width)))
    grid = Grid(level.first, level.step_s, filled(level.values))
    past = np.stack([one.past.values for one in own])
    moved = movements(grid, usual_day(own[0].past.first, past, width))
    smooth = smoothed(grid)
    missing = np.array([1 - one.likeness for one in own])
    distance = np.array([one.distance for one in own])
    alike, near = np.zeros(len(own), np.bool_), np.zeros(len(own), np.bool_)
    for at in places:
        likeness = likenesses(moved[:, at : at + width], moved[:, :at]).max(axis=1)
        alike |= 1 - likeness < _SLACK * LIKER * missing
        near |= may_be_near(smooth[:, at : at + width], smooth[:, :at], _SLACK * distance)
    return alike, near
