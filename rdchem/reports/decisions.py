"""The office's decisions in force, in words, from the rulebook of a verdict document."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

_KINDS: Final = {"overrides": "例外规定值", "exemptions": "豁免", "suppressions": "暂不处置"}


def decision_lines(rulebook: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(kind, what it concerns, its reason, paper, author and days) of each."""
    titles = {one["name"]: one["title"] for one in (*rulebook["limits"], *rulebook["rules"])}
    for section, kind in _KINDS.items():
        for one in rulebook.get(section, ()):
            yield kind, _concerned(one, titles), decision_text(one)


def decision_text(said: Mapping[str, Any]) -> str:
    """A decision's reason, paper, author and days."""
    days = f"{said['since']} 至 {said['until'] or '另行通知'}"
    return f"{said['reason']};依据 {said['document']};批准 {said['author']};{days}(编号 {said['id']})"


def _concerned(one: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    whom = f"企业 {one['enterprise']}" if one.get("enterprise") else f"行政区划 {one.get('area')}"
    if "limit" in one:
        return f"{whom}:{titles.get(one['limit'], one['limit'])} = {one['value']}"
    rules = one.get("rules") or [one["rule"]]
    named = "、".join(titles.get(name, name) for name in rules)
    scope = "、".join(one[name] for name in ("mismatch", "subject") if one.get(name))
    return f"{whom}:{named}" + (f"({scope})" if scope else "")
