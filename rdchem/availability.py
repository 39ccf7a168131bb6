"""How long each source was online within a day, and how often it dropped out: both measures regulators
publish.

Pure. A source is offline from when its newest word has grown as old as the offline limit until its next
one; a camera also while it says so itself. Each such stretch is a drop. Time out of service, time
before the register told us of the enterprise, and time in which we (or the platform) were blind leave
the denominator and are shown apart. Declared offline time stays in it: a declaration explains, it does
not bring a sensor back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
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
        return together((self, other))

    @property
    def rate(self) -> float | None:
        """Online of online and offline; None where neither could be told."""
        judged = self.online + self.offline
        return self.online / judged if judged else None


def together(several: Sequence[Availability]) -> Availability:
    """The times of several sources, or of several days, as one."""
    return Availability(
        sum((one.online for one in several), _NONE),
        sum((one.offline for one in several), _NONE),
        sum(one.drops for one in several),
        sum((one.out_of_service for one in several), _NONE),
        sum((one.blind for one in several), _NONE),
        sum(one.sources for one in several),
    )


def availability(day: EnterpriseDay) -> dict[str, Availability]:
    """Source -> its times from the beginning of the day to its end, or to the instant judged if that is
    earlier.
    """
    if day.register.enterprise.state in ("shut_down", "out_of_scope") or day.courses is None:
        return {}
    start, end = calendar.day_bounds(day.day)
    end = min(end, day.as_of)
    windows: dict[_Asked, _Window] = {}
    stopped = _stopped(day)
    return {
        code: _of_source(day, source, (start, end), tuple(stopped.get(code, ())), windows)
        for code, source in day.register.sources.items()
        if source.in_use
    }


@dataclass(frozen=True)
class _Window:
    """The time a source is judged in, and what of it is left out: the same for most sources of a day."""

    judged: Sequence[Span]
    length: timedelta
    out_of_service: timedelta
    blind: timedelta

    @cached_property
    def whole(self) -> Availability:
        """Of a source that never dropped out."""
        return Availability(
            online=self.length, out_of_service=self.out_of_service, blind=self.blind, sources=1
        )


_Asked = tuple[SourceKind, datetime, tuple[Span, ...]]


def _window(day: EnterpriseDay, asked: _Asked, end: datetime) -> _Window:
    kind, begin, stopped = asked
    own = [(begin, end)] if begin < end else []
    whole = minus(own, stopped)
    judged = minus(whole, [(gap.start, gap.end) for gap in blind_for(day, TOLD_BY[kind])])
    lasting = length(judged)
    return _Window(judged, lasting, length(both(own, stopped)), length(whole) - lasting)


def _of_source(
    day: EnterpriseDay,
    source: Source,
    span: Span,
    stopped: tuple[Span, ...],
    windows: dict[_Asked, _Window],
) -> Availability:
    start, end = span
    limit = day.limits.duration(OFFLINE_AFTER[source.kind])
    spans, first = _offline(day, source, limit, end)
    known = start if day.known_since is None or day.exports is not None else max(start, day.known_since)
    begin = min(known, max(start, first)) if first is not None else known
    lead = first if first is not None else end
    asked = source.kind, begin, stopped
    if asked not in windows:
        windows[asked] = _window(day, asked, end)
    window = windows[asked]
    drops = [(low, high) for low, high in ((begin + limit, lead), *spans) if low < high]
    if not drops:
        return window.whole
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


def _stopped(day: EnterpriseDay) -> dict[str, list[Span]]:
    """Source -> when it was out of service."""
    found: dict[str, list[Span]] = {}
    for one in day.out_of_service:
        if one.message.stopped:
            span = one.message.stop_at, one.message.start_at or day.as_of
            found.setdefault(one.message.source_code, []).append(span)
    return found


_GROUPS: Final[Mapping[str, Callable[[EnterpriseDay, Source], tuple[str, str]]]] = {
    "source": lambda day, source: (day.company_code, source.source_code),
    "hazard": lambda day, source: (day.company_code, source.hazard_code or ""),
    "gateway": lambda day, source: (day.company_code, source.gateway_code or ""),
    "enterprise": lambda day, _: (day.company_code, day.register.enterprise.name),
    "area": lambda day, _: ("", day.register.enterprise.area_code),
}
BY: Final = tuple(_GROUPS)


def totals(days: Sequence[EnterpriseDay], by: str) -> dict[tuple[str, str, str], Availability]:
    """(enterprise, kind of source, code) -> times of all its sources, of one or several days, in order.

    `by` is one of `BY`; the enterprise is empty where an area is meant, the code empty for sources that stand
    under none.
    """
    found: dict[tuple[str, str, str], list[Availability]] = {}
    group = _GROUPS[by]
    for day in days:
        sources = day.register.sources
        for code, one in availability(day).items():
            company, own = group(day, sources[code])
            found.setdefault((company, sources[code].kind.value, own), []).append(one)
    return {key: together(several) for key, several in sorted(found.items())}
