"""Gateways at a real broker: each its own session, its will spoken by the broker, its outbox never lost."""

import os
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from subprocess import DEVNULL, Popen
from time import monotonic, sleep

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from rdchem.messages import decode, encode, topic_of
from rdchem.model.source import GatewayPresence, Readings
from sensors_sim.broker import BrokerUnavailableError
from sensors_sim.fleet import Fleet
from sensors_sim.morning import morning
from sensors_sim.parts import python
from sensors_sim.presence import birth, will_of
from sensors_sim.publish import publish
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.session import Address, Packet
from sensors_sim.window import Window
from tests.conftest import Broker
from tests.installation import ROOT
from tests.listening import LONG_S

AT = datetime(2026, 9, 15, 1, tzinfo=UTC)
BORN = birth("320600001", "320600001G01", AT)


class Ear:
    """Somebody with a lasting session who hears everything and remembers it in order."""

    def __init__(self, broker: Broker) -> None:
        self.heard: list[Packet] = []
        granted = threading.Event()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, "ear", clean_session=False)
        self._client.on_message = lambda _c, _d, one: self.heard.append(
            Packet(one.topic, bytes(one.payload), one.retain)
        )
        self._client.on_subscribe = lambda *_: granted.set()
        self._client.reconnect_delay_set(1, 1)
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()
        self._client.subscribe("rdchem/v1/#", 1)
        assert granted.wait(LONG_S)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def wait(self, until: Callable[[], bool], within_s: float = LONG_S) -> None:
        end = monotonic() + within_s
        while not until():
            assert monotonic() < end, self.heard[-5:]
            sleep(0.02)

    @property
    def presence(self) -> list[GatewayPresence]:
        said = [decode(one.topic, one.payload) for one in self.heard if "/gateway_presence/" in one.topic]
        return [one for one in said if isinstance(one, GatewayPresence)]


@pytest.fixture
def ear(own_mosquitto: Broker) -> Iterator[Ear]:
    listening = Ear(own_mosquitto)
    yield listening
    listening.close()


@pytest.fixture
def address(own_mosquitto: Broker) -> Address:
    return Address(port=own_mosquitto.port)


def packet(presence: GatewayPresence) -> Packet:
    return Packet(topic_of("320623", presence), encode(presence), retain=True)


def readings(number: int, gateway: str = BORN.gateway_code) -> Packet:
    message = Readings(
        id=f"r-{number}",
        seq=1,
        occurred_at=AT + timedelta(seconds=number),
        company_code=BORN.company_code,
        simulated=True,
        gateway_code=gateway,
        readings=[],
    )
    return Packet(topic_of("320623", message), encode(message))


def test_who_dies_is_announced_by_the_broker_and_who_says_goodbye_is_not(address: Address, ear: Ear) -> None:
    other = birth(BORN.company_code, "320600001G02", AT)
    with Fleet(address) as fleet:
        for one in (packet(BORN), packet(other), readings(1), packet(will_of(BORN))):
            fleet.publish(one)
        assert set(fleet._gateways) == {other.gateway_code}
    ear.wait(lambda: len(ear.presence) == 3)
    assert ear.presence == [BORN, other, will_of(BORN)]
    sleep(0.3)
    assert len(ear.presence) == 3


def test_a_will_of_another_session_is_only_a_message(address: Address, ear: Ear) -> None:
    older = will_of(msgspec.structs.replace(BORN, session=1))
    with Fleet(address) as fleet:
        for one in (packet(BORN), packet(older)):
            fleet.publish(one)
        assert set(fleet._gateways) == {BORN.gateway_code}
    ear.wait(lambda: ear.presence == [BORN, older])


def test_when_the_simulator_is_killed_the_broker_speaks_every_will(own_mosquitto: Broker, ear: Ear) -> None:
    command = python("sensors_sim", "live", "--enterprises", "3", "--port", str(own_mosquitto.port))
    with Popen(command, cwd=ROOT, env=dict(os.environ), stderr=DEVNULL) as live:
        try:
            ear.wait(lambda: any("/readings/" in one.topic for one in ear.heard), 120)
            births = Counter((one.gateway_code, one.session) for one in ear.presence)
        finally:
            live.kill()
    assert len(births) >= 6 and set(births.values()) == {1}
    ear.wait(lambda: len(ear.presence) == 2 * len(births))
    wills = [one for one in ear.presence if one.state == "offline"]
    assert Counter((one.gateway_code, one.session) for one in wills) == births
    sent = next(one for one in ear.heard if "/readings/" in one.topic)
    said = decode(sent.topic, sent.payload)
    assert isinstance(said, Readings)
    assert abs(said.occurred_at - datetime.now(UTC)) < timedelta(minutes=2)


def test_what_an_outage_held_up_comes_after_the_next_birth_and_nothing_is_lost(
    own_mosquitto: Broker, address: Address, ear: Ear
) -> None:
    with Fleet(address, patience=None) as fleet:
        fleet.now = AT + timedelta(seconds=5)
        fleet.publish(packet(BORN))
        fleet.publish(readings(0))
        fleet.drain()
        own_mosquitto.stop()
        for number in range(1, 200):
            fleet.publish(readings(number))
        fleet.wait_until(monotonic() + 0.5)
        own_mosquitto.start()
        fleet.drain()
    ear.wait(lambda: ear.heard[-1:] == [readings(199)])
    reborn = ear.presence[-1]
    assert reborn.session == BORN.session + 5 and reborn.occurred_at == fleet.now
    after = [one for one in ear.heard if "/readings/" in one.topic and one != readings(0)]
    assert after == [readings(number) for number in range(1, 200)]
    assert ear.heard.index(replace(packet(reborn), retain=False)) < ear.heard.index(readings(1))


def test_a_broker_that_stays_away_is_said_in_a_sentence(own_mosquitto: Broker, address: Address) -> None:
    with (
        pytest.raises(BrokerUnavailableError, match="没有确认任何报文"),
        Fleet(address, patience=0.5) as fleet,
    ):
        fleet.publish(packet(BORN))
        fleet.drain()
        own_mosquitto.stop()
        fleet.publish(readings(1))


def test_a_morning_with_dead_gateways_arrives_whole(address: Address, ear: Ear) -> None:
    made = morning(1, 60, Window(date(2026, 9, 15), time(9, 0), time(9, 22)))
    dead = [one for one in made.timeline() if one.retain and b'"offline"' in one.payload]
    assert dead
    with Fleet(address) as fleet:
        publish(made.timeline(), made.window.end, fleet)
    ear.wait(lambda: b"01:22:00Z" in ear.heard[-1].payload)
    expected = Counter((one.topic, one.payload) for one in made.timeline())
    heard = Counter((one.topic, one.payload) for one in ear.heard if not one.topic.endswith("/clock"))
    assert heard == expected


def test_a_simulated_outage_is_a_will_a_new_birth_and_a_burst(address: Address, ear: Ear) -> None:
    outage = shipped_catalogue().named(["burst_after_a_short_outage"])
    made = morning(1, 2, Window(date(2026, 9, 15)), chosen=outage)
    with Fleet(address) as fleet:
        publish(made.timeline(), made.window.end, fleet)
    ear.wait(lambda: b"01:22:00Z" in ear.heard[-1].payload)
    told = [one for one in ear.presence if one.gateway_code == made.truth.innocents[0].subject[8:]]
    assert [one.state for one in told] == ["online", "offline", "online"]
    assert told[0].session == told[1].session < told[2].session
    calm = morning(
        1, 2, Window(date(2026, 9, 15)), chosen=shipped_catalogue().named(["everything_sent_twice"])
    )
    payloads = Counter(one.payload for one in ear.heard if "/readings/" in one.topic)
    assert payloads.keys() == {one.payload for one in calm.timeline() if "/readings/" in one.topic}
    assert set(payloads.values()) == {1}


def test_more_sessions_than_a_shell_allows_files(address: Address, tmp_path: Path) -> None:
    program = f"""
import resource
resource.setrlimit(resource.RLIMIT_NOFILE, (256, resource.getrlimit(resource.RLIMIT_NOFILE)[1]))
from datetime import UTC, datetime
from rdchem.messages import encode, topic_of
from sensors_sim.fleet import Fleet
from sensors_sim.presence import birth
from sensors_sim.session import Address, Packet
with Fleet(Address(port={address.port})) as fleet:
    for number in range(400):
        born = birth("320600001", f"G{{number:03d}}", datetime(2026, 9, 15, tzinfo=UTC))
        fleet.publish(Packet(topic_of("320623", born), encode(born), True))
    fleet.drain()
print("all born")
"""
    script = tmp_path / "many.py"
    script.write_text(program, encoding="utf-8")
    log = tmp_path / "log"
    with (
        log.open("w") as out,
        Popen([*python("x")[:1], str(script)], cwd=ROOT, stdout=out, stderr=out) as many,
    ):
        assert many.wait(LONG_S) == 0, log.read_text()
    assert "all born" in log.read_text()
