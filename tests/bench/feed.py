"""A feed to drain: readings as the nation sends them, as MQTT packets made beforehand, and their sender.

63 points an enterprise, values that wander, batches of 60 or single readings. The sender is a plain socket:
it must not be what is measured.
"""

import random
import socket
import struct
import subprocess
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count

from rdchem.messages import encode, topic_of
from rdchem.model.source import Reading, Readings

AREA = "320623"
TOPIC = f"rdchem/v1/{AREA}/+/readings/#"
_POINTS = 63
_ENTERPRISES = 1000
_START = datetime(2026, 9, 15, tzinfo=UTC)


def messages(size: int, seed: int = 1) -> Iterator[Readings]:
    """Messages of `size` readings without end, from one gateway after the other."""
    chance = random.Random(seed)
    levels = [[chance.uniform(5, 95) for _ in range(_POINTS)] for _ in range(_ENTERPRISES)]
    for number in count():
        enterprise = number % _ENTERPRISES
        values, first = levels[enterprise], number // _ENTERPRISES * size
        readings = []
        for point in range(first, first + size):
            values[point % _POINTS] += chance.gauss(0, 0.05)
            value = round(values[point % _POINTS], 2)
            readings.append(
                Reading(f"3206{enterprise:05d}S{point % _POINTS:02d}", value, -chance.randrange(47_000))
            )
        yield Readings(
            id=f"{enterprise:05d}-{number}",
            seq=1,
            occurred_at=_START + timedelta(milliseconds=number * size * 0.108),
            company_code=f"3206{enterprise:05d}",
            gateway_code=f"G{enterprise:05d}",
            readings=readings,
        )


def packets(size: int, number: int) -> list[bytes]:
    """So many messages of `size` readings as PUBLISH packets of QoS 1."""
    feed = messages(size)
    return [
        publish(topic_of(AREA, one), encode(one), mid % 60_000 + 1)
        for mid, one in zip(range(number), feed, strict=False)
    ]


def publish(topic: str, payload: bytes, mid: int) -> bytes:
    """A PUBLISH packet of QoS 1."""
    return _packet(0x32, _text(topic.encode()) + struct.pack(">H", mid) + payload)


def prepare(port: int, client_id: str, made: Sequence[bytes]) -> None:
    """A session at the broker that it holds these packets for."""
    command = ["mosquitto_sub", "-p", str(port), "-i", client_id, "-c", "-q", "1", "-t", TOPIC, "-E"]
    subprocess.run(command, check=True, timeout=60)
    sender = Sender(port)
    sender.send_all(made)
    sender.close()


class Sender:
    """A connection that sends packets and counts what the broker acknowledges."""

    def __init__(self, port: int, client_id: str = "feed") -> None:
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(
            _packet(0x10, _text(b"MQTT") + bytes([4, 2]) + struct.pack(">H", 600) + _text(client_id.encode()))
        )
        self._acknowledged = 0
        self._heard = threading.Condition()
        assert self._socket.recv(4)[:1] == b"\x20"
        threading.Thread(target=self._hear, daemon=True).start()

    def send(self, content: bytes) -> None:
        """Send packets."""
        self._socket.sendall(content)

    def send_all(self, made: Sequence[bytes], window: int = 5000) -> None:
        """Send all and wait until the broker has them, at most `window` ahead of it."""
        before = self._acknowledged
        for start in range(0, len(made), 500):
            with self._heard:
                self._heard.wait_for(lambda at=start: self._acknowledged - before > at - window)
            self._socket.sendall(b"".join(made[start : start + 500]))
        self.wait_for(before + len(made))

    def wait_for(self, count: int) -> None:
        """Wait until the broker has acknowledged so many in all; who leaves before may take some along."""
        with self._heard:
            self._heard.wait_for(lambda: self._acknowledged >= count)

    def close(self) -> None:
        """Leave."""
        self._socket.sendall(b"\xe0\x00")
        self._socket.close()

    def _hear(self) -> None:
        rest = 0
        while True:
            try:
                block = self._socket.recv(65_536)
            except OSError:
                return
            if not block:
                return
            with self._heard:
                self._acknowledged += (rest + len(block)) // 4
                rest = (rest + len(block)) % 4
                self._heard.notify_all()


def _text(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content


def _packet(first: int, body: bytes) -> bytes:
    length, size = bytearray(), len(body)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([first, *length, size]) + body
