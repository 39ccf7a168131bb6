"""The scorecard: verdicts of one day against its ground truth, by rule and class of mismatch.

Detection and false alarms are those of the verdict made as of the truth's own instant. Verdicts made as of
other instants of the same day (any number, the more the finer) tell when each finding came up: its delay is
counted from the instant the trouble began, or from the first verdict if that is later, limits of the rule
included. The overlap is the share of the instants at which it was found and was so, of those at which it was
found or was so (Jaccard). Both are measured only where the truth knows when it began.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import mean, median
from typing import Any, Final

from rich import box
from rich.console import Console
from rich.table import Table

from rdchem.errors import InputError
from sensors_sim.comparison import Comparison, DifferenceError, Seeded, compare
from sensors_sim.truth import TrueFinding, Truth

_WIDTH: Final = 110
_HEAD: Final = ("规则", "类别", "播下", "查出", "误报", "延迟", "重合")


@dataclass(frozen=True)
class ClassScore:
    """One rule and class: how many were seeded, found among them, and found without having been seeded.

    `delay`: median over those found; `overlap`: mean, 0–1. None: not measured.
    """

    rule: str
    mismatch: str
    seeded: int
    detected: int
    false_alarms: int
    delay: timedelta | None
    overlap: float | None

    def cells(self) -> tuple[str, ...]:
        """As shown in a table."""
        delay = "—" if self.delay is None else f"{self.delay.total_seconds() / 60:.0f} 分"
        overlap = "—" if self.overlap is None else f"{self.overlap:.2f}"
        counts = (str(self.seeded), str(self.detected), str(self.false_alarms))
        return (self.rule, self.mismatch, *counts, delay, overlap)


@dataclass(frozen=True)
class Scorecard:
    """How well a day was judged."""

    truth: Truth
    compared: Comparison
    classes: tuple[ClassScore, ...]

    @property
    def table(self) -> list[tuple[str, ...]]:
        """Heading, a row a class, the anomalies no rule looks for yet, and the totals."""
        anomalies: dict[str, int] = {}
        for one in self.truth.unjudged:
            anomalies[one.anomaly] = anomalies.get(one.anomaly, 0) + 1
        unjudged = [("尚无规则", name, str(count), "—", "—", "—", "—") for name, count in anomalies.items()]
        totals = (
            sum(one.seeded for one in self.classes),
            sum(one.detected for one in self.classes),
            sum(one.false_alarms for one in self.classes),
        )
        return [
            _HEAD,
            *(one.cells() for one in self.classes),
            *unjudged,
            ("合计", "", *map(str, totals), "—", "—"),
        ]

    def markdown(self) -> str:
        """The table for a README."""
        head, *rows = self.table
        ruled = [head, ("---", "---", *["---:"] * (len(head) - 2)), *rows]
        return "\n".join(f"| {' | '.join(_code(cell) for cell in row)} |" for row in ruled) + "\n"


def show(card: Scorecard) -> None:
    """Print a scorecard. Raises DifferenceError if what was found is not what was seeded."""
    head, *rows = card.table
    table = Table(*head, box=box.SIMPLE)
    for row in rows:
        table.add_row(*row)
    console = Console(highlight=False, markup=False)
    console.width = max(console.width, _WIDTH)
    console.print(table)
    for title, things in (("漏报", card.compared.missed), ("误报", card.compared.extra)):
        for thing in things:
            console.print(f"{title}:{' '.join(thing)}")
    if not card.compared.equal:
        raise DifferenceError("发现的与播下的不一致,见上表。")


def score(
    truth: Truth, verdicts: Sequence[Mapping[str, Any]], quarantine: Iterable[Mapping[str, Any]]
) -> Scorecard:
    """The scorecard of a day. Raises InputError unless one verdict is made as of the truth's instant."""
    for verdict in verdicts:
        if verdict["day"] != truth.day.isoformat():
            raise InputError(f"判定的业务日是 {verdict['day']},真值的是 {truth.day},不能相比。")
    by_instant = {datetime.fromisoformat(verdict["as_of"]): verdict for verdict in verdicts}
    if truth.as_of not in by_instant:
        raise InputError(f"缺少截至 {truth.as_of.isoformat()} 的判定:rdchem judge {truth.day} --as-of …")
    compared = compare(truth, by_instant[truth.as_of], quarantine)
    found_at = {at: _named(verdict) for at, verdict in by_instant.items() if at <= truth.as_of}
    classes = tuple(
        _class_score(truth, compared, found_at, rule, mismatch) for rule, mismatch, _, _ in compared.classes()
    )
    return Scorecard(truth, compared, classes)


def _class_score(
    truth: Truth,
    compared: Comparison,
    found_at: Mapping[datetime, set[Seeded]],
    rule: str,
    mismatch: str,
) -> ClassScore:
    labels = [one for one in truth.findings if (one.rule, one.mismatch) == (rule, mismatch)]
    delays = [delay for one in labels if (delay := _delay(one, found_at)) is not None]
    overlaps = [_overlap(one, found_at) for one in labels if one.since is not None]
    seeded = sum(count for one, count in compared.seeded.items() if one[:2] == (rule, mismatch))
    extra = sum(1 for one in compared.extra if one[:2] == (rule, mismatch))
    missed = sum(1 for one in compared.missed if one[:2] == (rule, mismatch))
    several = len(found_at) > 1
    return ClassScore(
        rule=rule,
        mismatch=mismatch,
        seeded=seeded,
        detected=seeded - missed,
        false_alarms=extra,
        delay=timedelta(seconds=median(delays)) if several and delays else None,
        overlap=mean(overlaps) if several and overlaps else None,
    )


def _delay(label: TrueFinding, found_at: Mapping[datetime, set[Seeded]]) -> float | None:
    """Seconds from the beginning of the trouble, or of watching, to the first verdict that found it."""
    if label.since is None:
        return None
    found = [at for at, named in found_at.items() if _key(label) in named and at >= label.since]
    if not found:
        return None
    return (min(found) - max(label.since, min(found_at))).total_seconds()


def _overlap(label: TrueFinding, found_at: Mapping[datetime, set[Seeded]]) -> float:
    found = {at for at, named in found_at.items() if _key(label) in named}
    true = {at for at in found_at if _is_so(label, at)}
    return len(found & true) / len(found | true) if found | true else 1.0


def _is_so(label: TrueFinding, at: datetime) -> bool:
    return label.since is not None and label.since <= at and (label.until is None or at < label.until)


def _key(label: TrueFinding) -> Seeded:
    return (label.rule, label.mismatch, label.enterprise, label.subject)


def _named(verdict: Mapping[str, Any]) -> set[Seeded]:
    return {(one["rule"], one["mismatch"], one["enterprise"], one["subject"]) for one in verdict["findings"]}


def _code(cell: str) -> str:
    return f"`{cell}`" if cell.replace("_", "").isascii() and cell.replace("_", "").isalpha() else cell
