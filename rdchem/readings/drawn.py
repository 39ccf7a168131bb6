"""What is shown of a source: its intervals, each with the signal around it and what it resembles. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from rdchem.model.course import Course, Point, Shown
from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.rows import Rows
from rdchem.readings.screen import combined

_BINS: Final = 48
_MOST_SHOWN: Final = 12
_LAST_S: Final = 7200.0
_AFTER_S: Final = 600.0
_BY_COPYING: Final = (
    SignalState.OFFSET,
    SignalState.DRIFT,
    SignalState.STUCK_WITH_JITTER,
    SignalState.DIGITS,
    SignalState.NOISY,
)


def shown_of(rows: Rows, states: Sequence[SignalInterval]) -> tuple[Shown, ...]:
    """Intervals of a source with the messages they rest on and their pictures, the first ones."""
    found = []
    for one in states[:_MOST_SHOWN]:
        start, end = one.start.timestamp(), one.end.timestamp()
        margin, within = _margin_s(one), rows.between(start, end)
        around = rows.between(start - margin, end + margin)
        found.append(Shown(one, within.edges, thinned(around, start, _bin_s(one))))
    return tuple(found)


def _margin_s(one: SignalInterval) -> float:
    """How much before and after an interval is drawn with it."""
    return max(0.25 * (one.end - one.start).total_seconds(), 600.0)


def _bin_s(one: SignalInterval) -> float:
    return ((one.end - one.start).total_seconds() + 2 * _margin_s(one)) / _BINS


def with_last_hours(course: Course, rows: Rows, *, until: datetime, least_gap: timedelta) -> Course:
    """The same with two hours of its signal: up to the last reading, where none came up to an instant; or
    else up to some minutes after its last pause.
    """
    last = float(rows.seconds[-1])
    if until - course.last_at < least_gap:
        if not course.gaps:
            return course
        last = min(last, course.gaps[-1].end.timestamp() + _AFTER_S)
    drawn = thinned(rows.between(last - _LAST_S, last), last - _LAST_S, _LAST_S / _BINS)
    return replace(course, last_hours=drawn)


def with_copies(course: Course, rows: Rows, copies: Sequence[tuple[SignalInterval, Rows]]) -> Course:
    """The same course with stretches another source shows too, each with the other's rows, in place of what
    they explain: who shows another's signal departs from its own.
    """
    stretches = [one for one, _ in copies]
    kept = [
        one
        for one in course.shown
        if one.interval.state not in _BY_COPYING or combined(stretches, [one.interval]) != stretches
    ]
    more = [with_past(one, other) for one, (_, other) in zip(shown_of(rows, stretches), copies, strict=False)]
    shown = sorted([*kept, *more], key=lambda one: (one.interval.start, one.interval.state))
    return replace(course, shown=tuple(shown))


def with_past(shown: Shown, past: Rows) -> Shown:
    """The same with what it resembles drawn, from the rows of that time."""
    ids = tuple(sorted({*shown.journal, *past.edges}))
    if not past.seconds.size:
        return replace(shown, journal=ids)
    first, last = float(past.seconds[0]), float(past.seconds[-1])
    bin_s = max(_bin_s(shown.interval), (last - first) / _BINS)
    return replace(shown, journal=ids, repeated=thinned(past, first, bin_s))


def thinned(rows: Rows, origin: float, bin_s: float) -> tuple[Point, ...]:
    """The first and the last point of a signal, and of stretches of `bin_s` from `origin` on the lowest
    and the highest: of what is alike the same points are left.
    """
    there = np.isfinite(rows.values)
    seconds, values = rows.seconds[there], rows.values[there]
    if not seconds.size:
        return ()
    kept = {0, seconds.size - 1}
    edges = np.flatnonzero(np.diff(np.floor((seconds - origin) / bin_s))) + 1
    for part in np.split(np.arange(seconds.size), edges):
        kept |= {int(part[np.argmin(values[part])]), int(part[np.argmax(values[part])])}
    return tuple((round(float(seconds[at])), float(values[at])) for at in sorted(kept))
