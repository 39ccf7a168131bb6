"""Whether a source is live, computed from values: newest reading, limit, our own blind intervals. Pure.

Age counts from the sender's collect time, as the platforms do, but never from later than our receipt, so that
a clock running ahead cannot hide a silence. Time in which we were blind is nobody's silence.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from rdchem.blindness import blind_for, blind_time
from rdchem.model.day import BlindInterval, EnterpriseDay, LastSeen, Received
from rdchem.model.source import OfflineDeclaration, Source, SourceKind
from rdchem.once import once_a_day


class Liveness(StrEnum):
    """State of one source as of an instant."""

    ONLINE = "online"
    SILENT = "silent"
    NEVER_SEEN = "never_seen"
    LAGGING = "lagging"
    NEW = "new"
    UNKNOWN = "unknown"


def liveness(
    seen: LastSeen | None,
    *,
    as_of: datetime,
    since: datetime,
    limit: timedelta,
    blind: Iterable[BlindInterval],
) -> Liveness:
    """The state of a source: silent once its newest reading is `limit` old or older.

    `since` is how far back readings were looked for, or when the register first told of it. LAGGING: heard
    lately, but with old collect times, so its clock or a backlog is at fault and nothing can be said of now.
    NEW: not known for long enough to miss anything. UNKNOWN: our own blindness covers it.
    """
    newest = since if seen is None else min(seen.occurred_at, seen.received_at)
    age = as_of - newest
    if seen is not None and age < limit:
        return Liveness.ONLINE
    if seen is not None and as_of - seen.received_at < limit:
        return Liveness.LAGGING
    if age < limit:
        return Liveness.NEW
    if age - blind_time(blind, newest, as_of) < limit:
        return Liveness.UNKNOWN
    return Liveness.NEVER_SEEN if seen is None else Liveness.SILENT


@once_a_day
def in_service(day: EnterpriseDay, kind: SourceKind) -> dict[str, Source]:
    """The registered sources of a kind that should be sending: in use and not properly out of service."""
    stopped: dict[str, bool] = {}
    for entry in day.out_of_service:
        record = entry.message
        returned = record.start_at is not None and record.start_at <= day.as_of
        stopped[record.source_code] = record.stopped and record.stop_at <= day.as_of and not returned
    return {
        code: source
        for code, source in day.register.sources.items()
        if source.kind is kind and source.in_use and not stopped.get(code, False)
    }


@once_a_day
def states(day: EnterpriseDay, kind: SourceKind) -> dict[str, Liveness]:
    """The state of every source of a kind that is in service, by its newest reading or camera status."""
    limit = day.limits.duration(OFFLINE_AFTER[kind])
    since = day.as_of - day.limits.duration("reading_lookback")
    if day.known_since is not None and day.exports is None:
        since = max(since, day.known_since)
    blind = blind_for(day, TOLD_BY[kind])
    fresh = day.as_of - limit

    def state(seen: LastSeen | None) -> Liveness:
        if seen is not None and seen.occurred_at > fresh and seen.received_at > fresh:  # nearly all
            return Liveness.ONLINE
        return liveness(seen, as_of=day.as_of, since=since, limit=limit, blind=blind)

    return {code: state(_seen(day, kind, code)) for code in in_service(day, kind)}


def _seen(day: EnterpriseDay, kind: SourceKind, code: str) -> LastSeen | None:
    if kind is SourceKind.SENSOR:
        return day.readings.get(code)
    camera = day.cameras.get(code)
    return LastSeen(camera.occurred_at, camera.received_at, camera.journal_id) if camera else None


TOLD_BY = {SourceKind.SENSOR: "readings", SourceKind.CAMERA: "camera_status"}
"""The kind of message a source is heard by."""
OFFLINE_AFTER = {SourceKind.SENSOR: "source_offline_after", SourceKind.CAMERA: "camera_offline_after"}


def declaration_for(day: EnterpriseDay, source_code: str) -> tuple[OfflineDeclaration, str] | None:
    """The standing offline declaration that covers a source, with its journal id; the newest if several."""
    newest = {entry.message.id: entry for entry in day.declarations}
    covering = [
        entry
        for entry in newest.values()
        if not entry.message.cancelled
        and entry.message.offline_at <= day.as_of
        and (not entry.message.source_codes or source_code in entry.message.source_codes)
    ]
    latest = max(covering, key=_declared_last, default=None)
    return None if latest is None else (latest.message, latest.journal_id)


def _declared_last(entry: Received[OfflineDeclaration]) -> tuple[datetime, datetime, int, str]:
    said = entry.message
    return (said.offline_at, said.occurred_at, said.seq, entry.journal_id)


def is_overdue(declaration: OfflineDeclaration, as_of: datetime) -> bool:
    """Whether a declared return is past. Without a planned return it is never overdue by itself."""
    return declaration.plan_online_at is not None and declaration.plan_online_at <= as_of


def by_cause(failing: Iterable[str], in_service: Mapping[str, Source]) -> list[tuple[str, str, list[str]]]:
    """Failing sources under their common cause: `(subject kind, subject code, source codes)`.

    All sources of an enterprise that has several: the enterprise (subject code empty, the caller knows it).
    All of one gateway that has several: the gateway. The rest one by one. Ordered by subject.
    """
    left = set(failing)
    if not left:
        return []
    if len(in_service) > 1 and left >= in_service.keys():
        return [("enterprise", "", sorted(left))]
    causes = []
    gateways: dict[str, set[str]] = {}
    for code, source in in_service.items():
        if source.gateway_code is not None:
            gateways.setdefault(source.gateway_code, set()).add(code)
    for gateway_code, codes in sorted(gateways.items()):
        if len(codes) > 1 and left >= codes:
            causes.append(("gateway", gateway_code, sorted(codes)))
            left -= codes
    return causes + [(in_service[code].kind.value, code, [code]) for code in sorted(left)]
