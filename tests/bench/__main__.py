"""`make bench`: what this machine does. `BENCH_ARGS="intake"` for some of it, `--runs 5` for more runs.

Each choice is a module beside this one; its docstring says what it measures, `run(runs)` measures and prints.
"""

import argparse
from importlib import import_module
from typing import Final

_CHOICES: Final = (
    "morning",
    "intake",
    "latency",
    "footprint",
    "readings",
    "verdict",
    "night",
    "quality",
    "whatif",
    "reconcile",
    "parse",
    "clock",
    "backfill",
)


def main() -> None:
    """Measure what is asked for, one after the other."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("what", nargs="*", choices=[*_CHOICES, []], help="default: morning")
    parser.add_argument("--runs", type=int, default=3, help="medians of so many")
    given = parser.parse_args()
    for what in given.what or ["morning"]:
        import_module(f"tests.bench.{what}").run(given.runs)


if __name__ == "__main__":
    main()
