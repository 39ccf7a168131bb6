"""An installation for one simulated morning: settings, a broker, a listener, and the morning published."""

import os
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from types import TracebackType

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

from sensors_sim.broker import LOOPBACK, free_port
from sensors_sim.fleet import Fleet
from sensors_sim.morning import Morning
from sensors_sim.parts import Part, python
from sensors_sim.publish import Published, publish
from sensors_sim.session import Address

Environment = dict[str, str]


def environment_of(home: Path, reports: Path) -> Environment:
    """The installation's settings; nothing of the caller's own installation leaks in."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RDCHEM_")}
    return inherited | {
        "RDCHEM_HOME": str(home),
        "RDCHEM_REPORTS": str(reports),
        "RDCHEM_JOURNAL_KIND": "replay",
        "RDCHEM_DATABASE_URL": "",
        "RDCHEM_NOTIFY_URLS": "",
        "RDCHEM_MQTT_HOST": LOOPBACK,
        "RDCHEM_MQTT_PORT": str(free_port()),
        "RDCHEM_MQTT_USERNAME": "",
        "RDCHEM_LISTENER": "listener-1",
    }


def embedded_broker(environment: Environment, logs: Path) -> Part:
    """The broker that comes with the simulator, as a process."""
    port = environment["RDCHEM_MQTT_PORT"]
    return Part("broker", python("sensors_sim", "broker", "--port", port), environment, logs)


def mosquitto(environment: Environment, logs: Path) -> Part | None:
    """Mosquitto as a process, on loopback, keeping nothing; None where it is not installed."""
    program = shutil.which("mosquitto", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    if program is None:
        return None
    logs.mkdir(parents=True, exist_ok=True)
    configuration = logs / "mosquitto.conf"
    configuration.write_text(
        f"listener {environment['RDCHEM_MQTT_PORT']} {LOOPBACK}\n"
        "allow_anonymous true\npersistence false\nmax_queued_messages 0\nmax_inflight_messages 1000\n",
        encoding="utf-8",
    )
    return Part("broker", [program, "-c", str(configuration)], environment, logs)


def take_in(
    made: Morning,
    broker: Part,
    environment: Environment,
    logs: Path,
    *,
    away: tuple[datetime, datetime] | None = None,
    on_tick: Callable[[datetime], None] = lambda _: None,
) -> Published:
    """Broker and listener up, the morning published, the listener done.

    `away`: from when to when (UTC, simulated) the listener is stopped and the broker keeps nothing for it.
    """
    end = made.window.end
    with broker:
        broker.wait_until_logged(environment["RDCHEM_MQTT_PORT"])
        with _Listener(environment, logs, end, away) as listener:

            def tick(at: datetime) -> None:
                listener.tick(at)
                on_tick(at)

            address = Address(LOOPBACK, int(environment["RDCHEM_MQTT_PORT"]))
            with Fleet(address) as fleet:
                published = publish(made.timeline(), end, fleet, on_tick=tick)
            listener.finish()
    return published


class _Listener:
    """`rdchem ingest` until the end of the morning, stopped in between where it is to be away."""

    def __init__(
        self, environment: Environment, logs: Path, end: datetime, away: tuple[datetime, datetime] | None
    ) -> None:
        self._environment, self._logs, self._end, self._away = environment, logs, end, away
        self._running: Part | None = None
        self._starts = 0

    def __enter__(self) -> "_Listener":
        self._start(self._away[0] if self._away else self._end)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._running is not None:
            self._running.stop()

    def tick(self, at: datetime) -> None:
        """Leave or come back, if it is time."""
        if self._away is None:
            return
        leaves, returns = self._away
        if self._running is not None and leaves <= at < returns:
            self._running.answer()  # once it has heard all of before, however far behind it was
            self._running = None
            self._be_forgotten()
        elif self._running is None and at >= returns:
            self._start(self._end)

    def finish(self) -> None:
        """Wait until it has seen the end. Raises PartFailedError."""
        if self._running is not None:
            self._running.answer()

    def _start(self, until: datetime) -> None:
        self._starts += 1
        command = python("rdchem.cli", "ingest", "--replay", "--until", until.isoformat())
        self._running = Part(f"listener-{self._starts}", command, self._environment, self._logs)
        self._running.wait_until_logged("已订阅")

    def _be_forgotten(self) -> None:
        """Let the broker end the listener's session, and drop what it keeps for it."""
        client = mqtt.Client(CallbackAPIVersion.VERSION2, self._environment["RDCHEM_LISTENER"])
        client.connect(LOOPBACK, int(self._environment["RDCHEM_MQTT_PORT"]))
        client.loop_start()
        while not client.is_connected():
            time.sleep(0.01)
        client.disconnect()
        client.loop_stop()
