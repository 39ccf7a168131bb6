"""`make bench`: what this machine does. `BENCH_ARGS="intake"` for some of it, `--runs 5` for more runs.

`morning`: the steps of a morning. `intake`: draining a broker, against peers in the same run. `latency`: from
publishing to the disk at the nation's rate. `footprint`: bytes a reading, and projecting. `readings`: a day
of a county or a nation judged, against DuckDB and Polars. `verdict`: a nation from deadline to verdict.
"""

import argparse
from collections.abc import Callable
from typing import Final

from tests.bench import footprint, intake, latency, morning, readings, verdict

_CHOICES: Final[dict[str, Callable[[int], None]]] = {
    "morning": morning.run,
    "intake": intake.run,
    "latency": latency.run,
    "footprint": footprint.run,
    "readings": readings.run,
    "verdict": verdict.run,
}


def main() -> None:
    """Measure what is asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*_CHOICES, []], help="default: morning")
    parser.add_argument("--runs", type=int, default=3, help="medians of so many")
    given = parser.parse_args()
    for what in given.what or ["morning"]:
        _CHOICES[what](given.runs)


if __name__ == "__main__":
    main()
