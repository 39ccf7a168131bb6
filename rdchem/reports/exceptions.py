"""The exception report as a value: everything shown, in the order it is read; no layout, no clock.

Order: what the day comes to, the head numbers, exceptions by enterprise (worst first), what was not evaluated
and why, what did not apply, the coverage ledger, data quality, quarantine, the settings in force.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rdchem.calendar import local_text
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Finding, Judgement, LedgerEntry, Severity
from rdchem.model.quality import QualityFailure
from rdchem.reports.heads import Heads, heads
from rdchem.reports.labels import EVIDENCE, OUTCOMES, SPOT_CHECK_TYPES, class_of, watched_types

DISCLAIMER = "本报告所列为线索、证据和候选依据,不作认定,由执法人员核实。"


@dataclass(frozen=True, slots=True)
class QuarantineLine:
    """A message or file row kept aside."""

    received_at: datetime
    origin: str
    code: str
    reason: str
    journal_id: str


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One finding as officers read it; `facts` are (label, values): both sides, their difference."""

    key: str
    type: str
    label: str
    severity: Severity
    rule: str
    message: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    basis: str
    journal: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EnterpriseExceptions:
    """All exceptions of one enterprise, worst first."""

    company_code: str
    name: str
    exceptions: tuple[ExceptionLine, ...]

    @property
    def severity(self) -> Severity:
        """The worst among them."""
        return self.exceptions[0].severity


@dataclass(frozen=True, slots=True)
class Square:
    """One square of the coverage ledger in words."""

    company_code: str
    name: str
    rule: str
    outcome: str
    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Squares with the same rule and reason code: who, and each one's own sentence."""

    rule: str
    code: str
    squares: tuple[Square, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The outcomes of one rule over all enterprises."""

    rule: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class ExceptionReport:
    """Everything shown. `rules` and `limits` are the rulebook's own entries; `types` counts exceptions by
    spot-check type, None where no rule watches for the type.
    """

    day: str
    as_of: str
    rulebook: str
    simulated: bool
    notes: tuple[str, ...]
    headline: str
    heads: Heads
    types: tuple[tuple[str, int | None], ...]
    enterprises: tuple[EnterpriseExceptions, ...]
    partly: tuple[Square, ...]
    not_evaluated: tuple[Unanswered, ...]
    not_applicable: tuple[Unanswered, ...]
    coverage: tuple[Coverage, ...]
    ledger: tuple[Square, ...]
    quality: tuple[QualityFailure, ...]
    quarantine: tuple[QuarantineLine, ...]
    rules: tuple[Mapping[str, Any], ...]
    limits: tuple[Mapping[str, Any], ...]

    @property
    def exceptions(self) -> int:
        """How many exceptions there are."""
        return sum(len(one.exceptions) for one in self.enterprises)


def build(
    judgement: Judgement,
    days: Sequence[EnterpriseDay],
    quality: Sequence[QualityFailure],
    quarantined: Sequence[QuarantineLine],
) -> ExceptionReport:
    """Everything to be shown of a day's judgement."""
    names = {day.company_code: day.register.enterprise.name for day in days}
    titles = {rule["name"]: rule["title"] for rule in judgement.rulebook["rules"]}
    ledger = tuple(_square(entry, names, titles) for entry in judgement.ledger)
    enterprises = _by_enterprise(judgement.findings, names, titles)
    return ExceptionReport(
        day=judgement.day,
        as_of=local_text(datetime.fromisoformat(judgement.as_of)),
        rulebook=judgement.rulebook["id"],
        simulated=any(_is_simulated(day) for day in days),
        notes=judgement.notes,
        headline=_headline(judgement, enterprises),
        heads=heads(judgement, days),
        types=_types(enterprises),
        enterprises=enterprises,
        partly=tuple(one for one in ledger if one.outcome == OUTCOMES["fail"] and one.code),
        not_evaluated=_unanswered(ledger, "not_evaluated"),
        not_applicable=_unanswered(ledger, "not_applicable"),
        coverage=_coverage(judgement, titles),
        ledger=ledger,
        quality=tuple(quality),
        quarantine=tuple(quarantined),
        rules=tuple(judgement.rulebook["rules"]),
        limits=tuple(judgement.rulebook["limits"]),
    )


def _headline(judgement: Judgement, enterprises: Sequence[EnterpriseExceptions]) -> str:
    open_squares = sum(entry.outcome == "not_evaluated" for entry in judgement.ledger)
    missing = f";另有 {open_squares} 项未评估" if open_squares else ";全部项目均已评估"
    if not judgement.ledger:
        return "没有任何企业登记,本日未作评估"
    if not judgement.findings:
        return f"未发现异常{missing}"
    worst = Counter(finding.severity for finding in judgement.findings)
    parts = "、".join(f"{severity.label} {worst[severity]}" for severity in Severity if worst[severity])
    return f"{len(enterprises)} 家企业 {len(judgement.findings)} 项异常({parts}){missing}"


def _types(enterprises: Sequence[EnterpriseExceptions]) -> tuple[tuple[str, int | None], ...]:
    """The national form's seven types; one that nobody watches is not a nought."""
    counts = Counter(one.type for group in enterprises for one in group.exceptions)
    watched = watched_types()
    return tuple((name, counts[name] if name in watched else None) for name in SPOT_CHECK_TYPES)


def _by_enterprise(
    findings: Sequence[Finding], names: Mapping[str, str], titles: Mapping[str, str]
) -> tuple[EnterpriseExceptions, ...]:
    lines: dict[str, list[ExceptionLine]] = defaultdict(list)
    for finding in findings:
        lines[finding.enterprise].append(_line(finding, titles))
    order = list(Severity)
    groups = [
        EnterpriseExceptions(
            code, names.get(code, code), tuple(sorted(own, key=lambda line: order.index(line.severity)))
        )
        for code, own in lines.items()
    ]
    return tuple(sorted(groups, key=lambda group: (order.index(group.severity), group.company_code)))


def _line(finding: Finding, titles: Mapping[str, str]) -> ExceptionLine:
    known = class_of(finding.rule, finding.mismatch)
    facts = tuple(
        (label, _values(value))
        for name, label in EVIDENCE.items()
        if (value := finding.evidence.get(name)) not in (None, [], "")
    )
    return ExceptionLine(
        key=finding.key,
        type=known.type,
        label=known.label,
        severity=finding.severity,
        rule=titles[finding.rule],
        message=finding.message,
        facts=facts,
        basis=finding.basis,
        journal=tuple(finding.evidence["journal"]),
    )


def _values(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)


def _square(entry: LedgerEntry, names: Mapping[str, str], titles: Mapping[str, str]) -> Square:
    reason = entry.reason
    return Square(
        entry.enterprise,
        names.get(entry.enterprise, entry.enterprise),
        titles[entry.rule],
        OUTCOMES[entry.outcome],
        reason.code if reason else "",
        reason.text if reason else "",
    )


def _unanswered(ledger: Sequence[Square], outcome: str) -> tuple[Unanswered, ...]:
    groups: dict[tuple[str, str], list[Square]] = defaultdict(list)
    for square in ledger:
        if square.outcome == OUTCOMES[outcome]:
            groups[square.rule, square.code].append(square)
    return tuple(Unanswered(rule, code, tuple(squares)) for (rule, code), squares in groups.items())


def _coverage(judgement: Judgement, titles: Mapping[str, str]) -> tuple[Coverage, ...]:
    counts: dict[str, Counter[str]] = {name: Counter() for name in titles}
    for entry in judgement.ledger:
        counts[entry.rule][entry.outcome] += 1
    return tuple(
        Coverage(titles[name], {label: own[outcome] for outcome, label in OUTCOMES.items()})
        for name, own in counts.items()
    )


def _is_simulated(day: EnterpriseDay) -> bool:
    said = (*day.commitments, *day.permits, *day.presence, *day.declarations, *day.out_of_service)
    return any(one.message.simulated for one in said)
