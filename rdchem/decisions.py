"""What an office decided for its own county: dated, reasoned, signed, and nothing else changes a verdict.

An override gives a limit another value for an area or an enterprise; an exemption takes rules off an
enterprise; a suppression lets a finding rest that officers know of: it stays in the report, counted apart,
until its last day; a relief says that between two instants nobody can be blamed for silence, as an outage was
somebody else's. They stand in the rulebook file of an installation (`RDCHEM_RULEBOOK_FILE`).
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from rdchem.errors import ConfigurationError

_CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?(?![\s\S])|^24:00(?![\s\S])"
Words = Annotated[str, Meta(min_length=1, max_length=500)]


class Decision(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """In force from `since` to `until`, both included; `until` null: until it is ended."""

    id: Annotated[str, Meta(pattern=r"^[0-9A-Za-z_.-]{1,40}(?![\s\S])")]
    since: date
    until: date | None = None
    reason: Words
    author: Words
    document: Words

    def __post_init__(self) -> None:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"{self.id}: until 早于 since")

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)

    @property
    def concern(self) -> str:
        """What it is about, in a few words."""
        return ""

    @property
    def told(self) -> str:
        """Its reason, paper, author and days, as officers read it."""
        until = self.until.isoformat() if self.until else "另行通知"
        return (
            f"{self.reason};依据 {self.document};批准 {self.author};{self.since} 至 {until}(编号 {self.id})"
        )


class Override(Decision, frozen=True, kw_only=True):
    """Another value of a limit, in its unit, for one enterprise or for all of one area."""

    limit: str
    value: str | float
    enterprise: str = ""
    area: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if bool(self.enterprise) == bool(self.area):
            raise ValueError(f"{self.id}: enterprise 与 area 应恰有一个")

    @property
    def concern(self) -> str:
        return f"{self.enterprise or self.area} 的例外规定值 {self.limit}"

    def concerns(self, company_code: str, area_code: str) -> bool:
        """Whether it is meant for an enterprise of an area."""
        return self.enterprise == company_code if self.enterprise else self.area == area_code


class Exemption(Decision, frozen=True, kw_only=True):
    """Rules that ask nothing of an enterprise for a while."""

    enterprise: str
    rules: Annotated[list[str], Meta(min_length=1)]
    code: Literal["shut_down", "trial", "not_in_scope", "other"]

    @property
    def concern(self) -> str:
        return f"豁免 {self.enterprise}"

    @property
    def label(self) -> str:
        """The coded reason, as officers call it."""
        return {"shut_down": "停产", "trial": "试生产", "not_in_scope": "不在范围", "other": "其他"}[
            self.code
        ]


class Suppression(Decision, frozen=True, kw_only=True):
    """Findings of a rule that rest until a last day: of one class, enterprise or subject, as far as given."""

    rule: str
    until: date
    enterprise: str
    mismatch: str = ""
    subject: str = ""

    @property
    def concern(self) -> str:
        return f"{self.enterprise} {self.rule} 暂不处置"

    def concerns(self, rule: str, enterprise: str, mismatch: str, subject: str) -> bool:
        """Whether a finding rests on it."""
        given = ((self.mismatch, mismatch), (self.subject, subject))
        same = (self.rule, self.enterprise) == (rule, enterprise)
        return same and all(not wanted or wanted == found for wanted, found in given)


class Relief(Decision, frozen=True, kw_only=True):
    """A time in which nothing an enterprise did not send is held against it: from `begins` of the first day
    to `ends` of the last, local times of day; for one enterprise, for all of one area, or for all.
    """

    until: date
    begins: Annotated[str, Meta(pattern=_CLOCK)] = "00:00"
    ends: Annotated[str, Meta(pattern=_CLOCK)] = "24:00"
    whose: Literal["transport", "ours"]
    enterprise: str = ""
    area: str = ""

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.enterprise and self.area:
            raise ValueError(f"{self.id}: enterprise 与 area 至多一个")
        if (self.since.isoformat(), self.begins) >= (self.until.isoformat(), self.ends):
            raise ValueError(f"{self.id}: 结束不晚于开始")

    @property
    def concern(self) -> str:
        return f"{self.enterprise or self.area or '全部企业'} 的不归责时段"

    def concerns(self, company_code: str, area_code: str) -> bool:
        """Whether it is meant for an enterprise of an area."""
        if self.enterprise:
            return self.enterprise == company_code
        return not self.area or self.area == area_code


class Decisions(msgspec.Struct, frozen=True, kw_only=True):
    """The decisions of a file, or those of them in force on a day."""

    overrides: list[Override] = []
    exemptions: list[Exemption] = []
    suppressions: list[Suppression] = []
    reliefs: list[Relief] = []

    def __iter__(self) -> Any:
        yield from (*self.overrides, *self.exemptions, *self.suppressions, *self.reliefs)

    def on(self, day: date) -> "Decisions":
        """Those in force on a day."""
        return Decisions(
            overrides=[one for one in self.overrides if one.covers(day)],
            exemptions=[one for one in self.exemptions if one.covers(day)],
            suppressions=[one for one in self.suppressions if one.covers(day)],
            reliefs=[one for one in self.reliefs if one.covers(day)],
        )


def read_decisions(documents: Iterable[Mapping[str, Any]]) -> Decisions:
    """The decisions of some rulebook files together. Raises ConfigurationError.

    Refused are an id given twice, and two overrides of one limit in one scope that are in force together.
    """
    sections: dict[str, list[Any]] = {name: [] for name in Decisions.__struct_fields__}
    for document in documents:
        for name, entries in sections.items():
            entries += document.get(name) or []
    try:
        decisions = msgspec.convert(sections, Decisions)
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"决定的条目不可用:{error}。请对照 README 的示例修改。") from error
    known: set[str] = set()
    for one in decisions:
        if one.id in known:
            raise ConfigurationError(f"决定编号 {one.id} 重复。")
        known.add(one.id)
    for number, one in enumerate(decisions.overrides):
        for other in decisions.overrides[:number]:
            same = (one.limit, one.enterprise, one.area) == (other.limit, other.enterprise, other.area)
            if same and (one.covers(other.since) or other.covers(one.since)):
                raise ConfigurationError(f"决定 {other.id} 与 {one.id} 对同一规定值的时间重叠。")
    return decisions
