"""Frozen: stretches that tremble around a constant."""

import numpy as np

from rdchem.model.signal import SignalInterval, SignalState
from rdchem.readings.context import densest
from rdchem.readings.learned import Learned
from rdchem.readings.series import DAY_S, Series
from rdchem.readings.spread import is_noise, spreads, trembles
from rdchem.readings.told import interval


def jitter(shown: Series, usual: Learned) -> list[SignalInterval]:
    """Stretches spread less than ever around one value."""
    found: list[SignalInterval] = []
    taken = np.zeros(shown.seconds.size, bool)
    for window, one in reversed([*enumerate(spreads(shown, usual.past.step_s))]):
        window_s, begins = one.window_s, one.begins
        calmest = usual.calm.at(window, one.level)
        for at in np.flatnonzero(trembles(one, calmest)):
            first, last = np.searchsorted(shown.seconds, (begins[at], begins[at] + window_s))
            if taken[first:last].any():
                continue
            lead, tail = np.searchsorted(shown.seconds, (begins[at] - DAY_S, begins[at] + window_s + DAY_S))
            level = float(np.median(shown.values[first:last]))
            size = 1.4826 * float(np.median(np.abs(shown.values[first:last] - level)))
            if not (size > 0 and is_noise(shown.values[first:last])):  # what mostly rests does not tremble
                continue
            near = np.abs(shown.values[lead:tail] - level) <= 4 * size
            begin, end = densest(near)
            begin, end = lead + begin, lead + end
            taken[begin:end] = True
            size = float(shown.values[begin:end][near[begin - lead : end - lead]].std())
            if not size < calmest[at]:
                continue
            why = (
                f"{(shown.seconds[end - 1] - shown.seconds[begin]) / 3600:.1f} 小时只在 {level:.6g} 附近抖动"
                f"(标准差 {size:.3g}),过去最平静的 {window_s / 3600:.0f} 小时也有 {calmest[at]:.3g}"
            )
            found.append(
                interval(
                    shown.seconds[begin], shown.seconds[end - 1], SignalState.STUCK_WITH_JITTER, why,
                    level=level, spread=size, usual_spread=float(calmest[at]),
                )
            )  # fmt: skip
    return found
