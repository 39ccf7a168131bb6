"""A morning's report with all it was made from, hostile texts, and a page read the way a browser reads it."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from functools import cache
from html.parser import HTMLParser

import msgspec

from rdchem.judge import judge
from rdchem.messages import InvalidMessage, decode
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Finding, Judgement, Reason, Severity, Subject
from rdchem.model.quality import Checked, Dimension, QualityFailure, QualityScore
from rdchem.reports.exceptions import ExceptionReport, QuarantineLine, build
from rdchem.reports.shown import shown
from rdchem.rulebook import rulebook_on
from sensors_sim.morning import Morning, morning
from sensors_sim.window import Window
from tests.days import AS_OF, RULEBOOK, good
from tests.test_sensors_sim_truth import known_at_the_cut_off

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    '=HYPERLINK("http://bad.example/","点")',
    "+1+1",
    "@SUM(A1)",
    "{=1+1}",
    "http://bad.example/",
    "左\u202e右\u2066\u200b",
    "零\x00警\x07退\x1b[31m\ufffe",
    "{{ 7*7 }}{% raw %}",
    "长" * 40_000,
    "a" * 5_000,
)


@dataclass(frozen=True)
class Sample:
    """A simulated morning, what was known of it, its judgement and its report."""

    made: Morning
    days: tuple[EnterpriseDay, ...]
    judgement: Judgement
    quality: tuple[QualityFailure, ...]
    report: ExceptionReport


@cache
def sample(enterprises: int = 100) -> Sample:
    """The morning of seed 1."""
    made = morning(1, enterprises, Window(date(2026, 9, 15)))
    days = known_at_the_cut_off(made)
    day, as_of = made.window.day, made.window.as_of
    judgement = judge(days, as_of=as_of, rulebook=rulebook_on(day)).judgement
    quality = tuple(failure(day.company_code, str(n)) for n, day in enumerate(days))
    scores = tuple(QualityScore(day.company_code, "permits", Dimension.VALIDITY, 4, 1) for day in days)
    report = build(judgement, shown(judgement, days), Checked(quality, scores), list(_quarantine(made)))
    return Sample(made, days, judgement, quality, report)


def _quarantine(made: Morning) -> Iterator[QuarantineLine]:
    for number, sent in enumerate(made.timeline()):
        message = decode(sent.topic, sent.payload)
        if isinstance(message, InvalidMessage):
            yield QuarantineLine(sent.at, sent.topic, message.code, message.reason, f"{number:024x}")


def failure(enterprise: str, text: str) -> QualityFailure:
    """A row that is not fit to be judged upon."""
    return QualityFailure(
        table="permits",
        expectation="place_is_given",
        column="place",
        severity=Severity.GENERAL,
        message=f"作业票 {text}:动火地点未填写",
        enterprise=enterprise,
        key=text,
        value=text,
        journal_id="ab" * 12,
        dimension=Dimension.COMPLETENESS,
    )


@cache
def hostile() -> ExceptionReport:
    """A report in which every text somebody else can write is hostile."""
    evil = " ".join(HOSTILE)
    day = good()
    enterprise = msgspec.structs.replace(day.register.enterprise, name=evil, area_code="320623")
    named = replace(day, register=replace(day.register, enterprise=enterprise))
    judgement = judge([named], as_of=AS_OF, rulebook=RULEBOOK, notes=HOSTILE).judgement
    rules = [rule["name"] for rule in judgement.rulebook["rules"]]
    findings = [
        Finding(
            key=f"F-{number:012x}",
            rule=rules[0],
            enterprise=day.company_code,
            subject=Subject("permit", text),
            mismatch=text,
            severity=Severity.LOW,
            message=text,
            evidence={"expected": text, "actual": [text] * 7, "place": text, "journal": [text] * 8},
            basis=text,
        )
        for number, text in enumerate(HOSTILE)
    ]
    ledger = [
        replace(entry, outcome=outcome, reason=Reason(HOSTILE[0], evil))
        for entry, outcome in zip(
            judgement.ledger, ["fail", "not_evaluated", "not_applicable", *["pass"] * 9], strict=False
        )
    ]
    return build(
        replace(judgement, findings=tuple(findings), ledger=tuple(ledger)),
        shown(judgement, [named]),
        Checked(tuple(failure(day.company_code, text) for text in HOSTILE), ()),
        [QuarantineLine(datetime(2026, 9, 15, tzinfo=UTC), text, text, text, text) for text in HOSTILE],
    )


def judged(*days: EnterpriseDay, as_of: datetime = AS_OF, notes: tuple[str, ...] = ()) -> ExceptionReport:
    """The report of some days made by hand."""
    judgement = judge(days, as_of=as_of, rulebook=RULEBOOK, notes=notes).judgement
    return build(judgement, shown(judgement, days), Checked((), ()), ())


@dataclass
class Page(HTMLParser):
    """What a browser would make of a page: tags with their attributes, and text outside script and style."""

    source: str
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    text: str = ""
    _inside: str = ""

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.feed(self.source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside = tag

    def handle_endtag(self, _: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if self._inside not in ("script", "style"):
            self.text += data

    def values(self, attribute: str) -> list[str]:
        """All values of an attribute, in order."""
        return [value for _, said in self.tags if (value := said.get(attribute)) is not None]

    def count(self, tag: str) -> int:
        """How many elements of a kind there are."""
        return sum(name == tag for name, _ in self.tags)
