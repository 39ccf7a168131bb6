"""What streams in, as tables: the newest reading or status of each source, and the volume of each kind."""

from collections.abc import Iterable, Iterator

from rdchem.facts.row import Row, clocks, columns, head
from rdchem.fitness import PAPER, has_stopped
from rdchem.limits import Limits
from rdchem.model.day import EnterpriseDay, Volume
from rdchem.versions import ChangedVersion

LAST_READINGS = columns(time="occurred_at received_at", number="ahead_s", text="source_kind")
VERSIONS = columns(time="received_at", text="kind first", flag="is_unchanged")
VOLUMES = columns(count="received_count usual_count", text="kind", flag="flows")


def last_readings(day: EnterpriseDay) -> Iterator[Row]:
    """A row for each source heard of."""
    for kind, newest in (("sensor", day.readings), ("camera", day.cameras)):
        for code, seen in newest.items():
            times = clocks(seen.occurred_at, seen.received_at)
            yield head(day, code, seen.journal_id) | times | {"source_kind": kind}


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
