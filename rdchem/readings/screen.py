"""The judge of one signal: a series and what is usual for it in, intervals with their states out. Pure."""

from datetime import UTC, datetime
from typing import Final

import numpy as np

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.learned import Learned, learn
from rdchem.readings.runs import runs
from rdchem.readings.series import Series, cadence

_LONG_WAIT: Final = 6.0
"""A gap is so many times the usual step, and half as long again as any wait of the past."""
_LEAST_ROWS: Final = 6
"""Fewer equal rows are never called stuck."""
_LEAST_STUCK_S: Final = 3600.0


def screen(
    series: Series,
    learned: Learned | None,
    *,
    span: tuple[float, float] | None = None,
    until: float | None = None,
) -> list[SignalInterval]:
    """The intervals in which a signal is not as it should be, in order of time.

    `learned`: what is usual, from an earlier stretch; None: the series itself is all that is known. `span`:
    the measuring range. `until`: the second up to which data was expected.
    """
    shown = series.present()
    usual = learned or learn(shown)
    found = _silence(shown, usual, until)
    if shown.seconds.size:
        found += _stuck(shown, usual)
        found += _out_of_range(shown, span)
    return sorted(found, key=lambda one: (one.start, one.state))


def instant(second: float) -> datetime:
    """The UTC instant of a second since 1970-01-01."""
    return datetime.fromtimestamp(second, UTC)


def _silence(shown: Series, usual: Learned | None, until: float | None) -> list[SignalInterval]:
    step = usual.step_s if usual else cadence(shown.seconds)
    if not np.isfinite(step):
        return []
    longest = max(_LONG_WAIT * step, 1.5 * usual.longest_wait_s if usual and usual.rows else 0.0)
    waits = np.diff(shown.seconds)
    found = [
        _interval(
            shown.seconds[at], shown.seconds[at + 1], SignalState.GAP,
            f"{waits[at] / 60:.0f} 分钟没有数据,平时每 {step / 60:.3g} 分钟一条",
            wait_s=float(waits[at]), usual_s=step,
        )
        for at in np.flatnonzero(waits > longest)
    ]  # fmt: skip
    last = float(shown.seconds[-1]) if shown.seconds.size else None
    if until is not None and last is not None and until - last > longest:
        why = f"最后一条之后 {(until - last) / 60:.0f} 分钟没有数据,平时每 {step / 60:.3g} 分钟一条"
        found.append(_interval(last, until, SignalState.SILENT, why, wait_s=until - last, usual_s=step))
    return found


def _stuck(shown: Series, usual: Learned | None) -> list[SignalInterval]:
    first, last = runs(shown)
    lasted = shown.seconds[last] - shown.seconds[first]
    whole = usual is not None and usual.low == usual.high
    longest = np.full(lasted.shape, usual.longest_run_s if usual and not whole else 0.0)
    if usual is not None and not whole:
        longest[shown.values[first] == usual.low] = usual.longest_rest_s
    long = (lasted > np.maximum(1.5 * longest, _LEAST_STUCK_S)) & (last - first + 1 >= _LEAST_ROWS)
    return [
        _interval(
            shown.seconds[first[at]], shown.seconds[last[at]], SignalState.STUCK,
            f"{lasted[at] / 3600:.1f} 小时 {last[at] - first[at] + 1} 条读数全是 "
            f"{shown.values[first[at]]:.6g},过去最长 {longest[at] / 3600:.1f} 小时不变",
            value=float(shown.values[first[at]]), lasted_s=float(lasted[at]), usual_s=float(longest[at]),
        )
        for at in np.flatnonzero(long)
    ]  # fmt: skip


def _out_of_range(shown: Series, span: tuple[float, float] | None) -> list[SignalInterval]:
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
            _interval(
                shown.seconds[first], shown.seconds[after - 1], SignalState.OUT_OF_RANGE, why, worst=worst
            )
        )
    return found


def _interval(start: float, end: float, state: SignalState, why: str, **measure: float) -> SignalInterval:
    return SignalInterval(instant(start), instant(end), state, why, measure=measure)
