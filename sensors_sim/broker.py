"""A small MQTT broker inside the process, for demonstrations and tests; Mosquitto serves everything else.

It is amqtt: MQTT 3.1.1, in memory, bound to the loopback address, open to everybody who is on this machine.
It keeps what is published while a persistent session is away, but forgets everything when it ends; a reader
more than 65,535 messages behind its publisher loses some, and one that acknowledges after five seconds is
complained of in the log.
"""

import asyncio
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Final

from rdchem.errors import RdchemError

LOOPBACK: Final = "127.0.0.1"
_STARTING_SECONDS: Final = 15.0


class BrokerUnavailableError(RdchemError):
    """The broker cannot be started or reached, or it refuses."""

    exit_code = 7


def free_port() -> int:
    """A loopback port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


async def serve(port: int, stop: asyncio.Event, on_ready: Callable[[], None]) -> None:
    """Run the broker on a loopback port until `stop` is set; tell when it accepts connections.

    Raises BrokerUnavailableError.
    """
    try:
        from amqtt.broker import Broker, BrokerError  # optional, and half a second to import
    except ImportError as error:
        raise BrokerUnavailableError(
            '没有安装 amqtt,无法启动内置消息代理。请执行 pip install "rdchem[demo]"。'
        ) from error

    class _Broker(Broker):  # type: ignore[misc]
        """amqtt 0.12.1 sends every retained message to everybody who connects, subscribed or not."""

        async def _publish_retained_messages_for_subscription(self, subscription: Any, session: Any) -> None:
            subscribed = {one.client_id for one, _ in self._subscriptions.get(subscription[0], ())}
            if session.client_id in subscribed:
                await super()._publish_retained_messages_for_subscription(subscription, session)

    logging.getLogger("transitions").setLevel(logging.ERROR)
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # it logs with a traceback what it then raises
    broker = _Broker(_configuration(port))
    try:
        await broker.start()
    except BrokerError as error:
        raise BrokerUnavailableError(
            f"内置消息代理无法在 {LOOPBACK}:{port} 启动:{error.__cause__ or error}。请换一个端口。"
        ) from error
    logging.getLogger("amqtt").setLevel(logging.ERROR)
    on_ready()
    try:
        await stop.wait()
    finally:
        await broker.shutdown()


def _configuration(port: int) -> dict[str, Any]:
    return {
        "listeners": {"default": {"type": "tcp", "bind": f"{LOOPBACK}:{port}"}},
        "plugins": {"sensors_sim.broker_access.OpenToThisMachine": {}},
    }


class EmbeddedBroker:
    """The broker in a thread of this process: `with EmbeddedBroker() as broker: … broker.port`."""

    def __init__(self, port: int = 0) -> None:
        self.host = LOOPBACK
        self.port = port or free_port()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stop: asyncio.Event | None = None
        self._ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, name="embedded-broker", daemon=True)

    def __enter__(self) -> "EmbeddedBroker":
        """Start, and return once connections are accepted."""
        self._thread.start()
        if error := self._ready.exception(_STARTING_SECONDS):
            raise error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, and wait until the port is free again."""
        if self._loop is not None and self._stop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(_STARTING_SECONDS)

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except BaseException as error:  # handed to the thread that waits for us
            if self._ready.done():
                raise
            self._ready.set_exception(error)

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        await serve(self.port, self._stop, lambda: self._ready.set_result(None))
