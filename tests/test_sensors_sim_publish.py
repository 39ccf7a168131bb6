"""A published morning arrives complete and in order; a broker that fails is named in a sentence."""

import threading
import time as clock
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from rdchem.messages import CLOCK_TOPIC
from sensors_sim.broker import BrokerUnavailableError, EmbeddedBroker, free_port
from sensors_sim.fleet import Fleet
from sensors_sim.morning import Morning, morning
from sensors_sim.publish import publish
from sensors_sim.session import Address
from sensors_sim.window import Window, wire_text

DAY = date(2026, 9, 15)
WINDOW = Window(DAY)
LAST_MINUTES = Window(DAY, time(9, 18), time(9, 22))


class Subscriber:
    """A paho subscriber that acknowledges by hand, as the listener does."""

    def __init__(self, port: int, last: bytes) -> None:
        self.received: list[tuple[str, bytes]] = []
        self.done, self._subscribed = threading.Event(), threading.Event()
        self._client = mqtt.Client(
            CallbackAPIVersion.VERSION2,
            "reader",
            clean_session=False,
            manual_ack=True,
            protocol=mqtt.MQTTv311,
        )
        self._client.on_message = lambda _client, _data, message: self._take(message, last)
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.connect("127.0.0.1", port)
        self._client.loop_start()
        self._client.subscribe("rdchem/v1/#", 1)
        assert self._subscribed.wait(5)

    def _take(self, message: mqtt.MQTTMessage, last: bytes) -> None:
        self.received.append((message.topic, bytes(message.payload)))
        self._client.ack(message.mid, message.qos)
        if message.topic == CLOCK_TOPIC and message.payload == last:
            self.done.set()

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


def tick(at: datetime) -> tuple[str, bytes]:
    return CLOCK_TOPIC, msgspec.json.encode({"now": wire_text(at)})


def instants(messages: Iterable[tuple[str, bytes]]) -> list[list[tuple[str, bytes]]]:
    """What came at each tick, the tick first; between sessions there is no order."""
    groups: list[list[tuple[str, bytes]]] = []
    for message in messages:
        if message[0] == CLOCK_TOPIC:
            groups.append([])
        groups[-1].append(message)
    return [[group[0], *sorted(group[1:])] for group in groups]


def as_published(made: Morning) -> Iterator[tuple[str, bytes]]:
    now = None
    for sent in made.timeline():
        if sent.at != now:
            yield tick(now := sent.at)
        yield sent.topic, sent.payload
    yield tick(made.window.end)


@pytest.mark.parametrize("by_gateway", [True, False])
def test_publishing_arrives_complete_at_its_ticks(by_gateway: bool) -> None:
    made = morning(5, 12, WINDOW)
    with EmbeddedBroker() as broker:
        subscriber = Subscriber(broker.port, tick(WINDOW.end)[1])
        with Fleet(Address(port=broker.port), by_gateway=by_gateway) as fleet:
            done = publish(made.timeline(), WINDOW.end, fleet)
        assert subscriber.done.wait(20)
        subscriber.close()
    assert instants(subscriber.received) == instants(as_published(made))
    assert done.messages + done.ticks == len(subscriber.received)
    if not by_gateway:
        assert subscriber.received == list(as_published(made))


def test_at_a_given_speed_the_morning_takes_its_time() -> None:
    made = morning(5, 1, LAST_MINUTES)
    with EmbeddedBroker() as broker:
        begun = clock.monotonic()
        with Fleet(Address(port=broker.port)) as fleet:
            publish(made.timeline(), LAST_MINUTES.end, fleet, speed=480)
        assert 0.5 <= clock.monotonic() - begun < 2.0


def test_a_broker_that_is_not_there_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensors_sim.session._CONNECT_SECONDS", 0.0)
    with pytest.raises(BrokerUnavailableError, match="连不上消息代理"):
        Fleet(Address(port=free_port())).__enter__()


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with EmbeddedBroker() as broker, pytest.raises(BrokerUnavailableError, match="请换一个端口"):
        EmbeddedBroker(broker.port).__enter__()
