"""Two rulebooks over stored history: whose outcome would differ, before anything is adopted.

Each day is judged as of its morning by the installation's rulebook, and by the same with another file added.
What was known is read once where both ask for the same, and a rule is evaluated again only where something
it looked at differs (`rdchem.memory`). Days are independent of one another: a long history is shared out
among the processors in runs of days. Nothing is stored.
"""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from datetime import date, timedelta
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from rdchem.day_facts import facts
from rdchem.enterprise_day import DayFacts
from rdchem.home import Home
from rdchem.intake import project_all
from rdchem.jobs import morning_of
from rdchem.judge import Judged, judge
from rdchem.memory import Memory
from rdchem.model.outcome import LedgerEntry
from rdchem.rulebook import Rulebook, rulebook_on

NOT_IN_FORCE: Final = "not_in_force"
_RUN: Final = 4
"""Days a process is given at a time: what stands is decoded once for all of them."""
_SHARED_FROM: Final = 3 * _RUN
_ASKED_OF_HISTORY: Final = (
    "reading_lookback",
    "listener_silence",
    "platform_outage_share",
    "platform_outage_after",
    "platform_outage_least",
    "platform_outage_past_days",
    "platform_outage_past_least",
    "flapping_gap",
    "signal_past",
    "signal_past_least",
    "camera_offline_after",
)
"""Limits that decide what is read, and when nobody could be heard."""

_OF_SIGNALS: Final = "sensor_signals_are_true"
SIGNALS_ASK: Final = frozenset(
    {
        "signal_past",
        "signal_past_least",
        "flapping_gap",
        "reading_lookback",
        "source_offline_after",
        "camera_offline_after",
    }
)
"""Limits the rule of signals may ask for. For that rule every reading of a day has to be looked at, which
takes longer than all else: it is left aside where the two rulebooks cannot but say the same of it.
"""


@dataclass(frozen=True, slots=True)
class Side:
    """What one rulebook says of a square: its outcome, why, and how many findings."""

    outcome: str
    reason: str
    findings: int


@dataclass(frozen=True, slots=True)
class Differing:
    """A square of the ledger on which the two rulebooks disagree."""

    day: str
    enterprise: str
    rule: str
    before: Side
    after: Side


@dataclass(frozen=True, slots=True)
class WhatIf:
    """The comparison: days judged, days without any register, every square that differs, and totals.

    `totals` counts differing squares by (rule, outcome before, outcome after).
    """

    days: tuple[str, ...]
    without_data: tuple[str, ...]
    enterprise_days: int
    differing: tuple[Differing, ...]
    totals: tuple[tuple[str, str, str, int], ...]

    @property
    def differing_enterprise_days(self) -> int:
        """How many enterprise-days have any difference."""
        return len({(one.day, one.enterprise) for one in self.differing})


def whatif(
    candidate: Path,
    first: date,
    last: date,
    *,
    on_day: Callable[[date], None] = lambda _: None,
    processes: int | None = None,
) -> WhatIf:
    """Judge every day from first to last twice. Raises ConfigurationError for a file that cannot be used.

    `processes`: by default as many as there are processors, but none for a run of days too short to share.
    """
    home = Home.open()
    project_all(home.settings, home.engine)
    home.engine.dispose()
    days = [first + timedelta(days=offset) for offset in range((last - first).days + 1)]
    compared = []
    for day, one in _each(candidate, days, processes or len(os.sched_getaffinity(0))):
        on_day(day)
        compared.append(one)
    differing = tuple(square for one in compared for square in one.differing)
    totals = Counter((one.rule, one.before.outcome, one.after.outcome) for one in differing)
    return WhatIf(
        tuple(one.day for one in compared if one.enterprises),
        tuple(one.day for one in compared if not one.enterprises),
        sum(one.enterprises for one in compared),
        differing,
        tuple((*key, count) for key, count in sorted(totals.items())),
    )


@dataclass(frozen=True, slots=True)
class _Day:
    """A day's comparison: how many enterprises, and the squares that differ."""

    day: str
    enterprises: int
    differing: tuple[Differing, ...]


def _each(candidate: Path, days: Sequence[date], processes: int) -> Iterator[tuple[date, _Day]]:
    """The days in their order, compared here or by processes of their own."""
    if processes == 1 or len(days) < _SHARED_FROM:
        home = Home.open()
        for day in days:
            yield day, _compared(home, candidate, day)
        home.engine.dispose()
        return
    runs = [(candidate, days[at : at + _RUN]) for at in range(0, len(days), _RUN)]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        for run in pool.map(_run, runs):
            yield from run


def _run(asked: tuple[Path, Sequence[date]]) -> list[tuple[date, _Day]]:
    candidate, days = asked
    return list(_each(candidate, days, 1))


def _compared(home: Home, candidate: Path, day: date) -> _Day:
    present = rulebook_on(day, home.settings.rulebook_files)
    other = rulebook_on(day, (*home.settings.rulebook_files, candidate))
    signals = _may_differ_on_signals(home, present, other)
    known = _known(home, present, signals)
    if not known.days:
        return _Day(day.isoformat(), 0, ())
    memory = Memory()
    as_of = morning_of(home.settings, present)
    before = judge(known.days, as_of=as_of, rulebook=_without(present, signals), memory=memory)
    also = _known_by(home, known, present, other, signals)
    as_of = morning_of(home.settings, other)
    after = judge(also.days, as_of=as_of, rulebook=_without(other, signals), memory=memory)
    return _Day(day.isoformat(), len(known.days), tuple(_differing(day, before, after)))


def _may_differ_on_signals(home: Home, present: Rulebook, other: Rulebook) -> bool:
    sides = []
    for rulebook in (present, other):
        decisions = rulebook.decisions
        sides.append(
            (
                morning_of(home.settings, rulebook),
                [rule for rule in rulebook.rules if rule.name == _OF_SIGNALS],
                {name: rulebook.limits.in_force.get(name) for name in SIGNALS_ASK},
                [one for one in rulebook.limits.overrides if one.limit in SIGNALS_ASK],
                [one for one in decisions.exemptions if _OF_SIGNALS in one.rules],
                [one for one in decisions.suppressions if one.rule == _OF_SIGNALS],
                decisions.reliefs,
            )
        )
    return sides[0] != sides[1]


def _without(rulebook: Rulebook, signals: bool) -> Rulebook:
    """The rulebook, without the rule of signals where it is left aside."""
    if signals:
        return rulebook
    return replace(rulebook, rules=tuple(rule for rule in rulebook.rules if rule.name != _OF_SIGNALS))


def _known(home: Home, rulebook: Rulebook, signals: bool) -> DayFacts:
    as_of = morning_of(home.settings, rulebook)
    return facts(home, rulebook.day, as_of, rulebook, courses=True, signals=signals)


def _known_by(home: Home, known: DayFacts, present: Rulebook, other: Rulebook, signals: bool) -> DayFacts:
    """What another rulebook would know: the same, by its own limits, unless it asks history otherwise."""
    same = (
        present.decisions.reliefs == other.decisions.reliefs
        and all(present.limits[name].value == other.limits[name].value for name in _ASKED_OF_HISTORY)
        and morning_of(home.settings, present) == morning_of(home.settings, other)
    )
    if not same:
        return _known(home, other, signals)
    days = tuple(
        replace(day, limits=other.limits.of(day.company_code, day.register.enterprise.area_code))
        for day in known.days
    )
    return replace(known, days=days)


def _differing(day: date, before: Judged, after: Judged) -> Iterator[Differing]:
    sides = [_sides(judged) for judged in (before, after)]
    nothing = Side(NOT_IN_FORCE, "", 0)
    for enterprise, rule in sorted(sides[0].keys() | sides[1].keys()):
        one, other = (side.get((enterprise, rule), nothing) for side in sides)
        if one != other:
            yield Differing(day.isoformat(), enterprise, rule, one, other)


def _sides(judged: Judged) -> dict[tuple[str, str], Side]:
    counts = Counter((one.enterprise, one.rule) for one in judged.judgement.findings if not one.suppressed)
    return {
        (entry.enterprise, entry.rule): Side(
            entry.outcome, _reason(entry), counts[entry.enterprise, entry.rule]
        )
        for entry in judged.judgement.ledger
    }


def _reason(entry: LedgerEntry) -> str:
    return entry.reason.text if entry.reason else ""
