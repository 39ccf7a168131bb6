"""`make soak`: the nation's rate for an hour, through a real broker into a real listener.

9,260 readings a second in batches of 60 from 7,000 enterprises; every minute the listener's memory and what
the broker acknowledged. SOAK_ARGS="--minutes 20" for less. Ends with 1 if anything is missing or memory grew
by more than 64 MB after the fifth minute.
"""

import argparse
import signal
import sys
import tempfile
import threading
import time
from itertools import count
from pathlib import Path

import paho.mqtt.client as paho
import psutil
from paho.mqtt.enums import CallbackAPIVersion

from rdchem.journal import Journal
from tests.conftest import Broker
from tests.fault.nursery import await_ready, nursery

READINGS_A_SECOND = 9_260
A_BATCH = 60
ENTERPRISES = 7_000
MB = 2**20
FLAT_MB = 64
_WARM_MINUTES = 5


def batch(number: int) -> tuple[str, bytes]:
    """The topic and payload of one enterprise's batch."""
    company = f"{320_000_000 + number % ENTERPRISES}"
    readings = ",".join(f'["S{point:02d}",{(number * 7 + point) % 1000 / 10}]' for point in range(A_BATCH))
    said = (
        f'{{"kind":"readings","id":"b{number}","seq":{number},"occurred_at":"2026-09-15T08:00:00+08:00",'
        f'"company_code":"{company}","gateway_code":"G1","readings":[{readings}]}}'
    )
    return f"rdchem/v1/320623/{company}/readings/G1", said.encode()


class Nation:
    """Publishes at the rate until stopped; `late_s` is how far it fell behind its own clock."""

    def __init__(self, broker: Broker) -> None:
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        self._client.max_inflight_messages_set(1000)
        self._client.on_publish = self._count
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        self._ending = threading.Event()
        self.published = self.acknowledged = 0
        self.late_s = 0.0
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Publish no more, and wait for what is under way."""
        self._ending.set()
        self._thread.join()
        end = time.monotonic() + 60
        while self.acknowledged < self.published and time.monotonic() < end:
            time.sleep(0.1)
        self._client.disconnect()
        self._client.loop_stop()

    def _run(self) -> None:
        begun = time.monotonic()
        for number in count():
            due = begun + number * A_BATCH / READINGS_A_SECOND
            self.late_s = max(0.0, time.monotonic() - due)
            if self._ending.wait(max(0.0, due - time.monotonic())):
                return
            self._client.publish(*batch(number), qos=1)
            self.published = number + 1

    def _count(self, *_: object) -> None:
        self.acknowledged += 1


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(prog="make soak SOAK_ARGS=…")
    parser.add_argument("--minutes", type=float, default=60)
    minutes = parser.parse_args().minutes
    with tempfile.TemporaryDirectory(prefix="rdchem-soak-") as folder:
        sys.exit(0 if soak(Path(folder), minutes) else 1)


def soak(folder: Path, minutes: float) -> bool:
    """Whether everything acknowledged was kept, once, in flat memory."""
    broker = Broker(folder)
    broker.start()
    home = folder / "home"
    with nursery(folder / "listener.log") as forge:
        pid = await_ready(home, forge.start("start", home=home, mqtt_port=broker.port))
        process, nation = psutil.Process(pid), Nation(broker)
        begun, memory = time.monotonic(), list[int]()
        while (passed := time.monotonic() - begun) < minutes * 60:
            time.sleep(min(60.0, minutes * 60 - passed))
            memory.append(process.memory_info().rss // MB)
            spent = sum(process.cpu_times()[:2])
            _say(
                f"{(time.monotonic() - begun) / 60:5.1f} min: {memory[-1]} MB, CPU {spent:.0f} s, "
                f"acknowledged {nation.acknowledged}, publisher late {nation.late_s:.1f} s"
            )
        nation.stop()
        time.sleep(3)
        forge.kill(pid, signal.SIGTERM)
    broker.stop()
    sizes = [path.stat().st_size for path in (home / "journal").rglob("*.seg")]
    kept = sum(
        record.origin == "mqtt"
        for segment in Journal(home / "journal").segments_after({})
        for record in segment.records
    )
    damages = Journal(home / "journal").problems({})
    warm = memory[min(_WARM_MINUTES, len(memory) - 1)]
    _say(f"acknowledged {nation.acknowledged} batches, {nation.acknowledged * A_BATCH} readings; kept {kept}")
    _say(f"journal {sum(sizes) / MB:.0f} MB in {len(sizes)} segments, problems {damages}")
    _say(f"memory {warm} MB warm, {max(memory)} MB at most, {memory[-1]} MB at the end")
    return kept >= nation.acknowledged and not damages and max(memory) - warm <= FLAT_MB


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
