"""Sources of an enterprise of which there is nothing to tell but when they sent: all at once. Pure.

Most sensors send without a gap, within their range and thresholds, and their signal is not asked about. What
their courses hold is found for all of them in a few array operations; every other source is looked at by
itself (`rdchem.readings.courses`), and a test holds the two to the same answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rdchem.model.course import Course
from rdchem.model.source import Source
from rdchem.readings.beyond import alarms_from
from rdchem.readings.courses import LATELY_S, LEAST_SPIKES, SPIKE_SHARE, Sent, courses, span_of
from rdchem.readings.learned import Learned
from rdchem.readings.rows import Rows
from rdchem.readings.screen import instant
from rdchem.readings.series import Floats


def courses_of(
    rows: Mapping[str, Rows],
    sources: Mapping[str, Source],
    learned: Mapping[str, Learned],
    *,
    least_gap: timedelta,
    signals: bool,
) -> dict[str, Course]:
    """The courses of the sources of one enterprise that sent; see `rdchem.readings.courses.courses`."""
    unasked = {code: own for code, own in rows.items() if code not in learned}
    calm = steady(unasked, sources, least_gap_s=least_gap.total_seconds(), signals=signals)
    eventful = [code for code in rows if code in sources and code not in calm]
    sent = [Sent(rows[code], sources[code], learned.get(code)) for code in eventful]
    looked = courses(sent, least_gap=least_gap, signals=signals)
    found = dict(zip(eventful, looked, strict=True))
    return {
        code: _uneventful(own, calm[code]) if code in calm else found[code]
        for code, own in rows.items()
        if code in sources
    }


def _uneventful(rows: Rows, calm: "Steady") -> Course:
    return Course(
        rows=int(rows.seconds.size),
        first_at=instant(float(rows.seconds[0])),
        last_at=instant(float(rows.seconds[-1])),
        journal=rows.edges,
        step=timedelta(seconds=calm.step),
        delay=timedelta(seconds=calm.delay),
    )


@dataclass(frozen=True, slots=True)
class Steady:
    """Of a source with nothing to tell: its usual step and its delay, seconds."""

    step: float
    delay: float


def steady(
    rows: Mapping[str, Rows], sources: Mapping[str, Source], *, least_gap_s: float, signals: bool
) -> dict[str, Steady]:
    """The steady ones of some sources of at least three rows each. With `signals` what it takes to say that
    a signal has no spikes and stays in its range is asked as well.
    """
    codes = [code for code, own in rows.items() if own.seconds.size > 2 and code in sources]
    if not codes:
        return {}
    own = [rows[code] for code in codes]
    sizes = np.array([one.seconds.size for one in own])
    first = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    source = np.repeat(np.arange(len(codes)), sizes)
    seconds = np.concatenate([one.seconds for one in own])
    values = np.concatenate([one.values for one in own])
    delays = np.concatenate([one.delays for one in own])

    steps, longest = _steps(seconds, source, first, sizes)
    plain = longest < np.maximum(least_gap_s, 3 * steps)
    low, high = np.minimum.reduceat(values, first), np.maximum.reduceat(values, first)
    marks = [alarms_from(sources[code]) for code in codes]
    spans = [span_of(sources[code]) for code in codes]
    plain &= (low >= _each(marks, "low", -np.inf)) & (high <= _each(marks, "high", np.inf))
    if signals:
        bottom = np.array([-np.inf if span is None else span[0] for span in spans])
        top = np.array([np.inf if span is None else span[1] for span in spans])
        plain &= (low >= bottom) & (high <= top) & ~_spiky(values, source, first, top - bottom)
    late = _delays(seconds, delays, source, first, sizes)
    return {
        codes[at]: Steady(float(steps[at]), max(0.0, float(late[at])))
        for at in np.flatnonzero(plain).tolist()
    }


def _each(marks: Sequence[Mapping[str, float]], side: str, otherwise: float) -> Floats:
    return np.array([one.get(side, otherwise) for one in marks])


def _steps(seconds: Floats, source: Any, first: Any, sizes: Any) -> tuple[Floats, Floats]:
    """The median and the longest of each source's steps from row to row."""
    within = source[1:] == source[:-1]
    step, of = np.diff(seconds)[within], source[1:][within]
    begins = first - np.arange(first.size)
    longest = np.maximum.reduceat(step, begins)
    ordered = step[np.lexsort((step, of))]
    count = sizes - 1
    return (ordered[begins + (count - 1) // 2] + ordered[begins + count // 2]) / 2, longest


def _delays(seconds: Floats, delays: Floats, source: Any, first: Any, sizes: Any) -> Floats:
    """What four of five readings of each source's last half hour were late by at least."""
    last = seconds[first + sizes - 1]
    lately = seconds >= (last - LATELY_S)[source]
    of, late = source[lately], delays[lately]
    count = np.add.reduceat(lately.astype(np.int64), first)
    begins = np.concatenate(([0], np.cumsum(count)[:-1]))
    ordered: Floats = late[np.lexsort((late, of))]
    chosen: Floats = ordered[begins + (count - 1) // 5]
    return chosen


def _spiky(values: Floats, source: Any, first: Any, width: Floats) -> NDArray[np.bool_]:
    """Sources with as many readings far from both neighbours as may be called spikes."""
    before, after = values[1:-1] - values[:-2], values[1:-1] - values[2:]
    inside = source[2:] == source[:-2]
    bend = np.minimum(np.abs(before), np.abs(after))
    far = inside & (before * after > 0) & (bend > (SPIKE_SHARE * width)[source[1:-1]])
    return np.bincount(source[1:-1][far], minlength=first.size) >= LEAST_SPIKES
