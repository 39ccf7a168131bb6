"""How well signals are judged: trials screened as anybody's file is, and what came of each fault.

A fault counts as found where at least half of its interval is attributed to its state. Overlap is the share
of the interval so attributed (mean of those found). Delay (median) is the time from its beginning until it
would first have been told of, of data cut off at whole hours. A clean day is falsely flagged if any interval
reaches into it but a gap: that rows of a file are missing is a fact.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Final

import numpy as np

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.learned import Learned, learn
from rdchem.readings.of_file import screen_after, screen_alone
from rdchem.readings.series import ordered
from sensors_sim.signal_trials import FAULTS, Shown, Trial, trials
from sensors_sim.signals import DAY_S

_ENOUGH: Final = 0.5
_CUTS_H: Final = (1, 2, 3, 4, 6, 8, 10, 12, 15, 18, 21, 24)


@dataclass(slots=True)
class Tally:
    """What came of one fault: trials, overlap and delay (hours) of those found, seconds of processor time."""

    trials: int = 0
    overlaps: list[float] = field(default_factory=list)
    delays: list[float] = field(default_factory=list)


@dataclass(slots=True)
class SignalScore:
    """All trials: a tally a fault, and clean days with those falsely flagged, by state."""

    tallies: dict[str, Tally] = field(default_factory=lambda: {fault.name: Tally() for fault in FAULTS})
    clean_days: int = 0
    flagged_days: int = 0
    flagged_as: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def markdown(self) -> str:
        """The table for the documents."""
        lines = ["| 故障(24 小时) | 次数 | 判对 | 重合 | 延迟 |", "| --- | ---: | ---: | ---: | ---: |"]
        for fault in FAULTS:
            one = self.tallies[fault.name]
            found = len(one.overlaps)
            overlap = f"{sum(one.overlaps) / found:.2f}" if found else "—"
            delay = f"{sorted(one.delays)[len(one.delays) // 2]:.0f} 小时" if one.delays else "—"
            lines.append(
                f"| {fault.label} → `{fault.state}` | {one.trials} | {found} | {overlap} | {delay} |"
            )
        share = self.flagged_days / self.clean_days if self.clean_days else 0.0
        said = "、".join(f"`{state}` {count}" for state, count in sorted(self.flagged_as.items())) or "—"
        lines.append(
            f"| 无故障的天 | {self.clean_days} | 误报 {self.flagged_days}({share:.1%}) | {said} | — |"
        )
        return "\n".join(lines) + "\n"


def scored(signals: Iterable[Shown], seed: int, count: int, *, alone: bool = False) -> SignalScore:
    """Every trial of the signals, judged; `alone`: past and days as one file, and nothing learned before."""
    score = SignalScore()
    for signal in signals:
        usual: Learned | None = None
        for trial in trials(signal, Random(f"{seed} {signal.name}"), count):
            if trial.fault is None:
                usual = None if alone else learn(ordered(trial.past.seconds, trial.past.values))
                _count_clean(score, trial, usual)
            else:
                _count_fault(score.tallies[trial.fault.name], trial, usual)
    return score


def _count_clean(score: SignalScore, trial: Trial, usual: Learned | None) -> None:
    first, end = trial.past.seconds[0], trial.days.seconds[-1]
    begin = float(trial.past.seconds[-1] if usual else first)
    days = range(round((float(end) - begin) / DAY_S))
    found = _screened(trial, usual, None)
    flagged: set[int] = set()
    for one in found:
        score.flagged_as[one.state.value] += 1
        if one.state is SignalState.GAP:
            continue
        flagged |= {
            day
            for day in days
            if one.start.timestamp() < begin + (day + 1) * DAY_S and one.end.timestamp() > begin + day * DAY_S
        }
    score.clean_days += len(days)
    score.flagged_days += len(flagged)


def _count_fault(tally: Tally, trial: Trial, usual: Learned | None) -> None:
    tally.trials += 1
    overlap = _overlap(_screened(trial, usual, None), trial, trial.end)
    if overlap < _ENOUGH:
        return
    tally.overlaps.append(overlap)
    for hours in _CUTS_H:
        cut = trial.start + hours * 3600
        if _overlap(_screened(trial, usual, cut), trial, cut) >= _ENOUGH:
            tally.delays.append(hours)
            return
    tally.delays.append(24.0)


def _screened(trial: Trial, usual: Learned | None, cut: float | None) -> list[SignalInterval]:
    """What is found in a trial, as of an instant, or of its end."""
    silent = trial.fault is not None and trial.fault.make is None
    end = cut if cut is not None else trial.end if silent else float(trial.days.seconds[-1])
    shown = trial.days.between(float(trial.days.seconds[0]), end + 1)
    if usual is not None:
        past = ordered(trial.past.seconds, trial.past.values)
        return screen_after(ordered(shown.seconds, shown.values), past, usual, until=end)
    seconds = np.concatenate((trial.past.seconds, shown.seconds))
    values = np.concatenate((trial.past.values, shown.values))
    return screen_alone(ordered(seconds, values), until=end)


def _overlap(found: Sequence[SignalInterval], trial: Trial, end: float) -> float:
    """The share of a fault up to an instant that is attributed to its state."""
    spans = sorted(
        (max(trial.start, one.start.timestamp()), min(end, one.end.timestamp()))
        for one in found
        if trial.fault is not None and one.state == trial.fault.state
    )
    told, reached = 0.0, trial.start
    for start, stop in spans:
        told += max(0.0, stop - max(start, reached))
        reached = max(reached, stop)
    return told / (end - trial.start)
