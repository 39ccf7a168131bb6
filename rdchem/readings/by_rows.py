"""Played again row by row: an irregular signal that repeats its own values in their order, at other instants.

A source that sends when something happens sends at no instants twice. Who plays its record again has the
values of then at the instants of now, and laid by time nothing fits. So the rows are laid on a clock of their
own, one a step, and judged on it as signals are by time; only what repeats is told.
"""

from dataclasses import replace
from typing import Final

import numpy as np

from rdchem.model.signal import Resemblance, SignalInterval, SignalState
from rdchem.readings.grid import step_for
from rdchem.readings.learned import learn
from rdchem.readings.own_past import screen_by_own_past
from rdchem.readings.screen import screen
from rdchem.readings.series import Floats, Series, cadence
from rdchem.readings.told import instant

_LEAST_VALUES: Final = 12
"""Of fewer different values rows come in the same order again by themselves."""
_MANY_IN_A_STEP_S: Final = 60.0
"""Rows that come sooner are many in a step of a grid; else there is a step for each."""
_REGULAR: Final = 0.9
_ABOUT: Final = 0.25
"""A signal is regular where nine waits in ten are its cadence, give or take a quarter."""


def played_by_rows(shown: Series, past: Series | None = None) -> list[SignalInterval]:
    """What an irregular signal repeats by its rows: of its past, or, without one, of its other parts."""
    rows = shown.present()
    first = 0
    if past is not None and rows.seconds.size:
        before = past.present().between(-np.inf, float(rows.seconds[0]))
        first = before.seconds.size
        rows = _joined(before, rows)
    if not _is_irregular(rows.seconds):
        return []
    wait_s = float(rows.seconds[-1] - rows.seconds[0]) / (rows.seconds.size - 1)
    step_s = step_for(wait_s) if wait_s > _MANY_IN_A_STEP_S else wait_s
    places: Floats = step_s * np.arange(rows.seconds.size, dtype=np.float64)
    clock = Series(places, rows.values)
    if past is None:
        told = screen_by_own_past(clock)
    else:
        begin = step_s * first
        told = screen(clock.between(begin, np.inf), learn(clock.between(-np.inf, begin)))
    again = [one for one in told if one.state is SignalState.REPLAYED and _says_something(one, clock)]
    return [_in_time(one, clock.seconds, rows.seconds) for one in again]


def _joined(one: Series, other: Series) -> Series:
    seconds: Floats = np.concatenate((one.seconds, other.seconds))
    values: Floats = np.concatenate((one.values, other.values))
    return Series(seconds, values)


def _is_irregular(seconds: Floats) -> bool:
    if seconds.size < 3:
        return False
    usual = cadence(seconds)
    return bool(np.mean(np.abs(np.diff(seconds) - usual) <= _ABOUT * usual) < _REGULAR)


def _says_something(one: SignalInterval, clock: Series) -> bool:
    """Whether rows have values enough for their order to be nobody's habit, as that of on and off is."""
    values = clock.between(one.start.timestamp(), one.end.timestamp()).values
    return bool(np.unique(values).size >= _LEAST_VALUES)


def _in_time(one: SignalInterval, clock: Floats, seconds: Floats) -> SignalInterval:
    """An interval between two rows' places as one between their instants."""

    def at(place: float) -> float:
        return float(np.interp(place, clock, seconds))

    like = one.resembles
    assert like is not None  # noqa: S101 - what repeats, repeats something
    start, end, since, until = (at(each.timestamp()) for each in (one.start, one.end, like.start, like.end))
    rows = (one.end - one.start).total_seconds() / (clock[1] - clock[0])
    why = (
        f"{rows:.0f} 条读数的数值依次与 {(start - since) / 3600:.4g} 小时前的相同,只是时刻不同"
        "(该测点时刻不规则,逐条比对)"
    )
    return replace(
        one,
        start=instant(start),
        end=instant(end),
        why=why,
        resembles=Resemblance(instant(since), instant(until)),
    )
