"""A sensor's alarms as the platform reported them: each from its raising to its clearing. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.source import Alarm

LEVELS: Final = {"high": "高报", "high_high": "高高报", "low": "低报", "low_low": "低低报"}


@dataclass(frozen=True, slots=True)
class Stood:
    """One alarm: until when it stood, None while it does; the thresholds it named; the messages about it."""

    source_code: str
    level: str
    since: datetime
    until: datetime | None
    said: tuple[Received[Alarm], ...]

    @property
    def side(self) -> str:
        """Of which side: "high" or "low"."""
        return self.level.partition("_")[0]

    @property
    def journal(self) -> tuple[str, ...]:
        """The messages about it."""
        return tuple(one.journal_id for one in self.said)


def alarms_stood(day: EnterpriseDay) -> list[Stood]:
    """All alarms known lately, in order of source, level and time. One raised again while it stood is one."""
    by: dict[tuple[str, str, datetime], list[Received[Alarm]]] = {}
    for one in day.alarms:
        key = one.message.source_code, one.message.level, one.message.raised_at
        by.setdefault(key, []).append(one)
    return [_stood(*key, said) for key, said in sorted(by.items())]


def _stood(code: str, level: str, since: datetime, said: Iterable[Received[Alarm]]) -> Stood:
    told = tuple(said)
    ends = [
        one.message.cleared_at or (one.message.occurred_at if one.message.state == "cleared" else None)
        for one in told
    ]
    return Stood(code, level, since, min((end for end in ends if end), default=None), told)
