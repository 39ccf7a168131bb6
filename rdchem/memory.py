"""What each square of a judgement rested on, so that judging again recomputes only what changed. Pure.

A rule is a pure function of an enterprise's day, so its outcome can change only if something it looked at
has changed. While it is evaluated, what it looks at is written down: the fields of the day, and the limits
by name. Judging again, with later data or by another rulebook, an outcome is kept while all of that is still
the same. Nothing has to be declared, and nothing can be forgotten.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any

from rdchem.limits import Limit, Limits
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Outcome

Check = Callable[[EnterpriseDay], Outcome]


@dataclass(frozen=True, slots=True)
class _Square:
    """An outcome, the rule that gave it, and all it looked at."""

    check: Check
    outcome: Outcome
    read: Mapping[str, Any]
    limits: Mapping[str, Limit | None]

    def holds_for(self, day: EnterpriseDay) -> bool:
        """Whether everything it looked at is the same in another day."""
        in_force = day.limits.in_force
        return all(in_force.get(name) == limit for name, limit in self.limits.items()) and all(
            getattr(day, name) == value for name, value in self.read.items()
        )


class Memory:
    """The squares of earlier judgements; `kept` and `evaluated` count what was asked of it."""

    def __init__(self) -> None:
        self._squares: dict[tuple[str, str], _Square] = {}
        self.kept = 0
        self.evaluated = 0

    def outcome(self, rule: str, check: Check, day: EnterpriseDay) -> Outcome:
        """What a rule says of a day: as remembered, if nothing it looked at has changed."""
        key = day.company_code, rule
        known = self._squares.get(key)
        if known is not None and known.check is check and known.holds_for(day):
            self.kept += 1
            return known.outcome
        watched = _Watched(**{name: getattr(day, name) for name in _FIELDS})
        outcome = check(watched)
        self.evaluated += 1
        read = {name: getattr(day, name) for name in watched.looked_at if name != "limits"}
        limits = {name: day.limits.in_force.get(name) for name in watched.limits_looked_at}
        self._squares[key] = _Square(check, outcome, read, limits)
        return outcome

    def limits_asked(self, company_code: str, rule: str) -> set[str]:
        """The limits a square looked at."""
        return set(self._squares[company_code, rule].limits)


class _Watched(EnterpriseDay):
    """A day that writes down what is looked at."""

    looked_at: set[str]
    limits_looked_at: set[str]

    def __init__(self, **known: Any) -> None:
        seen: set[str] = set()
        object.__setattr__(self, "looked_at", set())
        object.__setattr__(self, "limits_looked_at", seen)
        given: Limits = known["limits"]
        watched = Limits(given.day, _WatchedLimits(given.in_force, seen), given.overrides)
        super().__init__(**{**known, "limits": watched})

    def __getattribute__(self, name: str) -> Any:
        if name in _FIELDS:
            object.__getattribute__(self, "looked_at").add(name)
        return object.__getattribute__(self, name)


_FIELDS = frozenset(field.name for field in fields(EnterpriseDay) if field.init)


class _WatchedLimits(Mapping[str, Limit]):
    """Limits that write down which of them are looked at, those that are not there among them."""

    def __init__(self, in_force: Mapping[str, Limit], seen: set[str]) -> None:
        self._in_force = in_force
        self._seen = seen

    def __getitem__(self, name: str) -> Limit:
        self._seen.add(name)
        return self._in_force[name]

    def __iter__(self) -> Iterator[str]:
        self._seen.update(self._in_force)
        return iter(self._in_force)

    def __len__(self) -> int:
        self._seen.update(self._in_force)
        return len(self._in_force)
