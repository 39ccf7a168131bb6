"""Disagrees: of two sources that always went together, today one does not.

Today they are far apart for an hour or longer, and not where the plant went as it never did, both outside of
what they ever showed: nobody has learned that. Which of the two is wrong? Not the one that still goes with a
third sibling; else the one that left its own past. Where neither says so, it is told of both. What all
siblings do is the process.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np

from rdchem.model.course import Shown
from rdchem.model.signal import Resemblance, SignalState
from rdchem.readings.against import SURE, Against, Line
from rdchem.readings.beside import COMPARED, Beside
from rdchem.readings.grid import HOUR_S
from rdchem.readings.runs import lasting
from rdchem.readings.siblings import Bools, Pairs, Places, pairs
from rdchem.readings.told import instant, interval

_GOES_ALONG: Final = 0.6
"""As a share of what is far."""
_MOSTLY: Final = 0.8
_EITHER: Final = "二者之一有误"


def disagreements(beside: Beside, *, least_s: float) -> Iterator[Against]:
    """Where siblings of a hazard disagree; `least_s`: from a shorter past nothing is learned."""
    for quantity in COMPARED:
        alike = beside.of(quantity)
        known = pairs(alike, least_s=least_s) if len(alike.codes) > 1 else None
        if known is not None:
            yield from _of_siblings(alike, known)


def _of_siblings(beside: Beside, known: Pairs) -> Iterator[Against]:
    least = max(1, round(HOUR_S / beside.step_s))
    judged = known.judged
    far: Bools = judged & (np.abs(known.far) > 1)
    for pair in np.flatnonzero(far.sum(axis=1) >= least).tolist():
        seen = np.flatnonzero(judged[pair])
        for way in (1, -1):
            for begin, end in lasting(way * known.far[pair, seen] > 1, least):
                yield _Stretch(beside, known, pair, seen[begin:end]).against()


@dataclass(frozen=True, slots=True)
class _Stretch:
    """Steps of today at which a pair is far apart."""

    beside: Beside
    known: Pairs
    pair: int
    steps: Places

    @property
    def both(self) -> tuple[int, int]:
        """The rows of the two."""
        return int(self.known.one[self.pair]), int(self.known.other[self.pair])

    def against(self) -> Against:
        """What is told, and of whom."""
        one, other = self.both
        codes = self.beside.codes[one], self.beside.codes[other]
        third = self._third(one, other), self._third(other, one)
        strength = float(np.abs(self.known.far[self.pair, self.steps]).mean())
        if (third[0] is None) != (third[1] is None):
            wrong = 0 if third[0] is None else 1
            why = f"后者与同类测点 {third[1 - wrong]} 仍一致"
            told = {codes[wrong]: self._shown(wrong, why, sure=True)}
            return Against(told, self._lines(codes), (codes[wrong],), (codes[1 - wrong],), strength)
        left = [float(own[self.pair, self.steps].mean()) > 0.5 for own in self.known.outside]
        if left[0] != left[1] and third[0] is None:
            wrong = left.index(True)
            told = {codes[wrong]: self._shown(wrong, "本测点超出自身过去的范围", sure=True)}
        else:
            told = {codes[place]: self._shown(place, _EITHER, sure=False) for place in (0, 1)}
        return Against(told, self._lines(codes), codes, (), strength)

    def _lines(self, codes: tuple[str, str]) -> dict[str, Line]:
        return {code: Line(*self.known.line(self.pair, back=bool(at))) for at, code in enumerate(codes)}

    def _third(self, row: int, other: int) -> str | None:
        """Another sibling that one of the two still goes along with, if there is one."""
        known = self.known
        of_row = ((known.one == row) & (known.other != other)) | ((known.other == row) & (known.one != other))
        for pair in np.flatnonzero(of_row).tolist():
            along = np.abs(known.far[pair, self.steps]) <= _GOES_ALONG
            if float(along.mean()) >= _MOSTLY:
                return self.beside.codes[int(known.one[pair] + known.other[pair]) - row]
        return None

    def _agreed(self) -> str:
        """How long they went together, and since when they do not."""
        agreed, steps = int(self.known.agreed[self.pair]), self.beside.past.shape[1]
        hours, since = (part * self.beside.step_s / HOUR_S for part in (agreed, steps - agreed))
        if agreed == steps:
            return f"此前 {hours:.0f} 小时二者一直同步"
        return f"二者曾 {hours:.0f} 小时一直同步,当日之前已有 {since:.0f} 小时不一致"

    def _shown(self, place: int, why: str, *, sure: bool) -> Shown:
        """The stretch as it is told of one of the two, with what it should show by the other."""
        row, beside = self.both[place], self.both[1 - place]
        code, other = self.beside.codes[row], self.beside.codes[beside]
        times, plus = self.known.line(self.pair, back=place == 1)
        own, others = (self.beside.today[at, self.steps] for at in (row, beside))
        shown, due = float(np.median(own)), float(np.median(others)) * times + plus
        start, end = self.beside.span(code, int(self.steps[0]), int(self.steps[-1]) + 1)
        text = (
            f"{(end - start) / HOUR_S:.1f} 小时读数约 {shown:.4g},按同类测点 {other} 应约 {due:.4g},"
            f"{self._agreed()};{why}"
        )
        like = Resemblance(instant(start), instant(end), other)
        measure = {"shown": shown, "due": due, SURE: float(sure)}
        return Shown(interval(start, end, SignalState.DISAGREES, text, like, **measure), ())
