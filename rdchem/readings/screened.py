"""What the signals of an enterprise's day say, each by its own past and against each other. Pure.

Each is screened by itself (`rdchem.readings.screen`), and the sources of a hazard are held against each other
by the functions the verdict of a day uses (`rdchem.readings.related`, `rdchem.readings.against`), with what
is told of each already in mind.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rdchem.model.course import Shown
from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.against import Against, weighed
from rdchem.readings.beside import Sensor
from rdchem.readings.courses import operated
from rdchem.readings.learned import Learned
from rdchem.readings.plain import Stretches
from rdchem.readings.related import said
from rdchem.readings.screen import Question, compared, in_order, instant, stuck
from rdchem.readings.series import Series
from rdchem.readings.sorted_day import QUALITIES, Numbers, SortedDay
from rdchem.readings.suspects import suspects

_BAD = QUALITIES.index("bad")
States = dict[str, list[SignalInterval]]


@dataclass(frozen=True, slots=True)
class Usual:
    """What is usual for each source, of those it is known of, and what each measures; sources with a past
    shorter than `least_s` seconds are not held against each other.
    """

    learned: Mapping[str, Learned]
    sensors: Mapping[str, Sensor]
    least_s: float


def screened(day: SortedDay, usual: Usual, plain: Sequence[Stretches]) -> list[Stretches]:
    """What the signals say; what the plain part tells is not told again. Readings their sender calls bad are
    left out.
    """
    seconds = day.occurred_us / 1e6
    values = np.where(day.quality == _BAD, np.nan, day.value) if day.quality.any() else day.value
    ends = zip(day.starts[:-1], day.starts[1:], strict=True)
    signals = {
        source: Series(seconds[begin:end], values[begin:end])
        for source, (begin, end) in zip(day.sources, ends, strict=True)
    }
    found = _alone(day, signals, values, usual)
    long = {code: one for code, one in usual.learned.items() if one.end - one.start >= usual.least_s}
    against = said(signals, usual.sensors, long, least_s=usual.least_s)
    if against:
        found = _weighed(day, found, against, plain)
    places = {source: place for place, source in enumerate(day.sources)}
    return [_stretch(places[code], one, signals[code]) for code, told in found.items() for one in told]


def _alone(day: SortedDay, signals: Mapping[str, Series], values: Numbers, usual: Usual) -> States:
    """What is told of each signal by itself."""
    looked = suspects(day, values, usual.learned)
    found: States = {}
    questions: dict[str, Question] = {}
    for place in looked.places:
        source, asked = day.sources[place], looked.asked(place)
        shown = signals[source].present()
        found[source] = stuck(shown, usual.learned.get(source)) if looked.still[place] else []
        if asked is not None and shown.seconds.size:
            questions[source] = Question(shown, usual.learned[source], found[source], asked)
    found |= dict(zip(questions, compared([*questions.values()]), strict=True))
    return {source: _told(told, usual.sensors.get(source)) for source, told in found.items()}


def _told(told: list[SignalInterval], measures: Sensor | None) -> list[SignalInterval]:
    quantity = measures.quantity if measures else None
    return [one for one in in_order(told) if not operated(quantity, one)]


def _weighed(day: SortedDay, found: States, against: Sequence[Against], plain: Sequence[Stretches]) -> States:
    """What is told of each signal, with what they say against each other."""
    outside = _outside(day, plain)
    told = {
        code: tuple(Shown(one, ()) for one in [*found.get(code, ()), *outside.get(code, ())])
        for code in day.sources
    }
    return {
        code: [one.interval for one in shown if one.interval.state is not SignalState.OUT_OF_RANGE]
        for code, shown in weighed(told, against).items()
    }


def _outside(day: SortedDay, plain: Sequence[Stretches]) -> States:
    """What the plain part tells of readings outside their range."""
    found: States = defaultdict(list)
    for some in plain:
        if some.state == SignalState.OUT_OF_RANGE.value:
            columns = (some.source.tolist(), some.begin_us.tolist(), some.end_us.tolist())
            for place, begin, end in zip(*columns, strict=True):
                one = SignalInterval(instant(begin / 1e6), instant(end / 1e6), SignalState.OUT_OF_RANGE, "")
                found[day.sources[place]].append(one)
    return found


def _stretch(place: int, one: SignalInterval, series: Series) -> Stretches:
    begin, end = one.start.timestamp(), one.end.timestamp()
    first, after = np.searchsorted(series.seconds, (begin, end + 1e-6))
    places, begins, ends, counts = (
        np.array([number], np.int64)
        for number in (place, round(begin * 1e6), round(end * 1e6), after - first)
    )
    return Stretches(one.state.value, places, begins, ends, counts, (one.why,))
