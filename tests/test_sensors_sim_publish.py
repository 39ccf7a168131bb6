"""A published morning arrives complete and in order; a broker that fails is named in a sentence."""

import threading
import time as clock
from collections.abc import Iterator
from datetime import date, datetime, time

import msgspec
import paho.mqtt.client as mqtt
import pytest
from paho.mqtt.enums import CallbackAPIVersion

from rdchem.messages import CLOCK_TOPIC
from sensors_sim.broker import BrokerUnavailableError, EmbeddedBroker, free_port
from sensors_sim.morning import Morning, morning
from sensors_sim.publish import Address, publish
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


def as_published(made: Morning) -> Iterator[tuple[str, bytes]]:
    now = None
    for sent in made.timeline():
        if sent.at != now:
            yield tick(now := sent.at)
        yield sent.topic, sent.payload
    yield tick(made.window.end)


def test_publishing_arrives_complete_and_in_the_order_of_ticks() -> None:
    made = morning(5, 12, WINDOW)
    with EmbeddedBroker() as broker:
        subscriber = Subscriber(broker.port, tick(WINDOW.end)[1])
        done = publish(made.timeline(), WINDOW.end, Address(port=broker.port))
        assert subscriber.done.wait(20)
        subscriber.close()
    assert subscriber.received == list(as_published(made))
    assert done.messages + done.ticks == len(subscriber.received)


def test_at_a_given_speed_the_morning_takes_its_time() -> None:
    made = morning(5, 1, LAST_MINUTES)
    with EmbeddedBroker() as broker:
        begun = clock.monotonic()
        publish(made.timeline(), LAST_MINUTES.end, Address(port=broker.port), speed=480)
        assert 0.5 <= clock.monotonic() - begun < 2.0


def test_a_broker_that_is_not_there_is_said_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sensors_sim.publish._CONNECT_SECONDS", 0.0)
    with pytest.raises(BrokerUnavailableError, match="连不上消息代理"):
        publish([], WINDOW.end, Address(port=free_port()))


def test_a_port_that_is_taken_is_said_in_a_sentence() -> None:
    with EmbeddedBroker() as broker, pytest.raises(BrokerUnavailableError, match="请换一个端口"):
        EmbeddedBroker(broker.port).__enter__()
