"""The sweep over a real store says what a fresh verdict would say, at the cost of what changed."""

import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from rdchem.calendar import business_day
from rdchem.day_facts import facts
from rdchem.diary import Diary
from rdchem.errors import NotReadyError
from rdchem.jobs import Home as Installed
from rdchem.outages import silent_causes, source_states
from rdchem.segment import Record, microseconds
from rdchem.store import sweeps
from rdchem.store.connection import open_database
from rdchem.sweep import sweep_home
from sensors_sim.morning import Morning, morning
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.window import Window
from sensors_sim.wire import Sent
from tests.conftest import free_port
from tests.days import DAY
from tests.homes import Home

MINUTE = timedelta(minutes=1)
Silent = dict[tuple[str, str, str], tuple[str, ...]]
SCENARIOS = (
    "gateway_lost",
    "enterprise_lost",
    "sensor_fell_silent",
    "camera_down",
    "camera_status_stopped",
    "sensor_not_back_as_declared",
    "sensor_declared_offline",
    "sensor_out_of_service",
    "gateway_flaps",
    "shut_down",
)


@pytest.fixture(scope="module")
def played() -> Morning:
    catalogue = shipped_catalogue()
    return morning(5, 16, Window(DAY), catalogue=catalogue, chosen=catalogue.named(SCENARIOS))


@pytest.fixture
def place(tmp_path: Path, database_url: str) -> Iterator["Place"]:
    """An installation of this test, and the engine all of it is asked through."""
    engine = open_database(database_url)
    yield Place(Home(tmp_path, database_url), engine)
    engine.dispose()


@dataclass
class Place:
    """A journal, and the database beside it."""

    home: Home
    engine: Engine

    def keep(self, sent: Iterable[Sent]) -> None:
        self.home.keep([Record(microseconds(one.at), one.topic, one.payload) for one in sent])

    def sweep(self, as_of: datetime, *urls: str) -> dict[str, Any]:
        return sweep_home(self.installed(*urls), as_of)

    def installed(self, *urls: str) -> Installed:
        settings = self.home.settings.model_copy(update={"notify_urls": list(urls)})
        return Installed(settings, self.engine)

    def fresh(self, as_of: datetime) -> Silent:
        """What is silent as a verdict made from nothing would say."""
        known = facts(self.installed(), business_day(as_of), as_of)
        found = [one for day in known.days for one in silent_causes(day, source_states(day), [])]
        return {(one.company_code, *one.subject): one.sources for one in found}

    def remembered(self) -> Silent:
        with self.engine.connect() as connection:
            return {(one.company_code, *one.subject): one.sources for one in sweeps.open_outages(connection)}


def told(result: dict[str, Any]) -> list[str]:
    return [one["text"] for one in result["changes"] if one["told"]]


def test_each_sweep_says_what_changed_once_and_knows_what_a_fresh_verdict_knows(
    place: Place, played: Morning
) -> None:
    timeline = list(played.timeline())
    start, said, costs = played.window.start, [], []
    for minute in range(3, 32, 4):
        until = start + minute * MINUTE
        place.keep(one for one in timeline if until - 4 * MINUTE < one.at <= until)
        result = place.sweep(until)
        said += told(result)
        costs.append(result["examined"])
        assert place.remembered() == place.fresh(until), until
        assert place.sweep(until)["changes"] == [], "the same instant again"
    assert len(said) == len(set(said))
    assert sum("全部传感器" in text for text in said) == 1
    assert costs[0] == 16 and max(costs[3:]) <= 6, "only those whose state can have changed are judged anew"
    text = (place.home.settings.out_path / DAY.isoformat() / "changes.txt").read_text(encoding="utf-8")
    assert all(text.count(line) == 1 for line in said)


def test_a_sweep_reads_only_what_came_since_the_last_one(place: Place, played: Morning) -> None:
    timeline = list(played.timeline())
    start = played.window.start
    for minute in (5, 10, 15, 20):
        until = start + minute * MINUTE
        place.keep([one for one in timeline if until - 5 * MINUTE <= one.at < until])
        assert place.sweep(until)["files"] <= 2
    quiet = place.sweep(start + 20 * MINUTE + timedelta(seconds=1))
    assert quiet["changes"] == [] and quiet["examined"] <= 1


class _Webhook(BaseHTTPRequestHandler):
    accepts = True
    bodies: list[bytes] = []

    def do_POST(self) -> None:
        self.bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200 if self.accepts else 500)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[str]:
    _Webhook.accepts, _Webhook.bodies = True, []
    server = HTTPServer(("127.0.0.1", free_port()), _Webhook)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"json://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_could_not_be_sent_is_sent_by_the_next_sweep_and_only_once(
    place: Place, played: Morning, webhook: str
) -> None:
    start, timeline = played.window.start, list(played.timeline())
    place.keep([one for one in timeline if one.at <= start + 29 * MINUTE])
    _Webhook.accepts = False
    first = place.sweep(start + 29 * MINUTE, webhook)
    assert told(first) and [one["state"] for one in first["channels"]] == ["sent", "failed"]
    _Webhook.accepts, _Webhook.bodies = True, []
    second = place.sweep(start + 29 * MINUTE, webhook)
    assert [one["state"] for one in second["channels"]] == ["sent"]
    assert place.sweep(start + 29 * MINUTE, webhook)["channels"] == [] and len(_Webhook.bodies) == 1


def test_our_own_outage_is_told_as_ours_and_accuses_nobody(place: Place, played: Morning) -> None:
    start, timeline = played.window.start, list(played.timeline())
    records: list[Record] = []
    diary = Diary("listener-1", records.extend, replay=False)
    clock = [start]
    monkey = pytest.MonkeyPatch()
    monkey.setattr(Diary, "now", property(lambda _self: clock[0]))
    for event in ("started", "connected"):
        diary.note(event, True)  # type: ignore[arg-type]
    for minute in range(12):
        clock[0] = start + minute * MINUTE / 4
        diary.note("alive")
    monkey.undo()
    place.home.keep(records)
    place.keep([one for one in timeline if one.at <= start + 3 * MINUTE])
    place.sweep(start + 2 * MINUTE)
    later = place.sweep(start + 25 * MINUTE)
    assert [one["subject"] for one in later["changes"]] == ["intake:"]
    assert told(later) == [f"本系统采集中断,自 {'2026-09-15 08:52:45'}"]


def test_a_first_sweep_of_nothing_says_so(place: Place) -> None:
    with pytest.raises(NotReadyError):
        place.sweep(datetime(2026, 9, 15, 1, tzinfo=UTC))
