"""Draining a prepared persistent session of a real Mosquitto: the listener, and what others would use.

Every contestant gets its own session (QoS 1), filled before it starts, and is timed by its own clock from
before it connects until the last message is where it keeps it. rdchem and PostgreSQL COPY acknowledge what is
on disk; `mosquitto_sub` and "unsafe" acknowledge on receipt; "safe" mqtt.js and the tutorial commit first
(SQLite, WAL with synchronous=NORMAL, which is quicker than it is durable). Medians of the runs, in turns.
Node-RED is timed from its first line to its last, for its start takes seconds.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.progress import track
from rich.table import Table

from tests.bench import feed
from tests.bench.installed import broker, node_packages, postgresql
from tests.conftest import Broker, free_port

_PEERS: Final = Path(__file__).parent / "peers"
_WAIT_S: Final = 120.0


@dataclass
class Contestant:
    """Drains `messages` of a session, in seconds by its own clock; `drain(client id, messages, folder)`."""

    name: str
    drain: Callable[[str, int, Path], float]
    messages: dict[int, int]
    """Messages of so many readings -> how many it gets: half a second's worth or more."""
    rates: dict[int, list[float]] = field(default_factory=dict)


_SIZES: Final = {1: "single readings", 60: "batches of 60"}
_TARGETS: Final = {
    1: {"mosquitto_sub to a file": 0.3, "mqtt.js + SQLite, unsafe": 1.0, "mqtt.js + SQLite, safe": 8.0,
        "paho + SQLAlchemy (tutorial)": 15.0},
    60: {"mqtt.js + SQLite, unsafe": 1.2, "mqtt.js + SQLite, safe": 4.0, "paho + SQLAlchemy (tutorial)": 8.0,
         "PostgreSQL COPY in groups": 1.4},
}  # fmt: skip
_TOWARDS: Final = {(1, "mqtt.js + SQLite, unsafe"), (60, "PostgreSQL COPY in groups")}
_FAST: Final = {1: 200_000, 60: 24_000}
_SLOW: Final = {1: 4_000, 60: 1_500}


def run(runs: int) -> None:
    """Measure and print."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        server, url = stack.enter_context(broker()), stack.enter_context(postgresql())
        contestants, left_out = _contestants(server, url)
        made = {size: feed.packets(size, count) for size, count in _FAST.items()}
        turns = [(size, one, number) for number in range(runs) for size in _SIZES for one in contestants]
        for size, one, number in track(turns, "intake", console=Console(stderr=True), transient=True):
            packets = made[size][: one.messages[size]]
            client_id, place = f"bench-{size}-{number}-{contestants.index(one)}", Path(folder) / "place"
            place.mkdir()
            feed.prepare(server.port, client_id, packets)
            seconds = one.drain(client_id, len(packets), place)
            one.rates.setdefault(size, []).append(len(packets) * size / seconds)
            _forget(server, client_id)
            shutil.rmtree(place)
    for size in _SIZES:
        _show(size, contestants)
    for name in left_out:
        Console().print(f"{name}: left out, its programs are not here")


def _contestants(server: Broker, url: str | None) -> tuple[list[Contestant], list[str]]:
    port = server.port
    found = [
        Contestant("rdchem", lambda *given: _listener(port, *given), _FAST),
        Contestant(
            "rdchem, paho reading",
            lambda *given: _listener(port, *given, quick=False),
            {1: 60_000, 60: 6_000},
        ),
        Contestant("paho + SQLAlchemy (tutorial)", lambda *given: _tutorial(port, *given), _SLOW),
    ]
    left_out = []
    if shutil.which("mosquitto_sub"):
        found.append(
            Contestant("mosquitto_sub to a file", lambda *given: _mosquitto_sub(port, *given), _FAST)
        )
    else:
        left_out.append("mosquitto_sub")
    if url is not None:
        found.append(Contestant("PostgreSQL COPY in groups", partial(_listener, port, url=url), _FAST))
    else:
        left_out.append("PostgreSQL")
    node = node_packages("mqtt", "better-sqlite3@12") if shutil.which("node") else None
    if node is not None:
        for mode, messages in (("unsafe", _FAST), ("safe", _SLOW)):
            drain = partial(_node, port, node, mode)
            found.append(Contestant(f"mqtt.js + SQLite, {mode}", drain, messages))
    else:
        left_out.append("mqtt.js + better-sqlite3")
    red = node_packages("node-red") if shutil.which("node") else None
    if red is not None:
        found.append(Contestant("Node-RED to a file", partial(_node_red, port, red), _SLOW))
    else:
        left_out.append("Node-RED")
    return found, left_out


def _forget(server: Broker, client_id: str) -> None:
    """Let the broker drop a session."""
    command = ["mosquitto_sub", "-p", str(server.port), "-i", client_id, "-t", "nothing", "-E"]
    subprocess.run(command, check=True, timeout=_WAIT_S)


def _listener(
    port: int, client_id: str, count: int, place: Path, *, quick: bool = True, url: str | None = None
) -> float:
    settings = {
        "HOME": place, "MQTT_PORT": port, "MQTT_TOPIC": feed.TOPIC, "LISTENER": client_id, "MQTT_QUICK": quick
    }  # fmt: skip
    said = {f"RDCHEM_{name}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", "tests.bench.peers.listener", str(count), *([url] if url else [])]
    if url:
        _emptied(url)
    return _seconds(command, os.environ | said)


def _emptied(url: str) -> None:
    import psycopg

    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS reading")


def _tutorial(port: int, client_id: str, count: int, place: Path) -> float:
    given = [str(port), client_id, feed.TOPIC, str(count), str(place / "db")]
    return _seconds([sys.executable, "-m", "tests.bench.peers.tutorial", *given], dict(os.environ))


def _node(port: int, node: Path, mode: str, client_id: str, count: int, place: Path) -> float:
    script = node / "drain.mjs"  # packages are looked for beside the script
    shutil.copy(_PEERS / "drain.mjs", script)
    given = [str(port), client_id, feed.TOPIC, str(count), str(place / "db"), mode]
    return _seconds(["node", str(script), *given], dict(os.environ))


def _mosquitto_sub(port: int, client_id: str, count: int, place: Path) -> float:
    command = ["mosquitto_sub", "-p", str(port), "-i", client_id, "-c", "-q", "1", "-t", feed.TOPIC]
    with (place / "out").open("wb") as out:
        begun = time.monotonic()
        subprocess.run([*command, "-C", str(count)], stdout=out, check=True, timeout=_WAIT_S)
        return time.monotonic() - begun


def _node_red(port: int, node: Path, client_id: str, count: int, place: Path) -> float:
    """By the file it writes, from its first line to its last: it takes seconds to start."""
    kept = place / "kept"
    flows = [
        {"id": "t", "type": "tab", "label": "drain"},
        {"id": "b", "type": "mqtt-broker", "broker": "127.0.0.1", "port": str(port), "clientid": client_id,
         "cleansession": False, "protocolVersion": "4", "keepalive": "60", "autoConnect": True},
        {"id": "i", "type": "mqtt in", "z": "t", "topic": feed.TOPIC, "qos": "1", "datatype": "utf8",
         "broker": "b", "inputs": 0, "wires": [["f"]]},
        {"id": "f", "type": "file", "z": "t", "filename": str(kept), "filenameType": "str",
         "appendNewline": True, "createDir": False, "overwriteFile": "false", "wires": [[]]},
    ]  # fmt: skip
    (place / "flows.json").write_text(json.dumps(flows), encoding="utf-8")
    script = node / "node_modules" / "node-red" / "red.js"
    command = ["node", str(script), "-u", str(place), "-p", str(free_port()), str(place / "flows.json")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            return _written(kept, count)
        finally:
            process.kill()


def _written(path: Path, lines: int) -> float:
    """Seconds from a file's first line to its last."""
    end, begun, seen = time.monotonic() + _WAIT_S, 0.0, 0
    while seen < lines:
        if time.monotonic() > end:
            raise TimeoutError(f"{seen} of {lines} lines")
        time.sleep(0.02)
        if path.exists():
            begun = begun or time.monotonic()
            with path.open("rb") as file:
                seen = sum(block.count(b"\n") for block in iter(lambda: file.read(2**20), b""))
    return time.monotonic() - begun


def _seconds(command: list[str], environment: dict[str, str]) -> float:
    done = subprocess.run(command, env=environment, capture_output=True, timeout=_WAIT_S, check=False)
    if done.returncode:
        raise RuntimeError(f"{command}: {done.stderr.decode()[-2000:]}")
    return float(json.loads(done.stdout.splitlines()[-1])["seconds"])


def _show(size: int, contestants: list[Contestant]) -> None:
    medians = {one.name: statistics.median(one.rates[size]) for one in contestants}
    table = Table(title=f"{_SIZES[size]}: readings a second, medians of {len(contestants[0].rates[size])}")
    for name in ("", "readings/s", "lowest", "highest", "rdchem ÷ it", "target"):
        table.add_column(name, justify="left" if not name else "right")
    for one in sorted(contestants, key=lambda one: -medians[one.name]):
        target = _TARGETS[size].get(one.name)
        wanted = "" if target is None else f"{'→' if (size, one.name) in _TOWARDS else '≥'} {target}"
        rates = one.rates[size]
        ratio = medians["rdchem"] / medians[one.name]
        row = (
            f"{medians[one.name]:,.0f}",
            f"{min(rates):,.0f}",
            f"{max(rates):,.0f}",
            f"{ratio:.2f}",
            wanted,
        )
        table.add_row(one.name, *row)
    Console(width=110).print(table)
