"""The listener: everything paho. A message is handed to the journal first and acknowledged last.

One persistent session under a fixed client id, QoS 1, manual acknowledgement. Messages are grouped; when the
socket has nothing more to read, or the group is full or old, it is appended (durable when `append` returns),
and only then acknowledged; an acknowledgement of an earlier connection is dropped, the broker will send that
message again. `rdchem.mqtt_socket` reads the publishes from paho's socket; `RDCHEM_MQTT_QUICK=false` leaves
that to paho as well. The network loop runs in the calling thread: an error in it ends the process, so that
the broker redelivers, instead of leaving a deaf process behind.

Memory is bounded by not reading the socket: while a group of `group_messages` messages or 8 MiB is made
durable nothing is read, whatever the broker would like to send (Mosquitto overshoots its in-flight limit). So
at most one group, one more message (the broker limits its size), and what `rdchem.rolling` says.

In replay mode the clock is the simulated county's own (see `rdchem.diary`). What comes before its first tick
waits for it and counts as received at the start of that simulated day, or then if it listened before.
"""

import signal
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import msgspec
import paho.mqtt.client as paho
import structlog
from paho.mqtt.enums import MQTTErrorCode

from rdchem.diary import Append, Diary
from rdchem.errors import NotReadyError
from rdchem.incarnation import UPTIME_TOPIC, Incarnation
from rdchem.messages import CLOCK_TOPIC
from rdchem.mqtt_session import Rivalry, new_client
from rdchem.mqtt_socket import Publish, PublishSocket
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings

_log = structlog.get_logger(__name__)
_SLICE_S: Final = 0.02
_QUIET_S: Final = 0.2
_BREATH_S: Final = 0.002
"""Between two groups, so that a stream of single messages does not cost a disk write each."""
_GROUP_BYTES: Final = 8 * 2**20
_LONGEST_WAIT_S: Final = 30.0
_BEFORE_THE_CLOCK: Final = -1
"""When a message came that waits for the simulated clock's first tick."""


class Listener:
    """One listening session. `append` makes records durable; `received` counts messages handed to it.

    `on_ready` is called whenever the broker has granted the subscription. `last_heard`: the newest receipt of
    earlier sessions. `topics`: what to listen to instead of the setting's topic. A `passing` listener has no
    session the broker would keep messages for.
    """

    def __init__(
        self,
        settings: Settings,
        append: Append,
        *,
        replay: bool,
        on_ready: Callable[[], None] = lambda: None,
        last_heard: datetime | None = None,
        topics: Sequence[str] = (),
        passing: bool = False,
    ) -> None:
        self._settings, self._append, self._replay = settings, append, replay
        self._topics, self._passing = topics or [settings.mqtt_topic], passing
        self._on_ready = on_ready
        self._diary = Diary(
            settings.listener, append, replay=replay, last_heard=last_heard, topics=self._topics
        )
        self._pending: list[Record] = []
        self._pending_bytes = 0
        self._to_acknowledge: list[int] = []
        """Message ids of the present connection whose messages are in `_pending`."""
        self._session_present = False
        self._broker = Incarnation(None if replay else _seconds_ago(last_heard))
        self._last_flush = self._last_message = time.monotonic()
        self._refused: str | None = None
        self._stopping = False
        self._rivalry = Rivalry(settings.listener)
        self._until_idle: float | None = None
        self._until: datetime | None = None
        self.received = 0
        self._client = self._new_client()

    def run(self, *, until_idle: float | None = None, until: datetime | None = None) -> int:
        """Listen until stopped by a signal, idle for `until_idle` seconds, or the clock reaches `until`.

        Returns the number of messages received. Raises NotReadyError if the broker cannot be reached at the
        start or refuses us; later losses of the broker are waited out.
        """
        self._until_idle, self._until = until_idle, until
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        self._diary.note("started")
        self._connect_first()
        self._last_message = time.monotonic()
        while not self._over():
            before = self.received
            self._make_room()
            code = self._client.loop(timeout=self._patience())
            if self._refused:
                raise NotReadyError(self._refused)
            self._flush_if_due(idle=self.received == before)
            if self._broker.no_answer(time.monotonic()):
                self._diary.note("connected", True)
            if code != MQTTErrorCode.MQTT_ERR_SUCCESS:
                self._flush()  # nothing may wait in memory only while we wait for the broker
                self._reconnect()
        self._stopping = True
        self._flush()
        if self._client.is_connected() and self._broker.no_answer(time.monotonic(), at_once=True):
            self._diary.note("connected", True)
        self._diary.note("stopped")
        self._client.loop(timeout=_SLICE_S)
        self._client.disconnect()
        return self.received

    def _over(self) -> bool:
        """Whether a signal, silence or the clock ends the session."""
        idle, now = time.monotonic() - self._last_message, self._diary.now
        return (
            self._stopping
            or (self._until_idle is not None and idle >= self._until_idle)
            or (self._until is not None and now is not None and now >= self._until)
        )

    def _new_client(self) -> paho.Client:
        client = new_client(self._settings, self._take, passing=self._passing)
        client.on_connect = self._on_connect
        client.on_disconnect = self._on_disconnect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        return client

    def _connect_first(self) -> None:
        host, port = self._settings.mqtt_host, self._settings.mqtt_port
        try:
            self._client.connect(host, port, keepalive=30)
            self._rivalry.connected()
        except OSError as error:
            raise NotReadyError(
                f"连不上消息代理 {host}:{port}({error})。请确认它已启动,并检查 RDCHEM_MQTT_HOST/PORT。"
            ) from error

    def _reconnect(self) -> None:
        """Try again until it works, waiting longer each time; messages wait in our broker session."""
        self._rivalry.lost()
        wait = 0.5
        while not self._over():
            try:
                self._client.reconnect()
                self._rivalry.connected()
                return
            except OSError as error:
                self._rivalry.broker_is_away()
                _log.warning("broker unreachable", error=str(error), retry_in_s=wait)
            end = time.monotonic() + wait
            while not self._over() and time.monotonic() < end:
                time.sleep(0.1)
            wait = min(2 * wait, _LONGEST_WAIT_S)

    def _on_connect(self, client: paho.Client, _data: Any, flags: Any, reason: Any, _props: Any) -> None:
        if reason.is_failure:
            self._refused = (
                f"消息代理拒绝连接:{reason}。请检查 RDCHEM_MQTT_USERNAME/PASSWORD 和该账号的权限。"
            )
            return
        self._to_acknowledge.clear()  # of an earlier connection: the broker will send those messages again
        self._session_present = bool(flags.session_present)
        if not self._session_present:
            self._broker.met(time.monotonic())
        elif self._replay:  # a simulated clock knows of no broker's age
            self._diary.note("connected", True)
        else:
            self._broker.ask(time.monotonic())
        uptime = [] if self._passing or self._replay else [(UPTIME_TOPIC, 0)]
        client.subscribe([*((topic, 1) for topic in self._topics), *uptime])

    def _on_subscribe(self, _client: Any, _data: Any, _mid: int, reasons: Any, _props: Any) -> None:
        if any(reason.is_failure for reason in reasons[: len(self._topics)]):
            topics = "、".join(self._topics)
            self._refused = f"消息代理不允许订阅 {topics}。请给采集账号读取该主题的权限。"
            return
        if not self._session_present:
            self._diary.note("connected", False)
        self._on_ready()

    def _on_disconnect(self, _client: Any, _data: Any, _flags: Any, reason: Any, _props: Any) -> None:
        if not self._stopping:
            _log.warning("broker connection lost", reason=str(reason))
            self._diary.note("disconnected")

    def _hear_uptime(self, payload: bytes) -> None:
        """The broker's word on whether it lost anything meanwhile; once a connection is enough."""
        kept = self._broker.answer(payload, time.monotonic())
        if kept is not None:
            self._diary.note("connected", kept)
        self._client.unsubscribe(UPTIME_TOPIC)

    def _on_message(self, _client: Any, _data: Any, message: paho.MQTTMessage) -> None:
        topic = message.topic.encode()
        self._take([Publish(topic, bytes(message.payload), message.mid, message.qos, message.retain)])

    def _take(self, publishes: Sequence[Publish]) -> None:
        """Messages that were read from the socket together, and so came at one instant."""
        self._last_message = time.monotonic()
        self.received += len(publishes)
        now = self._now_us()
        for topic_bytes, payload, mid, qos, retain in publishes:
            topic = topic_bytes.decode(errors="backslashreplace")
            if topic == UPTIME_TOPIC:
                self.received -= 1
                self._hear_uptime(payload)
                continue
            if self._replay and topic == CLOCK_TOPIC:
                self._diary.tick(payload)
                now = self._now_us()
            self._pending.append(Record(now, topic, payload, qos, retain))
            self._pending_bytes += len(payload)
            if qos:
                self._to_acknowledge.append(mid)

    def _now_us(self) -> int:
        now = self._diary.now
        return _BEFORE_THE_CLOCK if now is None else microseconds(now)

    def _make_room(self) -> None:
        """Let the socket give no more than the group may still hold."""
        socket: object = self._client.socket()
        if isinstance(socket, PublishSocket):
            socket.room = max(1, self._settings.group_messages - len(self._pending))
            socket.flush()

    def _patience(self) -> float:
        """How long to wait for the next message: with some in hand, a breath after the last group."""
        if not self._pending:
            return _QUIET_S
        if self._diary.now is None:
            return _SLICE_S
        return max(0.0, self._last_flush + _BREATH_S - time.monotonic())

    def _flush_if_due(self, *, idle: bool) -> None:
        age = time.monotonic() - self._last_flush
        full = len(self._pending) >= self._settings.group_messages or self._pending_bytes >= _GROUP_BYTES
        if self._pending and (idle or full or age >= self._settings.group_seconds):
            self._flush()
        if self._client.is_connected():
            self._diary.beat()

    def _flush(self) -> None:
        """Make the group durable, then acknowledge what belongs to the present connection.

        Without a clock nothing is kept nor acknowledged: the broker has it still.
        """
        self._last_flush = time.monotonic()
        now = self._diary.now
        if now is None or not self._pending:
            return
        if self._pending[0].received_us == _BEFORE_THE_CLOCK:
            before = microseconds(self._diary.since or now)
            self._pending = [
                msgspec.structs.replace(one, received_us=before) if one.received_us < 0 else one
                for one in self._pending
            ]
        self._append(self._pending)
        self._pending, self._pending_bytes = [], 0
        mids, self._to_acknowledge = self._to_acknowledge, []
        socket: object = self._client.socket()
        if isinstance(socket, PublishSocket):
            socket.acknowledge(mids)
        elif socket is not None:
            for mid in mids:
                self._client.ack(mid, 1)

    def _stop(self, _number: int, _frame: Any) -> None:
        self._stopping = True


def _seconds_ago(moment: datetime | None) -> float | None:
    """A past instant on the monotonic clock."""
    return None if moment is None else time.monotonic() - (datetime.now(UTC) - moment).total_seconds()
