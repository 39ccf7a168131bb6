"""Findings as lines of the report: by enterprise, worst first, and those that rest on a decision."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from markupsafe import Markup

from rdchem.model.outcome import Finding, Severity
from rdchem.reports.charts import chart
from rdchem.reports.decisions import decision_text
from rdchem.reports.labels import EVIDENCE, class_of

SEVERITIES: Final = list(Severity)


@dataclass(frozen=True, slots=True)
class ExceptionLine:
    """One finding as officers read it; `facts` are (label, values): both sides, their difference; `picture`:
    the signal in question, None where it is about none.
    """

    key: str
    type: str
    label: str
    severity: Severity
    rule: str
    message: str
    facts: tuple[tuple[str, tuple[str, ...]], ...]
    basis: str
    journal: tuple[str, ...]
    picture: Markup | None = None


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
class SuppressedLine:
    """A finding that rests on a decision, and the decision in words."""

    company_code: str
    name: str
    exception: ExceptionLine
    decision: str


def by_enterprise(
    findings: Sequence[Finding], names: Mapping[str, str], titles: Mapping[str, str]
) -> tuple[EnterpriseExceptions, ...]:
    """Findings by enterprise, the enterprise with the worst first."""
    lines: dict[str, list[ExceptionLine]] = defaultdict(list)
    for finding in sorted(findings, key=lambda finding: SEVERITIES.index(finding.severity)):
        lines[finding.enterprise].append(_line(finding, titles))
    groups = [EnterpriseExceptions(code, names.get(code, code), tuple(own)) for code, own in lines.items()]
    return tuple(sorted(groups, key=lambda group: (SEVERITIES.index(group.severity), group.company_code)))


def suppressed_lines(
    findings: Sequence[Finding], names: Mapping[str, str], titles: Mapping[str, str]
) -> Iterator[SuppressedLine]:
    """Those of the findings that rest, worst first."""
    resting = (finding for finding in findings if finding.suppressed is not None)
    for finding in sorted(resting, key=lambda finding: SEVERITIES.index(finding.severity)):
        told = decision_text(finding.suppressed or {})
        code = finding.enterprise
        yield SuppressedLine(code, names.get(code, code), _line(finding, titles), told)


def _line(finding: Finding, titles: Mapping[str, str]) -> ExceptionLine:
    known = class_of(finding.rule, finding.mismatch)
    facts = tuple(
        (label, _values(value))
        for name, label in EVIDENCE.items()
        if (value := finding.evidence.get(name)) not in (None, [], (), "")
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
        picture=chart(finding.evidence.get("chart")),
    )


def _values(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list | tuple) else (str(value),)
