"""Noise over a constant, told by its whiteness: each value unlike the one before, as never for so long.

Noise laid over a constant may be spread more than the calm hours of a process: then no spread tells of it.
But a process moves on, and so do its readings from step to step. Whiteness is the mean square of successive
differences over twice the variance: 1 for noise, little for what moves. It is held against the greatest that
the past of the signal came to. Of what was nearly white before, whiteness tells nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from rdchem.readings.grid import HOUR_S
from rdchem.readings.series import DAY_S, Floats

WINDOW_S: Final = 23 * HOUR_S
_LEAST_STEPS: Final = 40
"""In fewer steps chance makes white what moves."""
_MOVES: Final = 0.6
"""What never was whiter than this moves."""
_NEARER: Final = 0.5
"""What is missing from white, less than this share of the least that was missing in the past."""
_CHANCE: Final = 2.5
"""So many standard errors noise itself may be less white than 1."""
_PARTS: Final = 4
_EVEN: Final = 0.4


def white_windows(now: Floats, past: Floats, step_s: float, slack: float = 1.0) -> tuple[Floats, Floats]:
    """How white each window of each signal is, and how white its past ever was; 0 and 1 for what is not to be
    told of: less white, or spread more than windows of the past usually are.

    `now`, `past`: grids of that step without missing values, a signal a row. Shape (signals, windows) and
    (signals,). `slack`: by what share any bound may be missed.
    """
    width = round(WINDOW_S / step_s)
    signals = now.shape[0]
    if width < _LEAST_STEPS or min(now.shape[1], past.shape[1]) < width:
        return np.zeros((signals, 0)), np.ones(signals)
    white, variance = _whiteness(now, width)
    chance = 1 - _CHANCE / np.sqrt(width)
    some = np.flatnonzero((slack * white >= chance).any(axis=1))  # most move: their past need not be known
    found, most = np.zeros(white.shape), np.ones(signals)
    white_past, variance_past = _whiteness(past[some], width)
    most[some] = white_past.max(axis=1)
    least = np.maximum(chance, 1 - _NEARER * (1 - most[some]))[:, None]
    usual = np.median(variance_past, axis=1)[:, None]
    told = (slack * white[some] >= least) & (variance[some] <= slack * usual)
    told &= (most[some] <= slack * _MOVES)[:, None]
    found[some] = np.where(told, white[some], 0.0)
    return found, most


def _whiteness(values: Floats, width: int) -> tuple[Floats, Floats]:
    """Whiteness and variance of all windows of so many steps; whiteness 0 where nothing moves."""
    level = values - values.mean(axis=-1, keepdims=True)
    moved = np.diff(level, axis=-1)
    sums, squares, bends = _sums(level, width), _sums(level * level, width), _sums(moved * moved, width - 1)
    variance = np.maximum(squares / width - (sums / width) ** 2, 0.0)
    moves = variance > 1e-12 * (squares / width)
    white: Floats = np.where(moves, bends / (width - 1) / np.where(moves, 2 * variance, 1.0), 0.0)
    return white, variance


def _sums(values: Floats, width: int) -> Floats:
    """Sums over so many steps, from each on, along the last axis."""
    none = np.zeros((*values.shape[:-1], 1))
    total = np.cumsum(np.concatenate((none, values), axis=-1), axis=-1)
    sums: Floats = total[..., width:] - total[..., :-width]
    return sums


@dataclass(frozen=True, slots=True)
class Noise:
    """Where a signal begins to differ from its past by noise alone; how white that is, and the whitest that
    any two days of the past differed by, hour for hour.
    """

    begin: int
    white: float
    usual_white: float


def noise_between(values: Floats, since: int, at: int, lag: int, step_s: float) -> Noise | None:
    """Where around a place of a signal it differs by noise from what it was `lag` steps before, while it
    moves itself, and no two days before place `since` differed so; None: nowhere.

    `values`: steps of a grid, none missing.
    """
    day, width = round(DAY_S / step_s), round(WINDOW_S / step_s)
    begin, end = max(lag, since, at - day // 4), at + day + day // 4
    moving = values[begin:end]
    if width < _LEAST_STEPS or moving.size < width:
        return None
    apart = moving - values[begin - lag : begin - lag + moving.size]
    white = _white(apart, width)
    white[_white(moving, width) > _MOVES] = 0.0
    best = int(np.argmax(white))
    if white[best] < 1 - _CHANCE / np.sqrt(width) or not _even(apart[best : best + width]):
        return None
    past = values[:since]
    pairs = (past[day * back :] - past[: -day * back] for back in range(1, past.size // day))
    most = max((float(_white(one, width).max()) for one in pairs), default=1.0)
    if most > _MOVES or white[best] < 1 - _NEARER * (1 - most):
        return None
    return Noise(begin + best, float(white[best]), most)


def _white(values: Floats, width: int) -> Floats:
    """The whiteness of all windows of one signal."""
    white, _ = _whiteness(values[None], width)
    return white.ravel()


def _even(noise: Floats) -> bool:
    """Whether noise is as great in all quarters, give or take what chance does: what was laid over a day is.

    What days by the sun differ by is nothing at night.
    """
    sizes = [float(np.median(np.abs(part))) for part in np.array_split(noise, _PARTS)]
    return min(sizes) >= _EVEN * float(np.median(np.abs(noise)))
