"""How a listener lets itself be watched from outside: Prometheus metrics, and a dead man's switch.

Both look on behind the journal: what they count is durable. The switch is a URL that is fetched after each
heartbeat that was written (healthchecks and the like raise the alarm when it is not); a thread of its own
does it, so that neither a slow nor a dead service holds up or ends the listener.
"""

import queue
import shutil
import threading
import time
from collections.abc import Sequence

import httpx
import structlog
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, start_http_server

from rdchem.diary import Append
from rdchem.segment import OWN_ORIGIN, Record
from rdchem.settings import Settings

_log = structlog.get_logger(__name__)
_SIGNS_OF_LIFE = (b'"event":"alive"', b'"event":"connected"')
_TIMEOUT_S = 10.0


def watched(settings: Settings, append: Append) -> Append:
    """`append`, and behind it whatever of the two the settings ask for."""
    metrics = _Metrics(settings) if settings.metrics_port else None
    switch = _DeadManSwitch(settings.dead_man_url.get_secret_value())
    if metrics is None and not switch.url:
        return append

    def append_and_tell(records: Sequence[Record]) -> None:
        begun = time.perf_counter()
        append(records)
        if metrics is not None:
            metrics.count(records, time.perf_counter() - begun)
        if any(_is_sign_of_life(record) for record in records):
            switch.ping()

    return append_and_tell


def _is_sign_of_life(record: Record) -> bool:
    return record.origin == OWN_ORIGIN and any(sign in record.payload for sign in _SIGNS_OF_LIFE)


class _Metrics:
    """The listener's metrics, served on a port of its own; names begin with `rdchem_`."""

    def __init__(self, settings: Settings) -> None:
        registry = CollectorRegistry()
        self._messages = Counter("rdchem_messages", "messages made durable", registry=registry)
        self._bytes = Counter("rdchem_payload_bytes", "bytes of their payloads", registry=registry)
        self._events = Counter("rdchem_listener_events", "own records", ["event"], registry=registry)
        self._last = Gauge("rdchem_last_message_timestamp_seconds", "newest receipt", registry=registry)
        self._beat = Gauge("rdchem_last_beat_timestamp_seconds", "newest heartbeat", registry=registry)
        self._append = Histogram("rdchem_append_seconds", "to make a group durable", registry=registry)
        free = Gauge("rdchem_disk_free_bytes", "left for the journal", registry=registry)
        free.set_function(lambda: shutil.disk_usage(settings.journal_path).free)
        start_http_server(settings.metrics_port, settings.metrics_host, registry)

    def count(self, records: Sequence[Record], seconds: float) -> None:
        """A group that is durable, and how long that took."""
        foreign = [record for record in records if record.origin != OWN_ORIGIN]
        self._append.observe(seconds)
        self._messages.inc(len(foreign))
        self._bytes.inc(sum(len(record.payload) for record in foreign))
        if foreign:
            self._last.set(foreign[-1].received_us / 1e6)
        for record in records:
            if record.origin == OWN_ORIGIN:
                self._events.labels(record.payload.split(b'"event":"', 1)[1].split(b'"', 1)[0].decode()).inc()
            if _is_sign_of_life(record):
                self._beat.set(record.received_us / 1e6)


class _DeadManSwitch:
    """Fetches a URL when asked to, in a thread of its own; asked again meanwhile, once more."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._asked: queue.Queue[None] = queue.Queue(maxsize=1)
        if url:
            threading.Thread(target=self._run, name="dead-man", daemon=True).start()

    def ping(self) -> None:
        """We live."""
        if self.url and not self._asked.full():
            self._asked.put_nowait(None)

    def _run(self) -> None:
        while True:
            self._asked.get()
            try:
                httpx.get(self.url, timeout=_TIMEOUT_S).raise_for_status()
            except (httpx.HTTPError, httpx.InvalidURL) as error:  # the URL is a secret: it is not logged
                _log.warning("dead man's switch not reached", error=type(error).__name__)
