"""The head numbers of the duty form 值班值守日报, counted from the day's facts and its ledger.

What was not given or could not be judged is counted apart and named; it is never a nought.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rdchem.declared import announcement, permits_in_force
from rdchem.liveness import Liveness, declaration_for, in_service, is_overdue, states
from rdchem.model.commitment import HotWorkGrade
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Judgement
from rdchem.model.source import SourceKind

_DEADLINE_RULE = "commitment_is_announced_by_deadline"


@dataclass(frozen=True, slots=True)
class Announcements:
    """应承诺 `due`, of which 按时 `in_time`, announced all the same 实承诺 `announced`, and not judged."""

    due: int
    announced: int
    in_time: int
    not_judged: int
    not_due: int

    @property
    def rate(self) -> float | None:
        """承诺率: announced in time of those due, 0–1; None if nobody was due."""
        return self.in_time / self.due if self.due else None


@dataclass(frozen=True, slots=True)
class HotWork:
    """Hot work of one grade: places declared (处), permits in force (票); `unstated` gave none."""

    grade: str
    places: int
    permits: int
    unstated: int


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

    @property
    def rate(self) -> float | None:
        """Online of those in service, 0–1; None if there is none."""
        return self.online / self.in_service if self.in_service else None


@dataclass(frozen=True, slots=True)
class Heads:
    """All head numbers. `with_work` maps a kind of activity to the number of enterprises announcing it."""

    announcements: Announcements
    hot_work: tuple[HotWork, ...]
    sources: tuple[Sources, ...]
    with_work: Mapping[str, int]


def heads(judgement: Judgement, days: Sequence[EnterpriseDay]) -> Heads:
    """Count the day."""
    return Heads(
        _announcements(judgement, days),
        tuple(_hot_work(days, grade) for grade in HotWorkGrade),
        (_sources(days, SourceKind.SENSOR, "传感器"), _sources(days, SourceKind.CAMERA, "视频")),
        _with_work(days),
    )


def _announcements(judgement: Judgement, days: Sequence[EnterpriseDay]) -> Announcements:
    outcome = {entry.enterprise: entry.outcome for entry in judgement.ledger if entry.rule == _DEADLINE_RULE}
    due = [day for day in days if outcome.get(day.company_code) != "not_applicable"]
    counts = Counter(outcome.get(day.company_code) for day in due)
    announced = sum(announcement(day) is not None for day in due)
    return Announcements(len(due), announced, counts["pass"], counts["not_evaluated"], len(days) - len(due))


def _hot_work(days: Sequence[EnterpriseDay], grade: HotWorkGrade) -> HotWork:
    said = [current.message.hot_work.of(grade) for day in days if (current := announcement(day))]
    permits = sum(permit.message.grade is grade for day in days for permit in permits_in_force(day))
    return HotWork(grade.label, sum(count or 0 for count in said), permits, said.count(None))


def _sources(days: Sequence[EnterpriseDay], kind: SourceKind, name: str) -> Sources:
    watched = [day for day in days if day.register.enterprise.state not in ("shut_down", "out_of_scope")]
    counts: Counter[str] = Counter()
    registered = 0
    for day in watched:
        registered += sum(source.kind is kind for source in day.register.sources.values())
        counts.update(_word(day, kind, code, state) for code, state in states(day, kind).items())
    serving = sum(len(in_service(day, kind)) for day in watched)
    return Sources(
        name,
        serving,
        counts["online"],
        counts["offline"] + counts["declared"],
        counts["declared"],
        counts["not_judged"],
        registered - serving,
    )


def _word(day: EnterpriseDay, kind: SourceKind, code: str, state: Liveness) -> str:
    if state in (Liveness.UNKNOWN, Liveness.LAGGING):
        return "not_judged"
    said_online = kind is SourceKind.SENSOR or (code in day.cameras and day.cameras[code].state.online)
    if state is Liveness.ONLINE and said_online:
        return "online"
    found = declaration_for(day, code)
    return "declared" if found and not is_overdue(found[0], day.as_of) else "offline"


def _with_work(days: Sequence[EnterpriseDay]) -> dict[str, int]:
    said = [current.message for day in days if (current := announcement(day))]
    asked: dict[str, Callable[[int], bool]] = {
        "动火": lambda n: any(said[n].hot_work.of(grade) for grade in HotWorkGrade),
        "受限空间": lambda n: bool(said[n].other_work.confined_space),
        "检维修": lambda n: bool(said[n].other_work.maintenance),
        "开停车": lambda n: bool(said[n].flags.starting_or_stopping),
        "试生产": lambda n: bool(said[n].flags.trial_production),
        "承包商作业": lambda n: bool(said[n].flags.has_contractor),
    }
    return {name: sum(map(holds, range(len(said)))) for name, holds in asked.items()}
