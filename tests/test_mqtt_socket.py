"""The publishes are taken out of the stream whole and in order, and the rest is paho's, however it is cut."""

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.mqtt_socket import Publish, PublishSocket

PUBLISHES = st.builds(
    Publish,
    topic=st.binary(max_size=20),
    payload=st.one_of(st.binary(max_size=50), st.sampled_from([b"x" * 130, b"y" * 17_000])),
    mid=st.integers(1, 65_535),
    qos=st.integers(0, 1),
    retain=st.booleans(),
).map(lambda one: one if one.qos else one._replace(mid=0))
OTHERS = st.sampled_from(
    [b"\x20\x02\x01\x00", b"\x90\x03\x00\x01\x01", b"\xd0\x00", b"\x34\x05\x00\x01t\x00\x07"]
)
"""CONNACK, SUBACK, PINGRESP, and a PUBLISH of QoS 2: all paho's."""


def packet(publish: Publish) -> bytes:
    body = len(publish.topic).to_bytes(2) + publish.topic
    body += (publish.mid.to_bytes(2) if publish.qos else b"") + publish.payload
    length, size = bytearray(), len(body)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([0x30 | publish.qos << 1 | publish.retain, *length, size]) + body


class Wire:
    """A socket that gives its blocks one by one, and takes as many bytes a call as it is told."""

    def __init__(self, blocks: Sequence[bytes] = (), takes: Sequence[int] = ()) -> None:
        self.blocks, self.takes, self.sent = list(blocks), list(takes), b""

    def recv(self, _size: int) -> bytes:
        if not self.blocks:
            raise BlockingIOError
        return self.blocks.pop(0)

    def send(self, buffer: bytes | bytearray) -> int:
        size = self.takes.pop(0) if self.takes else len(buffer)
        if size == 0:
            raise BlockingIOError
        self.sent += bytes(buffer[:size])
        return min(size, len(buffer))

    def close(self) -> None: ...

    def fileno(self) -> int:
        return 0

    def setblocking(self, flag: bool) -> None: ...


@settings(deadline=None)
@given(
    said=st.lists(st.one_of(PUBLISHES, OTHERS), max_size=12),
    places=st.lists(st.floats(0, 1), max_size=6),
    room=st.integers(1, 3),
    size=st.integers(1, 5),
)
def test_everything_arrives_once_and_in_order(
    said: list[Publish | bytes], places: list[float], room: int, size: int
) -> None:
    stream = b"".join(one if isinstance(one, bytes) else packet(one) for one in said)
    cuts = sorted(round(place * len(stream)) for place in places)
    blocks = [stream[a:b] for a, b in zip([0, *cuts], [*cuts, len(stream)], strict=True) if a < b]
    heard: list[Publish | bytes] = []

    def take(publishes: Sequence[Publish]) -> None:
        assert 1 <= len(publishes) <= room
        heard.extend(publishes)

    socket = PublishSocket(Wire(blocks), take)
    socket.room = room
    part = b""
    for _ in range(20 * len(said) + 20):
        try:
            part += socket.recv(size)
        except BlockingIOError:
            continue
        if part in {one for one in said if isinstance(one, bytes)}:
            heard.append(part)
            part = b""
    assert heard == said and part == b"" and socket.pending() == 0


def test_what_is_behind_a_packet_of_paho_waits_until_paho_has_it() -> None:
    """A session goes on: publishes come right behind the CONNACK, and belong to the new connection."""
    heard: list[Publish] = []
    late = Publish(b"t", b"late", 7, 1, False)
    socket = PublishSocket(Wire([b"\x20\x02\x01\x00" + packet(late)]), heard.extend)
    assert socket.recv(1) == b"\x20" and heard == [] and socket.pending() == 4
    assert socket.recv(1) + socket.recv(2) == b"\x02\x01\x00" and heard == [] and socket.pending() == 1
    try:
        socket.recv(1)
    except BlockingIOError:
        assert heard == [late] and socket.pending() == 0


def test_acknowledgements_never_break_into_a_packet_of_paho() -> None:
    wire = Wire(takes=[3, 4, 1, 0])
    socket = PublishSocket(wire, lambda _: None)
    assert socket.send(b"PINGREQ") == 3
    socket.acknowledge([1, 2])
    assert wire.sent == b"PIN"
    assert socket.send(b"GREQ") == 4
    socket.flush()
    assert wire.sent == b"PINGREQ\x40"
    socket.acknowledge([3])
    socket.flush()
    assert wire.sent == b"PINGREQ\x40\x02\x00\x01\x40\x02\x00\x02\x40\x02\x00\x03"


def test_the_end_of_the_connection_is_told_to_paho() -> None:
    assert PublishSocket(Wire([b""]), lambda _: None).recv(1) == b""
