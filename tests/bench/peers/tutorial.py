"""paho + SQLAlchemy as tutorials have it: each message committed (SQLite, WAL, synchronous=NORMAL), then
acknowledged. `python -m tests.bench.peers.tutorial PORT CLIENT_ID TOPIC COUNT DATABASE`

Where LATENCY is set it commits durably (synchronous=FULL), says when it is ready, and how late each was.
"""

import json
import os
import resource
import sys
import time
from datetime import UTC, datetime
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from sqlalchemy import Column, Float, MetaData, String, Table, create_engine, text

port, client_id, topic, count, path = sys.argv[1:6]
engine = create_engine(f"sqlite:///{path}")
table = Table(
    "reading",
    MetaData(),
    *(Column(name, String) for name in ("company", "gateway", "source", "quality", "occurred", "received")),
    Column("value", Float),
)
connection = engine.connect()
connection.execute(text("PRAGMA journal_mode=WAL"))
measured = "LATENCY" in os.environ
connection.execute(text(f"PRAGMA synchronous={'FULL' if measured else 'NORMAL'}"))
table.create(connection)
connection.commit()
done = 0
latencies: list[float] = []


def on_connect(*_: Any) -> None:
    if measured:
        sys.stdout.write("ready\n")
        sys.stdout.flush()


def on_message(client: paho.Client, _data: Any, message: paho.MQTTMessage) -> None:
    global done
    said = json.loads(message.payload)
    rows = [
        {
            "company": said["company_code"],
            "gateway": said["gateway_code"],
            "source": reading[0],
            "value": reading[1],
            "quality": "good",
            "occurred": said["occurred_at"],
            "received": datetime.now(UTC).isoformat(),
        }
        for reading in said["readings"]
    ]
    connection.execute(table.insert(), rows)
    connection.commit()
    if measured:
        latencies.append((time.monotonic_ns() - int(said["id"])) / 1e9)
    client.ack(message.mid, message.qos)
    done += 1
    if done == int(count):
        told = {
            "seconds": time.monotonic() - begun,
            "latencies": sorted(latencies),
            "cpu": (time.process_time() - used) / (time.monotonic() - begun),
            "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        sys.stdout.write(json.dumps(told))
        client.disconnect()


begun, used = time.monotonic(), time.process_time()
client = paho.Client(CallbackAPIVersion.VERSION2, client_id=client_id, clean_session=False, manual_ack=True)
client.on_connect, client.on_message = on_connect, on_message
client.connect("127.0.0.1", int(port))
client.loop_forever()
