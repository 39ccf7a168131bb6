"""`rdchem screen`: a file in, intervals and flags out; the same judge of a signal as for a county."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rdchem.errors import InputError
from rdchem.model.signal import Flag, SignalInterval
from rdchem.readings import flags
from rdchem.readings.learned import Learned, learn
from rdchem.readings.of_file import screen_after, screen_alone
from rdchem.readings.screen import LONG_WAIT, LONGER, flat_for
from rdchem.readings.series import Series
from rdchem.signal_file import SignalFile, read_signal_file
from rdchem.written_instants import Zone, read_instant


@dataclass(frozen=True, slots=True)
class Screened:
    """What was found in a file."""

    file: SignalFile
    intervals: list[SignalInterval]
    flags: Mapping[str, Mapping[str, Any]]

    def document(self) -> dict[str, Any]:
        """The result for programs; instants as the file writes its own."""
        series, zone = self.file.series, self.file.zone
        return {
            "intervals": [_interval(one, zone) for one in self.intervals],
            "flags": self.flags,
            "rows": {
                "read": self.file.rows,
                "unreadable": len(self.file.bad),
                "without_value": int(np.count_nonzero(np.isnan(series.values))),
                "duplicate": series.duplicates,
                "conflicting": series.conflicts,
                "out_of_order": series.disordered,
            },
        }


def screen_file(
    path: Path, *, time: str, value: str, past: Path | None, until: str, span: tuple[float, float] | None
) -> Screened:
    """Screen a file; `past`: a file of an earlier stretch; `until`: how long data was expected."""
    file = read_signal_file(path, time, value)
    end = read_instant(until, file.zone) if until else None
    if past is None:
        usual = learn(file.series)
        found = screen_alone(file.series, span=span, until=end)
    else:
        earlier = read_signal_file(past, time, value).series
        usual = learn(earlier)
        if usual is None:
            raise InputError(f"{past.name} 不足三个读数,学不到平时的样子。请给更长的一段。")
        found = screen_after(file.series, earlier, usual, span=span, until=end)
    return Screened(file, found, _flags(file.series, usual, span, end))


def _interval(one: SignalInterval, zone: Zone) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "from": zone.text(one.start),
        "to": zone.text(one.end),
        "state": one.state.value,
        "why": one.why,
        "measure": {
            name: float(f"{number:.6g}") for name, number in one.measure.items() if np.isfinite(number)
        },
    }
    if one.resembles:
        shown["resembles"] = {"from": zone.text(one.resembles.start), "to": zone.text(one.resembles.end)}
    return shown


def _flags(
    series: Series, usual: Learned | None, span: tuple[float, float] | None, until: float | None
) -> dict[str, dict[str, Any]]:
    """How many rows have which QARTOD flag, by test; thresholds from the measuring range and the past."""
    seconds, values = series.seconds, series.values
    tests = {"syntax": flags.syntax(seconds, values)}
    if span is not None:
        tests["gross_range"] = flags.gross_range(values, fail=span, suspect=None)
    if usual is not None:
        spread = float(usual.calm.least[0, -1])
        wait = max(LONG_WAIT * usual.step_s, 2 * usual.usual_wait_s)
        longest = np.array(max(usual.longest_run_s, usual.longest_rest_s))
        flat = max(float(flat_for(longest)), LONG_WAIT * usual.step_s)
        tests |= {
            "spike": flags.spike(
                seconds, values, suspect=usual.greatest_spike, fail=2 * usual.greatest_spike
            ),
            "rate_of_change": flags.rate_of_change(
                seconds, values, suspect=usual.greatest_rate, fail=2 * usual.greatest_rate
            ),
            "flat_line": flags.flat_line(seconds, values, suspect_s=flat / 2, fail_s=flat, tolerance=0.0),
            "gap": flags.gap(
                seconds,
                suspect_s=wait,
                fail_s=max(wait, LONGER * usual.longest_wait_s),
                until=until if until is not None else float(seconds[-1]) if seconds.size else 0.0,
            ),
        }
        if np.isfinite(spread):
            tests["attenuated_signal"] = flags.attenuated_signal(
                seconds, values, window_s=21_600.0, suspect=spread, fail=0.6 * spread, min_rows=6
            )
    tests["all"] = flags.merged(list(tests.values()))
    return {name: _counted(test) for name, test in tests.items()}


def _counted(test: flags.Flags) -> dict[str, Any]:
    return {str(int(flag)): int(np.count_nonzero(test == flag)) for flag in Flag if (test == flag).any()}
