"""A week or a month out of the verdicts that are stored: what was found, how announcing went, what changed.

Of each day the verdict with the newest as-of counts (the day's end, where it was judged). Days that were not
judged are named, never counted as days without findings. The page is the draft of a bulletin: an officer
decides what becomes of it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import msgspec
from jinja2 import Environment, StrictUndefined

from rdchem import delivery
from rdchem.delivery import Notice
from rdchem.errors import InputError, NotReadyError
from rdchem.foreign_text import visible
from rdchem.home import Home
from rdchem.model.outcome import Severity
from rdchem.reports.lines import SEVERITIES
from rdchem.rules import RULES
from rdchem.store import verdicts
from rdchem.store.verdicts import digest, encode

_ON_TIME: Final = ("on_time", "superseded")
_DUE: Final = (*_ON_TIME, "late", "missing", "withdrawn")
_WORST: Final = 10


@dataclass(frozen=True, slots=True)
class Span:
    """A week (`2026-W38`) or a month (`2026-09`), from its first day to its last."""

    name: str
    first: date
    last: date

    @property
    def days(self) -> list[date]:
        """Every day of it."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]

    @property
    def before(self) -> "Span":
        """The one before it."""
        return (
            week_of(self.first - timedelta(days=1))
            if "W" in self.name
            else month_of(self.first - timedelta(1))
        )


@dataclass(frozen=True, slots=True)
class Rollup:
    """What a span comes to. Findings are those that do not rest; one that stands for days counts each day."""

    span: str
    judged: list[str]
    missing: list[str]
    due: int
    on_time: int
    findings: int
    by_rule: list[tuple[str, int]]
    by_severity: list[tuple[str, int]]
    worst: list[tuple[str, int, int]]
    not_evaluated: int


def span_of(text: str) -> Span:
    """The span a person names. Raises InputError."""
    try:
        if "-W" in text:
            year, week = text.split("-W")
            return week_of(date.fromisocalendar(int(year), int(week), 1))
        return month_of(date.fromisoformat(f"{text}-01"))
    except ValueError as error:
        raise InputError(f"周期 {text!r} 不对,应为一周(2026-W38)或一月(2026-09)。") from error


def week_of(day: date) -> Span:
    """The ISO week a day is in."""
    monday = day - timedelta(days=day.weekday())
    year, week, _ = day.isocalendar()
    return Span(f"{year}-W{week:02}", monday, monday + timedelta(days=6))


def month_of(day: date) -> Span:
    """The month a day is in."""
    first = day.replace(day=1)
    following = (first + timedelta(days=31)).replace(day=1)
    return Span(f"{first:%Y-%m}", first, following - timedelta(days=1))


def rollup(span: Span) -> dict[str, Any]:
    """Sum the span up beside the one before, and write it. Raises NotReadyError if nothing was judged."""
    home = Home.open()
    now, before = summed(home, span), summed(home, span.before)
    if not now.judged:
        raise NotReadyError(f"{span.name} 没有任何一天判定过。请先运行 rdchem judge 或补跑。")
    folder = home.settings.out_path / "rollup" / span.name
    folder.mkdir(parents=True, exist_ok=True)
    content = {"now": asdict(now), "before": asdict(before)}
    _write(folder / "rollup.json", encode(content))
    _write(folder / "bulletin.html", page(now, before))
    return {"span": span.name, "days": len(now.judged), "missing": now.missing, "findings": now.findings}


def tell(span: Span) -> dict[str, Any]:
    """Hand the bulletin's draft to the notifiers, once for the same content."""
    home = Home.open()
    where = f"rollup/{span.name}"
    path = home.settings.out_path / where / "rollup.json"
    if not path.is_file():
        raise NotReadyError(f"{span.name} 还没有汇总。请先运行 rdchem rollup {span.name}。")
    stored = msgspec.json.decode(path.read_bytes())["now"]
    body = (
        f"{span.name}:判定 {len(stored['judged'])} 天"
        + (f"(缺 {len(stored['missing'])} 天)" if stored["missing"] else "")
        + f",异常线索 {stored['findings']} 项,公告按时率 {rate(stored['on_time'], stored['due'])}。"
        + "全文见 bulletin.html。本通报为草稿,由执法人员核实后发布。"
    )
    notice = Notice(
        span.last,
        title=f"{span.name} 通报(草稿)",
        body=body,
        content="rollup " + digest(path.read_text(encoding="utf-8")),
        file=f"{where}/bulletin_notice.txt",
        attachments=(f"{where}/bulletin.html",),
    )
    return {"channels": delivery.deliver(home, notice)}


def summed(home: Home, span: Span) -> Rollup:
    """What the stored verdicts of a span come to."""
    judged, missing = [], []
    announced: Counter[str] = Counter()
    rules: Counter[str] = Counter()
    severities: Counter[str] = Counter()
    enterprises: Counter[str] = Counter()
    grave: Counter[str] = Counter()
    not_evaluated = 0
    for day in span.days:
        with home.engine.connect() as connection:
            document = verdicts.judgement(connection, day)
        if document is None:
            missing.append(day.isoformat())
            continue
        judged.append(day.isoformat())
        announced.update(line["state"] for line in document.get("announcements", ()))
        not_evaluated += sum(line["outcome"] == "not_evaluated" for line in document["ledger"])
        for finding in _active(document):
            rules[finding["rule"]] += 1
            severities[finding["severity"]] += 1
            enterprises[finding["enterprise"]] += 1
            grave[finding["enterprise"]] += finding["severity"] == Severity.MAJOR.value
    order = sorted(enterprises, key=lambda code: (-grave[code], -enterprises[code], code))
    return Rollup(
        span=span.name,
        judged=judged,
        missing=missing,
        due=sum(announced[state] for state in _DUE),
        on_time=sum(announced[state] for state in _ON_TIME),
        findings=rules.total(),
        by_rule=sorted(rules.items(), key=lambda pair: (-pair[1], pair[0])),
        by_severity=[(one.value, severities[one.value]) for one in SEVERITIES],
        worst=[(code, grave[code], enterprises[code]) for code in order[:_WORST]],
        not_evaluated=not_evaluated,
    )


def rate(part: int, whole: int) -> str:
    """A share as officers read it; nothing due has none."""
    return f"{100 * part / whole:.1f}%" if whole else "—"


def page(now: Rollup, before: Rollup) -> str:
    """The bulletin's draft; everything in it is text of ours or escaped."""
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    titles = {rule.name: rule.title for rule in RULES}
    labels = {one.value: one.label for one in Severity}
    earlier: Mapping[str, int] = dict(before.by_rule)
    return environment.from_string(_template()).render(
        now=now,
        before=before,
        rules=[(titles.get(name, name), count, earlier.get(name, 0)) for name, count in now.by_rule],
        severities=[(labels[name], count, dict(before.by_severity)[name]) for name, count in now.by_severity],
        worst=_shown(now.worst),
        rates=(rate(now.on_time, now.due), rate(before.on_time, before.due)),
        compared=bool(before.judged),
    )


def _template() -> str:
    return files("rdchem.reports").joinpath("bulletin.html").read_text(encoding="utf-8")


def _active(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [one for one in document["findings"] if one.get("suppressed") is None]


def _shown(worst: Sequence[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    return [(visible(code), major, count) for code, major, count in worst]


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)
