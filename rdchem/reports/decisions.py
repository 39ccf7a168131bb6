"""The office's decisions in force, and what is held against nobody, in words, from a verdict document."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Final

from rdchem.calendar import local_text
from rdchem.model.document import ReliefLine

_KINDS: Final = {
    "overrides": "例外规定值",
    "exemptions": "豁免",
    "suppressions": "暂不处置",
    "reliefs": "不归责时段",
}
_WHOSE: Final = {"ours": "本系统", "transport": "平台或传输"}


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


def relief_rows(lines: Iterable[ReliefLine]) -> Iterator[tuple[str, str, str, str, str, str]]:
    """(from, until, whose affair, for whom, by whom, why) of each time in which silence is nobody's fault."""
    for one in lines:
        until = local_text(datetime.fromisoformat(one.ends_at)) + (" 仍在继续" if one.open else "")
        whom = (
            f"企业 {one.enterprise}" if one.enterprise else f"行政区划 {one.area}" if one.area else "全部企业"
        )
        kept = "(事后补到)" if one.lossless else ""
        begun = local_text(datetime.fromisoformat(one.begins_at))
        yield begun, until, _WHOSE[one.whose], whom, one.by, one.reason + kept


def _concerned(one: Mapping[str, Any], titles: Mapping[str, str]) -> str:
    whom = f"企业 {one['enterprise']}" if one.get("enterprise") else f"行政区划 {one.get('area')}"
    if "begins" in one:
        whom = whom if one["enterprise"] or one["area"] else "全部企业"
        return f"{whom}:{one['since']} {one['begins']} 至 {one['until']} {one['ends']}"
    if "limit" in one:
        return f"{whom}:{titles.get(one['limit'], one['limit'])} = {one['value']}"
    rules = one.get("rules") or [one["rule"]]
    named = "、".join(titles.get(name, name) for name in rules)
    scope = "、".join(one[name] for name in ("mismatch", "subject") if one.get(name))
    return f"{whom}:{named}" + (f"({scope})" if scope else "")
