"""The standard tests of QARTOD as pure, vectorised functions; each gives one flag a row.

Rows may come in any order and twice: each test works in order of time and answers in the order it was asked.
A value that is NaN is MISSING. Thresholds have no defaults: what is not given is an error, as is one that is
no number: a check never silently does not run. An optional one must be given as None. One row is enough.

Source of the definitions: U.S. IOOS, Manual for Real-Time Oceanographic Data Quality Control Flags and Manual
for … Water Level Data. The flags equal those published with ioos_qc 3.0 for gross range, spike, rate of
change and flat line, but for three things, each on purpose:

* A flat line is a range *not above* the tolerance. There it is *below*, so that a tolerance of 0 never fires.
* A flat line needs its window to be filled by time as well as by rows; there the rows alone are counted, so
  that a few rows around a long gap would be a flat line.
* The rate to a row at the same instant as the one before is NOT_EVALUATED; there it is a division by zero.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rdchem.model.signal import Flag
from rdchem.readings.series import Floats, cadence

Flags = NDArray[np.uint8]
PRECEDENCE: Final = (Flag.MISSING, Flag.NOT_EVALUATED, Flag.GOOD, Flag.SUSPECT, Flag.FAIL)
"""Of several tests of one row the later in this list stands."""


def merged(tests: Sequence[Flags]) -> Flags:
    """One flag a row from several tests, by precedence. Raises ValueError for none or of unequal length."""
    if not tests or len({test.shape for test in tests}) != 1:
        raise ValueError("tests of one length are needed, at least one")
    stacked = np.stack(tests)
    result = np.full(stacked.shape[1:], Flag.MISSING, np.uint8)
    for flag in PRECEDENCE:
        result[(stacked == flag).any(axis=0)] = flag
    return result


def gross_range(values: Floats, *, fail: tuple[float, float], suspect: tuple[float, float] | None) -> Flags:
    """FAIL outside the span `fail` (what the sensor can show), SUSPECT outside `suspect` within it."""
    low, high = _span(fail)
    flags = np.ones(values.shape, np.uint8)
    if suspect is not None:
        inner_low, inner_high = _span(suspect)
        if inner_low < low or inner_high > high:
            raise ValueError(f"the suspect span {suspect} must lie within the fail span {fail}")
        flags[(values < inner_low) | (values > inner_high)] = Flag.SUSPECT
    flags[(values < low) | (values > high)] = Flag.FAIL
    flags[np.isnan(values)] = Flag.MISSING
    return flags


def spike(seconds: Floats, values: Floats, *, suspect: float | None, fail: float | None) -> Flags:
    """How far a value lies from the middle of its two neighbours, against thresholds in its unit.

    The first and the last row, and one beside a missing value, are NOT_EVALUATED.
    """
    order, shown = _by_time(seconds, values)
    away = np.full(shown.shape, np.nan)
    away[1:-1] = np.abs(shown[1:-1] - (shown[:-2] + shown[2:]) / 2)
    return _given(order, _above(away, suspect, fail), shown)


def rate_of_change(seconds: Floats, values: Floats, *, suspect: float | None, fail: float | None) -> Flags:
    """The change from the row before, per second, against thresholds in unit per second.

    The first row and one after a missing value have nothing to be compared with and are GOOD, as published.
    """
    order, shown = _by_time(seconds, values)
    times = seconds[order]
    rate = np.zeros(shown.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        rate[1:] = np.abs(np.diff(shown) / np.diff(times))
    rate[1:][np.isnan(shown[:-1])] = 0.0
    rate[1:][np.diff(times) == 0] = np.nan
    return _given(order, _above(rate, suspect, fail), shown)


def flat_line(seconds: Floats, values: Floats, *, suspect_s: float, fail_s: float, tolerance: float) -> Flags:
    """Whether the values of the last so many seconds lie within `tolerance` of each other.

    The window ends at the row. It must hold as many rows (missing ones included) as the usual cadence puts
    there; fewer than three rows are GOOD, as published.
    """
    _numbers(suspect_s, fail_s, tolerance)
    order, shown = _by_time(seconds, values)
    times = seconds[order]
    flags = np.ones(shown.shape, np.uint8)
    if shown.size < 3:
        return _given(order, flags, shown)
    step = cadence(times) or 1.0
    rolled = pd.Series(shown, index=_instants(times))
    for window_s, flag in ((suspect_s, Flag.SUSPECT), (fail_s, Flag.FAIL)):
        count = int(window_s / step)
        rows = np.arange(shown.size) - np.searchsorted(times, times - window_s - _MILLISECOND)
        window = rolled.rolling(pd.Timedelta(seconds=window_s), closed="both", min_periods=1)
        spread = (window.max() - window.min()).to_numpy()
        flags[(rows >= count) & (spread <= tolerance)] = flag
    return _given(order, flags, shown)


def attenuated_signal(
    seconds: Floats, values: Floats, *, window_s: float, suspect: float, fail: float, min_rows: int
) -> Flags:
    """The standard deviation over the last `window_s` seconds, against thresholds it should not fall below.

    NOT_EVALUATED where the window holds fewer than `min_rows` values.
    """
    _numbers(window_s, suspect, fail)
    order, shown = _by_time(seconds, values)
    rolled = pd.Series(shown, index=_instants(seconds[order]))
    window = rolled.rolling(pd.Timedelta(seconds=window_s), closed="both", min_periods=max(1, min_rows))
    spread = window.std(ddof=0).to_numpy()
    flags = np.full(shown.shape, Flag.NOT_EVALUATED, np.uint8)
    flags[spread >= suspect] = Flag.GOOD
    flags[spread < suspect] = Flag.SUSPECT
    flags[spread < fail] = Flag.FAIL
    return _given(order, flags, shown)


def gap(seconds: Floats, *, suspect_s: float, fail_s: float, until: float) -> Flags:
    """How long nothing came before a row, and after the last one up to `until` (a second): a stopped stream.

    A stream that ended long before `until` has no GOOD last row. A row without an instant is MISSING.
    """
    _numbers(suspect_s, fail_s, until)
    order = np.argsort(seconds, kind="stable")
    times = seconds[order]
    dated = np.isfinite(times)
    waited = np.zeros(times.shape)
    waited[1:] = np.diff(times)
    rows = int(np.count_nonzero(dated))
    if rows:
        waited[rows - 1] = max(waited[rows - 1], until - times[rows - 1])
    flags = np.ones(times.shape, np.uint8)
    flags[waited > suspect_s] = Flag.SUSPECT
    flags[waited > fail_s] = Flag.FAIL
    flags[~dated] = Flag.MISSING
    return _in_order(order, flags)


def reception(seconds: Floats, received: Floats, *, suspect_s: float, fail_s: float, ahead_s: float) -> Flags:
    """How long after its instant a row was received; FAIL for more than `ahead_s` before its instant."""
    _numbers(suspect_s, fail_s, ahead_s)
    late = received - seconds
    flags = np.ones(late.shape, np.uint8)
    flags[late > suspect_s] = Flag.SUSPECT
    flags[(late > fail_s) | (late < -ahead_s)] = Flag.FAIL
    flags[np.isnan(late)] = Flag.MISSING
    return flags


def syntax(seconds: Floats, values: Floats) -> Flags:
    """FAIL for a row without an instant or with an infinite value, MISSING for one without a value."""
    flags = np.ones(values.shape, np.uint8)
    flags[np.isnan(values)] = Flag.MISSING
    flags[np.isinf(values) | ~np.isfinite(seconds)] = Flag.FAIL
    return flags


_MILLISECOND: Final = 1e-3


def _span(span: tuple[float, float]) -> tuple[float, float]:
    low, high = sorted(span)
    _numbers(low, high)
    return low, high


def _numbers(*given: float) -> None:
    if any(one is None or np.isnan(one) for one in given):
        raise ValueError("a threshold is missing")


def _by_time(seconds: Floats, values: Floats) -> tuple[NDArray[np.intp], Floats]:
    if seconds.shape != values.shape:
        raise ValueError(f"arrays of one length are needed, not {seconds.shape} and {values.shape}")
    order = np.argsort(seconds, kind="stable")
    shown = values[order].astype(np.float64)
    shown[~np.isfinite(shown)] = np.nan
    return order, shown


def _above(amount: Floats, suspect: float | None, fail: float | None) -> Flags:
    if suspect is None and fail is None:
        raise ValueError("a suspect or a fail threshold is needed")
    _numbers(*(one for one in (suspect, fail) if one is not None))
    flags = np.ones(amount.shape, np.uint8)
    if suspect is not None:
        flags[amount > suspect] = Flag.SUSPECT
    if fail is not None:
        flags[amount > fail] = Flag.FAIL
    flags[np.isnan(amount)] = Flag.NOT_EVALUATED
    return flags


def _given(order: NDArray[np.intp], flags: Flags, shown: Floats) -> Flags:
    """Flags in the order asked, MISSING where there is no value."""
    flags[np.isnan(shown)] = Flag.MISSING
    return _in_order(order, flags)


def _in_order(order: NDArray[np.intp], flags: Flags) -> Flags:
    asked = np.empty_like(flags)
    asked[order] = flags
    return asked


def _instants(times: Floats) -> pd.DatetimeIndex:
    return pd.DatetimeIndex((times * 1000).round().astype("datetime64[ms]"))
