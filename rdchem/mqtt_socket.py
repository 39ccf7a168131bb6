"""A faster way from the socket to the listener, under paho: the publishes are read here, all else by paho.

paho reads every packet with three `recv` calls, hands it on through locks and callbacks, and sends every
acknowledgement by itself: measured (`make bench BENCH_ARGS=intake`), that is most of the time on single
readings. paho stays the client: connecting, TLS, sessions, subscribing, keep-alive, reconnecting. It gets
this object for its socket. What the broker sends is read in blocks; the publishes of QoS 0 and 1 in it go to
the listener in one call, every other packet goes to paho, in the order they came: nothing behind such a one
is looked at before paho has read it. Acknowledgements of a group leave in one piece, never inside a packet
that paho is still writing. They belong to this connection: with it, they are gone.

MQTT 3.1.1, sections 2.2 (fixed header), 3.3 (PUBLISH), 3.4 (PUBACK).
"""

from collections.abc import Callable, Sequence
from struct import Struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import paho.mqtt.client as paho

if TYPE_CHECKING:
    from paho.mqtt.client import SocketLike

_BLOCK_BYTES: Final = 65_536
_PUBLISH: Final = 0x30
_PUBACK: Final = Struct(">BBH")


class Publish(NamedTuple):
    """A PUBLISH as it came; `mid` is 0 for QoS 0."""

    topic: bytes
    payload: bytes
    mid: int
    qos: int
    retain: bool


class PublishSocket:
    """paho's socket, out of which the publishes are taken. `room`: how many may be taken at most."""

    def __init__(self, socket: "SocketLike", take: Callable[[Sequence[Publish]], None]) -> None:
        self._socket, self._take = socket, take
        self._read = b""
        """What was read and belongs to nobody yet; a packet's beginning, or packets behind one of paho's."""
        self._blocks: list[bytes] = []
        """Blocks behind it, not joined yet: a packet of 100 MB comes in thousands of them."""
        self._size = self._needed = 0
        self._for_paho = b""
        self._to_send = b""
        self._paho_is_writing = False
        self._waiting = False
        self.room = 1

    def recv(self, size: int) -> bytes:
        """Bytes for paho. Raises BlockingIOError if there are none for it now."""
        if not self._for_paho:
            if not self._waiting:
                block = self._socket.recv(_BLOCK_BYTES)
                if not block:
                    return b""
                self._blocks.append(block)
                self._size += len(block)
            if self._size >= self._needed:
                self._read = b"".join((self._read, *self._blocks))
                self._blocks.clear()
                self._sort()
            if not self._for_paho:
                raise BlockingIOError
        said, self._for_paho = self._for_paho[:size], self._for_paho[size:]
        return said

    def send(self, buffer: bytes | bytearray) -> int:
        """Send bytes of paho's, after what we have to send."""
        if not self._paho_is_writing:
            self.flush()
            if self._to_send:
                raise BlockingIOError
        sent = self._socket.send(buffer)
        self._paho_is_writing = sent < len(buffer)
        return sent

    def acknowledge(self, mids: Sequence[int]) -> None:
        """Send a PUBACK for each, now or as soon as there is room."""
        self._to_send += b"".join([_PUBACK.pack(0x40, 2, mid) for mid in mids])
        self.flush()

    def flush(self) -> None:
        """Send what acknowledgements wait, as far as they go."""
        if self._to_send and not self._paho_is_writing:
            try:
                self._to_send = self._to_send[self._socket.send(self._to_send) :]
            except OSError as error:
                # Full, or broken: paho will find out, reconnect, and the broker send again what it lacks.
                if not isinstance(error, BlockingIOError):
                    self._to_send = b""

    def pending(self) -> int:
        """How much paho may read without waiting for the network."""
        more: Callable[[], int] = getattr(self._socket, "pending", lambda: 0)
        return len(self._for_paho) + self._waiting + more()

    def fileno(self) -> int:
        """For `select`."""
        return self._socket.fileno()

    def setblocking(self, flag: bool) -> None:
        """As a socket's."""
        self._socket.setblocking(flag)

    def close(self) -> None:
        """As a socket's."""
        self._socket.close()

    def _sort(self) -> None:
        """Take whole publishes off the front of what was read, and one packet for paho at most."""
        read, at, end, taken = self._read, 0, len(self._read), list[Publish]()
        self._needed, self._waiting = 0, False
        while at < end:
            first, start, length = read[at], at + 1, 0
            for shift in (0, 7, 14, 21):
                if start >= end:
                    break
                byte = read[start]
                start += 1
                length |= (byte & 0x7F) << shift
                if byte < 0x80:
                    break
            else:
                raise ConnectionError("消息代理发来的报文长度不合 MQTT 规范")
            stop = start + length
            if stop > end or start == at + 1 or byte >= 0x80:
                self._needed = stop - at
                break
            qos = first >> 1 & 3
            if first & 0xF0 != _PUBLISH or qos > 1:
                self._for_paho, at = read[at:stop], stop
                self._waiting = at < end
                break
            if len(taken) >= self.room:
                self._waiting = True
                break
            topic_end = start + 2 + (read[start] << 8 | read[start + 1])
            body = topic_end + 2 * qos
            mid = read[topic_end] << 8 | read[topic_end + 1] if qos else 0
            taken.append(Publish(read[start + 2 : topic_end], read[body:stop], mid, qos, bool(first & 1)))
            at = stop
        self._read = read[at:]
        self._size = len(self._read)
        if taken:
            self._take(taken)


class QuickClient(paho.Client):
    """paho's client over a `PublishSocket`; `take` gets the publishes instead of `on_message`."""

    def __init__(self, take: Callable[[Sequence[Publish]], None], *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self._take = take

    def _create_socket(self) -> "SocketLike":
        return PublishSocket(super()._create_socket(), self._take)
