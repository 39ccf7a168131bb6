"""What two sources of an enterprise say against each other, and of whom it is told.

It is found of both at once; whether either is known to be wrong already is asked of their courses. A stretch
in which one is stuck, played again, shifted … needs no second word. If it was its sibling that stayed as it
was, then it is not the plant that shifted: this is noted with the shift (`APART`), for the rule to see.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

from rdchem.model.course import Course, Shown
from rdchem.model.signal import APART, SHIFTED, SignalInterval, SignalState
from rdchem.readings.drawn import shown_of, with_past
from rdchem.readings.rows import Rows
from rdchem.readings.screen import combined

SURE: Final = "sure"
_UNTRUE: Final = (
    SignalState.STUCK,
    SignalState.REPLAYED,
    SignalState.COPIED,
    SignalState.STUCK_WITH_JITTER,
    SignalState.OUT_OF_RANGE,
)


class Line(NamedTuple):
    """What a source should show by another: so many times that, plus so much."""

    times: float
    plus: float


@dataclass(frozen=True, slots=True)
class Against:
    """`told`: what is to be told of a source, of one or of both, and `lines`: what it is held against then;
    `suspects`: of whom any fault explains it; `witnesses`: who are believed unless they show what is not
    measured. `strength`: how many times as much it is as it ever was.
    """

    told: Mapping[str, Shown]
    lines: Mapping[str, Line]
    suspects: tuple[str, ...]
    witnesses: tuple[str, ...]
    strength: float

    @property
    def interval(self) -> SignalInterval:
        """The state, and from when to when."""
        return next(iter(self.told.values())).interval


def drawn(against: Against, rows: Mapping[str, Rows]) -> Against:
    """The same with pictures of what is told, and of what it is held against."""
    told = {
        code: _drawn(shown.interval, rows[code], rows, against.lines[code])
        for code, shown in against.told.items()
    }
    return replace(against, told=told)


def _drawn(interval: SignalInterval, own: Rows, rows: Mapping[str, Rows], line: Line) -> Shown:
    [shown] = shown_of(own, [interval])
    if interval.resembles is None or interval.resembles.source_code is None:
        return shown
    other = rows[interval.resembles.source_code]
    then = other.between(interval.start.timestamp(), interval.end.timestamp())
    return with_past(shown, replace(then, values=then.values * line.times + line.plus))


Told = tuple[Shown, ...]


def weighed(told: Mapping[str, Told], several: Sequence[Against]) -> dict[str, Told]:
    """What is told of the sources of an enterprise, with what they say against each other unless that is
    explained.
    """
    found = dict(told)
    for one in sorted(several, key=_order):
        at_fault = [code for code in one.suspects if _explained(found[code], one.interval)]
        doubtful = any(_untrue(found[code], one.interval) for code in one.witnesses)
        for code, shown in one.told.items():
            if code in at_fault:
                found[code] = _noted(found[code], shown.interval)
            elif not at_fault and not doubtful:
                found[code] = _with(found[code], shown)
    return found


def with_against(courses: Mapping[str, Course], several: Sequence[Against]) -> dict[str, Course]:
    """The courses of an enterprise with what its sources say against each other."""
    told = weighed({code: one.shown for code, one in courses.items()}, several)
    return {code: replace(one, shown=told[code]) for code, one in courses.items()}


def _order(one: Against) -> tuple[bool, bool, float, tuple[str, ...]]:
    """Siblings first, and of them those of whom it is known which is wrong: they explain the others."""
    of_process = one.interval.state is SignalState.CONTRADICTED
    return of_process, not one.interval.measure.get(SURE), -one.strength, one.suspects


def _explained(told: Told, interval: SignalInterval) -> bool:
    return _covered(interval, [one.interval for one in told if _explains(one.interval)])


def _explains(one: SignalInterval) -> bool:
    sure = one.state is SignalState.DISAGREES and bool(one.measure.get(SURE))
    return sure or one.state in _UNTRUE or one.state in SHIFTED


def _untrue(told: Told, interval: SignalInterval) -> bool:
    return _covered(interval, [one.interval for one in told if one.interval.state in _UNTRUE])


def _covered(interval: SignalInterval, known: list[SignalInterval]) -> bool:
    """Whether at least half of an interval is told of already."""
    return combined(known, [interval]) == known


def _with(told: Told, shown: Shown) -> Told:
    """What is told and one more stretch, unless half of it is told of as the same."""
    same = [one.interval for one in told if one.interval.state is shown.interval.state]
    if _covered(shown.interval, same):
        return told
    return tuple(sorted([*told, shown], key=lambda one: (one.interval.start, one.interval.state)))


def _noted(told: Told, apart: SignalInterval) -> Told:
    """What is told, its shifts in that time its own: a sibling did not go along."""
    if apart.state is not SignalState.DISAGREES or apart.resembles is None:
        return told
    why = f";同类测点 {apart.resembles.source_code} 没有随之变化"
    return tuple(
        replace(
            one,
            interval=replace(
                one.interval,
                why=one.interval.why + why,
                measure={**one.interval.measure, APART: 1.0},
            ),
        )
        if _is_its_own(one.interval, apart)
        else one
        for one in told
    )


def _is_its_own(one: SignalInterval, apart: SignalInterval) -> bool:
    may_be_the_plant = one.state in (*SHIFTED, SignalState.STUCK_WITH_JITTER) and APART not in one.measure
    return may_be_the_plant and one.start < apart.end and apart.start < one.end
