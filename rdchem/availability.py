"""How long each source was online within a day, and how often it dropped out: both measures regulators
publish.

Pure. A source is offline from when its newest word has grown as old as the offline limit until its next
one; a camera also while it says so itself. Each such stretch is a drop. Time out of service, time
before the register told us of the enterprise, and time in which we (or the platform) were blind leave
the denominator and are shown apart. Declared offline time stays in it: a declaration explains, it does
not bring a sensor back.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rdchem import calendar
from rdchem.blindness import blind_for
from rdchem.liveness import OFFLINE_AFTER, TOLD_BY
from rdchem.model.course import Seen
from rdchem.model.day import EnterpriseDay
from rdchem.model.source import Source, SourceKind
from rdchem.spans import Span, both, length, merged, minus

_NONE: Final = timedelta(0)


@dataclass(frozen=True, slots=True)
class Availability:
    """Times of one or more sources: each counts for itself. `drops`: stretches offline."""

    online: timedelta = _NONE
    offline: timedelta = _NONE
    drops: int = 0
    out_of_service: timedelta = _NONE
    blind: timedelta = _NONE
    sources: int = 0

    def __add__(self, other: "Availability") -> "Availability":
        return Availability(
            self.online + other.online,
            self.offline + other.offline,
            self.drops + other.drops,
            self.out_of_service + other.out_of_service,
            self.blind + other.blind,
            self.sources + other.sources,
        )

    @property
    def rate(self) -> float | None:
        """Online of online and offline; None where neither could be told."""
        judged = self.online + self.offline
        return self.online / judged if judged else None


def availability(day: EnterpriseDay) -> dict[str, Availability]:
    """Source -> its times from the beginning of the day to its end, or to the instant judged if that is
    earlier.
    """
    if day.register.enterprise.state in ("shut_down", "out_of_scope") or day.courses is None:
        return {}
    start, end = calendar.day_bounds(day.day)
    end = min(end, day.as_of)
    windows: dict[_Asked, _Window] = {}
    return {
        code: _of_source(day, source, (start, end), windows)
        for code, source in day.register.sources.items()
        if source.in_use
    }


@dataclass(frozen=True, slots=True)
class _Window:
    """The time a source is judged in, and what of it is left out: the same for most sources of a day."""

    judged: Sequence[Span]
    length: timedelta
    out_of_service: timedelta
    blind: timedelta


_Asked = tuple[SourceKind, datetime, tuple[Span, ...]]


def _window(day: EnterpriseDay, asked: _Asked, end: datetime) -> _Window:
    kind, begin, stopped = asked
    own = [(begin, end)] if begin < end else []
    whole = minus(own, stopped)
    judged = minus(whole, [(gap.start, gap.end) for gap in blind_for(day, TOLD_BY[kind])])
    lasting = length(judged)
    return _Window(judged, lasting, length(both(own, stopped)), length(whole) - lasting)


def _of_source(
    day: EnterpriseDay, source: Source, span: Span, windows: dict[_Asked, _Window]
) -> Availability:
    start, end = span
    limit = day.limits.duration(OFFLINE_AFTER[source.kind])
    spans, first = _offline(day, source, limit, end)
    known = start if day.known_since is None or day.exports is not None else max(start, day.known_since)
    begin = min(known, max(start, first)) if first is not None else known
    lead = first if first is not None else end
    asked = source.kind, begin, tuple(_stopped(day, source.source_code))
    if asked not in windows:
        windows[asked] = _window(day, asked, end)
    window = windows[asked]
    drops = [(low, high) for low, high in ((begin + limit, lead), *spans) if low < high]
    lost = length(both(window.judged, [(max(low, begin), min(high, end)) for low, high in drops]))
    return Availability(
        online=window.length - lost,
        offline=lost,
        drops=sum(bool(both(window.judged, [drop])) for drop in drops),
        out_of_service=window.out_of_service,
        blind=window.blind,
        sources=1,
    )


def _offline(
    day: EnterpriseDay, source: Source, limit: timedelta, end: datetime
) -> tuple[list[Span], datetime | None]:
    """The stretches a source was offline after its first word, and when that was; None if there was none."""
    if source.kind is SourceKind.CAMERA:
        spells = day.camera_spells.get(source.source_code, ())
        spans = [(one.start, one.end) for one in spells if one.state in (Seen.OFFLINE, Seen.SILENT)]
        return merged(spans), spells[0].start if spells else None
    course = (day.courses or {}).get(source.source_code)
    if course is None:
        return [], None
    gaps = [(gap.start + limit, gap.end) for gap in course.gaps if gap.end - gap.start > limit]
    return [*gaps, (course.last_at + limit, end)], course.first_at


def _stopped(day: EnterpriseDay, code: str) -> list[Span]:
    return [
        (one.message.stop_at, one.message.start_at or day.as_of)
        for one in day.out_of_service
        if one.message.source_code == code and one.message.stopped
    ]


BY: Final = ("source", "hazard", "gateway", "enterprise", "area")


def totals(days: Sequence[EnterpriseDay], by: str) -> dict[tuple[str, str, str], Availability]:
    """(enterprise, kind of source, code) -> times of all its sources, of one or several days, in order.

    `by` is one of `BY`; the enterprise is empty where an area is meant, the code empty for sources that stand
    under none.
    """
    found: dict[tuple[str, str, str], Availability] = {}
    for day in days:
        sources = day.register.sources
        for code, one in availability(day).items():
            company, group = _group(day, sources, code, by)
            key = (company, sources[code].kind.value, group)
            found[key] = found.get(key, Availability()) + one
    return dict(sorted(found.items()))


def _group(day: EnterpriseDay, sources: Mapping[str, Source], code: str, by: str) -> tuple[str, str]:
    source = sources[code]
    return {
        "source": (day.company_code, code),
        "hazard": (day.company_code, source.hazard_code or ""),
        "gateway": (day.company_code, source.gateway_code or ""),
        "enterprise": (day.company_code, day.register.enterprise.name),
        "area": ("", day.register.enterprise.area_code),
    }[by]
