"""The session with the broker: paho's client as we want it, and a quarrel over its id, which ends."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from rdchem.errors import ConfigurationError, NotReadyError
from rdchem.mqtt_socket import Publish, QuickClient
from rdchem.settings import Settings

_A_LIFE_S: Final = 10.0
_THROWN_OUT: Final = 5


def new_client(
    settings: Settings, take: Callable[[Sequence[Publish]], None], *, passing: bool
) -> paho.Client:
    """A client of fixed id whose session the broker keeps (not so a `passing` one), acknowledging by hand.

    Raises ConfigurationError if the certificate cannot be used.
    """
    make = partial(QuickClient, take) if settings.mqtt_quick else paho.Client
    client = make(
        CallbackAPIVersion.VERSION2,
        client_id="" if passing else settings.listener,
        clean_session=passing,
        manual_ack=True,
    )
    if settings.mqtt_username:
        client.username_pw_set(settings.mqtt_username, settings.mqtt_password.get_secret_value())
    if settings.mqtt_ca_file is not None:
        try:
            client.tls_set(ca_certs=str(settings.mqtt_ca_file))
        except OSError as error:
            raise ConfigurationError(
                f"无法使用 CA 证书 {settings.mqtt_ca_file}({error})。请检查 RDCHEM_MQTT_CA_FILE。"
            ) from error
    return client


class Rivalry:
    """Whether somebody else keeps taking our session.

    The broker closes the older connection of a client id, so two processes with one id throw each other out
    without end (on one machine the lock of the stream refuses the second one). A connection that the broker
    took and that ended within ten seconds, while the broker can be reached at once, five times in a row: that
    is no outage. Who was connected longer before bears it three times as long, so that one of them stays.
    """

    def __init__(self, client_id: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._client_id, self._clock = client_id, clock
        self._since = clock()
        self._thrown_out = 0
        self._patience = _THROWN_OUT

    def connected(self) -> None:
        """A connection begins."""
        self._since = self._clock()

    def broker_is_away(self) -> None:
        """It cannot be reached: what ended was the broker's own."""
        self._thrown_out = 0

    def lost(self) -> None:
        """A connection ended. Raises NotReadyError if it is time to give way."""
        if self._clock() - self._since > _A_LIFE_S:
            self._thrown_out, self._patience = 0, 3 * _THROWN_OUT
        self._thrown_out += 1
        if self._thrown_out >= self._patience:
            raise NotReadyError(
                f"消息代理接受连接后很快又断开,已连续 {self._thrown_out} 次:多半有另一个采集进程"
                f"(可能在另一台机器上)也使用客户端编号 {self._client_id}。本进程停止。"
                "请停掉其中一个,或用 RDCHEM_LISTENER 另取名称。"
            )
