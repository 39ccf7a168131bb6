"""The judge of one signal: a series and what is usual for it in, intervals with their states out. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from rdchem.model.signal import SHIFTED, SignalInterval, SignalState
from rdchem.readings.added import explained
from rdchem.readings.decimals import finer_stretches
from rdchem.readings.forged import replays
from rdchem.readings.frozen import jitter
from rdchem.readings.learned import USUAL, Learned
from rdchem.readings.runs import runs
from rdchem.readings.series import Floats, Series, cadence
from rdchem.readings.shifted import shifts
from rdchem.readings.texture import textures
from rdchem.readings.told import instant, interval

__all__ = ["instant", "screen"]

TEXTURE: Final = (SignalState.DIGITS, SignalState.NOISY)
LONG_WAIT: Final = 6.0
"""A gap is so many times the usual step, and half as long again as any wait of the past."""
LEAST_ROWS: Final = 6
"""Fewer equal rows are never called stuck."""
LEAST_STUCK_S: Final = 3600.0
_PIECE: Final = 0.3
_WITHIN: Final = 0.7
LONGER: Final = 1.5
LONGER_FLAT: Final = 1.3
"""Stuck is so many times as long as any run of equal values in the past, and `LEAST_STUCK_S` longer."""


def screen(
    series: Series,
    learned: Learned | None,
    *,
    span: tuple[float, float] | None = None,
    until: float | None = None,
) -> list[SignalInterval]:
    """The intervals in which a signal is not as it should be, in order of time.

    `learned`: what is usual, from an earlier stretch; None: nothing is known but the series itself, so that
    only silences, runs of equal values and the range can be judged. `span`: the measuring range. `until`:
    the second up to which data was expected.
    """
    shown = series.present()
    found = silences(shown, learned, until) + out_of_range(shown, span)
    return in_order(found + of_values(shown, learned))


def of_values(shown: Series, learned: Learned | None) -> list[SignalInterval]:
    """What the values of a series without missing ones say: stuck, and what a learned past tells."""
    if learned is None or not shown.seconds.size:
        return stuck(shown, learned)
    return of_several([(shown, learned)])[0]


def of_several(signals: Sequence[tuple[Series, Learned]]) -> list[list[SignalInterval]]:
    """What the values of each of several such series say by their past; none may be empty."""
    return compared([Question(shown, usual, stuck(shown, usual)) for shown, usual in signals])


@dataclass(frozen=True, slots=True)
class Asked:
    """What may be told of a signal by its past; what is not asked for is known not to be found."""

    trembling: bool = True
    alike: bool = True
    near: bool = True
    apart: bool = True
    texture: bool = True


EVERYTHING: Final = Asked()


@dataclass(frozen=True, slots=True)
class Question:
    """A signal, what is usual for it, where it is stuck, and what else may be told of it."""

    shown: Series
    learned: Learned
    still: list[SignalInterval]
    asked: Asked = EVERYTHING


def compared(several: Sequence[Question]) -> list[list[SignalInterval]]:
    """Of each signal where it is stuck, and what comparison with the past tells: jitter, replays, offsets and
    drifts, noise and last digits.
    """
    apart = iter(shifts([(one.shown, one.learned) for one in several if one.asked.apart]))
    return [_told(one, next(apart) if one.asked.apart else []) for one in several]


def _told(question: Question, apart: list[SignalInterval]) -> list[SignalInterval]:
    shown, learned, asked = question.shown, question.learned, question.asked
    again = replays(shown, learned, alike=asked.alike, near=asked.near)
    leapt = [one for one in apart if one.state is SignalState.OFFSET]  # what is held does not leap before
    trembling = combined(leapt, jitter(shown, learned))[len(leapt) :] if asked.trembling else []
    trembling = [one for one in trembling if not any(_piece(other, [one], _WITHIN) for other in again)]
    found = [one for one in question.still if not _piece(one, trembling, _PIECE)]
    calculated, rough = _texture(shown, learned) if asked.texture else ([], [])
    for more in (calculated, trembling, again):
        found = combined(found, more)
    return beside(combined(found, apart), rough)


def _texture(shown: Series, learned: Learned) -> tuple[list[SignalInterval], list[SignalInterval]]:
    """Where decimals give away what was calculated; and where noise and last digits are unlike the past's."""
    finer = finer_stretches(shown, learned.texture.decimals, (learned.low, learned.high))
    found = [explained(one, shown, learned) for one in finer]
    found += textures(shown, learned.texture, learned.step_s)
    return (
        [one for one in found if one.state not in TEXTURE],
        [one for one in found if one.state in TEXTURE],
    )


def _piece(one: SignalInterval, others: list[SignalInterval], share: float) -> bool:
    """Whether an interval is but a piece, less than a share, of one of the others."""
    return any(
        other.start <= one.start
        and one.end <= other.end
        and one.end - one.start < share * (other.end - other.start)
        for other in others
    )


def beside(found: list[SignalInterval], rough: list[SignalInterval]) -> list[SignalInterval]:
    """What is found, and what noise and digits say but where half is told of; no shift explains those."""
    sure = [one for one in found if one.state not in SHIFTED]
    return found + combined(sure, rough)[len(sure) :]


def in_order(found: list[SignalInterval]) -> list[SignalInterval]:
    """Intervals in order of time."""
    return sorted(found, key=lambda one: (one.start, one.end, one.state))


def combined(found: list[SignalInterval], more: list[SignalInterval]) -> list[SignalInterval]:
    """What is found and what more is, but where at least half of it is already told of.

    What did not move at all is neither stuck with jitter nor replayed.
    """
    told = list(found)
    for one in more:
        covered = sum(
            max(0.0, (min(one.end, other.end) - max(one.start, other.start)).total_seconds())
            for other in found
        )
        if covered < 0.5 * (one.end - one.start).total_seconds():
            told.append(one)
    return told


def silences(shown: Series, learned: Learned | None, until: float | None) -> list[SignalInterval]:
    """Waits much longer than ever before (without a past: than nearly all), and after the last row."""
    waits = np.diff(shown.seconds)
    if learned is not None:
        step, usual_wait, longest_wait = learned.step_s, learned.usual_wait_s, learned.longest_wait_s
        last = learned.end
    elif waits.size:
        step, usual_wait, longest_wait = cadence(shown.seconds), float(np.quantile(waits, USUAL)), np.inf
    else:
        return []
    usually = max(LONG_WAIT * step, 2 * usual_wait)
    longest = max(LONG_WAIT * step, LONGER * longest_wait) if learned else usually
    said = f"平时每 {step / 60:.3g} 分钟一条"
    if learned:
        said += f",过去最长相隔 {longest_wait / 60:.3g} 分钟"
    found = [
        interval(
            shown.seconds[at], shown.seconds[at + 1], SignalState.GAP,
            f"{waits[at] / 60:.0f} 分钟没有数据;{said}", wait_s=float(waits[at]), usual_s=step,
        )
        for at in np.flatnonzero(waits > longest)
    ]  # fmt: skip
    if shown.seconds.size:
        last = float(shown.seconds[-1])
    if until is not None and until - last > usually:
        why = f"最后一条之后 {(until - last) / 60:.0f} 分钟没有数据;{said}"
        found.append(interval(last, until, SignalState.SILENT, why, wait_s=until - last, usual_s=step))
    return found


def stuck(shown: Series, learned: Learned | None) -> list[SignalInterval]:
    """Runs of equal values, longer than any of the past; without one, than any other of the series itself.

    At the value it rests at (no gas, no flow) a signal may rest as long as it ever did; one that never had
    another value, for ever.
    """
    if not shown.seconds.size:
        return []
    first, last = runs(shown)
    lasted = shown.seconds[last] - shown.seconds[first]
    if learned is None:
        longest = _longest_other(lasted)
    else:
        longest = np.full(lasted.shape, learned.longest_run_s)
        resting = max(learned.longest_rest_s, learned.longest_run_s)
        longest[shown.values[first] == learned.rest] = np.inf if learned.low == learned.high else resting
    long = (lasted > flat_for(longest)) & (last - first + 1 >= LEAST_ROWS)
    return [
        interval(
            shown.seconds[first[at]], shown.seconds[last[at]], SignalState.STUCK,
            f"{lasted[at] / 3600:.1f} 小时 {last[at] - first[at] + 1} 条读数全是 "
            f"{shown.values[first[at]]:.6g},照过去最多 {longest[at] / 3600:.1f} 小时不变",
            value=float(shown.values[first[at]]), lasted_s=float(lasted[at]), usual_s=float(longest[at]),
        )
        for at in np.flatnonzero(long)
    ]  # fmt: skip


def flat_for(longest: Floats) -> Floats:
    """Longer than this a run of equal values is stuck, where the longest usual one lasts so long."""
    least: Floats = np.maximum(LONGER_FLAT * longest, longest + LEAST_STUCK_S)
    return least


def _longest_other(lasted: Floats) -> Floats:
    """For each run, how long the longest of the others lasted."""
    if lasted.size < 2:
        return np.zeros(lasted.shape)
    second, longest = np.partition(lasted, -2)[-2:]
    others = np.full(lasted.shape, longest)
    others[int(np.argmax(lasted))] = second
    return others


def out_of_range(shown: Series, span: tuple[float, float] | None) -> list[SignalInterval]:
    """Successive rows outside the measuring range."""
    if span is None:
        return []
    outside = (shown.values < span[0]) | (shown.values > span[1])
    edges = np.diff(np.concatenate(([False], outside, [False])).astype(np.int8))
    found = []
    for first, after in zip(np.flatnonzero(edges == 1), np.flatnonzero(edges == -1), strict=True):
        part = shown.values[first:after]
        worst = float(part[np.argmax(np.maximum(span[0] - part, part - span[1]))])
        why = f"读数 {worst:.6g} 超出量程 {span[0]:.6g}–{span[1]:.6g}"
        found.append(
            interval(
                shown.seconds[first], shown.seconds[after - 1], SignalState.OUT_OF_RANGE, why, worst=worst
            )
        )
    return found
