"""What a day is judged by: the limits and rules in force on it, and what the office decided. Dated data.

Shipped are `limits/limits.yaml` and `rules/rules.yaml`. An installation's rulebook file adds to them, in
sections of the same form: `limits` and `rules` replace the shipped entries of those names, `overrides`,
`exemptions`, `suppressions` and `reliefs` are decisions (`rdchem.decisions`). A day before the first rule is
refused.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from rdchem.decisions import Decision, Decisions, Exemption, Suppression, read_decisions
from rdchem.errors import ConfigurationError
from rdchem.limits import Limits, limits_on, shipped_limits
from rdchem.model.outcome import Verdict
from rdchem.rules import RULES, Rule, rules_on

_SECTIONS: Final = frozenset({"limits", "rules", "overrides", "exemptions", "suppressions", "reliefs"})


@dataclass(frozen=True)
class Rulebook:
    """The limits, rules and decisions of one day."""

    limits: Limits
    rules: tuple[Rule, ...]
    decisions: Decisions = field(default_factory=Decisions)

    @property
    def day(self) -> date:
        """The day it is in force on."""
        return self.limits.day

    def exemption(self, rule: Rule, company_code: str) -> Exemption | None:
        """The decision that takes a rule off an enterprise."""
        return next(
            (
                one
                for one in self.decisions.exemptions
                if one.enterprise == company_code and rule.name in one.rules
            ),
            None,
        )

    def suppression(self, rule: Rule, company_code: str, verdict: Verdict) -> Suppression | None:
        """The decision a finding rests on."""
        return next(
            (
                one
                for one in self.decisions.suppressions
                if one.concerns(rule.name, company_code, verdict.mismatch, str(verdict.subject))
            ),
            None,
        )

    @property
    def notices(self) -> list[str]:
        """Decisions about to lapse."""
        if not any(one.until for one in self.decisions):
            return []
        soon = self.day + self.limits.duration("decision_notice_before")
        return [
            f"{one.concern}的决定将于 {one.until} 到期:{one.told}"
            for one in self.decisions
            if one.until is not None and one.until <= soon
        ]

    @cached_property
    def document(self) -> dict[str, Any]:
        """All of it as JSON-ready data, with an id that changes with any of it."""
        said = {
            "rules": [
                {
                    "name": rule.name,
                    "title": rule.title,
                    "basis": rule.basis,
                    "since": rule.since.isoformat(),
                    "until": rule.until.isoformat() if rule.until else None,
                    "source": rule.source,
                    "may_be_suppressed": rule.may_be_suppressed,
                }
                for rule in self.rules
            ],
            "limits": [
                {
                    "name": limit.name,
                    "title": limit.title,
                    "value": limit.value,
                    "unit": limit.unit,
                    "since": limit.since.isoformat(),
                    "until": limit.until.isoformat() if limit.until else None,
                    "source": limit.source,
                    "confirmed": limit.confirmed,
                }
                for limit in self.limits.in_force.values()
            ],
            **msgspec.to_builtins(self.decisions),
        }
        digest = hashlib.sha256(msgspec.json.encode(said, order="deterministic")).hexdigest()
        return {"id": digest[:16], **said}


def rulebook_on(day: date, files: Sequence[Path] = ()) -> Rulebook:
    """The rulebook of a day, with what an installation's own files add, the later ones last.

    Raises ConfigurationError for a file that cannot be used, or a day on which no rule is in force.
    """
    documents = [_document(path) for path in files]
    limits = shipped_limits()
    entries: dict[str, Any] = {}
    for path, document in zip(files, documents, strict=True):
        own = document.get("limits") or {}
        _refuse_new_limits(path, own, limits)
        limits |= own
        entries |= document.get("rules") or {}
    rules = rules_on(day, entries)
    if not rules:
        raise ConfigurationError(f"{day} 没有任何生效的规则。请核对业务日。")
    decisions = read_decisions(documents)
    _refuse_the_unknown(decisions, limits)
    in_force = decisions.on(day)
    return Rulebook(limits_on(day, limits, in_force.overrides), rules, in_force)


def _document(path: Path) -> Mapping[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationError(f"读不了规则文件 {path}:{error}。应为 UTF-8 的 YAML。") from error
    if content is None:
        return {}
    if not isinstance(content, dict) or not content.keys() <= _SECTIONS:
        raise ConfigurationError(f"规则文件 {path} 只能有这些部分:{'、'.join(sorted(_SECTIONS))}。")
    return content


def _refuse_new_limits(path: Path, own: Mapping[str, Any], known: Mapping[str, Any]) -> None:
    """A limit of another name is one no rule asks for: misspelt, it would change nothing, silently."""
    for name in own:
        if name not in known:
            like = get_close_matches(str(name), known)
            advice = f"是否应为 {'、'.join(like)}?" if like else "名称见 rdchem/limits/limits.yaml。"
            raise ConfigurationError(f"规则文件 {path} 的规定值 {name} 不存在。{advice}")


def _refuse_the_unknown(decisions: Decisions, limits: Mapping[str, Any]) -> None:
    """A decision that names nothing there is, or rests what may never rest, is worse than none."""
    rules = {rule.name: rule for rule in RULES}
    for override in decisions.overrides:
        if override.limit not in limits:
            raise ConfigurationError(f"决定 {override.id} 所说的规定值 {override.limit} 不存在。")
    named: list[tuple[Decision, str]] = [(one, name) for one in decisions.exemptions for name in one.rules]
    for one, name in (*named, *((one, one.rule) for one in decisions.suppressions)):
        if name not in rules:
            raise ConfigurationError(f"决定 {one.id} 所说的规则 {name} 不存在。")
        if isinstance(one, Suppression) and not rules[name].may_be_suppressed:
            raise ConfigurationError(f"决定 {one.id}:规则“{rules[name].title}”的线索不得暂不处置。")
