"""`python -m tests.truth_set`: how well the rules of paperwork find what is so, over the seeded truth set.

Judged by the pure path: what was sent becomes enterprise days as in the product, every rule in force that the
truth set speaks of is asked, and what it finds is laid beside the labels. Precision and recall by class.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from rdchem.enterprise_day import enterprise_days
from rdchem.gas_days import detectors, with_gas
from rdchem.gas_watch import GasReading, watch
from rdchem.known import Known
from rdchem.messages import kind_of
from rdchem.model.day import EnterpriseDay
from rdchem.model.message import Message
from rdchem.model.outcome import Fail
from rdchem.rulebook import rulebook_on
from sensors_sim.truth_set import Bent, truth_set

RULES: Final = (
    "hot_work_matches_permits", "hot_work_counts_match_line_items", "other_work_matches_permits",
    "other_work_counts_match_line_items", "contractors_are_declared", "each_operation_has_its_own_permit",
    "crossing_jobs_are_coordinated", "permit_validity_is_within_limit", "gas_is_analysed_before_hot_work",
    "gas_is_within_limit", "gas_is_analysed_again_after_break", "gas_is_analysed_every_day",
    "confined_space_oxygen_is_within_limit", "hot_work_has_a_guardian", "permit_is_approved_before_work",
    "hot_work_is_upgraded_when_required", "hot_work_stays_within_permit", "hot_work_completion_is_checked",
    "special_hot_work_is_monitored", "special_hot_work_is_on_video", "hot_work_cameras_are_online",
    "gas_stays_below_alarm_during_hot_work", "ticket_numbers_are_unique",
)  # fmt: skip
"""The rules asked: all that speak of permits and of what is declared against them."""
BEGIN, END = "<!-- truth set: make truth -->", "<!-- /truth set -->"
Turn = Callable[[list[Known]], list[Known]]
Named = tuple[str, str, str, str, str]
"""Day, rule, class, subject, enterprise."""


@dataclass(frozen=True)
class Score:
    """What was seeded of a class, found of it, and found though not seeded."""

    seeded: int
    found: int
    invented: int

    @property
    def recall(self) -> float:
        return self.found / self.seeded if self.seeded else 1.0

    @property
    def precision(self) -> float:
        return self.found / (self.found + self.invented) if self.found + self.invented else 1.0


def judged(day: date, bent: Sequence[Bent], turn: Turn = list) -> set[Named]:
    """What the rules find in the enterprise-days of one day; `turn`: in what order, how often it came."""
    rules = [rule for rule in rulebook_on(day).rules if rule.name in RULES]
    return {
        (day.isoformat(), rule.name, verdict.mismatch, str(verdict.subject), one.company_code)
        for one in enterprise_days_of(day, bent, turn)
        for rule in rules
        if isinstance(outcome := rule.check(one), Fail)
        for verdict in outcome.verdicts
    }


def enterprise_days_of(day: date, bent: Sequence[Bent], turn: Turn = list) -> tuple[EnterpriseDay, ...]:
    """What a lossless intake knows of these as of the truth's instant."""
    as_of = bent[0].plan.window.as_of
    known = [
        Known(
            f"{number}-{count}",
            kind_of(sent.content),
            one.plan.company_code,
            sent.at,
            sent.payload.decode(),
        )
        for number, one in enumerate(bent)
        for count, sent in enumerate(one.said())
        if isinstance(sent.content, Message)
    ]
    known = turn(known)
    limits, start = rulebook_on(day).limits, as_of - timedelta(days=1)
    facts = enterprise_days(day, as_of, limits, known, {}, start=start)
    thresholds = detectors(facts)
    gas = {
        one.plan.company_code: {
            code: watch([GasReading(at, value, f"gas-{code}") for at, value in told], threshold)
            for code, told in one.gas().items()
            if (threshold := thresholds[one.plan.company_code].get(code)) is not None
        }
        for one in bent
    }
    return with_gas(facts, gas).days


def scores(seeded: set[Named], found: set[Named]) -> dict[tuple[str, str], Score]:
    """By rule and class."""
    counts = [Counter((rule, mismatch) for _, rule, mismatch, _, _ in some) for some in
              (seeded, seeded & found, found - seeded)]  # fmt: skip
    classes = sorted(
        {one for count in counts for one in count}, key=lambda one: (RULES.index(one[0]), one[1])
    )
    return {one: Score(*(count[one] for count in counts)) for one in classes}


def measure(seed: int, enterprise_days: int) -> tuple[set[Named], set[Named]]:
    """What was seeded, and what was found."""
    seeded: set[Named] = set()
    found: set[Named] = set()
    for day, bent in truth_set(seed, enterprise_days):
        seeded |= {(day.isoformat(), *one) for every in bent for one in every.findings}
        found |= judged(day, bent)
    return seeded, found


def table(by_class: dict[tuple[str, str], Score], enterprise_days: int) -> str:
    """The scores as Markdown."""
    rows = [
        (f"`{rule}`", f"`{mismatch}`", str(one.seeded), str(one.found), str(one.invented),
         f"{one.precision:.4f}", f"{one.recall:.4f}")
        for (rule, mismatch), one in by_class.items()
    ]  # fmt: skip
    every = by_class.values()
    total = Score(*(sum(getattr(one, name) for one in every) for name in ("seeded", "found", "invented")))
    sums = (str(total.seeded), str(total.found), str(total.invented))
    shares = (f"{total.precision:.4f}", f"{total.recall:.4f}")
    rows.append((f"合计 {enterprise_days} 个企业日", "", *sums, *shares))
    head = ("规则", "类别", "播下", "查出", "误报", "查准率", "查全率")
    lines = [head, ("---", "---", *["---:"] * 5), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines) + "\n"


def written(document: str, told: str) -> str:
    """A document with the table between its marks."""
    before, begin, rest = document.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise SystemExit(f"文档里没有标记 {BEGIN} … {END}。")
    return f"{before}{begin}\n{told}{end}{after}"


def main(arguments: Iterable[str] | None = None) -> None:
    """Measure, print, write; exit with 1 where a class falls below 0.99."""
    parser = argparse.ArgumentParser(prog="python -m tests.truth_set")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--enterprise-days", type=int, default=10_500)
    parser.add_argument("--write", type=Path, action="append", default=[])
    asked = parser.parse_args(None if arguments is None else list(arguments))
    seeded, found = measure(asked.seed, asked.enterprise_days)
    by_class = scores(seeded, found)
    told = table(by_class, asked.enterprise_days)
    sys.stdout.write(told)
    for title, things in (("漏报", seeded - found), ("误报", found - seeded)):
        for thing in sorted(things)[:50]:
            sys.stdout.write(f"{title}:{' '.join(thing)}\n")
    for document in asked.write:
        document.write_text(written(document.read_text(encoding="utf-8"), told), encoding="utf-8")
    if any(min(one.precision, one.recall) < 0.99 for one in by_class.values()):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
