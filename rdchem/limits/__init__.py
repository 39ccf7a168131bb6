"""Every regulatory number, dated and sourced, and the one reader of them.

A limit is an entry in `limits.yaml` with a first day, an optional last day, a value, its source, and whether
anybody confirmed it. A day before the first dated value is refused, never defaulted.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, Final

import msgspec
import yaml

from rdchem.decisions import Override
from rdchem.errors import ConfigurationError


@dataclass(frozen=True)
class Limit:
    """One dated value: `value` in `unit`, in force from `since` to `until` (both included); its source."""

    name: str
    title: str
    unit: str
    value: Any
    since: date
    until: date | None
    source: str
    confirmed: bool

    def covers(self, day: date) -> bool:
        """Whether the value is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True)
class Limits:
    """The limits in force on one day."""

    day: date
    in_force: Mapping[str, Limit]
    overrides: tuple[Override, ...] = ()

    def of(self, company_code: str, area_code: str) -> "Limits":
        """The limits as they are for one enterprise: its own overrides before those of its area."""
        concerned = [one for one in self.overrides if one.concerns(company_code, area_code)]
        if not concerned:
            return self
        own = {one.limit: one for one in sorted(concerned, key=lambda one: bool(one.enterprise))}
        return Limits(self.day, {**self.in_force, **{name: self._overridden(own[name]) for name in own}})

    def _overridden(self, by: Override) -> Limit:
        return replace(
            self[by.limit], value=by.value, since=by.since, until=by.until, source=by.told, confirmed=True
        )

    def __getitem__(self, name: str) -> Limit:
        if name not in self.in_force:
            raise ConfigurationError(
                f"没有 {self.day} 生效的规定值 {name}。请在 limits.yaml 中补充该日有效、注明来源的条目。"
            )
        return self.in_force[name]

    def duration(self, name: str) -> timedelta:
        """A limit in minutes or hours as a duration."""
        limit = self[name]
        return timedelta(**{limit.unit: float(limit.value)})

    def time_or_usual(self, name: str) -> time | None:
        """A limit that is a time of day, or None for 同平日: as on any other day."""
        return None if self[name].value == "同平日" else self.time(name)

    def time(self, name: str) -> time:
        """A limit that is a time of day, Asia/Shanghai."""
        return time.fromisoformat(str(self[name].value))

    def number(self, name: str) -> float:
        """A limit that is a plain number, in its own unit."""
        return float(self[name].value)

    def names(self, name: str) -> tuple[str, ...]:
        """A limit that lists names, as its text divided by 、."""
        return tuple(str(self[name].value).split("、"))

    def rate(self, name: str) -> float:
        """A limit that is a share, 0–1."""
        return float(self[name].value)


def read_limits(document: Mapping[str, Any]) -> tuple[Limit, ...]:
    """All dated limits of a document: name -> title, unit, values.

    Raises ConfigurationError if an entry is incomplete or two entries of one limit overlap.
    """
    limits = tuple(_entries(document))
    for one in limits:
        for other in limits:
            if one is not other and one.name == other.name and _overlap(one, other):
                raise ConfigurationError(
                    f"规定值 {one.name} 的两个条目({one.since}、{other.since})时间重叠。"
                )
    return limits


def limits_on(
    day: date, document: Mapping[str, Any] | None = None, overrides: Sequence[Override] = ()
) -> Limits:
    """The limits in force on a day, of a document or as shipped, with the overrides in force that day."""
    limits = read_limits(shipped_limits() if document is None else document)
    in_force = {limit.name: limit for limit in limits if limit.covers(day)}
    for one in overrides:
        if one.limit in in_force:
            _check_value(in_force[one.limit], one)
    return Limits(day, in_force, tuple(one for one in overrides if one.limit in in_force))


def shipped_limits() -> dict[str, Any]:
    """The limits that come with rdchem, as a document."""
    return dict(_shipped())


@cache
def _shipped() -> Mapping[str, Any]:
    document: dict[str, Any] = yaml.safe_load(
        files(__package__).joinpath("limits.yaml").read_text(encoding="utf-8")
    )
    return document


def _check_value(limit: Limit, override: Override) -> None:
    """Raise ConfigurationError if an override's value is none of its limit's unit."""
    changed = Limits(limit.since, {limit.name: replace(limit, value=override.value)})
    try:
        _READERS.get(limit.unit, Limits.number)(changed, limit.name)
    except (TypeError, ValueError) as error:
        raise ConfigurationError(
            f"决定 {override.id} 的值 {override.value!r} 不是“{limit.title}”的单位 {limit.unit}。"
        ) from error


class _Dated(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One value as written down."""

    value: str | int | float
    since: date
    source: str
    confirmed: bool
    until: date | None = None


class _Block(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A limit as written down."""

    title: str
    unit: str
    values: list[_Dated]


def _entries(document: Mapping[str, Any]) -> list[Limit]:
    try:
        blocks = msgspec.convert(document, dict[str, _Block])
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"规定值的条目不可用:{error}。") from error
    return [
        Limit(name, block.title, block.unit, one.value, one.since, one.until, one.source, one.confirmed)
        for name, block in blocks.items()
        for one in block.values
    ]


def _overlap(one: Limit, other: Limit) -> bool:
    return one.covers(other.since) or other.covers(one.since)


_READERS: Final[dict[str, Callable[[Limits, str], object]]] = {
    "time": Limits.time,
    "time_or_usual": Limits.time_or_usual,
    "minutes": Limits.duration,
    "hours": Limits.duration,
    "days": Limits.duration,
    "text": Limits.names,
}
