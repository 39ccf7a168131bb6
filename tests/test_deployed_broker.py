"""The broker as deployed refuses by default, lets everybody speak for themselves only, and loses nothing."""

import os
import subprocess
from collections.abc import Iterator

import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from rdchem.messages import BY_GATEWAY, CLOCK_TOPIC, ENTERPRISE_KINDS, MAX_PAYLOAD_BYTES, TOPIC_ROOT
from tests.conftest import DEPLOY, Broker, find_program


def test_limits_of_the_broker_hold_what_is_sent() -> None:
    text_ = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text(encoding="utf-8")
    options = dict(line.split(maxsplit=1) for line in text_.splitlines() if line and not line.startswith("#"))
    assert options["allow_anonymous"] == "false"
    assert options["persistence"] == "true"
    assert int(options["max_queued_messages"]) >= 200_000  # a day of a county
    assert int(options["message_size_limit"]) > MAX_PAYLOAD_BYTES


ACCOUNTS = {
    "listener": "l",
    "platform": "p",
    "health": "h",
    "simulator": "s",
    "320600001": "e1",
    "320600002": "e2",
}


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """The broker as deployed: the real password script, the real access rules."""
    folder = tmp_path_factory.mktemp("guarded")
    find_program("mosquitto_passwd")
    enterprises = folder / "enterprises.txt"
    enterprises.write_text("# 企业账号\n\n320600001:e1\n320600002:e2\n", encoding="utf-8")
    house = ("listener", "platform", "health", "simulator")
    environment = os.environ | {f"{name.upper()}_PASSWORD": ACCOUNTS[name] for name in house}
    passwords = folder / "passwords"
    script = DEPLOY / "mosquitto" / "make-passwords.sh"
    subprocess.run([script, passwords, enterprises], check=True, env=environment, capture_output=True)
    assert passwords.stat().st_mode & 0o077 == 0
    assert ":e1" not in passwords.read_text(encoding="utf-8")
    broker = Broker(folder, passwords=passwords)
    broker.start()
    yield broker
    broker.stop()


class Peer:
    """An MQTT 5 client that keeps the broker's answers: version 5 says when it refuses."""

    def __init__(self, broker: Broker, name: str | None, password: str | None = None) -> None:
        self.answers: list[ReasonCode] = []
        self.heard: list[str] = []
        self.client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
        if name is not None:
            self.client.username_pw_set(name, ACCOUNTS.get(name) if password is None else password)
        self.client.on_connect = lambda _c, _u, _f, code, _p: self.answers.append(code)
        self.client.on_publish = lambda _c, _u, _m, code, _p: self.answers.append(code)
        self.client.on_subscribe = lambda _c, _u, _m, codes, _p: self.answers.extend(codes)
        self.client.on_message = lambda _c, _u, message: self.heard.append(message.topic)
        self.client.connect(broker.host, broker.port)
        self.connected = not self._answer().is_failure

    def may_publish(self, topic: str) -> bool:
        self.client.publish(topic, b"{}", qos=1)
        return not self._answer().is_failure

    def subscribes(self, topic: str) -> bool:
        self.client.subscribe(topic, qos=1)
        return not self._answer().is_failure

    def wait_for(self, count: int) -> list[str]:
        for _ in range(100):
            if len(self.heard) >= count:
                break
            self.client.loop(timeout=0.05)
        return self.heard

    def _answer(self) -> ReasonCode:
        before = len(self.answers)
        for _ in range(100):
            if len(self.answers) > before:
                return self.answers[-1]
            self.client.loop(timeout=0.05)
        raise AssertionError("the broker did not answer")


def topic_of(company: str, kind: str, area: str = "320623") -> str:
    gateway = "/G1" if kind in BY_GATEWAY else ""
    return f"{TOPIC_ROOT}/{area}/{company}/{kind}{gateway}"


@pytest.mark.parametrize(("name", "password"), [(None, None), ("platform", "wrong"), ("nobody", "x")])
def test_strangers_are_refused(guarded: Broker, name: str | None, password: str | None) -> None:
    assert not Peer(guarded, name, password).connected


def test_an_enterprise_speaks_only_for_itself_and_does_not_register_itself(guarded: Broker) -> None:
    enterprise = Peer(guarded, "320600001")
    allowed = {kind for kind in ENTERPRISE_KINDS if enterprise.may_publish(topic_of("320600001", kind))}
    assert allowed == set(ENTERPRISE_KINDS) - {"register"}
    assert not any(enterprise.may_publish(topic_of("320600002", kind)) for kind in ENTERPRISE_KINDS)


def test_an_enterprise_hears_nothing_of_others(guarded: Broker) -> None:
    enterprise, listener = Peer(guarded, "320600001"), Peer(guarded, "listener")
    enterprise.subscribes("rdchem/v1/#")  # Mosquitto grants it and delivers nothing
    assert listener.subscribes("rdchem/v1/#")
    other = Peer(guarded, "320600002")
    assert other.may_publish(topic_of("320600002", "commitment"))
    assert listener.wait_for(1) == [topic_of("320600002", "commitment")]
    enterprise.client.loop(timeout=0.2)
    assert enterprise.heard == []


def test_only_platform_and_simulator_register(guarded: Broker) -> None:
    may = {name for name in ACCOUNTS if Peer(guarded, name).may_publish(topic_of("320600001", "register"))}
    assert may == {"platform", "simulator"}


def test_nobody_speaks_as_our_own_intake_and_only_the_simulator_sets_the_clock(guarded: Broker) -> None:
    own = f"{TOPIC_ROOT}/self/listener-1/listener_event"
    assert not any(Peer(guarded, name).may_publish(own) for name in ACCOUNTS)
    assert {name for name in ACCOUNTS if Peer(guarded, name).may_publish(CLOCK_TOPIC)} == {"simulator"}


def test_the_listener_hears_every_kind_and_says_nothing(guarded: Broker) -> None:
    listener, platform = Peer(guarded, "listener"), Peer(guarded, "platform")
    assert listener.subscribes("rdchem/v1/#")
    topics = [topic_of("320600001", kind) for kind in ENTERPRISE_KINDS]
    assert all(platform.may_publish(topic) for topic in topics)
    assert listener.wait_for(len(topics)) == topics
    assert not any(listener.may_publish(topic) for topic in topics)


def test_what_waits_for_the_listener_survives_a_restart_of_the_broker(guarded: Broker) -> None:
    session = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    session.SessionExpiryInterval = 3600

    def listen() -> tuple[mqtt.Client, list[str]]:
        heard: list[str] = []
        client = mqtt.Client(CallbackAPIVersion.VERSION2, client_id="kept", protocol=mqtt.MQTTv5)
        client.username_pw_set("listener", ACCOUNTS["listener"])
        client.on_message = lambda _c, _u, message: heard.append(message.topic)
        client.connect(guarded.host, guarded.port, clean_start=False, properties=session)
        client.subscribe("rdchem/v1/#", qos=1)
        for _ in range(20):
            client.loop(timeout=0.02)
        return client, heard

    listen()[0].disconnect()
    platform = Peer(guarded, "platform")
    for number in range(1500):  # more than Mosquitto keeps when nobody tells it otherwise
        platform.client.publish(topic_of(f"C{number}", "commitment"), b"{}", qos=1)
        platform.client.loop(timeout=0)
    assert platform.may_publish(topic_of("320600001", "alarm"))
    for _ in range(200):
        platform.client.loop(timeout=0.01)
    guarded.stop()
    guarded.start()
    client, heard = listen()
    for _ in range(3000):
        if len(heard) >= 1501:
            break
        client.loop(timeout=0.01)
    assert len(heard) == 1501
