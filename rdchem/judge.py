"""Enterprise days -> ledger and findings. Pure.

Every enterprise meets every rule and gets exactly one outcome; the ledger sums to register × rulebook or the
judging itself is broken. A rule that raises has met a bug of ours: that square is a calculation error, the
others stand, and the run ends red (`Judged.errors`).
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from rdchem.announcement_states import ANNOUNCEMENT_RULE, announcement_line
from rdchem.fitness import stopped, unfit
from rdchem.memory import Memory
from rdchem.model.day import EnterpriseDay
from rdchem.model.document import VERSION, AnnouncementLine, ReliefLine
from rdchem.model.outcome import (
    Fail,
    Finding,
    Judgement,
    LedgerEntry,
    NotApplicable,
    NotEvaluated,
    Outcome,
    Pass,
    Reason,
    Severity,
    Subject,
    Verdict,
)
from rdchem.reads import READS, TIMES_ONLY
from rdchem.rulebook import Rulebook
from rdchem.rules import Rule


@dataclass(frozen=True, slots=True)
class Judged:
    """A judgement, and the rules' own failures, each to be raised once everything is kept."""

    judgement: Judgement
    errors: tuple[Exception, ...]


def judge(
    days: Sequence[EnterpriseDay],
    *,
    as_of: datetime,
    rulebook: Rulebook,
    notes: Sequence[str] = (),
    reliefs: Sequence[ReliefLine] = (),
    memory: Memory | None = None,
) -> Judged:
    """Judge every enterprise by every rule in force. Deterministic: ordered by enterprise, rule, subject.

    What a decision takes off an enterprise does not apply to it; a finding that rests on one says so. A rule
    whose data are not fit to be judged upon (`rdchem.fitness`), or not there any more, is not evaluated,
    whatever it says; where only the silences of then are not known any more, it may still pass. With a
    `memory` of earlier judgements only what has changed since is evaluated; the result is the same.
    """
    ledger: list[LedgerEntry] = []
    findings: list[Finding] = []
    errors: list[Exception] = []
    for enterprise_day in sorted(days, key=lambda one: one.company_code):
        unread, rubbish = stopped(enterprise_day), unfit(enterprise_day)
        for rule in rulebook.rules:
            try:
                doubts = unread if rule.name in TIMES_ONLY else rubbish
                outcome = _outcome(enterprise_day, rule, rulebook, doubts, memory)
            except Exception as error:  # noqa: BLE001 - kept, shown in the ledger, raised by the job at the end
                error.add_note(f"rule {rule.name}, enterprise {enterprise_day.company_code}")
                errors.append(error)
                outcome = NotEvaluated(
                    Reason("calculation_error", f"计算出错({type(error).__name__}),请联系系统管理员")
                )
            ledger.append(_entry(enterprise_day.company_code, rule.name, outcome))
            if isinstance(outcome, Fail):
                findings.extend(
                    _finding(enterprise_day, rule, verdict, rulebook)
                    for verdict in sorted(outcome.verdicts, key=lambda v: (v.mismatch, str(v.subject)))
                )
    if len(ledger) != len(days) * len(rulebook.rules):
        raise AssertionError(f"ledger has {len(ledger)} squares, not {len(days)} × {len(rulebook.rules)}")
    judgement = Judgement(
        day=rulebook.day.isoformat(),
        as_of=as_of.isoformat(),
        rulebook=rulebook.document,
        ledger=tuple(ledger),
        findings=tuple(findings),
        notes=tuple(notes),
        announcements=tuple(_announcements(days, rulebook)),
        reliefs=tuple(reliefs),
    )
    return Judged(judgement, tuple(errors))


def finding_key(rule: str, enterprise: str, subject: Subject, mismatch: str, day: str) -> str:
    """The identity of a finding over re-runs, short enough to read over the phone."""
    text = "|".join((rule, enterprise, str(subject), mismatch, day))
    return "F-" + hashlib.sha256(text.encode()).hexdigest()[:12]


def document(judgement: Judgement) -> dict[str, Any]:
    """The verdict as JSON-ready data, as schemas/verdict.json describes it."""
    return {
        "version": VERSION,
        "day": judgement.day,
        "as_of": judgement.as_of,
        "rulebook": dict(judgement.rulebook),
        "ledger": [
            {
                "enterprise": entry.enterprise,
                "rule": entry.rule,
                "outcome": entry.outcome,
                "reason": None
                if entry.reason is None
                else {"code": entry.reason.code, "text": entry.reason.text},
            }
            for entry in judgement.ledger
        ],
        "findings": [
            {
                "key": finding.key,
                "rule": finding.rule,
                "enterprise": finding.enterprise,
                "subject": str(finding.subject),
                "mismatch": finding.mismatch,
                "severity": finding.severity.value,
                "message": finding.message,
                "evidence": dict(finding.evidence),
                "basis": finding.basis,
                "suppressed": None if finding.suppressed is None else dict(finding.suppressed),
            }
            for finding in judgement.findings
        ],
        "announcements": [msgspec.to_builtins(line) for line in judgement.announcements],
        "reliefs": [msgspec.to_builtins(line) for line in judgement.reliefs],
        "notes": list(judgement.notes),
    }


def judgement_of(document: Mapping[str, Any]) -> Judgement:
    """The judgement a verdict document states."""
    return Judgement(
        document["day"],
        document["as_of"],
        document["rulebook"],
        tuple(
            LedgerEntry(
                entry["enterprise"],
                entry["rule"],
                entry["outcome"],
                Reason(**entry["reason"]) if entry["reason"] else None,
            )
            for entry in document["ledger"]
        ),
        tuple(
            Finding(
                key=item["key"],
                rule=item["rule"],
                enterprise=item["enterprise"],
                subject=Subject(*item["subject"].split(":", 1)),
                mismatch=item["mismatch"],
                severity=Severity(item["severity"]),
                message=item["message"],
                evidence=item["evidence"],
                basis=item["basis"],
                suppressed=item.get("suppressed"),
            )
            for item in document["findings"]
        ),
        tuple(document["notes"]),
        tuple(msgspec.convert(document.get("announcements", []), list[AnnouncementLine])),
        tuple(msgspec.convert(document.get("reliefs", []), list[ReliefLine])),
    )


def _announcements(days: Sequence[EnterpriseDay], rulebook: Rulebook) -> Iterator[AnnouncementLine]:
    """The state of every announcement, while the rule that asks for them is in force."""
    for rule in rulebook.rules:
        if rule.name == ANNOUNCEMENT_RULE:
            for day in sorted(days, key=lambda one: one.company_code):
                gone = day.removed.get("commitment") or day.removed.get("listener_event")
                doubt = gone or stopped(day).get("commitment")
                yield announcement_line(day, rulebook.exemption(rule, day.company_code), doubt)


def _entry(enterprise: str, rule: str, outcome: Outcome) -> LedgerEntry:
    match outcome:
        case Pass():
            return LedgerEntry(enterprise, rule, "pass")
        case Fail(_, ()):
            return LedgerEntry(enterprise, rule, "fail")
        case Fail(_, parts):
            reason = Reason("partly_not_evaluated", ";".join(part.text for part in parts))
            return LedgerEntry(enterprise, rule, "fail", reason)
        case NotEvaluated(reason):
            return LedgerEntry(enterprise, rule, "not_evaluated", reason)
        case NotApplicable(reason):
            return LedgerEntry(enterprise, rule, "not_applicable", reason)


def _outcome(
    day: EnterpriseDay,
    rule: Rule,
    rulebook: Rulebook,
    doubts: Mapping[str, Reason],
    memory: Memory | None,
) -> Outcome:
    exempt = rulebook.exemption(rule, day.company_code)
    if exempt is not None:
        return NotApplicable(Reason("exempt", f"{exempt.label}:{exempt.told}"))
    reads = READS.get(rule.name, {*doubts, *day.removed})
    outcome = rule.check(day) if memory is None else memory.outcome(rule.name, rule.check, day)
    if isinstance(outcome, Pass | Fail):
        doubt = next((why for kind, why in doubts.items() if kind in reads), None)
        outcome = outcome if doubt is None else NotEvaluated(doubt)
    for kind, why in day.removed.items():
        if kind in reads and (isinstance(outcome, Fail) or kind != "listener_event"):
            return NotEvaluated(why)
    return outcome


def _finding(day: EnterpriseDay, rule: Rule, verdict: Verdict, rulebook: Rulebook) -> Finding:
    resting = rulebook.suppression(rule, day.company_code, verdict)
    return Finding(
        key=finding_key(rule.name, day.company_code, verdict.subject, verdict.mismatch, day.day.isoformat()),
        rule=rule.name,
        enterprise=day.company_code,
        subject=verdict.subject,
        mismatch=verdict.mismatch,
        severity=verdict.severity,
        message=verdict.message,
        evidence=verdict.evidence,
        basis=rule.basis,
        suppressed=msgspec.to_builtins(resting),
    )
