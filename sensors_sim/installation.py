"""An installation for one simulated morning: settings, a broker, a listener, and the morning published."""

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from sensors_sim.broker import LOOPBACK, free_port
from sensors_sim.morning import Morning
from sensors_sim.parts import Part, python
from sensors_sim.publish import Address, Published, publish

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
    on_tick: Callable[[datetime], None] = lambda _: None,
) -> Published:
    """Broker and listener up, the morning published, the listener done."""
    port, end = environment["RDCHEM_MQTT_PORT"], made.window.end
    with broker:
        broker.wait_until_logged(port)
        listen = python("rdchem.cli", "ingest", "--replay", "--until", end.isoformat())
        with Part("listener", listen, environment, logs) as listener:
            listener.wait_until_logged("已订阅")
            published = publish(made.timeline(), end, Address(LOOPBACK, int(port)), on_tick=on_tick)
            listener.answer()
    return published
