"""A gateway that publishes without pause and remembers what was acknowledged; the account at the end."""

import threading
import time
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from rdchem import intake
from rdchem.journal import Journal
from rdchem.settings import Settings
from rdchem.store.connection import open_database

TOPIC = "rdchem/v1/320623/320600001/readings/G1"
_MOST_WAITING = 500


def payload(number: int) -> bytes:
    """One batch of one reading, as an enterprise sends it."""
    return (
        b'{"kind":"readings","id":"b%d","seq":%d,"occurred_at":"2026-09-15T08:00:00+08:00",'
        b'"company_code":"320600001","gateway_code":"G1","readings":[["S1",%d.5]]}'
    ) % (number, number, number % 100)


class Load:
    """Publishes numbered messages at a rate until stopped. A context manager."""

    def __init__(self, host: str, port: int, rate: float = 400.0) -> None:
        self.acknowledged: dict[int, datetime] = {}
        """Number -> when the broker's acknowledgement of it was seen."""
        self.published = 0
        self._waiting: dict[int, int | None] = {}
        self._rate, self._ending = rate, threading.Event()
        self._lock = threading.Lock()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, client_id=f"load-{port}", clean_session=False)
        self._client.reconnect_delay_set(0.05, 0.2)  # type: ignore[arg-type]
        self._client.max_inflight_messages_set(200)
        self._client.on_publish = self._on_publish
        self._client.connect(host, port, keepalive=5)
        self._client.loop_start()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> "Load":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        end = time.monotonic() + 60
        while len(self.acknowledged) < self.published and time.monotonic() < end:
            time.sleep(0.05)
        self._client.disconnect()
        self._client.loop_stop()

    def wait_for(self, more: int, patience_s: float = 60.0) -> None:
        """Until so many more are acknowledged."""
        wanted, end = len(self.acknowledged) + more, time.monotonic() + patience_s
        while len(self.acknowledged) < wanted and time.monotonic() < end:
            time.sleep(0.01)

    def _run(self) -> None:
        begun = time.monotonic()
        while not self._ending.is_set():
            behind = (time.monotonic() - begun) * self._rate - self.published
            if behind < 1 or self.published - len(self.acknowledged) > _MOST_WAITING:
                if behind > 1:
                    begun = (
                        time.monotonic() - self.published / self._rate
                    )  # what was missed is not made up for
                self._ending.wait(0.005)
                continue
            mid = self._client.publish(TOPIC, payload(self.published), qos=1).mid
            with self._lock:  # not around publish: paho holds locks of its own while it calls us back
                self._settle(mid, self.published)
            self.published += 1

    def _on_publish(self, _client: object, _data: object, mid: int, *_: object) -> None:
        with self._lock:
            self._settle(mid, None)

    def _settle(self, mid: int, number: int | None) -> None:
        """Both the sending and the acknowledgement of a message id have been seen, or one of them waits."""
        if mid not in self._waiting:
            self._waiting[mid] = number
            return
        other = self._waiting.pop(mid)
        known = other if number is None else number
        assert known is not None
        self.acknowledged[known] = datetime.now(UTC)


@dataclass
class Account:
    """What came of a scenario: `lost` were acknowledged and are not there."""

    name: str
    faults: int
    acknowledged: int = 0
    kept: int = 0
    copies: int = 0
    lost: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)
    note: str = ""

    @property
    def good(self) -> bool:
        """Nothing lost, nothing else amiss."""
        return not (self.lost or self.wrong)


def account(
    name: str, faults: int, home: Path, acknowledged: Collection[int], *, facts: bool = True
) -> Account:
    """Hold the journal, and what it projects into, against what the publisher saw acknowledged."""
    settings = Settings(home=home)
    journal = Journal(settings.journal_path)
    there = Counter(
        record.payload
        for segment in journal.segments_after({})
        for record in segment.records
        if record.origin == "mqtt"
    )
    lost = [number for number in acknowledged if payload(number) not in there]
    found = Account(name, faults, len(acknowledged), len(there), sum(there.values()) - len(there), len(lost))
    found.wrong += journal.problems({})
    found.missing = lost
    if lost:
        found.note = f"lost: {sorted(lost)[:10]}"
    if facts:
        found.wrong += _wrong_facts(settings, there)
    return found


def _wrong_facts(settings: Settings, there: Counter[bytes]) -> list[str]:
    """Whether each message is a fact exactly once, with its copies counted."""
    from sqlalchemy import select

    from rdchem.store import tables

    engine = open_database(settings.url)
    intake.project_all(settings, engine)
    table = tables.message
    with engine.connect() as connection:
        rows = connection.execute(
            select(table.c.subject, table.c.copies).where(table.c.kind == "readings")
        ).all()
        aside = connection.execute(select(tables.quarantine.c.reason)).scalars().all()
    engine.dispose()
    facts = Counter({row[0]: row[1] for row in rows})
    wanted = Counter({payload_id(one): count for one, count in there.items()})
    wrong = [] if len(rows) == len(facts) else [f"{len(rows) - len(facts)} facts stand twice"]
    wrong += [f"{len(facts - wanted)} + {len(wanted - facts)} facts differ"] if facts != wanted else []
    return wrong + [f"quarantined: {reason}" for reason in set(aside)]


def payload_id(content: bytes) -> str:
    """The id of a message of ours."""
    return content.split(b'"id":"', 1)[1].split(b'"', 1)[0].decode()
