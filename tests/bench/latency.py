"""From publishing to the disk at the nation's rate, 9,260 readings a second, and what it costs.

Another process publishes at an even pace and writes the instant into each message's id; the listener looks at
the clock when a group is on disk. Share of one core: processor time of the listener over wall time. Beside it
paho + SQLAlchemy committing each message (SQLite, synchronous=FULL) before it acknowledges; where the rate is
beyond it, its p99 is the length of its queue.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any, Final

import msgspec
from rich.console import Console
from rich.table import Table

from rdchem.messages import encode, topic_of
from tests.bench import feed
from tests.bench.installed import broker
from tests.conftest import Broker

_READINGS_A_SECOND: Final = 9_260
_SECONDS: Final = 10
_PEER_SECONDS: Final = 2
"""Its queue grows as long as it is fed."""
_TARGET_MS: Final = {1: 100, 60: 10}
Start = Callable[[Broker, str, int, int], tuple[list[str], dict[str, str]]]
"""The command that drains so many messages of a broker into a folder, and its settings."""


def run(runs: int) -> None:
    """Measure and print."""
    table = Table(
        title=f"publish → durable at {_READINGS_A_SECOND:,} readings/s, medians of {runs} × {_SECONDS} s"
    )
    for name in ("", "median ms", "p99 ms", "target", "of one core", "target", "peak MiB"):
        table.add_column(name, justify="right" if name else "left")
    for size, name in ((60, "batches of 60"), (1, "single readings")):
        for who, start in (("", _listener), (", a commit each", _tutorial)):
            measured = [_once(start, size, number) for number in range(runs)]
            p50, p99, cpu, peak = (statistics.median(one[index] for one in measured) for index in range(4))
            targets = ("", "") if who else (f"≤ {_TARGET_MS[size]}", "< 50 %")
            row = (f"{1000 * p50:.1f}", f"{1000 * p99:.1f}", targets[0], f"{cpu:.0%}", targets[1])
            table.add_row(name + who, *row, f"{peak:.0f}")
    Console(width=110).print(table)


def _once(start: Start, size: int, number: int) -> tuple[float, float, float, float]:
    seconds = _SECONDS if start is _listener else _PEER_SECONDS
    count = _READINGS_A_SECOND * seconds // size
    with broker() as server, tempfile.TemporaryDirectory() as folder:
        command, said = start(server, folder, number, count)
        environment = os.environ | said | {"LATENCY": "1"}
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as listener:
            assert listener.stdout is not None and listener.stdout.readline() == b"ready\n"
            publish = [sys.executable, "-m", "tests.bench.latency", str(server.port), str(size), str(count)]
            subprocess.run(publish, check=True, timeout=20 * _SECONDS)
            told: dict[str, Any] = json.loads(listener.stdout.readlines()[-1])
    latencies = told["latencies"]
    assert len(latencies) == count, f"{len(latencies)} of {count} messages"
    return statistics.median(latencies), latencies[int(0.99 * len(latencies))], told["cpu"], told["peak_mib"]


def _listener(server: Broker, folder: str, number: int, count: int) -> tuple[list[str], dict[str, str]]:
    place = {"HOME": folder, "LISTENER": f"latency-{number}"}
    settings = place | {"MQTT_PORT": server.port, "MQTT_TOPIC": feed.TOPIC}
    command = [sys.executable, "-m", "tests.bench.peers.listener", str(count)]
    return command, {f"RDCHEM_{name}": str(value) for name, value in settings.items()}


def _tutorial(server: Broker, folder: str, number: int, count: int) -> tuple[list[str], dict[str, str]]:
    client_id = f"tutorial-{number}"
    feed.prepare(server.port, client_id, [])
    given = [str(server.port), client_id, feed.TOPIC, str(count), f"{folder}/db"]
    return [sys.executable, "-m", "tests.bench.peers.tutorial", *given], {}


def publish_evenly(port: int, size: int, count: int) -> None:
    """Publish so many messages at the nation's rate."""
    sender, made = feed.Sender(port), feed.messages(size)
    begun = time.monotonic()
    for number in range(count):
        ahead = begun + number * size / _READINGS_A_SECOND - time.monotonic()
        if ahead > 0.001:
            time.sleep(ahead)
        message = msgspec.structs.replace(next(made), id=str(time.monotonic_ns()))
        sender.send(feed.publish(topic_of(feed.AREA, message), encode(message), number % 60_000 + 1))
    sender.wait_for(count)
    sender.close()


if __name__ == "__main__":
    publish_evenly(*map(int, sys.argv[1:4]))
