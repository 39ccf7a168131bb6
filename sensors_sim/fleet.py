"""The county's gateways at the broker: each a session of its own, with birth, last will and session number.

A gateway's birth opens its session; the broker was given the will beforehand. Its death in the timeline is
not published but died: the connection is dropped, and the broker speaks the will. All that is no gateway's
(papers, the register, the clock) goes through the platform's session. One thread serves all of them.
"""

import resource
import selectors
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Final

from rdchem.messages import BY_GATEWAY, decode, encode
from rdchem.model.source import GatewayPresence
from sensors_sim.broker import BrokerUnavailableError
from sensors_sim.presence import birth, will_of
from sensors_sim.session import Address, Packet, Session

IN_FLIGHT: Final = 500
ACK_SECONDS: Final = 30.0
_WILL_SECONDS: Final = 10.0
_RETRY_SECONDS: Final = 0.3
_PING_SECONDS: Final = 10.0
_READ, _WRITE = selectors.EVENT_READ, selectors.EVENT_WRITE
_GATEWAY_LEVELS: Final = 6
_OTHER_FILES: Final = 100
_FILES_EACH: Final = 3
"""A socket, and the pair of sockets paho opens to wake itself."""


class Fleet:
    """All sessions: a context manager. With `by_gateway` false everything goes through the platform's.

    `patience`: how long the broker may acknowledge nothing, seconds; None: as long as it takes, meanwhile the
    outboxes fill. `now`: the gateways' clock, to be set by whoever publishes. Raises BrokerUnavailableError.
    """

    def __init__(
        self, address: Address, *, by_gateway: bool = True, patience: float | None = ACK_SECONDS
    ) -> None:
        self._address, self._by_gateway, self._patience = address, by_gateway, patience
        self._gateways: dict[str, Session] = {}
        self._births: dict[Session, GatewayPresence] = {}
        self._watched: dict[Session, int] = {}
        self._lost: list[Session] = []
        self._heard: set[Packet] = set()
        self._selector = selectors.DefaultSelector()
        self._unacknowledged = 0
        self._retry_at = self._ping_at = 0.0
        self.now = datetime.now(UTC)

    def __enter__(self) -> "Fleet":
        """Connect the platform's session."""
        self._platform = Session(self._address, on_heard=self._heard.add)
        self._watch(self._platform)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Say goodbye for all: no wills. Where nothing failed, not before everything is acknowledged."""
        if error is None:
            self.drain()
        for session in (self._platform, *self._gateways.values()):
            session.close()
        self._selector.close()

    def publish(self, packet: Packet) -> None:
        """Send a message through the session it belongs to, waiting first if too many are unacknowledged."""
        gateway = _gateway_of(packet.topic) if self._by_gateway else ""
        presence = decode(packet.topic, packet.payload) if "/gateway_presence/" in packet.topic else None
        session = self._gateways.get(gateway, self._platform)
        if gateway and isinstance(presence, GatewayPresence):
            if presence.state == "online" and session is self._platform:
                session = self._be_born(gateway, packet, presence)
            elif packet == session.will:
                self._die(gateway, session, packet)
                return
        self._send(session, packet)

    def drain(self) -> None:
        """Return when everything sent is acknowledged."""
        self._wait(lambda: self._unacknowledged == 0, "没有确认任何报文")

    def wait_until(self, moment: float) -> None:
        """Serve the sessions until `time.monotonic()` has come to a moment."""
        while (left := moment - time.monotonic()) > 0:
            self._turn(min(left, 1.0))

    def _be_born(self, gateway: str, packet: Packet, presence: GatewayPresence) -> Session:
        will = Packet(packet.topic, encode(will_of(presence)), packet.retain)
        _allow_files(_FILES_EACH * (len(self._gateways) + 2) + _OTHER_FILES)
        session = Session(self._address, will)
        self._gateways[gateway], self._births[session] = session, presence
        self._watch(session)
        return session

    def _die(self, gateway: str, session: Session, will: Packet) -> None:
        """Drop the connection, and wait until the broker has spoken the will."""
        self.drain()
        self._platform.listen(will.topic)
        self._unwatch(session)
        session.die()
        del self._gateways[gateway], self._births[session]
        spoken = replace(will, retain=False)
        self._wait(lambda: spoken in self._heard, f"没有发出网关 {gateway} 的遗嘱")
        self._platform.ignore(will.topic)
        self._heard.clear()

    def _send(self, session: Session, packet: Packet) -> None:
        if self._patience is not None:
            self._wait(lambda: self._unacknowledged < IN_FLIGHT, "没有确认任何报文")
        session.publish(packet)
        self._unacknowledged += 1
        if session not in self._watched:
            return
        if session.lost:
            self._lose(session)
        elif session.is_waiting_to_write:
            self._selector.modify(self._watched[session], _READ | _WRITE, session)

    def _wait(self, until: Callable[[], bool], otherwise: str) -> None:
        """Serve the sessions until something is so; while the broker acknowledges it is slow, not gone."""
        heard_at, before = time.monotonic(), self._unacknowledged
        while not until():
            self._turn(_RETRY_SECONDS)
            if self._unacknowledged < before:
                heard_at = time.monotonic()
            before = self._unacknowledged
            if self._patience is not None and time.monotonic() - heard_at > self._patience:
                raise BrokerUnavailableError(
                    f"消息代理 {self._address.where} 已 {self._patience:g} 秒{otherwise}"
                    f"(尚有 {before} 条未确认),发布中止。"
                )

    def _turn(self, timeout: float) -> None:
        """Serve every session with something to read or to write, then those due for a ping or a retry."""
        for key, events in self._selector.select(timeout):
            session: Session = key.data
            if events & _WRITE:
                session.write()
                if not session.is_waiting_to_write:
                    self._selector.modify(key.fd, _READ, session)
            if events & _READ:
                self._unacknowledged -= session.read()
            if session.lost:
                self._lose(session)
        now = time.monotonic()
        if now >= self._ping_at:
            self._ping_at = now + _PING_SECONDS
            self._ping()
        if self._lost and now >= self._retry_at:
            self._lost = [session for session in self._lost if not self._connect_again(session)]
            self._retry_at = time.monotonic() + _RETRY_SECONDS

    def _ping(self) -> None:
        for session in list(self._watched):
            session.keep_alive()
            if session.lost:
                self._lose(session)

    def _lose(self, session: Session) -> None:
        self._unwatch(session)
        self._lost.append(session)

    def _connect_again(self, session: Session) -> bool:
        old, old_will = self._births.get(session), session.will
        if old is None or old_will is None:
            returned = session.connect_again(None, None)
        else:
            new = birth(old.company_code, old.gateway_code, self.now, after=old.session)
            said = (replace(old_will, payload=encode(one)) for one in (new, will_of(new)))
            if returned := session.connect_again(*said):
                self._births[session] = new
                self._unacknowledged += 1
        if returned:
            self._watch(session)
        return returned

    def _watch(self, session: Session) -> None:
        self._watched[session] = session.wire.fileno()
        self._selector.register(self._watched[session], _READ, session)

    def _unwatch(self, session: Session) -> None:
        self._selector.unregister(self._watched.pop(session))


def _gateway_of(topic: str) -> str:
    """The gateway a topic belongs to; empty if to none."""
    levels = topic.split("/")
    return levels[5] if len(levels) == _GATEWAY_LEVELS and levels[4] in BY_GATEWAY else ""


def _allow_files(wanted: int) -> None:
    """Let this process have so many files open, as far as the system permits."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if wanted > soft:
        room = 2 * wanted if hard == resource.RLIM_INFINITY else min(hard, 2 * wanted)
        resource.setrlimit(resource.RLIMIT_NOFILE, (room, hard))
