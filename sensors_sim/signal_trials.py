"""Days of a signal with something wrong in them, and the truth about it: made for whoever judges signals.

A trial is fourteen days of honest past and three days that follow, in the midst of which 24 hours are faulty.
The faults are those a forger or a dying instrument makes; amounts are shares of the standard deviation of the
whole signal, noise by a last digit of the instrument more: less would be rounded away. Signals are the
simulator's own (`sensors_sim.processes`), or real ones from files: none of those is shipped, so the published
table is of the simulator's.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from rdchem.errors import InputError
from rdchem.model.source import Quantity, Source, SourceKind
from rdchem.readings.decimals import UNTOLD, usual_decimals
from rdchem.signal_file import read_signal_file
from sensors_sim.instruments import INSTRUMENTS, thresholds
from sensors_sim.processes import honest_signal
from sensors_sim.signals import DAY_S
from sensors_sim.streams import stream

Floats = NDArray[np.float64]
PAST_DAYS: Final = 14
DAYS: Final = 3
STEP_S: Final = 300
_LEAST_ROWS: Final = 12
EPOCH_DAY: Final = 20_600
"""Trials of the simulator's signals lie in 2026."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A signal as shown: seconds since 1970, and values of `digits` after the point (None: as they are)."""

    name: str
    seconds: Floats
    values: Floats
    digits: int | None = None

    def between(self, start: float, end: float) -> "Shown":
        """The rows from a second to before another."""
        first, last = np.searchsorted(self.seconds, (start, end))
        return Shown(self.name, self.seconds[first:last], self.values[first:last], self.digits)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong: the state it should be found as, and how it is made of the day and the day before.

    `make(day, before, place, deviation, random)`: values of the day, of the day before, where in the day each
    is (0 to 1), the deviation of the signal. None: the rows are missing.
    """

    name: str
    label: str
    state: str
    make: Callable[[Floats, Floats, Floats, float, np.random.Generator], Floats] | None
    noisy: bool = False


def _noise(random: np.random.Generator, size: int, amount: float) -> Floats:
    return random.normal(0.0, amount, size)


def _blended(day: Floats, before: Floats, place: Floats) -> Floats:
    """Led over within the first and the last two hours."""
    weight: Floats = np.clip(np.minimum(place, 1 - place) * 12, 0.0, 1.0)
    blended: Floats = weight * before + (1 - weight) * day
    return blended


FAULTS: Final = (
    Fault("stuck", "卡死", "stuck", lambda day, _b, _p, _d, _r: np.full(day.size, day[0])),
    Fault(
        "jitter", "卡死加抖动(1–5 %)", "stuck_with_jitter",
        lambda day, _b, _p, deviation, r: day[0] + _noise(r, day.size, r.uniform(0.01, 0.05) * deviation),
        noisy=True,
    ),
    Fault("replay", "昨日重放", "replayed", lambda _day, before, _p, _d, _r: before),
    Fault(
        "replay_noisy", "昨日重放加噪声(1–5 %)", "replayed",
        lambda day, before, _p, deviation, r: before
        + _noise(r, day.size, r.uniform(0.01, 0.05) * deviation),
        noisy=True,
    ),
    Fault(
        "replay_blended", "昨日重放,接缝过渡 2 小时", "replayed",
        lambda day, before, place, _d, _r: _blended(day, before, place),
    ),
    Fault("silent", "停发至末尾", "silent", None),
    Fault(
        "offset", "偏移 3 倍标准差", "offset",
        lambda day, _b, _p, deviation, r: day + r.choice([-3.0, 3.0]) * deviation,
    ),
    Fault(
        "drift", "渐移至 3 倍标准差", "drift",
        lambda day, _b, place, deviation, r: day + r.choice([-3.0, 3.0]) * deviation * place,
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """A past to learn from, days to judge, and what is wrong from `start` to `end`; no fault: nothing is."""

    past: Shown
    days: Shown
    fault: Fault | None
    start: float
    end: float


def trials(signal: Shown, random: Random, count: int) -> Iterator[Trial]:
    """Trials of a signal: `count` times an honest one and one of each fault, at places drawn.

    None where it is shorter than a week and three days; of less than fourteen days of past the most there is.
    """
    first, last = float(signal.seconds[0]), float(signal.seconds[-1])
    past_s = min(PAST_DAYS * DAY_S, last - first - DAYS * DAY_S)
    if past_s < 7 * DAY_S:
        return
    deviation = float(signal.values.std())
    for _ in range(count):
        begin = first + past_s + random.random() * max(0.0, last - first - past_s - DAYS * DAY_S)
        start = begin + (0.5 + 0.5 * random.random()) * DAY_S
        past = signal.between(begin - past_s, begin)
        days = signal.between(begin, begin + DAYS * DAY_S)
        if days.seconds.size < _LEAST_ROWS:
            continue
        yield Trial(past, days, None, start, start + DAY_S)
        for fault in FAULTS:
            noise = np.random.default_rng(random.getrandbits(32))
            faulty = _faulty(signal, days, fault, start, deviation, noise)
            if faulty is not None:
                yield Trial(past, faulty, fault, start, start + DAY_S)


def _faulty(
    signal: Shown, days: Shown, fault: Fault, start: float, deviation: float, random: np.random.Generator
) -> Shown | None:
    """The days with a faulty one in them; None where the file has too little of that day."""
    at, after = np.searchsorted(days.seconds, (start, start + DAY_S))
    if at == 0 or after - at < _LEAST_ROWS:
        return None
    if fault.make is None:
        return Shown(days.name, days.seconds[:at], days.values[:at], days.digits)
    whole = int(np.searchsorted(signal.seconds, days.seconds[at]))
    rows = after - at
    seconds = days.seconds[at:after]
    values = days.values.copy()
    before = signal.values[whole - rows : whole]
    made = fault.make(values[at:after], before, (seconds - start) / DAY_S, deviation, random)
    if days.digits is not None and fault.noisy:
        made = made + _noise(random, rows, 10.0**-days.digits)
    values[at:after] = made if days.digits is None else np.round(made, days.digits)
    return Shown(days.name, days.seconds, values, days.digits)


def simulated(seed: int, sensors: int) -> Iterator[Shown]:
    """The simulator's own signals: so many sensors of every quantity, every five minutes."""
    span_s = (PAST_DAYS + 2 * DAYS) * DAY_S
    for quantity in Quantity:
        instrument = INSTRUMENTS[quantity]
        for number in range(sensors):
            code = f"trial-{quantity}-{number}"
            span = stream(seed, code, "range").choice(instrument.ranges)
            marks = thresholds(instrument, span)
            source = Source(
                source_code=code,
                kind=SourceKind.SENSOR,
                name=code,
                hazard_code=f"trial-{number}",
                quantity=quantity,
                range_low=marks["range_low"],
                range_high=marks["range_high"],
            )
            signal = honest_signal(seed, source)
            seconds = range(EPOCH_DAY * DAY_S, EPOCH_DAY * DAY_S + span_s, STEP_S)
            values = [round(signal.at(second), instrument.digits) for second in seconds]
            yield Shown(code, np.array(seconds, float), np.array(values), instrument.digits)


def from_folder(folder: Path, *, rounded: bool = False) -> Iterator[Shown]:
    """The signals of a folder's csv files, by name. Raises InputError if there is none.

    `rounded`: what is made of them has no more decimals than the file: decimals give nobody away.
    """
    files = sorted(folder.glob("*.csv"))
    if not files:
        raise InputError(f"{folder} 里没有 .csv 文件。请给出放有时刻、数值文件的目录。")
    for path in files:
        series = read_signal_file(path, "", "").series.present()
        decimals = usual_decimals(series.values) if rounded else UNTOLD
        yield Shown(path.stem, series.seconds, series.values, None if decimals == UNTOLD else decimals)


LABELS: Final[Mapping[str, str]] = {fault.name: fault.label for fault in FAULTS}
