"""A timeline over MQTT: quality of service 1, one connection, in order, with the county's clock between.

Before the messages of each new instant the clock is published on `CLOCK_TOPIC`. A tick is sent only when
everything before it is acknowledged, and acknowledged before anything after it is sent: whoever takes the
last tick as the time of receipt is right to the second.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import TracebackType
from typing import Any, Final, Protocol

import msgspec
import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from rdchem.messages import CLOCK_TOPIC
from sensors_sim.broker import BrokerUnavailableError
from sensors_sim.window import wire_text

IN_FLIGHT: Final = 200
_ACK_SECONDS: Final = 30.0
_CONNECT_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.3


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and how to be let in."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Published:
    """What was sent: messages, ticks of the clock, and how long it took in seconds."""

    messages: int
    ticks: int
    seconds: float


class Publication(Protocol):
    """What is sent: when, on which topic, which bytes, and whether the broker keeps it."""

    @property
    def at(self) -> datetime: ...
    @property
    def topic(self) -> str: ...
    @property
    def payload(self) -> bytes: ...
    @property
    def retain(self) -> bool: ...


class Connection:
    """One MQTT connection that never has more than IN_FLIGHT messages unacknowledged."""

    def __init__(self, address: Address) -> None:
        self._address = address
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        self._client.max_inflight_messages_set(IN_FLIGHT)
        self._client.reconnect_delay_set(1, 5)
        if address.username:
            self._client.username_pw_set(address.username, address.password)
        if address.ca_file:
            self._client.tls_set(address.ca_file)
        self._client.on_connect = self._on_connect
        self._client.on_publish = self._on_publish
        self._changed = threading.Condition()
        self._unacknowledged = 0
        self._answer: ReasonCode | None = None

    def __enter__(self) -> "Connection":
        """Connect, trying again while the broker is still starting."""
        deadline = time.monotonic() + _CONNECT_SECONDS
        while True:
            try:
                self._client.connect(self._address.host, self._address.port)
                break
            except OSError as error:
                if time.monotonic() > deadline:
                    raise BrokerUnavailableError(
                        f"连不上消息代理 {self._where}:{error}。请确认代理已启动、地址和端口正确。"
                    ) from error
                time.sleep(_RETRY_SECONDS)
        self._client.loop_start()
        try:
            self._await_welcome()
        except BrokerUnavailableError:
            self._client.loop_stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye."""
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> None:
        """Send one message, waiting first while too many are unacknowledged."""
        self._wait(lambda: self._unacknowledged < IN_FLIGHT)
        with self._changed:
            self._unacknowledged += 1
        sent = self._client.publish(topic, payload, qos=1, retain=retain)
        if sent.rc not in (MQTTErrorCode.MQTT_ERR_SUCCESS, MQTTErrorCode.MQTT_ERR_NO_CONN):
            raise BrokerUnavailableError(f"无法向 {self._where} 发布:{mqtt.error_string(sent.rc)}。")

    def drain(self) -> None:
        """Wait until everything sent is acknowledged."""
        self._wait(lambda: self._unacknowledged == 0)

    @property
    def _where(self) -> str:
        return f"{self._address.host}:{self._address.port}"

    def _await_welcome(self) -> None:
        with self._changed:
            answered = self._changed.wait_for(lambda: self._answer is not None, _CONNECT_SECONDS)
        if not answered:
            raise BrokerUnavailableError(f"消息代理 {self._where} 没有应答连接请求。")
        if self._answer is not None and self._answer.is_failure:
            raise BrokerUnavailableError(
                f"消息代理 {self._where} 拒绝连接:{self._answer}。请检查用户名、密码和权限。"
            )

    def _wait(self, until: Callable[[], bool]) -> None:
        """Wait for acknowledgements; as long as some arrive the broker is only slow, not gone."""
        with self._changed:
            while not until():
                before = self._unacknowledged
                if not self._changed.wait(_ACK_SECONDS) and self._unacknowledged == before:
                    raise BrokerUnavailableError(
                        f"消息代理 {self._where} 已 {_ACK_SECONDS:.0f} 秒没有确认任何报文"
                        f"(尚有 {before} 条未确认),发布中止。"
                    )

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: Any,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _: Properties | None,
    ) -> None:
        with self._changed:
            self._answer = reason
            self._changed.notify_all()

    def _on_publish(
        self, _client: mqtt.Client, _data: Any, _mid: int, _reason: ReasonCode, _: Properties
    ) -> None:
        with self._changed:
            self._unacknowledged -= 1
            self._changed.notify_all()


def publish(
    timeline: Iterable[Publication],
    end: datetime,
    address: Address,
    *,
    speed: float | None = None,
    on_tick: Callable[[datetime], None] = lambda _: None,
) -> Published:
    """Publish a timeline and, last of all, a tick at its end.

    `speed` is simulated seconds a second (1: as it happens), None: as fast as the broker acknowledges. Each
    tick has its place on one clock begun with the first, so nothing drifts. Raises BrokerUnavailableError.
    """
    messages = ticks = 0
    first: datetime | None = None
    with Connection(address) as connection:
        begun = time.monotonic()
        for at, group in groupby(timeline, key=lambda sent: sent.at):
            first = first or at
            if speed is not None:
                time.sleep(max(0.0, begun + (at - first).total_seconds() / speed - time.monotonic()))
            _tick(connection, at, on_tick)
            ticks += 1
            for sent in group:
                connection.publish(sent.topic, sent.payload, retain=sent.retain)
                messages += 1
        if speed is not None and first is not None:
            time.sleep(max(0.0, begun + (end - first).total_seconds() / speed - time.monotonic()))
        _tick(connection, end, on_tick)
        return Published(messages, ticks + 1, time.monotonic() - begun)


def _tick(connection: Connection, at: datetime, on_tick: Callable[[datetime], None]) -> None:
    connection.drain()
    connection.publish(CLOCK_TOPIC, msgspec.json.encode({"now": wire_text(at)}))
    connection.drain()
    on_tick(at)
