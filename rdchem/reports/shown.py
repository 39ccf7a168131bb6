"""What the report shows of an enterprise's day beside its verdict, worked out while the day is at hand.

It is kept with the verdict. So a report made minutes or months later reads neither messages nor readings
again, need not have them still, and shows what the verdict was given upon.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

import msgspec

from rdchem.declared import announcement, permits_in_force
from rdchem.liveness import Liveness, declaration_for, is_overdue, states
from rdchem.model.commitment import HotWorkGrade, SafetyCommitment
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Judgement, LedgerEntry
from rdchem.model.source import SourceKind
from rdchem.reports.hot_work import HotWorkLine, hot_work_lines
from rdchem.reports.online import OnlineLine, online_lines

ONLINE_RULES: Final = {
    SourceKind.SENSOR: "major_hazard_sensors_are_online",
    SourceKind.CAMERA: "major_hazard_video_is_online",
}


class Shown(msgspec.Struct, frozen=True):
    """One enterprise. `places`: grade of hot work -> places declared, None where not said; `activities`: kind
    -> whether announced, None where not said (both empty without an announcement); `permits`: grade -> those
    in force; `sources`: kind -> word (`online`, `offline`, `declared`, `not_judged`, `out_of_service`) -> how
    many.
    """

    company_code: str
    name: str
    area_code: str
    simulated: bool
    announced: bool
    places: Mapping[str, int | None]
    activities: Mapping[str, bool | None]
    any_permit: bool
    permits: Mapping[str, int]
    sources: Mapping[str, Mapping[str, int]]
    hot_work: tuple[HotWorkLine, ...]
    online: tuple[OnlineLine, ...]


def shown(judgement: Judgement, days: Sequence[EnterpriseDay]) -> list[Shown]:
    """What is shown of some judged days, in the order of enterprises."""
    squares = _squares(judgement)
    return [_of_day(day, squares) for day in sorted(days, key=lambda one: one.company_code)]


def to_keep(judgement: Judgement, days: Sequence[EnterpriseDay]) -> list[Shown]:
    """The same, to be kept with the verdict: of whom it cannot be worked out it is left out, for no fault in
    what is shown may cost a verdict. The report tries again, and fails where that does.
    """
    squares, found = _squares(judgement), []
    for day in sorted(days, key=lambda one: one.company_code):
        try:
            found.append(_of_day(day, squares))
        except Exception:  # noqa: BLE001, S112 - met again, and raised, by the report
            continue
    return found


def _squares(judgement: Judgement) -> dict[tuple[str, str], LedgerEntry]:
    return {
        (entry.enterprise, entry.rule): entry
        for entry in judgement.ledger
        if entry.rule in ONLINE_RULES.values()
    }


def _of_day(day: EnterpriseDay, squares: Mapping[tuple[str, str], LedgerEntry]) -> Shown:
    enterprise = day.register.enterprise
    current = announcement(day)
    said = None if current is None else current.message
    return Shown(
        company_code=day.company_code,
        name=enterprise.name,
        area_code=enterprise.area_code,
        simulated=_is_simulated(day),
        announced=said is not None,
        places={} if said is None else {grade.value: said.hot_work.of(grade) for grade in HotWorkGrade},
        activities={} if said is None else {name: ask(said) for name, ask in ACTIVITIES.items()},
        any_permit=bool(day.permits),
        permits=Counter(
            permit.message.grade.value for permit in permits_in_force(day) if permit.message.grade
        ),
        sources={
            kind.value: Counter(_words(day, kind, squares.get((day.company_code, rule))))
            for kind, rule in ONLINE_RULES.items()
        },
        hot_work=tuple(hot_work_lines([day])),
        online=tuple(online_lines([day])),
    )


def _is_simulated(day: EnterpriseDay) -> bool:
    said = (
        *day.commitments,
        *day.declared_work,
        *day.permits,
        *day.presence,
        *day.declarations,
        *day.out_of_service,
    )
    return day.register.simulated or any(one.message.simulated for one in said)


def _words(day: EnterpriseDay, kind: SourceKind, square: LedgerEntry | None) -> Iterator[str]:
    """A word for each source of a kind; none where they need not be online."""
    registered = sum(source.kind is kind for source in day.register.sources.values())
    if square is None or (square.reason and square.reason.code == "calculation_error"):
        yield from ["not_judged"] * registered  # what failed for the rule is not tried again
    elif square.outcome != "not_applicable":
        live = states(day, kind)
        yield from ["out_of_service"] * (registered - len(live))
        yield from (_word(day, kind, code, state) for code, state in live.items())


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


_SPECIAL: Final = (
    "confined_space",
    "blind_plate",
    "height",
    "lifting",
    "temporary_power",
    "excavation",
    "road_closure",
)
ACTIVITIES: Final[Mapping[str, Callable[[SafetyCommitment], bool | None]]] = {
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
