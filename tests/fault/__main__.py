"""`make fault`: what kills, disks, networks, clocks and tampering do to the journal; prints the account.

FAULT_ARGS="--only listener --scale 0.1" for a part of it. Ends with 1 if anything acknowledged is missing
without being named, or anything else is amiss. Needs root for tmpfs and network namespaces.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.conftest import find_program
from tests.fault import clocks, disks, networks, processes, tampering
from tests.fault.load import Account
from tests.fault.server import Server

Scenario = Callable[[Path, int], Account]


def postgresql(folder: Path, count: int) -> Account:
    """With a server of its own."""
    place = Path(tempfile.mkdtemp(prefix="rdf-"))  # short: a socket's path has at most 107 bytes
    places = ("/usr/lib/postgresql/*/bin",)
    server = Server(place, find_program("initdb", *places), find_program("postgres", *places))
    try:
        return processes.postgresql_kills(folder, count, server)
    finally:
        server.stop()


SCENARIOS: dict[str, tuple[Scenario, int]] = {
    "listener": (processes.listener_kills, 200),
    "broker": (processes.broker_kills, 50),
    "postgresql": (postgresql, 50),
    "disk_full": (disks.disk_full, 30),
    "disk_full_projecting": (disks.disk_full_projecting, 12),
    "read_only": (disks.read_only, 5),
    "cut": (networks.cut, 12),
    "half_open_broker": (networks.half_open_broker, 6),
    "half_open_listener": (networks.half_open_listener, 6),
    "long_cut": (networks.long_cut, 1),
    "clock_back": (clocks.clock_back, 5),
    "two_listeners": (processes.two_listeners, 5),
    "same_client_id": (processes.same_client_id, 3),
    "bit_flipped": (tampering.bit_flipped, 300),
    "truncated": (tampering.truncated, 100),
    "segment_gone": (tampering.segment_gone, 20),
    "manifest_row_gone": (tampering.manifest_row_gone, 20),
}


def run(names: Iterable[str], scale: float) -> list[Account]:
    """The accounts of some scenarios, each told as it comes."""
    accounts = []
    for name in names:
        scenario, count = SCENARIOS[name]
        with tempfile.TemporaryDirectory(prefix="rdchem-fault-") as folder:
            begun = time.monotonic()
            found = scenario(Path(folder), max(1, round(count * scale)))
            seconds = f"{time.monotonic() - begun:.0f} s"
            amiss = "" if found.good else f"  NOT GOOD: {found.lost} lost; {'; '.join(found.wrong)}"
            sys.stderr.write(f"{found.name}: {found.faults} faults, {seconds}{amiss}\n")
        accounts.append(found)
    return accounts


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="make fault FAULT_ARGS=…")
    parser.add_argument("--only", nargs="*", choices=SCENARIOS, default=list(SCENARIOS))
    parser.add_argument("--scale", type=float, default=1.0)
    arguments = parser.parse_args()
    accounts = run(arguments.only, arguments.scale)
    table = Table(title="faults")
    for name in ("fault", "times", "acknowledged", "in the journal", "copies", "lost", "amiss", "note"):
        table.add_column(name, justify="left" if name in ("fault", "note") else "right")
    for one in accounts:
        numbers = (one.faults, one.acknowledged, one.kept, one.copies, one.lost, len(one.wrong))
        table.add_row(one.name, *map(str, numbers), one.note or "; ".join(one.wrong[:2]))
    Console(file=sys.stdout, width=150).print(table)
    sys.exit(0 if all(one.good for one in accounts) else 1)


if __name__ == "__main__":
    main()
