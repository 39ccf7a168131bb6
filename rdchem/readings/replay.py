"""Replayed: a day of a signal that resembles a stretch of its own past more than its days ever resembled.

A stretch is laid over the past at every lag, and two things are measured where it fits best:

* `distance`: the size of the difference of running means that six in ten of its steps stay below. A replay,
  also one whose seams are blended, differs by nothing, or by what is left of the noise laid over it.
* `likeness`: the correlation of its movements from step to step, the usual day taken off. Noise of the
  instrument never comes twice; a replay brings it again.

A daily swing makes every day like the one before: so neither is held against zero, but against the best fit
that the stretches of the past itself reach among each other.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy import fft  # not SciPy's: as good here, and half a second less to import
from numpy.typing import NDArray

from rdchem.readings.grid import Grid, filled
from rdchem.readings.hours import in_rows, middles
from rdchem.readings.series import DAY_S, Floats

HOP_S: Final = 21_600.0
"""Stretches of a day are laid every six hours."""
COARSE_S: Final = 900.0
SMOOTH_S: Final = 7200.0
_SHARE: Final = 0.6
_ROUGH: Final = 4
_ROUGH_SHARE: Final = 0.45
_GREAT: Final = 6.0
_GREAT_SHARE: Final = 0.2
_MOST_MISSING: Final = 0.2


def coarse(grid: Grid) -> Grid:
    """The grid in steps of a quarter of an hour, or as it is where its own are longer.

    Several signals at once: steps along the last axis.
    """
    times = round(COARSE_S / grid.step_s)
    if times <= 1:
        return grid
    padded = in_rows(grid.values, grid.first, times)
    there = np.isfinite(padded)
    with np.errstate(invalid="ignore"):
        means = np.where(there, padded, 0.0).sum(axis=-1) / there.sum(axis=-1)
    return Grid(grid.first // times, grid.step_s * times, means)


def smoothed(grid: Grid) -> Floats:
    """Running means over two hours, or three steps: noise laid over a replay vanishes in them, what two days
    differ by does not. Of several signals at once: steps along the last axis.
    """
    values = filled(grid.values)
    width = max(3, round(SMOOTH_S / grid.step_s) | 1)
    if values.shape[-1] < width:
        return values
    base, half = values[..., :1], width // 2
    rest = values - base
    ends = np.repeat(rest[..., :1], half + 1, -1), np.repeat(rest[..., -1:], half, -1)
    total = np.cumsum(np.concatenate((ends[0], rest, ends[1]), axis=-1), axis=-1)
    means: Floats = base + (total[..., width:] - total[..., :-width]) / width
    return means


def stretches(grid: Grid, since: int, hop_s: float = HOP_S) -> Iterator[int]:
    """Places at which stretches of a day begin, the last one at the end; those with much missing left out."""
    width = round(DAY_S / grid.step_s)
    last = grid.values.size - width
    if last < since:
        return
    hop = max(1, round(hop_s / grid.step_s))
    missing = np.concatenate(([0], np.cumsum(np.isnan(grid.values))))
    for begin in sorted({*range(last, since - 1, -hop), since}):
        if missing[begin + width] - missing[begin] <= _MOST_MISSING * width:
            yield begin


@dataclass(frozen=True, slots=True)
class Nearest:
    """The stretch of a past that another is nearest to: where it begins, how far it is off, the share of
    steps that are the very same, and how far the nearest of those is off that begin two hours or more aside.
    """

    place: int
    distance: float
    same: float
    elsewhere: float

    @property
    def alone(self) -> float:
        """How many times nearer it is than any other."""
        return self.elsewhere / self.distance if self.distance > 0 else np.inf if self.elsewhere > 0 else 1.0


def nearest(stretch: Floats, past: Floats, step_s: float) -> Nearest:
    """The stretch of the past a stretch is nearest to."""
    laid = _laid(stretch, past)
    return _nearest(stretch, laid, _distances(laid), np.arange(laid.shape[0]), step_s)


def nearest_days(level: Floats, places: Sequence[int], step_s: float) -> list[Nearest]:
    """Of some days of a signal, by the places they begin at, each with the one of its other days it is
    nearest to, of those that share no step with it (there must be one).
    """
    width = round(DAY_S / step_s)
    days = np.stack([level[at : at + width] for at in places])
    middle = days.mean(axis=1, keepdims=True)
    windows = np.lib.stride_tricks.sliding_window_view((level - middle).astype(np.float32), width, axis=1)
    apart = apart_from(np.array(places)[:, None], width, level.size)
    day, begins = np.nonzero(apart)
    laid = windows[apart]
    laid -= (days - middle).astype(np.float32)[day]
    distance = _distances(np.abs(laid, out=laid))
    ends = np.cumsum(apart.sum(axis=1))
    return [
        _nearest(days[at], laid[first:end], distance[first:end], begins[first:end], step_s)
        for at, (first, end) in enumerate(pairwise([0, *ends.tolist()]))
    ]


def _distances(laid: NDArray[np.float32]) -> NDArray[np.float32]:
    """What six in ten of the differences stay below, by row."""
    rank = int(_SHARE * laid.shape[1])
    ranked: NDArray[np.float32] = np.partition(laid, rank, axis=1)[:, rank]
    return ranked


def _nearest(
    stretch: Floats,
    laid: NDArray[np.float32],
    distance: NDArray[np.float32],
    begins: NDArray[np.int64],
    step_s: float,
) -> Nearest:
    """The nearest of stretches that begin at some places; of each how it differs, and how far it is off."""
    best = int(np.argmin(distance))
    exact = 1e-6 * float(np.abs(stretch - stretch.mean()).max(initial=0.0))
    aside = np.abs(begins - begins[best]) * step_s >= SMOOTH_S
    return Nearest(
        int(begins[best]),
        float(distance[best]),
        float(np.mean(laid[best] <= exact)),
        float(distance[aside].min(initial=np.inf)),
    )


def may_be_near(stretches: Floats, pasts: Floats, within: Floats) -> NDArray[np.bool_]:
    """Whether six in ten steps of a stretch lie so near the past at some lag, or are the same there; a signal
    a row.

    The same question as `nearest` answers, without ranking: for most signals of a county it is no.
    """
    middle = stretches.mean(axis=1, keepdims=True)
    least = 1e-6 * np.abs(stretches - middle).max(axis=1, initial=0.0)
    most = np.maximum(within, least).astype(np.float32)
    ours, theirs = ((part - middle).astype(np.float32) for part in (stretches, pasts))
    found: NDArray[np.bool_] = np.ones(most.shape, np.bool_)
    for every, share in ((_ROUGH, _ROUGH_SHARE), (1, _SHARE)):  # a running mean says little new every step
        some = np.flatnonzero(found)
        steps = range(0, ours.shape[1], every)
        near = _near_at_most(ours[some], theirs[some], most[some], steps)
        found[some] = near > int(share * len(steps))
    return found


def _near_at_most(
    ours: NDArray[np.float32], theirs: NDArray[np.float32], most: NDArray[np.float32], steps: range
) -> NDArray[np.int16]:
    """How many of some steps of each stretch lie within `most` of the past, at the lag where most do."""
    lags = theirs.shape[1] - ours.shape[1] + 1
    later = np.lib.stride_tricks.sliding_window_view(theirs, lags, axis=1)[
        :, steps.start : steps.stop : steps.step
    ]
    now = ours[:, steps.start : steps.stop : steps.step, None]
    apart, near = np.empty(later.shape[1:], np.float32), np.empty(later.shape[1:], np.bool_)
    most_often = np.zeros(most.shape, np.int16)
    small = np.uint8 if len(steps) <= np.iinfo(np.uint8).max else np.uint16  # of small numbers many at once
    for row in range(most.size):  # one at a time stays in the cache
        np.subtract(later[row], now[row], out=apart)
        np.less_equal(np.abs(apart, out=apart), most[row], out=near)
        most_often[row] = near.view(np.uint8).sum(axis=0, dtype=small).max(initial=0)
    return most_often


def _laid(stretch: Floats, past: Floats) -> NDArray[np.float32]:
    """The differences of a stretch from the past at every lag; in single precision, from a common middle."""
    middle = stretch.mean()
    windows = np.lib.stride_tricks.sliding_window_view((past - middle).astype(np.float32), stretch.size)
    laid: NDArray[np.float32] = windows - (stretch - middle).astype(np.float32)
    return np.abs(laid, out=laid)


def likest(stretch: Floats, past: Floats) -> tuple[float, int]:
    """The greatest correlation of a stretch with any of the past as long, and where that begins."""
    likeness = likenesses(stretch, past)
    place = int(np.argmax(likeness))
    return min(float(likeness[place]), 1.0), place


def likenesses(stretch: Floats, past: Floats) -> Floats:
    """The correlations of a stretch with any of the past as long; of several signals, or of several stretches
    of one (whose past is a single row), along the last axis.
    """
    size, length = stretch.shape[-1], past.shape[-1]
    centred = stretch - stretch.mean(axis=-1, keepdims=True)
    power = np.sum(centred * centred, axis=-1, keepdims=True)
    total, squares = _running(past), _running(past * past)
    sums = total[..., size:] - total[..., :-size]
    powers = squares[..., size:] - squares[..., :-size] - sums * sums / size
    padded = _quick_length(length + size)
    spectrum = fft.rfft(past, padded) * np.conj(fft.rfft(centred, padded))
    product = fft.irfft(spectrum, padded)[..., : length - size + 1]
    floor = np.maximum(1e-9 * squares[..., -1:], 1e-150)  # of less the product is none
    told = (powers > floor) & (power > floor)
    likeness: Floats = np.where(told, product / np.sqrt(np.where(told, powers * power, 1.0)), 0.0)
    return likeness


def _running(values: Floats) -> Floats:
    """Sums of the first so many along the last axis, from none on."""
    return np.cumsum(np.concatenate((np.zeros((*values.shape[:-1], 1)), values), axis=-1), axis=-1)


def movements(grid: Grid, usual_day: Floats) -> Floats:
    """The movements from step to step, the usual day (one value a step of the day) taken off. Of several
    signals at once: steps along the last axis.

    Great ones are cut off, so that it is not a few leaps that make two days alike.
    """
    values = filled(grid.values)
    place = (grid.first + np.arange(values.shape[-1])) % usual_day.shape[-1]
    rest = values - usual_day[..., place]
    moved = np.diff(rest, prepend=rest[..., :1])
    usually = middles(np.abs(moved))[..., None]
    most = np.maximum(_GREAT * usually, _GREAT_SHARE * moved.std(axis=-1, keepdims=True))
    cut: Floats = np.clip(moved, -most, most)
    return cut


def apart_from(begin: int | NDArray[np.int64], width: int, size: int) -> NDArray[np.bool_]:
    """Which of the stretches of a past of `size` do not overlap the one that begins at a place of it; places
    in a column make rows.
    """
    apart: NDArray[np.bool_] = np.abs(np.arange(size - width + 1) - begin) >= width
    return apart


def _quick_length(least: int) -> int:
    """The next length that transforms quickly: a small number times a power of two."""
    return min(odd << (-(-least // odd) - 1).bit_length() for odd in (1, 3, 5, 9, 15))
