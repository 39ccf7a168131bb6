"""The ground truth of a morning: what must be found, what must not, and what must be kept aside."""

from datetime import date, datetime
from pathlib import Path

import msgspec


class TrueFinding(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A finding a judge must make as of the truth's instant.

    It is so from `since` to `until` (null: to the end), UTC; without `since` there is no telling.
    """

    rule: str
    enterprise: str
    subject: str
    mismatch: str
    scenario: str
    since: datetime | None = None
    until: datetime | None = None


class Innocent(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Something that looks wrong and is not: no finding may name it, for the reason given."""

    scenario: str
    enterprise: str
    subject: str
    why: str


class Unjudged(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """Something wrong that no rule looks for yet: the class of anomaly, and from when to when."""

    anomaly: str
    enterprise: str
    subject: str
    scenario: str
    since: datetime | None = None
    until: datetime | None = None


class Quarantined(msgspec.Struct, frozen=True, kw_only=True, order=True):
    """A payload that must be kept aside, under this reason code."""

    code: str
    topic: str


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """All that is to be known of one simulated morning, as of one instant."""

    seed: int
    day: date
    enterprises: int
    as_of: datetime
    findings: list[TrueFinding]
    innocents: list[Innocent]
    quarantine: list[Quarantined]
    unjudged: list[Unjudged]

    def text(self) -> str:
        """The truth as a JSON document."""
        return msgspec.json.format(msgspec.json.encode(self), indent=2).decode() + "\n"


def write_truth(truth: Truth, path: Path | None) -> None:
    """Write the truth to a file, if one is asked for."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(truth.text(), encoding="utf-8")
