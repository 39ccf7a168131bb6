"""What streams in, as tables: the newest reading or status of each source, and the volume of each kind."""

from collections.abc import Iterable, Iterator
from math import isclose

from rdchem.facts.row import Row, clocks, columns, head, seconds, stated
from rdchem.fitness import PAPER, has_stopped
from rdchem.limits import Limits
from rdchem.model.day import EnterpriseDay, Flow, Received, Volume
from rdchem.model.source import Alarm
from rdchem.versions import ChangedVersion

LAST_READINGS = columns(time="occurred_at received_at", number="ahead_s age_s", text="source_kind")
ALARMS = columns(
    time="occurred_at received_at",
    number="ahead_s lasted_s",
    text="level threshold_by thresholds values",
    flag="source_is_known threshold_agrees is_beyond",
)
STREAMS = columns(count="reading_count usual_count placeholder_count", number="share placeholder_share")
VERSIONS = columns(time="received_at", text="kind first", flag="is_unchanged")
VOLUMES = columns(count="received_count usual_count", text="kind", flag="flows")


def last_readings(day: EnterpriseDay) -> Iterator[Row]:
    """A row for each source heard of."""
    for kind, newest in (("sensor", day.readings), ("camera", day.cameras)):
        for code, seen in newest.items():
            times = clocks(seen.occurred_at, seen.received_at)
            said_at = min(seen.occurred_at, seen.received_at)
            more = {"source_kind": kind, "age_s": seconds(said_at, day.as_of)}
            yield head(day, code, seen.journal_id) | times | more


def alarms(day: EnterpriseDay, told: Iterable[Received[Alarm]]) -> Iterator[Row]:
    """A row for each alarm of the day: beside what the register knows of its source."""
    for entry in told:
        said = entry.message
        source = day.register.sources.get(said.source_code)
        mark = None if source is None else getattr(source, said.level)
        value, threshold = said.value, said.threshold
        yield stated(day, f"{said.source_code}/{said.level}", entry) | {
            "level": said.level,
            "threshold_by": said.threshold_by,
            "thresholds": f"{said.threshold_by} {threshold} / register {mark}",
            "values": f"{value} / {threshold}",
            "lasted_s": seconds(said.raised_at, said.cleared_at),
            "source_is_known": source is not None,
            "threshold_agrees": None if mark is None or threshold is None else isclose(mark, threshold),
            "is_beyond": None
            if said.state == "cleared" or value is None or threshold is None
            else (value <= threshold if said.level in ("low_low", "low") else value >= threshold),
        }


def streams(flows: Iterable[Flow]) -> Iterator[Row]:
    """A row for each sensor that sends or usually does: its readings of the last hour, and usually in it."""
    for flow in flows:
        yield {
            "company_code": flow.company_code,
            "key": flow.source_code,
            "journal_id": flow.journal_id,
            "reading_count": flow.readings,
            "usual_count": flow.usual,
            "placeholder_count": flow.placeholders,
            "share": flow.readings / flow.usual if flow.usual else None,
            "placeholder_share": flow.placeholders / flow.readings if flow.readings else None,
        }


def versions(changed: Iterable[ChangedVersion]) -> Iterator[Row]:
    """A row for each content that came under an identity used before; `first` is the other one's id."""
    for one in changed:
        yield {
            "company_code": one.changed.company_code,
            "key": f"{one.changed.id}#{one.changed.seq}",
            "journal_id": one.changed.journal_id,
            "received_at": one.changed.received_at,
            "kind": one.changed.kind,
            "first": one.first.journal_id,
            "is_unchanged": False,
        }


def volumes(all_kinds: Iterable[Volume], limits: Limits) -> Iterator[Row]:
    """A row for each kind of message: what came from everybody, and what usually comes by then."""
    for volume in all_kinds:
        yield {
            "company_code": "",
            "key": PAPER[volume.kind],
            "journal_id": "",
            "kind": volume.kind,
            "received_count": volume.received,
            "usual_count": volume.usual,
            "flows": not has_stopped(volume, limits),
        }
