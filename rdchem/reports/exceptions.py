"""The exception report as a value: everything shown, in the order it is read; no layout, no clock.

Order: what the day comes to, the head numbers, exceptions by enterprise (worst first), what was not evaluated
and why, what did not apply, the coverage ledger, data quality, quarantine, the settings in force.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from rdchem.calendar import local_text
from rdchem.model.outcome import Finding, Judgement, Severity
from rdchem.model.quality import Checked, QualityFailure, QualityScore
from rdchem.reports.announcements import AnnouncementRow, announcement_rows, state_counts
from rdchem.reports.coverage import Coverage, Square, Unanswered, squares, sums, unanswered
from rdchem.reports.decisions import decision_lines, relief_rows
from rdchem.reports.heads import Heads, heads
from rdchem.reports.hot_work import HotWorkLine
from rdchem.reports.labels import AREAS, SPOT_CHECK_TYPES, class_of, watched_types
from rdchem.reports.lines import (
    SEVERITIES,
    EnterpriseExceptions,
    ExceptionLine,
    SuppressedLine,
    by_enterprise,
    suppressed_lines,
)
from rdchem.reports.online import OnlineLine, online_heads
from rdchem.reports.shown import Shown
from rdchem.reports.tally import UNKNOWN, UNWATCHED

TITLE: Final = "安全承诺与在线监测异常报告"
DISCLAIMER: Final = "本报告为线索与证据,不作认定,由执法人员核实。"
SIMULATED: Final = "模拟数据:本报告由仿真数据生成,不涉及任何真实企业"


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """A message or file row kept aside."""

    received_at: datetime
    origin: str
    code: str
    reason: str
    journal_id: str


@dataclass(frozen=True, slots=True)
class ExceptionReport:
    """Everything shown. `rules` and `limits` are the rulebook's own entries; `types` counts exceptions by
    spot-check type, or says why there is no count; `suppressed` rest on decisions and count nowhere else;
    `decisions` are (kind, what, in words) of those in force; `states` counts announcements by their state;
    `reliefs` are (from, until, whose affair, for whom, by whom, why) of what is held against nobody;
    `partly` are failed squares that left something open; `quality` is None if it was not checked, `scores`
    are those of the checks.
    """

    day: str
    as_of: str
    area: str
    rulebook: str
    simulated: bool
    notes: tuple[str, ...]
    headline: str
    heads: Heads
    types: tuple[tuple[str, int | str], ...]
    enterprises: tuple[EnterpriseExceptions, ...]
    suppressed: tuple[SuppressedLine, ...]
    partly: tuple[Unanswered, ...]
    not_evaluated: tuple[Unanswered, ...]
    not_applicable: tuple[Unanswered, ...]
    coverage: tuple[Coverage, ...]
    ledger: tuple[Square, ...]
    enterprise_count: int
    quality: tuple[QualityFailure, ...] | None
    scores: tuple[QualityScore, ...]
    quarantine: tuple[QuarantineLine, ...]
    hot_work: tuple[HotWorkLine, ...]
    online: tuple[OnlineLine, ...]
    rules: tuple[Mapping[str, Any], ...]
    limits: tuple[Mapping[str, Any], ...]
    decisions: tuple[tuple[str, str, str], ...]
    announcements: tuple[AnnouncementRow, ...]
    states: tuple[tuple[str, int], ...]
    reliefs: tuple[tuple[str, str, str, str, str, str], ...]

    @property
    def online_heads(self) -> Mapping[str, str]:
        """Kind of source -> its online rate by time, drops, hours offline."""
        return online_heads(self.online)

    @property
    def exceptions(self) -> int:
        """How many exceptions there are."""
        return sum(len(one.exceptions) for one in self.enterprises)

    @property
    def worst_first(self) -> list[tuple[EnterpriseExceptions, ExceptionLine]]:
        """Every exception with its enterprise, by severity."""
        named = [(group, one) for group in self.enterprises for one in group.exceptions]
        return sorted(named, key=lambda pair: SEVERITIES.index(pair[1].severity))


def build(
    judgement: Judgement,
    days: Sequence[Shown],
    checked: Checked | None,
    quarantined: Sequence[QuarantineLine],
) -> ExceptionReport:
    """Everything to be shown of a day's judgement. `checked` None: the data quality was not checked."""
    names = {day.company_code: day.name for day in days}
    titles = {rule["name"]: rule["title"] for rule in judgement.rulebook["rules"]}
    ledger = squares(judgement, names, titles)
    active = [finding for finding in judgement.findings if finding.suppressed is None]
    enterprises = by_enterprise(active, names, titles)
    suppressed = tuple(suppressed_lines(judgement.findings, names, titles))
    return ExceptionReport(
        day=judgement.day,
        as_of=local_text(datetime.fromisoformat(judgement.as_of)),
        area=_area(days),
        rulebook=judgement.rulebook["id"],
        simulated=any(day.simulated for day in days),
        notes=(*judgement.notes, *(["数据质量检查未运行"] if checked is None else [])),
        headline=_headline(judgement, active, len(suppressed)),
        heads=heads(judgement, days),
        types=_types(judgement, active),
        enterprises=enterprises,
        suppressed=suppressed,
        partly=unanswered(ledger, "fail"),
        not_evaluated=unanswered(ledger, "not_evaluated"),
        not_applicable=unanswered(ledger, "not_applicable"),
        coverage=sums(judgement, titles),
        ledger=ledger,
        enterprise_count=len({square.company_code for square in ledger}),
        quality=None if checked is None else checked.failures,
        scores=() if checked is None else checked.scores,
        quarantine=tuple(quarantined),
        hot_work=tuple(line for day in days for line in day.hot_work),
        online=tuple(line for day in days for line in day.online),
        rules=tuple(judgement.rulebook["rules"]),
        limits=tuple(judgement.rulebook["limits"]),
        decisions=tuple(decision_lines(judgement.rulebook)),
        announcements=announcement_rows(judgement.announcements, names),
        states=state_counts(judgement.announcements),
        reliefs=tuple(relief_rows(judgement.reliefs)),
    )


def _headline(judgement: Judgement, active: Sequence[Finding], suppressed: int) -> str:
    """The verdict in one line; what could not be evaluated is never passed over, nor taken for fine."""
    outcomes = Counter(entry.outcome for entry in judgement.ledger)
    missing = outcomes["not_evaluated"]
    also = f";另 {suppressed} 项按决定暂不处置" if suppressed else ""
    also += f";{missing} 项未评估" if missing else ";应评估项目均已评估"
    if not judgement.ledger:
        return "没有任何企业登记,本日未作评估"
    if active:
        found = Counter(finding.severity for finding in active)
        enterprises = len({finding.enterprise for finding in active})
        parts = "、".join(f"{severity.label} {found[severity]}" for severity in Severity if found[severity])
        return f"{enterprises} 家企业 {len(active)} 项异常({parts}){also}"
    if missing and not outcomes["pass"]:
        return f"未能作出评估:{missing} 项未评估"
    return f"{'已评估项目' if missing else ''}未发现异常{also}"


def _area(days: Sequence[Shown]) -> str:
    """The counties the enterprises are registered in, by name where we have it."""
    codes = sorted({day.area_code for day in days})
    return "、".join(f"{AREAS[code]}({code})" if code in AREAS else f"行政区划 {code}" for code in codes)


def _types(judgement: Judgement, active: Sequence[Finding]) -> tuple[tuple[str, int | str], ...]:
    """The national form's seven types; one that nobody watches, or no rule could judge, is not a nought."""
    counts = Counter(class_of(finding.rule, finding.mismatch).type for finding in active)
    heard = {entry.rule for entry in judgement.ledger if entry.outcome in ("pass", "fail")}
    watched = watched_types()
    return tuple(
        (name, UNWATCHED if name not in watched else counts[name] if watched[name] & heard else UNKNOWN)
        for name in SPOT_CHECK_TYPES
    )
