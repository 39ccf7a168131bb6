"""The head numbers of the duty form 值班值守日报, counted from the day's facts and its ledger.

What was not given or could not be judged is counted apart and named; it is never a nought.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rdchem.declared import announcement, permits_in_force
from rdchem.liveness import Liveness, declaration_for, is_overdue, states
from rdchem.model.commitment import HotWorkGrade, SafetyCommitment
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Judgement, LedgerEntry
from rdchem.model.source import SourceKind
from rdchem.reports.labels import class_of
from rdchem.reports.tally import UNKNOWN, Share, Tally

_DEADLINE_RULE = "commitment_is_announced_by_deadline"
_PERMIT_RULE = "hot_work_matches_permits"
_ONLINE_RULES = {
    SourceKind.SENSOR: "major_hazard_sensors_are_online",
    SourceKind.CAMERA: "major_hazard_video_is_online",
}
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


def heads(judgement: Judgement, days: Sequence[EnterpriseDay]) -> Heads:
    """Count the day."""
    squares = {(entry.enterprise, entry.rule): entry for entry in judgement.ledger}
    due = [day for day in days if _outcome(squares, day, _DEADLINE_RULE) != "not_applicable"]
    asked = len({day.company_code for day in (*due, *filter(announcement, days))})
    said = [current.message for day in days if (current := announcement(day))]
    heard_permits = any(day.permits for day in days)
    return Heads(
        _announcements(judgement, squares, due, len(days) - len(due)),
        tuple(_hot_work(days, said, asked, grade, heard_permits) for grade in HotWorkGrade),
        Counter(_outcome(squares, day, _PERMIT_RULE) for day in days),
        (
            _sources(days, squares, SourceKind.SENSOR, "传感器"),
            _sources(days, squares, SourceKind.CAMERA, "视频"),
        ),
        {name: _activity(ask, said, asked) for name, ask in _ACTIVITIES.items()},
    )


def _outcome(squares: Squares, day: EnterpriseDay, rule: str) -> str:
    square = squares.get((day.company_code, rule))
    return square.outcome if square else "not_evaluated"


def _announcements(
    judgement: Judgement, squares: Squares, due: Sequence[EnterpriseDay], not_due: int
) -> Announcements:
    names = {day.company_code: day.register.enterprise.name for day in due}
    outcome = Counter(_outcome(squares, day, _DEADLINE_RULE) for day in due)
    silent = [day for day in due if announcement(day) is None]
    unknown = sum(_outcome(squares, day, _DEADLINE_RULE) == "not_evaluated" for day in silent)
    overdue = tuple(
        Overdue(one.enterprise, names[one.enterprise], class_of(one.rule, one.mismatch).label, one.key)
        for one in judgement.findings
        if one.rule == _DEADLINE_RULE and one.enterprise in names
    )
    announced = Tally(len(due) - len(silent), unknown, len(due))
    return Announcements(len(due), announced, outcome["pass"], overdue, outcome["not_evaluated"], not_due)


def _hot_work(
    days: Sequence[EnterpriseDay],
    said: Sequence[SafetyCommitment],
    asked: int,
    grade: HotWorkGrade,
    heard_permits: bool,
) -> HotWork:
    given = [places for one in said if (places := one.hot_work.of(grade)) is not None]
    permits = sum(permit.message.grade is grade for day in days for permit in permits_in_force(day))
    declared = Tally(sum(given), asked - len(given), asked)
    return HotWork(grade.label, declared, permits if heard_permits else None)


def _sources(days: Sequence[EnterpriseDay], squares: Squares, kind: SourceKind, name: str) -> Sources:
    counts: Counter[str] = Counter()
    for day in days:
        square = squares.get((day.company_code, _ONLINE_RULES[kind]))
        registered = sum(source.kind is kind for source in day.register.sources.values())
        if square is None or (square.reason and square.reason.code == "calculation_error"):
            counts["not_judged"] += registered  # what failed for the rule is not tried again
        elif square.outcome != "not_applicable":
            live = states(day, kind)
            counts["out_of_service"] += registered - len(live)
            counts.update(_word(day, kind, code, state) for code, state in live.items())
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


def _word(day: EnterpriseDay, kind: SourceKind, code: str, state: Liveness) -> str:
    if state in (Liveness.UNKNOWN, Liveness.LAGGING, Liveness.NEW):
        return "not_judged"
    said_online = kind is SourceKind.SENSOR or (code in day.cameras and day.cameras[code].state.online)
    if state is Liveness.ONLINE and said_online:
        return "online"
    found = declaration_for(day, code)
    return "declared" if found and not is_overdue(found[0], day.as_of) else "offline"


def _hot(said: SafetyCommitment) -> list[int | None]:
    return [said.hot_work.of(grade) for grade in HotWorkGrade]


def _any(*answers: float | None) -> bool | None:
    """Whether any answer is yes or a number above nought; None if none is and some was not given."""
    if any(answers):
        return True
    return None if None in answers else False


_SPECIAL = (
    "confined_space",
    "blind_plate",
    "height",
    "lifting",
    "temporary_power",
    "excavation",
    "road_closure",
)
_ACTIVITIES: Mapping[str, Callable[[SafetyCommitment], bool | None]] = {
    "特殊作业": lambda said: _any(*_hot(said), *(getattr(said.other_work, name) for name in _SPECIAL)),
    "动火": lambda said: _any(*_hot(said)),
    "受限空间": lambda said: _any(said.other_work.confined_space),
    "高处": lambda said: _any(said.other_work.height),
    "吊装": lambda said: _any(said.other_work.lifting),
    "检维修": lambda said: _any(said.other_work.maintenance),
    "开停车": lambda said: _any(said.flags.starting_or_stopping),
    "试生产": lambda said: _any(said.flags.trial_production),
    "承包商作业": lambda said: _any(said.flags.has_contractor),
}


def _activity(
    ask: Callable[[SafetyCommitment], bool | None], said: Sequence[SafetyCommitment], asked: int
) -> Tally:
    answers = [ask(one) for one in said]
    return Tally(answers.count(True), asked - len(answers) + answers.count(None), asked)
