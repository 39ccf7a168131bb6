"""The installation tells how it is: to a person, to Prometheus, and to whoever waits for a sign of life."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import pytest
from prometheus_client.utils import floatToGoString
from pydantic import SecretStr

from rdchem.diary import Diary
from rdchem.jobs import Home as Installed
from rdchem.journal import Journal
from rdchem.rolling import RollingWriter
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.status import Status, status
from rdchem.status_text import write_textfile
from rdchem.store.connection import open_database
from rdchem.watching import watched
from tests.conftest import free_port
from tests.installation import Installation

NOW = datetime.now(UTC)


class Service(HTTPServer):
    """A dead man's switch on loopback; `answer` is the code it gives."""

    def __init__(self, answer: int = 200, slow_s: float = 0.0) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answer, self.slow_s, self.asked = answer, slow_s, 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def wait_for(self, times: int) -> None:
        end = time.monotonic() + 20
        while self.asked < times:
            assert time.monotonic() < end, f"asked {self.asked} times"
            time.sleep(0.01)


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        service = self.server
        assert isinstance(service, Service)
        service.asked += 1
        time.sleep(service.slow_s)
        self.send_response(service.answer)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def service() -> Iterator[Service]:
    made = Service()
    yield made
    made.shutdown(), made.server_close()


def settings_for(folder: Path, **said: object) -> Settings:
    return Settings(home=folder, **said)  # type: ignore[arg-type]


def said(event: str, at: datetime) -> list[Record]:
    """What a listener writes of itself."""
    kept: list[Record] = []
    diary = Diary("listener-1", kept.extend, replay=False)
    diary.note(event, True if event == "connected" else None)  # type: ignore[arg-type]
    [record] = kept
    old = json.loads(record.payload)
    payload = json.dumps(old | {"occurred_at": at.isoformat()}, separators=(",", ":")).encode()
    return [Record(microseconds(at), record.topic, payload, origin="self")]


def message(at: datetime) -> Record:
    return Record(microseconds(at), "rdchem/v1/x", b"abc")


def test_the_switch_is_asked_after_a_heartbeat_was_kept_and_only_then(
    tmp_path: Path, service: Service
) -> None:
    url = SecretStr(f"http://127.0.0.1:{service.server_port}/x")
    kept: list[Record] = []
    append = watched(settings_for(tmp_path, dead_man_url=url), kept.extend)
    append(said("started", NOW))
    append([message(NOW)])
    append(said("disconnected", NOW))
    assert service.asked == 0
    append(said("connected", NOW))
    service.wait_for(1)
    append(said("alive", NOW))
    service.wait_for(2)
    assert len(kept) == 5

    def full(_: Sequence[Record]) -> None:
        raise OSError(28, "No space left on device")

    refusing = watched(settings_for(tmp_path, dead_man_url=url), full)
    with pytest.raises(OSError, match="No space"):
        refusing(said("alive", NOW))
    time.sleep(0.2)
    assert service.asked == 2, "what was not kept is no sign of life"


@pytest.mark.parametrize("how", ["nobody there", "an error", "slow", "no url at all"])
def test_a_service_that_fails_neither_holds_up_nor_ends_the_listener(tmp_path: Path, how: str) -> None:
    service = Service(answer=500 if how == "an error" else 200, slow_s=1.0 if how == "slow" else 0.0)
    port = free_port() if how == "nobody there" else service.server_port
    url = "http://[" if how == "no url at all" else f"http://127.0.0.1:{port}/"
    kept: list[Record] = []
    append = watched(settings_for(tmp_path, dead_man_url=SecretStr(url)), kept.extend)
    for _ in range(50):
        append(said("alive", NOW))
    assert len(kept) == 50
    if how in ("an error", "slow"):
        service.wait_for(1)
    assert service.asked < 50, "heartbeats do not pile up behind a slow service"
    service.shutdown(), service.server_close()


def test_metrics_tell_what_is_durable(tmp_path: Path) -> None:
    port = free_port()
    (tmp_path / "journal").mkdir()
    append = watched(settings_for(tmp_path, metrics_port=port), lambda _: None)
    append([message(NOW), message(NOW)])
    append(said("alive", NOW))
    text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    for line in (
        "rdchem_messages_total 2.0",
        "rdchem_payload_bytes_total 6.0",
        "rdchem_append_seconds_count 2.0",
        'rdchem_listener_events_total{event="alive"} 1.0',
    ):
        assert line in text
    assert f"rdchem_last_beat_timestamp_seconds {floatToGoString(microseconds(NOW) / 1e6)}" in text
    assert "rdchem_disk_free_bytes" in text


def look(folder: Path, now: datetime = NOW, **said: object) -> Status:
    settings = settings_for(folder, **said)
    engine = open_database(settings.url)
    try:
        return status(Installed(settings, engine), now)
    finally:
        engine.dispose()


def keep(folder: Path, *groups: list[Record]) -> None:
    with Journal(folder / "journal").writer("listener-1") as writer:
        for group in groups:
            writer.append(group)


def test_a_listener_that_lives_is_well(tmp_path: Path) -> None:
    second = timedelta(seconds=1)
    keep(tmp_path, said("started", NOW - 90 * second), said("connected", NOW - 89 * second),
         [message(NOW - 30 * second)] * 60, said("alive", NOW - 14 * second))  # fmt: skip
    found = look(tmp_path, disk_least_mb=0)
    assert found.problems == []
    [listener] = found.listeners
    assert (listener.connected, listener.heartbeat_age_s, listener.last_message_age_s) == (True, 14.0, 30.0)
    assert [event for event, _ in listener.session] == ["connected", "started"]
    assert listener.records_a_second == pytest.approx(63 / 600)
    assert (found.segments_behind, listener.last_segment) == (4, 4)


def test_what_is_still_in_the_write_ahead_log_counts(tmp_path: Path) -> None:
    writer = RollingWriter(Journal(tmp_path / "journal").writer("listener-1"), roll_seconds=3600)
    writer.append(said("connected", NOW - timedelta(seconds=3)))
    found = look(tmp_path, disk_least_mb=0)
    assert found.problems == [] and found.listeners[0].heartbeat_age_s == 3.0
    writer.close()


@pytest.mark.parametrize(
    ("events", "age_s", "told"),
    [
        (["connected"], 46, "秒没有心跳"),
        (["connected", "disconnected"], 1, "没有连上消息代理"),
        (["connected", "stopped"], 1, "停止"),
    ],
)
def test_a_listener_that_is_not_well_is_told(
    tmp_path: Path, events: list[str], age_s: int, told: str
) -> None:
    at = NOW - timedelta(seconds=age_s)
    keep(tmp_path, *(said(event, at) for event in events))
    [problem] = look(tmp_path, disk_least_mb=0).problems
    assert told in problem
    assert look(tmp_path, now=at + timedelta(seconds=1), disk_least_mb=0).problems == (
        [] if events == ["connected"] else [problem]
    )


def test_a_disk_that_fills_and_nobody_listening_are_told(tmp_path: Path) -> None:
    problems = look(tmp_path, disk_least_mb=2**40).problems
    assert ["磁盘只剩" in one for one in problems] == [True, False]
    assert "没有采集端记录" in problems[1]


def test_from_the_command_line(tmp_path: Path) -> None:
    here = Installation(tmp_path / "home")
    done = here.run("status", check=False)
    assert done.returncode == 8 and "没有采集端记录" in done.stderr
    now = datetime.now(UTC)
    keep(here.home, said("connected", now))
    told = here.run("status", "--format", "json", "--textfile", tmp_path / "rdchem.prom", check=False)
    assert json.loads(told.stdout)["listeners"][0]["connected"] is True
    text = (tmp_path / "rdchem.prom").read_text()
    assert 'rdchem_connected{listener="listener-1"} 1.0' in text and "rdchem_quarantined 0.0" in text
    assert "采集端 listener-1" in here.run("status", check=False).stdout


def test_the_textfile_tells_of_problems(tmp_path: Path) -> None:
    write_textfile(look(tmp_path), tmp_path / "x.prom")
    assert "rdchem_problems 1.0" in (tmp_path / "x.prom").read_text()
