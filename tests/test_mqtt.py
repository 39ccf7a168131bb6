"""The listener against a real broker: every byte is kept, and acknowledged only after."""

import json
import os
import signal
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from rdchem import calendar, diary, intake
from rdchem.errors import ConfigurationError, JournalError, NotReadyError
from rdchem.messages import CLOCK_TOPIC
from rdchem.mqtt import Listener
from rdchem.segment import Record
from rdchem.settings import Settings
from tests.conftest import Broker, find_program, free_port, missing
from tests.days import DAY, EIGHT
from tests.listening import (
    LONG_S,
    Kept,
    events_of,
    open_session,
    publish,
    settings_for,
    settle,
    stop_ourselves,
)

PAYLOADS = [b"", b"{}", b"\0", b"\xff\xfe\x00\x80", "不是 JSON".encode(), b"{broken", b"\r\n", b"x" * 200_000]


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """A listener takes over the signals of its process; give them back."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.fixture
def settings(mosquitto: Broker, tmp_path: Path) -> Settings:
    return settings_for(mosquitto, f"{tmp_path.name}-{os.getpid()}"[-40:].lstrip("."), tmp_path)


@pytest.fixture(params=[True, False], ids=["quick", "paho alone"])
def either(settings: Settings, request: pytest.FixtureRequest) -> Settings:
    """Read in blocks, or by paho: the promises are the same."""
    return settings.model_copy(update={"mqtt_quick": request.param})


def run(settings: Settings, kept: Kept, *, replay: bool = False) -> int:
    return Listener(settings, kept, replay=replay).run(until_idle=LONG_S)


def numbered(settings: Settings, payloads: list[bytes]) -> list[tuple[str, bytes]]:
    return [(f"{settings.listener}/{number}", payload) for number, payload in enumerate(payloads)]


def as_sent(records: list[Record]) -> list[tuple[str, bytes]]:
    return [(record.topic, record.payload) for record in records]


def test_what_was_published_while_nobody_listened_arrives_byte_for_byte(
    mosquitto: Broker, either: Settings
) -> None:
    settings = either
    open_session(settings)
    sent = numbered(settings, PAYLOADS)
    publish(mosquitto, sent)
    kept = Kept(enough=len(sent))
    before = datetime.now(UTC)
    assert run(settings, kept) == len(sent)
    assert as_sent(kept.messages) == sent
    for record in kept.messages:
        assert before <= record.received_at <= datetime.now(UTC)
        assert (record.qos, record.retain, record.origin) == (1, False, "mqtt")
    for _ in range(
        3
    ):  # an acknowledgement still under way when a session is taken over may be lost, not for ever
        settle(mosquitto)
        again = Kept()
        Listener(settings, again, replay=False).run(until_idle=1.5)
        if not again.messages:
            break
    assert again.messages == [], "what was kept was acknowledged"


def test_what_is_published_while_we_listen_arrives_byte_for_byte(mosquitto: Broker, either: Settings) -> None:
    settings = either
    sent, kept = numbered(settings, PAYLOADS), Kept(enough=len(PAYLOADS))
    listener = Listener(settings, kept, replay=False, on_ready=lambda: publish(mosquitto, sent))
    assert listener.run(until_idle=LONG_S) == len(sent)
    assert as_sent(kept.messages) == sent


def test_a_backlog_arrives_whole_and_in_order_in_groups(mosquitto: Broker, either: Settings) -> None:
    settings = either.model_copy(update={"group_messages": 500})
    open_session(settings)
    sent = numbered(settings, [b"%d" % number for number in range(6000)])
    publish(mosquitto, sent)
    kept = Kept(enough=len(sent))
    run(settings, kept)
    assert as_sent(kept.messages) == sent
    assert max(len(group) for group in kept.groups) <= 500


def test_retained_and_qos_0_messages_are_marked(mosquitto: Broker, either: Settings) -> None:
    settings = either
    topic = f"{settings.listener}/presence"
    publish(mosquitto, [(topic, b"birth")], retain=True)
    kept = Kept(enough=2)
    Listener(
        settings, kept, replay=False, on_ready=lambda: publish(mosquitto, [(topic, b"fleeting")], qos=0)
    ).run(until_idle=LONG_S)
    marks = {record.payload: (record.qos, record.retain) for record in kept.messages}
    assert marks == {b"birth": (1, True), b"fleeting": (0, False)}
    publish(mosquitto, [(topic, b"")], retain=True)


def test_a_session_tells_its_whole_story(settings: Settings) -> None:
    for session_present in (False, True):
        kept = Kept()
        Listener(settings, kept, replay=False, on_ready=stop_ourselves).run(until_idle=LONG_S)
        told = [(event.event, event.session_present) for event in kept.events]
        assert told == [("started", None), ("connected", session_present), ("stopped", None)]
        assert all(event.listener == settings.listener and not event.simulated for event in kept.events)


def test_silence_ends_the_run_with_a_farewell(settings: Settings) -> None:
    kept = Kept()
    assert Listener(settings, kept, replay=False).run(until_idle=1.5) == 0
    assert [event.event for event in kept.events] == ["started", "connected", "stopped"]


def test_an_hour_reached_ends_the_run(settings: Settings) -> None:
    kept = Kept()
    Listener(settings, kept, replay=False).run(until=datetime.now(UTC))
    assert [event.event for event in kept.events] == ["started", "stopped"]


def test_a_listener_gives_signs_of_life_while_it_hears(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diary, "HEARTBEAT_S", 0.1)
    kept = Kept()
    Listener(settings, kept, replay=False).run(until_idle=1.5)
    told = [event.event for event in kept.events]
    assert told[:3] == ["started", "connected", "alive"]
    assert {event.period_s for event in kept.events} == {0.1}


def test_no_sign_of_life_while_the_broker_does_not_answer(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(diary, "HEARTBEAT_S", 0.1)
    kept = Kept()
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings = settings.model_copy(update={"mqtt_port": mute.getsockname()[1]})
        Listener(settings, kept, replay=False).run(until_idle=1.5)
    assert [event.event for event in kept.events] == ["started", "stopped"]


def test_no_broker_is_said_in_a_sentence(settings: Settings) -> None:
    port = free_port()
    with pytest.raises(NotReadyError, match=f"连不上消息代理 127.0.0.1:{port}.*请确认它已启动"):
        run(settings.model_copy(update={"mqtt_port": port}), Kept())


def test_a_missing_certificate_is_said_in_a_sentence(settings: Settings, tmp_path: Path) -> None:
    settings = settings.model_copy(update={"mqtt_ca_file": tmp_path / "ca.pem"})
    with pytest.raises(ConfigurationError, match=r"ca\.pem.*RDCHEM_MQTT_CA_FILE"):
        Listener(settings, Kept(), replay=False)


@pytest.mark.parametrize("password", ["wrong", ""])
def test_a_wrong_password_is_said_in_a_sentence(tmp_path: Path, password: str) -> None:
    passwords = tmp_path / "passwords"
    make = find_program("mosquitto_passwd")
    assert os.spawnv(os.P_WAIT, make, [make, "-b", "-c", str(passwords), "listener", "right"]) == 0  # noqa: S606
    broker = Broker(tmp_path, passwords=passwords)
    broker.start()
    settings = settings_for(broker, "l", tmp_path, mqtt_username="listener", mqtt_password=password)
    kept = Kept()
    try:
        with pytest.raises(NotReadyError, match=r"拒绝连接.*RDCHEM_MQTT_USERNAME/PASSWORD") as refused:
            run(settings, kept)
    finally:
        broker.stop()
    assert "wrong" not in str(refused.value)
    assert "connected" not in [event.event for event in kept.events]


def test_a_topic_we_may_not_read_is_said_in_a_sentence(tmp_path: Path) -> None:
    broker = Refusing(tmp_path)
    broker.start()
    kept = Kept()
    try:
        with pytest.raises(NotReadyError, match=r"不允许订阅 l/#.*权限"):
            run(settings_for(broker, "l", tmp_path), kept)
    finally:
        broker.stop()
    assert "connected" not in [event.event for event in kept.events], "we never listened"


class Refusing(Broker):
    """A broker that lets everybody in and grants nobody a subscription."""

    def _config(self) -> str:
        places = Path("/usr/lib").glob("**/mosquitto_dynamic_security.so")
        plugin = next(places, None)
        if plugin is None:
            missing(" mosquitto_dynamic_security.so")
        access = {"publishClientSend": False, "publishClientReceive": True, "subscribe": False}
        (self.folder / "dynsec.json").write_text(json.dumps({"defaultACLAccess": access}))
        return f"{super()._config()}plugin {plugin}\nplugin_opt_config_file {self.folder}/dynsec.json\n"


def tick(now: str) -> tuple[str, bytes]:
    return CLOCK_TOPIC, b'{"now": "%s"}' % now.encode()


@pytest.fixture
def own_settings(own_mosquitto: Broker, tmp_path: Path) -> Settings:
    """A listener to everything, simulated clock included, on a broker of its own."""
    return settings_for(
        own_mosquitto, "listener-1", tmp_path, mqtt_topic="rdchem/v1/#", journal_kind="replay"
    )


def test_in_replay_the_clock_is_the_simulated_one(own_mosquitto: Broker, own_settings: Settings) -> None:
    open_session(own_settings)
    day_start, _ = calendar.day_bounds(DAY)
    sent = [
        ("rdchem/v1/a", b"before the clock"),
        tick("nonsense"),
        tick("2026-09-15T08:00:00"),
        tick("9999-12-31T23:59:59Z"),
        tick("0001-01-01T00:00:00Z"),
        tick("2026-09-15T08:00:00+08:00"),
        ("rdchem/v1/b", b"at eight"),
        tick("2026-09-15T07:00:00+08:00"),
        ("rdchem/v1/c", b"still at eight"),
        tick("2026-09-15T00:00:01Z"),
        ("rdchem/v1/d", b"a second later"),
    ]
    publish(own_mosquitto, sent)
    kept = Kept(enough=len(sent))
    run(own_settings, kept, replay=True)
    assert as_sent(kept.messages) == sent
    later = EIGHT.replace(second=1)
    assert [one.received_at for one in kept.messages] == [day_start] * 5 + [EIGHT] * 4 + [later] * 2
    told = [(event.event, event.occurred_at, event.simulated) for event in kept.events]
    assert told[:2] == [("started", day_start, True), ("connected", day_start, True)]
    assert told[-1] == ("stopped", later, True)
    assert all(event.period_s == diary.SIMULATED_PERIOD_S for event in kept.events)


def test_in_replay_a_listener_that_comes_back_dates_its_return_at_the_first_tick(
    own_mosquitto: Broker, own_settings: Settings
) -> None:
    settings = own_settings.model_copy(update={"journal_kind": "replay"})
    for seconds in (0, 50):
        open_session(settings)
        publish(own_mosquitto, [tick(f"2026-09-15T01:00:{seconds:02d}Z")])
        intake.ingest(settings, replay=True, until=EIGHT.replace(hour=1, second=seconds))
    segments = intake.open_journal(settings).segments_after({})
    told = events_of(record for segment in segments for record in segment.records)
    day_start, back = EIGHT.replace(day=14, hour=16), EIGHT.replace(hour=1, second=50)
    started = [event.occurred_at for event in told if event.event == "started"]
    assert started == [day_start, back]


def test_in_replay_the_simulated_hour_ends_the_run(own_mosquitto: Broker, own_settings: Settings) -> None:
    open_session(own_settings)
    publish(own_mosquitto, [("rdchem/v1/a", b"1"), tick("2026-09-15T01:00:00Z"), ("rdchem/v1/b", b"2")])
    kept = Kept()
    listener = Listener(own_settings, kept, replay=True)
    listener.run(until=EIGHT.replace(hour=1), until_idle=LONG_S)
    assert as_sent(kept.messages)[:2] == [("rdchem/v1/a", b"1"), tick("2026-09-15T01:00:00Z")]
    assert [event.event for event in kept.events][-1] == "stopped"


def test_in_replay_nothing_is_kept_or_acknowledged_before_the_clock_is_told(
    own_mosquitto: Broker, own_settings: Settings
) -> None:
    open_session(own_settings)
    publish(own_mosquitto, [("rdchem/v1/a", b"1"), ("rdchem/v1/b", b"2")])
    kept = Kept()
    assert Listener(own_settings, kept, replay=True).run(until_idle=2.0) == 2
    assert kept.groups == []
    publish(own_mosquitto, [tick("2026-09-15T01:00:00Z")])
    kept = Kept(enough=3)
    run(own_settings, kept, replay=True)
    assert [record.payload for record in kept.messages][:2] == [b"1", b"2"]


def test_simulated_time_does_not_enter_a_production_journal(settings: Settings) -> None:
    with pytest.raises(JournalError, match="生产日志"):
        intake.ingest(settings, replay=True, until_idle=0.1)
    assert not list(settings.journal_path.glob("**/*.seg"))


def test_real_time_may_enter_a_replay_journal(settings: Settings) -> None:
    settings = settings.model_copy(update={"journal_kind": "replay"})
    assert intake.ingest(settings, replay=False, until_idle=0.1) == 0
