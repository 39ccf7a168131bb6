"""A recording sent again: to a broker with its clock between, or into another recording; on any day.

A listener's own words are not published, for whoever listens to the broker says its own; into another
recording they go along.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from msgspec.structs import replace
from paho.mqtt.client import topic_matches_sub

from rdchem.calendar import business_day
from rdchem.errors import InputError
from rdchem.messages import CLOCK_TOPIC, TOPIC_ROOT
from rdchem.recording import Recording
from rdchem.segment import Record
from sensors_sim.fleet import Fleet
from sensors_sim.publish import Published, publish
from sensors_sim.rebase import rebased
from sensors_sim.recording import RecordingFile, header, line_of
from sensors_sim.session import Address


@dataclass(frozen=True, slots=True)
class Replayed:
    """One recorded message as it is published again."""

    at: datetime
    topic: str
    payload: bytes
    retain: bool


def chosen(recording: Recording, filters: Sequence[str]) -> list[Record]:
    """What of a recording passes any of some MQTT topic filters (none: all), in the order of receipt.

    Raises InputError if nothing does.
    """
    passing = [
        record
        for record in recording.records
        if not filters or any(topic_matches_sub(one, record.topic) for one in filters)
    ]
    if not passing:
        what = f"没有报文符合 {'、'.join(filters)}" if filters and recording.records else "没有报文"
        raise InputError(f"{recording.name} 中{what},无可回放。请检查录制和主题过滤器。")
    return sorted(passing, key=lambda record: record.received_us)


def rounds(records: Sequence[Record], day: date | None, loop: int) -> Iterator[list[Record]]:
    """The records as often as asked, beginning on a business day (None: their own), each round on the day
    after the last day of the one before.
    """
    first, last = (business_day(records[end].received_at) for end in (0, -1))
    start, length = day or first, (last - first).days + 1
    for number in range(loop):
        yield list(rebased(records, (start - first).days + number * length))


def publish_again(
    played: Iterable[Sequence[Record]],
    address: Address,
    *,
    speed: float | None = None,
    on_tick: Callable[[datetime], None] = lambda _: None,
) -> Published:
    """Publish round after round, as `sensors_sim.publish.publish` does; at a given speed without waiting
    for the night between.
    """
    messages, ticks, seconds, behind = 0, 0, 0.0, 0.0
    with Fleet(address, by_gateway=False) as fleet:
        for records in played:
            end = records[-1].received_at
            done = publish(_timeline(records), end, fleet, speed=speed, on_tick=on_tick)
            messages, ticks = messages + done.messages, ticks + done.ticks
            seconds, behind = seconds + done.seconds, max(behind, done.behind)
    return Published(messages, ticks, seconds, behind)


def write_again(recording: Recording, played: Iterator[list[Record]], out: Path) -> int:
    """Write round after round into another recording; the number of messages."""
    first = next(played)
    head = header(first[0].received_at, f"replay of {recording.name}")
    if recorded := recording.header:
        head = replace(head, seed=recorded.seed, catalogue_sha256=recorded.catalogue_sha256)
    with RecordingFile(out, head) as file:
        return sum(file.append(map(line_of, records)) for records in (first, *played))


def _timeline(records: Iterable[Record]) -> Iterator[Replayed]:
    for record in records:
        if record.topic != CLOCK_TOPIC and not record.topic.startswith(f"{TOPIC_ROOT}/self/"):
            yield Replayed(record.received_at, record.topic, record.payload, record.retain)
