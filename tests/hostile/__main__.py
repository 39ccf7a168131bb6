"""`make hostile`: at least a million hostile payloads; what became of them, and the memory on the way.

HOSTILE_ARGS="--count 50000 --fuzz 20000 --wire 2000" for less. Ends with 1 if anything raised, was lost,
killed the listener, or made memory grow.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

import psutil
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rich.console import Console
from rich.table import Table

from tests.hostile.payloads import TOPIC_ROOT, examples, seeds, spoilt
from tests.hostile.taken import taken
from tests.hostile.wire import through_the_wire

MB = 2**20
FLAT_MB = 64
"""By how much memory may grow after the first tenth."""


def generated(count: int) -> tuple[Counter[tuple[str, str]], list[int]]:
    """(way, outcome) -> how many; and the memory at every tenth."""
    outcomes: Counter[tuple[str, str]] = Counter()
    memory, process = [], psutil.Process()
    for number, (way, topic, payload) in enumerate(spoilt(4, count)):
        outcomes[way, taken(topic, payload)] += 1
        if number % max(1, count // 10) == 0:
            memory.append(process.memory_info().rss // MB)
            sys.stderr.write(f"{number} payloads, {memory[-1]} MB\n")
    return outcomes, memory


def invented(count: int) -> Counter[str]:
    """Hypothesis: any JSON and any bytes on any topic."""
    outcomes: Counter[str] = Counter()
    scalar = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    names = st.sampled_from([name for _, said in examples() for name in said]) | st.text(max_size=5)
    objects = st.dictionaries(names, st.recursive(scalar, st.lists, max_leaves=8), max_size=12)
    topics = st.sampled_from([topic for topic, _ in examples()]) | st.text(max_size=60).map(
        lambda text: f"{TOPIC_ROOT}/{text}"
    )

    @settings(max_examples=count, deadline=None, database=None, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(topics, objects, st.binary(max_size=300), st.booleans())
    def check(topic: str, said: dict[str, object], content: bytes, plain: bool) -> None:
        import json

        payload = content if plain else json.dumps(said).encode("utf-8", "surrogatepass")
        outcomes[taken(topic, payload)] += 1

    check()
    return outcomes


def fuzzed(runs: int) -> tuple[int, int]:
    """Atheris: how many inputs it ran, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        for number, seed in enumerate(seeds()):
            (Path(folder) / str(number)).write_bytes(seed)
        command = [sys.executable, "-m", "tests.hostile.fuzz", f"-runs={runs}", "-max_len=8192", folder]
        done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    told = re.findall(r"^Done (\d+) (?:runs|in)|^#(\d+)", done.stderr, re.M)
    if done.returncode:
        sys.stderr.write(done.stderr[-3000:])
    return max((int(one or other) for one, other in told), default=0), done.returncode


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="make hostile HOSTILE_ARGS=…")
    parser.add_argument("--count", type=int, default=900_000)
    parser.add_argument("--invented", type=int, default=20_000)
    parser.add_argument("--fuzz", type=int, default=100_000)
    parser.add_argument("--wire", type=int, default=20_000)
    arguments = parser.parse_args()
    outcomes, memory = generated(arguments.count)
    from_hypothesis = invented(arguments.invented)
    sys.stderr.write(f"hypothesis: {sum(from_hypothesis.values())} payloads\n")
    runs, code = fuzzed(arguments.fuzz)
    sys.stderr.write(f"atheris: {runs} payloads\n")
    with tempfile.TemporaryDirectory(prefix="rdchem-hostile-") as folder:
        wire = through_the_wire(Path(folder), arguments.wire, huge=True)
    table = Table(title="hostile payloads")
    for name in ("how", "outcome", "count"):
        table.add_column(name, justify="right" if name == "count" else "left")
    for (way, outcome), count in sorted(outcomes.items()):
        table.add_row(way, outcome, str(count))
    for outcome, count in sorted(from_hypothesis.items()):
        table.add_row("hypothesis", outcome, str(count))
    table.add_row("atheris", "none raised" if code == 0 else "RAISED", str(runs))
    for outcome, count in sorted(wire.outcomes.items()):
        table.add_row("broker and listener", outcome, str(count))
    console = Console(file=sys.stdout, width=100)
    console.print(table)
    total = sum(outcomes.values()) + sum(from_hypothesis.values()) + runs + wire.kept
    console.print(f"{total} payloads; memory by tenths {memory} MB")
    listener = [one // MB for one in wire.memory]
    console.print(
        f"listener: sent {wire.sent}, kept {wire.kept}, alive {wire.alive}; MB warm, most, last: {listener}"
    )
    grew = max(memory[1:], default=0) - memory[min(1, len(memory) - 1)] > FLAT_MB
    sys.exit(1 if grew or code or not wire.alive or wire.kept < wire.sent else 0)


if __name__ == "__main__":
    main()
