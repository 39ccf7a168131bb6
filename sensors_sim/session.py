"""One MQTT session of the simulator: a gateway's, or the platform's. Driven from outside, without a thread.

What was published and is not yet acknowledged is the outbox. Whoever loses the broker connects again as the
next session and sends the outbox once more, the oldest first, as gateways do.
"""

import selectors
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion, MQTTErrorCode
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from sensors_sim.broker import BrokerUnavailableError

_CONNECT_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.3
_KEEPALIVE_SECONDS: Final = 60
_SENT_OR_KEPT: Final = (
    MQTTErrorCode.MQTT_ERR_SUCCESS,
    MQTTErrorCode.MQTT_ERR_NO_CONN,
    MQTTErrorCode.MQTT_ERR_CONN_LOST,
)
_QUICKACK: Final[int | None] = getattr(socket, "TCP_QUICKACK", None)
"""Linux: acknowledge at once, so that a broker that sends small packets is not held up 40 ms for each."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and how to be let in."""

    host: str = "127.0.0.1"
    port: int = 1883
    username: str = ""
    password: str = ""
    ca_file: str = ""

    @property
    def where(self) -> str:
        """Host and port."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Packet:
    """What is published: a topic, bytes, and whether the broker keeps them."""

    topic: str
    payload: bytes
    retain: bool = False


class Session:
    """A connection with an outbox, and perhaps a last will; quality of service 1.

    `on_heard` gets every message on a topic listened to. Raises BrokerUnavailableError when the broker
    cannot be reached for ten seconds at first, or refuses.
    """

    def __init__(
        self,
        address: Address,
        will: Packet | None = None,
        on_heard: Callable[[Packet], None] = lambda _: None,
    ) -> None:
        self.will = will
        self.outbox: dict[int, Packet] = {}
        self.lost = False
        self._address, self._on_heard = address, on_heard
        self._welcome: ReasonCode | None = None
        self._subscribed = False
        self._client = self._new_client()
        self._connect(_CONNECT_SECONDS)

    @property
    def wire(self) -> Any:
        """The socket to be watched; None while there is no connection."""
        return self._client.socket()

    @property
    def is_waiting_to_write(self) -> bool:
        """Whether bytes are left that the socket would not take at once."""
        return self._client.want_write()

    def publish(self, packet: Packet) -> None:
        """Send, or keep until there is a connection again."""
        sent = self._client.publish(packet.topic, packet.payload, qos=1, retain=packet.retain)
        if sent.rc not in _SENT_OR_KEPT:
            raise BrokerUnavailableError(f"无法向 {self._address.where} 发布:{mqtt.error_string(sent.rc)}。")
        self.outbox[sent.mid] = packet

    def listen(self, topic: str) -> None:
        """Hear a topic from now on; returns once the broker has granted it."""
        self._subscribed = False
        self._client.subscribe(topic, qos=1)
        self._turn_until(lambda: self._subscribed, "没有应答订阅请求")

    def ignore(self, topic: str) -> None:
        """Hear a topic no longer."""
        self._client.unsubscribe(topic)

    def read(self) -> int:
        """Take what the broker sent; how many messages it acknowledged."""
        before = len(self.outbox)
        self._client.loop_read()
        while getattr(self.wire, "pending", int)():  # decrypted already: no selector will tell
            self._client.loop_read()
        if _QUICKACK is not None and (wire := self.wire) is not None:
            wire.setsockopt(socket.IPPROTO_TCP, _QUICKACK, 1)
        return before - len(self.outbox)

    def write(self) -> None:
        """Send what is left."""
        self._client.loop_write()

    def keep_alive(self) -> None:
        """Ping if it is time."""
        self._client.loop_misc()

    def connect_again(self, birth: Packet | None, will: Packet | None) -> bool:
        """Try once, as the next session: first its birth, then the outbox. Whether it worked."""
        self.will, self.lost = will, False
        self._client = self._new_client()
        try:
            self._connect(0)
        except BrokerUnavailableError:
            self.lost = True
            return False
        waiting, self.outbox = list(self.outbox.values()), {}
        for packet in ([birth] if birth else []) + waiting:
            self.publish(packet)
        return True

    def die(self) -> None:
        """Go without a goodbye: the broker publishes the will."""
        self._client.on_disconnect = None
        if (wire := self.wire) is not None:
            wire.shutdown(socket.SHUT_RDWR)
            self._client.loop_read()  # notices, and closes

    def close(self) -> None:
        """Say goodbye: there will be no will.

        What was not read yet must be: closing on top of it would reset the connection, goodbye and all.
        """
        self.read()
        self._client.on_disconnect = None
        self._client.disconnect()

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv311)
        client.max_inflight_messages_set(0)  # the fleet sees to it
        if self._address.username:
            client.username_pw_set(self._address.username, self._address.password)
        if self._address.ca_file:
            client.tls_set(self._address.ca_file)
        if self.will is not None:
            client.will_set(self.will.topic, self.will.payload, qos=1, retain=self.will.retain)
        client.on_connect = self._on_connect
        client.on_publish = self._on_publish
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect
        return client

    def _connect(self, patience: float) -> None:
        self._welcome = None
        deadline = time.monotonic() + patience
        while True:
            try:
                self._client.connect(self._address.host, self._address.port, keepalive=_KEEPALIVE_SECONDS)
                break
            except OSError as error:
                if time.monotonic() >= deadline:
                    raise BrokerUnavailableError(
                        f"连不上消息代理 {self._address.where}:{error}。请确认代理已启动、地址和端口正确。"
                    ) from error
                time.sleep(_RETRY_SECONDS)
        self.wire.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._turn_until(lambda: self._welcome is not None, "没有应答连接请求")
        if self._welcome is not None and self._welcome.is_failure:
            raise BrokerUnavailableError(
                f"消息代理 {self._address.where} 拒绝连接:{self._welcome}。请检查用户名、密码和权限。"
            )

    def _turn_until(self, done: Callable[[], bool], otherwise: str) -> None:
        """Be busy with this session alone until something happened.

        paho's own loop would not do: it cannot watch more than a thousand files.
        """
        deadline = time.monotonic() + _CONNECT_SECONDS
        with selectors.DefaultSelector() as selector:
            selector.register(self.wire, selectors.EVENT_READ)
            while not done():
                if self.is_waiting_to_write:
                    self.write()
                if selector.select(_RETRY_SECONDS):
                    self.read()
                if time.monotonic() > deadline or (self.lost and not done()):
                    raise BrokerUnavailableError(f"消息代理 {self._address.where} {otherwise}。")

    def _on_connect(
        self,
        _client: mqtt.Client,
        _data: Any,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _: Properties | None,
    ) -> None:
        self._welcome = reason

    def _on_publish(
        self, _client: mqtt.Client, _data: Any, mid: int, _reason: ReasonCode, _: Properties
    ) -> None:
        self.outbox.pop(mid, None)

    def _on_subscribe(
        self, _client: mqtt.Client, _data: Any, _mid: int, _reasons: list[ReasonCode], _: Properties
    ) -> None:
        self._subscribed = True

    def _on_message(self, _client: mqtt.Client, _data: Any, message: mqtt.MQTTMessage) -> None:
        self._on_heard(Packet(message.topic, bytes(message.payload), message.retain))

    def _on_disconnect(
        self,
        _client: mqtt.Client,
        _data: Any,
        _flags: mqtt.DisconnectFlags,
        _reason: ReasonCode,
        _: Properties | None,
    ) -> None:
        self.lost = True
