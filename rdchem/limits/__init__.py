"""Every regulatory number, dated and sourced, and the one reader of them.

A limit is an entry in `limits.yaml` with a first day, an optional last day, a value, its source, and whether
anybody confirmed it. A day before the first dated value is refused, never defaulted.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml

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

    def time(self, name: str) -> time:
        """A limit that is a time of day, Asia/Shanghai."""
        return time.fromisoformat(str(self[name].value))

    def number(self, name: str) -> float:
        """A limit that is a plain number, in its own unit."""
        return float(self[name].value)

    def names(self, name: str) -> tuple[str, ...]:
        """A limit that lists names, as its text divided by 、."""
        return tuple(str(self[name].value).split("、"))

    def has(self, *names: str) -> bool:
        """Whether all of these are in force: a rule younger than its day does not apply."""
        return all(name in self.in_force for name in names)

    def rate(self, name: str) -> float:
        """A limit that is a share, 0–1."""
        return float(self[name].value)

    @cached_property
    def digest(self) -> str:
        """A short fingerprint of all values in force, for the verdict's rulebook."""
        text = "\n".join(f"{n}={v.value!r}{v.unit}@{v.since}" for n, v in sorted(self.in_force.items()))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_limits(path: Path | None = None) -> tuple[Limit, ...]:
    """All dated limits of a file, by default the one shipped with rdchem.

    Raises ConfigurationError if an entry is incomplete or two entries of one limit overlap.
    """
    text = path.read_text(encoding="utf-8") if path else _shipped()
    limits = tuple(_entries(yaml.safe_load(text)))
    for one in limits:
        for other in limits:
            if one is not other and one.name == other.name and _overlap(one, other):
                raise ConfigurationError(
                    f"规定值 {one.name} 的两个条目({one.since}、{other.since})时间重叠。"
                )
    return limits


def limits_on(day: date, path: Path | None = None) -> Limits:
    """The limits in force on a day."""
    return Limits(day, {limit.name: limit for limit in read_limits(path) if limit.covers(day)})


def _shipped() -> str:
    return files(__package__).joinpath("limits.yaml").read_text(encoding="utf-8")


def _entries(document: Mapping[str, Any]) -> list[Limit]:
    limits = []
    for name, block in document.items():
        for entry in block["values"]:
            try:
                limits.append(
                    Limit(
                        name,
                        block["title"],
                        block["unit"],
                        entry["value"],
                        entry["since"],
                        entry.get("until"),
                        entry["source"],
                        entry["confirmed"],
                    )
                )
            except KeyError as missing:
                raise ConfigurationError(f"规定值 {name} 的条目缺少 {missing}。") from missing
    return limits


def _overlap(one: Limit, other: Limit) -> bool:
    return one.covers(other.since) or other.covers(one.since)
