"""The readings of one source within a day -> its course: gaps, cadence, states with pictures. Pure.

What a signal says is asked of `screen`, but only of readings within the measuring range: what lies outside is
told as such, and must not hide what else is wrong. Whether level and flow shifted or drifted is not said:
they go where operators lead them, and no arithmetic tells a process from a fault there. Nor that a gas
detector trembles more than ever: there may be gas.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.model.course import Course, Gap
from rdchem.model.signal import APART, SHIFTED, SignalInterval, SignalState
from rdchem.model.source import Quantity, Source
from rdchem.readings.beyond import beyond
from rdchem.readings.drawn import shown_of
from rdchem.readings.learned import Learned
from rdchem.readings.part_replay import part_replays
from rdchem.readings.rows import Rows
from rdchem.readings.screen import in_order, instant, of_several, screen
from rdchem.readings.series import Floats, Series, cadence

_MOST_GAPS: Final = 200
_OPERATED: Final = (Quantity.LEVEL, Quantity.FLOW)
_GASES: Final = (Quantity.COMBUSTIBLE_GAS, Quantity.TOXIC_GAS)
_EXPLAINS: Final = (SignalState.STUCK, SignalState.STUCK_WITH_JITTER, SignalState.REPLAYED)
SPIKE_SHARE: Final = 0.1
_SPIKE_BENDS: Final = 12.0
LEAST_SPIKES: Final = 3
_QUIETER: Final = 0.55
_NEAREST: Final = 15
LATELY_S: Final = 1800.0


@dataclass(frozen=True, slots=True)
class Sent:
    """What a registered source sent within a day, at least once, and what is usual for it, where known."""

    rows: Rows
    source: Source
    learned: Learned | None


def course(
    rows: Rows,
    source: Source,
    learned: Learned | None,
    *,
    least_gap: timedelta,
    signals: bool = True,
) -> Course:
    """The course of a single source."""
    return courses([Sent(rows, source, learned)], least_gap=least_gap, signals=signals)[0]


def courses(sent: Sequence[Sent], *, least_gap: timedelta, signals: bool = True) -> list[Course]:
    """The courses of some sources; without `signals` nothing is said of what they sent."""
    states = _states(sent) if signals else [[] for _ in sent]
    return [_course(one, told, least_gap) for one, told in zip(sent, states, strict=True)]


def _course(sent: Sent, states: Sequence[SignalInterval], least_gap: timedelta) -> Course:
    rows, learned = sent.rows, sent.learned
    step = cadence(rows.seconds) if rows.seconds.size > 2 else float("nan")
    least = max(least_gap.total_seconds(), 3 * step) if np.isfinite(step) else float("inf")
    found = np.flatnonzero(np.diff(rows.seconds) >= least)
    gaps = tuple(
        Gap(
            instant(float(rows.seconds[at])),
            instant(float(rows.seconds[at + 1])),
            (rows.id_of(at), rows.id_of(at + 1)),
        )
        for at in found[:_MOST_GAPS]
    )
    return Course(
        rows=int(rows.seconds.size),
        first_at=instant(float(rows.seconds[0])),
        last_at=instant(float(rows.seconds[-1])),
        journal=rows.edges,
        step=timedelta(seconds=step) if np.isfinite(step) else None,
        delay=timedelta(seconds=_delay(rows)),
        gaps=gaps,
        gap_count=int(found.size),
        past=timedelta(seconds=learned.end - learned.start) if learned else timedelta(0),
        shown=shown_of(rows, states),
        beyond=beyond(rows, sent.source),
    )


def _delay(rows: Rows) -> float:
    """What four of five readings of the last half hour were late by at least."""
    lately = rows.between(float(rows.seconds[-1]) - LATELY_S, float(rows.seconds[-1]))
    place = (lately.delays.size - 1) // 5
    return max(0.0, float(np.partition(lately.delays, place)[place]))


def _states(sent: Sequence[Sent]) -> list[list[SignalInterval]]:
    """All that is said of each signal, in order of time."""
    found: list[list[SignalInterval]] = []
    known: dict[int, tuple[Series, Learned]] = {}
    for place, one in enumerate(sent):
        told, inside = _within_range(one)
        found.append(told)
        if one.learned is not None and inside.seconds.size:
            known[place] = inside, one.learned
    asked = {}
    for (place, signal), states in zip(known.items(), of_several([*known.values()]), strict=True):
        quantity = sent[place].source.quantity
        kept = [one for one in in_order(states) if not operated(quantity, one) and not _barely(one)]
        found[place] += kept
        if not any(one.state in _EXPLAINS for one in kept):
            asked[place] = signal
    for place, repeated in zip(asked, part_replays([*asked.values()]), strict=True):
        found[place] += repeated
    return [sorted(told, key=lambda one: (one.start, one.state)) for told in found]


def _within_range(sent: Sent) -> tuple[list[SignalInterval], Series]:
    """What lies outside the range or leaps, and the readings that do neither."""
    rows, values, span = sent.rows, sent.rows.values, span_of(sent.source)
    found: list[SignalInterval] = []
    if span is not None:
        outside = (values < span[0]) | (values > span[1])
        if outside.any():
            found += _outside(rows, outside, span, sent.learned)
            values = np.where(outside, np.nan, values)
        spikes, at = _spikes(Series(rows.seconds, values).present(), span)
        found += spikes
        values = np.where(np.isin(rows.seconds, at), np.nan, values) if spikes else values
    return found, Series(rows.seconds, values).present()


def _outside(
    rows: Rows, outside: NDArray[np.bool_], span: tuple[float, float], learned: Learned | None
) -> list[SignalInterval]:
    """Where readings lie outside the range, and how many times the usual value they are (`factor`)."""
    inside = ~outside & np.isfinite(rows.values)
    found = []
    for one in screen(Series(rows.seconds, rows.values), None, span=span):
        if one.state is SignalState.OUT_OF_RANGE:
            start = one.start.timestamp()
            part = rows.between(start, one.end.timestamp()).values
            part = part[np.isfinite(part)]  # the first and the last are
            nearest = np.argsort(np.abs(rows.seconds[inside] - start), kind="stable")[:_NEAREST]
            usual = (learned.low + learned.high) / 2 if learned else 0.0
            if nearest.size:
                usual = float(np.median(rows.values[inside][nearest]))
            factor = float(np.median(part)) / usual if usual else 0.0
            found.append(replace(one, measure={**one.measure, "factor": factor}))
    return found


def operated(quantity: Quantity | None, one: SignalInterval) -> bool:
    """Whether it says no more than that operators lead a level or a flow elsewhere, or that a gas detector
    shows what it is there for.
    """
    if one.state is SignalState.NOISY:
        return quantity in _GASES and one.measure["noise"] > one.measure["usual_noise"]
    return quantity in _OPERATED and one.state in SHIFTED and APART not in one.measure


def _barely(one: SignalInterval) -> bool:
    """Whether a signal is only somewhat quieter than ever: with a few days of past that is no finding."""
    quietest = one.measure.get("usual_spread", 0.0)
    return one.state is SignalState.STUCK_WITH_JITTER and one.measure["spread"] > _QUIETER * quietest


def span_of(source: Source) -> tuple[float, float] | None:
    """The measuring range; None where none is registered that makes sense."""
    if source.range_low is None or source.range_high is None or source.range_low >= source.range_high:
        return None
    return source.range_low, source.range_high


def _spikes(series: Series, span: tuple[float, float]) -> tuple[list[SignalInterval], Floats]:
    """Single readings far from both neighbours, several of them: no process moves like that. Also when."""
    if series.seconds.size < 2 * LEAST_SPIKES + 2:
        return [], np.zeros(0)
    values = series.values
    bend = np.minimum(np.abs(values[1:-1] - values[:-2]), np.abs(values[1:-1] - values[2:]))
    same_side = (values[1:-1] - values[:-2]) * (values[1:-1] - values[2:]) > 0
    usual = float(np.median(bend))
    least = max(SPIKE_SHARE * (span[1] - span[0]), _SPIKE_BENDS * usual)
    at = np.flatnonzero((bend > least) & same_side) + 1
    if at.size < LEAST_SPIKES:
        return [], np.zeros(0)
    highest = float(bend[at - 1].max())
    why = f"{at.size} 次单点突跳,最大偏离前后读数 {highest:.6g},平时 {usual:.3g}"
    start, end = instant(float(series.seconds[at[0]])), instant(float(series.seconds[at[-1]]))
    measure = {"count": float(at.size), "highest": highest, "usual": usual}
    return [SignalInterval(start, end, SignalState.SPIKE, why, measure=measure)], series.seconds[at]
