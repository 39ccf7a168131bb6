"""The head numbers of the duty form 值班值守日报, counted from the day's facts and its ledger.

What was not given or could not be judged is counted apart and named; it is never a nought.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rdchem.model.commitment import HotWorkGrade
from rdchem.model.outcome import Judgement, LedgerEntry
from rdchem.model.source import SourceKind
from rdchem.reports.labels import class_of
from rdchem.reports.shown import ACTIVITIES, Shown
from rdchem.reports.tally import UNKNOWN, Share, Tally

_DEADLINE_RULE = "commitment_is_announced_by_deadline"
_PERMIT_RULE = "hot_work_matches_permits"
Squares = Mapping[tuple[str, str], LedgerEntry]


@dataclass(frozen=True, slots=True)
class Overdue:
    """An enterprise of the list 未按时名单: in what way (`未公告`, `迟报`, …) and under which finding."""

    company_code: str
    name: str
    label: str
    key: str


@dataclass(frozen=True, slots=True)
class Announcements:
    """应承诺 `due` = 按时 `in_time` + 未按时 `overdue` + 未能判定 `not_judged`.

    实承诺 `announced` is the number with an announcement in force, late ones included.
    """

    due: int
    announced: Tally
    in_time: int
    overdue: tuple[Overdue, ...]
    not_judged: int
    not_due: int

    def shown(self, count: int) -> int | str:
        """A count of judged enterprises; a dash if none was judged."""
        return count if self.due > self.not_judged else UNKNOWN

    @property
    def rate(self) -> Share:
        """承诺率: announced in time of those due."""
        return Share(self.in_time, self.not_judged, self.due)


@dataclass(frozen=True, slots=True)
class HotWork:
    """Hot work of one grade: places declared (处); permits in force (票), None if no permit came at all."""

    grade: str
    places: Tally
    permits: int | None


@dataclass(frozen=True, slots=True)
class Sources:
    """Sensors or cameras: in service, of which online, offline (by a standing declaration: `declared`), and
    not judged; out of service counted apart.
    """

    name: str
    in_service: int
    online: int
    offline: int
    declared: int
    not_judged: int
    out_of_service: int

    def shown(self, count: int) -> int | str:
        """A count of judged sources; a dash if none was judged."""
        return count if self.in_service > self.not_judged else UNKNOWN

    @property
    def rate(self) -> Share:
        """Online of those in service."""
        return Share(self.online, self.not_judged, self.in_service)


@dataclass(frozen=True, slots=True)
class Heads:
    """All head numbers.

    `compared` counts the outcomes of announcement against permits; `with_work` maps a kind of activity to the
    number of enterprises announcing it.
    """

    announcements: Announcements
    hot_work: tuple[HotWork, ...]
    compared: Mapping[str, int]
    sources: tuple[Sources, ...]
    with_work: Mapping[str, Tally]


def heads(judgement: Judgement, days: Sequence[Shown]) -> Heads:
    """Count the day."""
    squares = {(entry.enterprise, entry.rule): entry for entry in judgement.ledger}
    due = [day for day in days if _outcome(squares, day, _DEADLINE_RULE) != "not_applicable"]
    said = [day for day in days if day.announced]
    asked = len({day.company_code for day in (*due, *said)})
    heard_permits = any(day.any_permit for day in days)
    return Heads(
        _announcements(judgement, squares, due, len(days) - len(due)),
        tuple(_hot_work(days, said, asked, grade, heard_permits) for grade in HotWorkGrade),
        Counter(_outcome(squares, day, _PERMIT_RULE) for day in days),
        (_sources(days, SourceKind.SENSOR, "传感器"), _sources(days, SourceKind.CAMERA, "视频")),
        {name: _activity([day.activities[name] for day in said], asked) for name in ACTIVITIES},
    )


def _outcome(squares: Squares, day: Shown, rule: str) -> str:
    square = squares.get((day.company_code, rule))
    return square.outcome if square else "not_evaluated"


def _announcements(
    judgement: Judgement, squares: Squares, due: Sequence[Shown], not_due: int
) -> Announcements:
    names = {day.company_code: day.name for day in due}
    outcome = Counter(_outcome(squares, day, _DEADLINE_RULE) for day in due)
    silent = [day for day in due if not day.announced]
    unknown = sum(_outcome(squares, day, _DEADLINE_RULE) == "not_evaluated" for day in silent)
    overdue = tuple(
        Overdue(one.enterprise, names[one.enterprise], class_of(one.rule, one.mismatch).label, one.key)
        for one in judgement.findings
        if one.rule == _DEADLINE_RULE and one.enterprise in names
    )
    announced = Tally(len(due) - len(silent), unknown, len(due))
    return Announcements(len(due), announced, outcome["pass"], overdue, outcome["not_evaluated"], not_due)


def _hot_work(
    days: Sequence[Shown], said: Sequence[Shown], asked: int, grade: HotWorkGrade, heard_permits: bool
) -> HotWork:
    given = [places for one in said if (places := one.places[grade.value]) is not None]
    permits = sum(day.permits.get(grade.value, 0) for day in days)
    declared = Tally(sum(given), asked - len(given), asked)
    return HotWork(grade.label, declared, permits if heard_permits else None)


def _sources(days: Sequence[Shown], kind: SourceKind, name: str) -> Sources:
    counts: Counter[str] = Counter()
    for day in days:
        counts.update(day.sources[kind.value])
    offline = counts["offline"] + counts["declared"]
    serving = counts["online"] + offline + counts["not_judged"]
    return Sources(
        name,
        serving,
        counts["online"],
        offline,
        counts["declared"],
        counts["not_judged"],
        counts["out_of_service"],
    )


def _activity(answers: Sequence[bool | None], asked: int) -> Tally:
    return Tally(answers.count(True), asked - len(answers) + answers.count(None), asked)
