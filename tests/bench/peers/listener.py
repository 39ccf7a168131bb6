"""rdchem's own listener, ended when it has enough, or the same listener keeping rows in PostgreSQL by COPY.

`python -m tests.bench.peers.listener COUNT [URL]`, settings from the environment. Prints what it took.
"""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Sequence

import msgspec

from rdchem.diary import Append
from rdchem.intake import open_journal
from rdchem.model.source import Readings
from rdchem.mqtt import Listener
from rdchem.rolling import RollingWriter
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings


class Until:
    """Appends; ends the process's listener once enough messages of others are durable."""

    def __init__(self, append: Append, enough: int) -> None:
        self._append, self._enough, self.done = append, enough, 0
        self.durable: list[tuple[int, list[bytes]]] = []
        self.ended = 0.0

    def __call__(self, records: Sequence[Record]) -> None:
        self._append(records)
        now = time.monotonic_ns()
        strangers = [one.payload for one in records if one.origin == "mqtt"]
        self.done += len(strangers)
        if "LATENCY" in os.environ and strangers:
            self.durable.append((now, strangers))
        if self.done >= self._enough and not self.ended:
            self.ended = now / 1e9
            os.kill(os.getpid(), signal.SIGTERM)


def latencies(durable: list[tuple[int, list[bytes]]]) -> list[float]:
    """Seconds from publishing to the disk; the id of a message is when it was published, in ns."""
    decoder = msgspec.json.Decoder(Readings)
    return sorted((now - int(decoder.decode(one).id)) / 1e9 for now, group in durable for one in group)


def copying(url: str) -> Append:
    """Rows by COPY, one transaction a group."""
    import psycopg

    connection = psycopg.connect(url)
    connection.execute(
        "CREATE TABLE reading (company text, gateway text, source text, value float8, quality text,"
        " occurred_us bigint, received_us bigint)"
    )
    connection.commit()
    decoder = msgspec.json.Decoder(Readings)

    def append(records: Sequence[Record]) -> None:
        copy_to = "COPY reading FROM STDIN"
        with connection.cursor() as cursor, cursor.copy(copy_to) as copy:
            for record in records:
                if record.origin != "mqtt":
                    continue
                said, at = decoder.decode(record.payload), record.received_us
                who, when = f"{said.company_code}\t{said.gateway_code}\t", microseconds(said.occurred_at)
                lines = [
                    f"{who}{one.source_code}\t{one.value}\t{one.quality}\t{when + 1000 * one.offset_ms}\t{at}"
                    for one in said.readings
                ]
                copy.write("\n".join(lines) + "\n")
        connection.commit()

    return append


def _ready() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


def main() -> None:
    """Listen until it is enough."""
    settings, enough = Settings(), int(sys.argv[1])
    writer = None
    if len(sys.argv) > 2:
        until = Until(copying(sys.argv[2]), enough)
    else:
        writer = RollingWriter(open_journal(settings).writer(settings.listener))
        until = Until(writer.append, enough)
    listener = Listener(settings, until, replay=False, on_ready=_ready)
    begun, used = time.monotonic(), time.process_time()
    listener.run(until_idle=float(os.environ.get("IDLE", "60")))
    took, used = time.monotonic() - begun, time.process_time() - used
    if writer is not None:
        writer.close()
    sys.stdout.write(
        json.dumps(
            {
                "seconds": until.ended - begun,
                "cpu": used / took,
                "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "latencies": latencies(until.durable),
                "done": until.done,
            }
        )
    )


if __name__ == "__main__":
    main()
