"""Outages of an enterprise's sources under their common cause, and what changed since the last sweep. Pure.

What is silent is asked of `liveness`, the same as in a verdict. A dead gateway is one outage with the sources
it covers, and it ends as one; one that reaches further, or shrinks to a part, is the same trouble and said in
one sentence. What we could not judge (our own blindness, a clock that lags) changes nothing: it stays as it
was until it can be told. One that comes again soon after it ended is counted, and told when it has become a
habit; it is over once it has stayed away for as long.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from rdchem.limits import Limits
from rdchem.liveness import Liveness, by_cause, declaration_for, in_service, is_overdue, states
from rdchem.model.day import BlindInterval, EnterpriseDay
from rdchem.model.outage import Cause, ChangeKind, Explained, Outage, StateChange
from rdchem.model.source import Source, SourceKind

_CAUSES: Final = {"enterprise": Cause.ENTERPRISE, "gateway": Cause.GATEWAY, "sensor": Cause.SENSOR}
_UNWATCHED: Final = ("shut_down", "out_of_scope")


@dataclass(frozen=True, slots=True)
class Flapping:
    """How soon after its end an outage counts as the same one come again, and how often makes a habit."""

    within: timedelta
    times: int

    @classmethod
    def of(cls, limits: Limits) -> "Flapping":
        """As the limits in force say."""
        return cls(limits.duration("flapping_within"), int(limits.number("flapping_times")))


def source_states(day: EnterpriseDay) -> dict[str, Liveness]:
    """The state of every watched source; a camera that says it is offline is as good as silent."""
    if day.register.enterprise.state in _UNWATCHED:
        return {}
    found = states(day, SourceKind.SENSOR)
    for code, state in states(day, SourceKind.CAMERA).items():
        down = state is Liveness.ONLINE and not day.cameras[code].state.online
        found[code] = Liveness.SILENT if down else state
    return found


def silent_causes(day: EnterpriseDay, live: dict[str, Liveness], standing: Iterable[Outage]) -> list[Outage]:
    """What is silent now, under its cause. A source that cannot be judged stays in the outage it is in."""
    held = {code for one in standing for code in one.sources}
    unjudged = (Liveness.UNKNOWN, Liveness.LAGGING, Liveness.NEW)
    silent = {
        code
        for code, state in live.items()
        if state in (Liveness.SILENT, Liveness.NEVER_SEEN) or (state in unjudged and code in held)
    }
    sensors, cameras = in_service(day, SourceKind.SENSOR), in_service(day, SourceKind.CAMERA)
    found = [
        _outage(day, _CAUSES[kind], code or day.company_code, codes)
        for kind, code, codes in by_cause(silent & sensors.keys(), sensors)
    ]
    return found + [
        _outage(day, cause, code, codes) for cause, code, codes in _of_cameras(day, silent, cameras)
    ]


def _of_cameras(
    day: EnterpriseDay, silent: set[str], cameras: dict[str, Source]
) -> list[tuple[Cause, str, list[str]]]:
    down = sorted(silent & cameras.keys())
    if len(cameras) > 1 and len(down) == len(cameras):
        return [(Cause.VIDEO, day.company_code, down)]
    return [(Cause.CAMERA, code, [code]) for code in down]


def _outage(day: EnterpriseDay, cause: Cause, code: str, sources: list[str]) -> Outage:
    words = [_silent_since(day, one) for one in sources]
    since = max((word for word in words if word is not None), default=None)
    return Outage(day.company_code, cause, code, tuple(sources), since, day.as_of, _explained(day, sources))


def _silent_since(day: EnterpriseDay, code: str) -> datetime | None:
    if code in day.readings:
        return min(day.readings[code].occurred_at, day.readings[code].received_at)
    camera = day.cameras.get(code)
    if camera is None:
        return None
    return camera.state.since or min(camera.occurred_at, camera.received_at)


def _explained(day: EnterpriseDay, sources: Sequence[str]) -> Explained:
    records = [declaration_for(day, code) for code in sources]
    if any(record is not None and is_overdue(record[0], day.as_of) for record in records):
        return Explained.OVERDUE
    return Explained.DECLARED if all(records) else Explained.UNEXPLAINED


def own_outages(gaps: Iterable[BlindInterval], as_of: datetime) -> list[Outage]:
    """Our own intake, or the platform as a whole, down as of an instant: one each, whatever it covers."""
    found = {}
    for gap in gaps:
        if gap.open:
            cause = Cause.INTAKE if gap.ours else Cause.PLATFORM
            found[cause] = Outage("", cause, "", (), gap.start, as_of)
    return list(found.values())


def changes(
    before: Sequence[Outage], now: Sequence[Outage], *, as_of: datetime, flapping: Flapping
) -> list[StateChange]:
    """What changed in the outages of one enterprise (or of ourselves), each said once.

    `before`: those open, and those that ended and are not settled, or ended within the flapping window.
    """
    standing = {one.subject: one for one in before if one.until is None}
    ended = {one.subject: one for one in before if one.until is not None}
    held = {code for one in standing.values() for code in one.sources}
    subjects, silent = {one.subject for one in now}, {code for one in now for code in one.sources}
    found: list[StateChange] = []
    for one in sorted(now, key=lambda one: one.subject):
        if one.subject in standing:
            found += _goes_on(standing[one.subject], one, as_of, flapping)
        elif one.sources and held.issuperset(one.sources):
            found.append(StateChange(ChangeKind.NARROWED, one))
        elif any(set(old.sources) < set(one.sources) for old in standing.values()):
            found.append(StateChange(ChangeKind.WIDENED, one))
        else:
            found.append(_began(one, ended.get(one.subject), flapping))
    for subject, old in sorted(standing.items()):
        if subject not in subjects:
            in_name_only = bool(old.sources) and silent.issuperset(old.sources)
            found.append(_ended(old, as_of, in_name_only=in_name_only, flapping=flapping))
    for subject, old in sorted(ended.items()):
        stayed_away = old.until is not None and as_of - old.until >= flapping.within
        if subject not in subjects and not old.settled and stayed_away:
            steady = replace(old, settled=True, announced=False)
            found.append(StateChange(ChangeKind.STEADIED, steady, told=old.announced))
    return found


def _goes_on(known: Outage, one: Outage, as_of: datetime, flapping: Flapping) -> list[StateChange]:
    """The same outage: perhaps without its excuse, perhaps with other sources (recorded, not told)."""
    same = replace(known, sources=one.sources, explained=one.explained)
    if not known.announced and as_of - known.found_at >= flapping.within:
        return [StateChange(ChangeKind.PERSISTS, replace(same, announced=True))]
    if same == known:
        return []
    lost = one.explained is Explained.OVERDUE and known.explained is not Explained.OVERDUE
    return [StateChange(ChangeKind.OVERDUE if lost else ChangeKind.WIDENED, same, told=lost)]


def _began(one: Outage, earlier: Outage | None, flapping: Flapping) -> StateChange:
    if earlier is None or earlier.until is None or one.found_at - earlier.until >= flapping.within:
        return StateChange(ChangeKind.FELL_SILENT, one)
    times = earlier.times + 1
    habit = times >= flapping.times
    again = replace(one, times=times, announced=habit)
    return StateChange(ChangeKind.FLAPPED, again, told=habit and not earlier.announced)


def _ended(old: Outage, as_of: datetime, *, in_name_only: bool, flapping: Flapping) -> StateChange:
    """It ended: as one, or only in name, its sources being silent under another cause."""
    if in_name_only:
        return StateChange(ChangeKind.RETURNED, replace(old, until=as_of, settled=True), told=False)
    habit = old.times >= flapping.times
    ended = replace(old, until=as_of, announced=habit and old.announced, settled=old.times == 1)
    return StateChange(ChangeKind.RETURNED, ended, told=old.announced and not habit)
