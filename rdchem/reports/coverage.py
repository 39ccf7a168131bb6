"""The coverage ledger in words: every square, why squares are without an answer, and the sums by rule."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from rdchem.model.outcome import Judgement, LedgerEntry
from rdchem.reports.labels import OUTCOMES, REASONS


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
class Sentence:
    """One sentence said of the same rules of some enterprises, these as (code, name)."""

    text: str
    rules: tuple[str, ...]
    enterprises: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """All squares without an answer for one reason; `count` is the number of squares."""

    code: str
    label: str
    count: int
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """The outcomes of one rule over all enterprises, by their Chinese names."""

    rule: str
    counts: Mapping[str, int]


def squares(judgement: Judgement, names: Mapping[str, str], titles: Mapping[str, str]) -> tuple[Square, ...]:
    """The whole ledger, in its own order."""
    return tuple(_square(entry, names, titles) for entry in judgement.ledger)


def _square(entry: LedgerEntry, names: Mapping[str, str], titles: Mapping[str, str]) -> Square:
    code, text = (entry.reason.code, entry.reason.text) if entry.reason else ("", "")
    name = names.get(entry.enterprise, entry.enterprise)
    return Square(entry.enterprise, name, titles[entry.rule], OUTCOMES[entry.outcome], code, text)


def unanswered(ledger: Iterable[Square], outcome: str) -> tuple[Unanswered, ...]:
    """The squares of one outcome that give a reason, by reason: the one with most squares first."""
    by_reason: dict[str, list[Square]] = defaultdict(list)
    for square in ledger:
        if square.outcome == OUTCOMES[outcome] and square.code:
            by_reason[square.code].append(square)
    groups = [
        Unanswered(code, REASONS.get(code, code), len(own), _sentences(own))
        for code, own in by_reason.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.count, group.code)))


def _sentences(own: Iterable[Square]) -> tuple[Sentence, ...]:
    rules: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for square in own:
        rules[square.text, square.company_code, square.name].append(square.rule)
    enterprises: dict[tuple[str, tuple[str, ...]], list[tuple[str, str]]] = defaultdict(list)
    for (text, code, name), titles in rules.items():
        enterprises[text, tuple(titles)].append((code, name))
    return tuple(Sentence(text, titles, tuple(who)) for (text, titles), who in enterprises.items())


def sums(judgement: Judgement, titles: Mapping[str, str]) -> tuple[Coverage, ...]:
    """How many enterprises met each outcome, rule by rule in the order of the rulebook."""
    counts: dict[str, Counter[str]] = {name: Counter() for name in titles}
    for entry in judgement.ledger:
        counts[entry.rule][entry.outcome] += 1
    return tuple(
        Coverage(titles[name], {label: own[outcome] for outcome, label in OUTCOMES.items()})
        for name, own in counts.items()
    )
