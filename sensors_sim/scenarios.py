"""The scenarios of a county, as data: what goes wrong, how often, and what must follow.

In the default morning each enterprise takes the first waiting scenario that fits it, and every fourth takes
none, so who is hit by what depends only on the enterprises registered before it. Asked for by name, each
scenario is played once.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any, Final, Literal

import msgspec
import yaml
from msgspec import Meta

from rdchem import calendar
from rdchem.errors import ConfigurationError, InputError
from sensors_sim.effects import AnyEffect
from sensors_sim.plan import Plan

_FILES: Final = (
    "findings.yaml",
    "payloads.yaml",
    "permits.yaml",
    "edges.yaml",
    "innocents.yaml",
    "delivery.yaml",
    "work.yaml",
    "special.yaml",
    "signals.yaml",
    "alarms.yaml",
)
"""In this order, for small counties take the first."""
BLOCK: Final = 100
HONEST_EVERY: Final = 4
MOST_IN_BLOCK: Final = BLOCK - BLOCK // HONEST_EVERY


class Provokes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The finding a scenario must lead to: the rule's name and the class of mismatch."""

    rule: str
    mismatch: str


class Scenario(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that may go wrong, or only look so.

    It is one effect with exactly one label: `provokes` (a finding), `quarantined` (a reason code), `innocent`
    (why nothing must follow) or `unjudged` (the class of an anomaly that no rule of the rulebook looks for
    yet: nothing follows today). Or it is composed of `parts`, scenarios by name, which all hit the same
    enterprise and bring their own labels. `per_hundred`: how many of a hundred enterprises it hits in the
    default morning; 0: only when asked for. `only_on_working_days`: on a rest day the same would be lawful.
    """

    name: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")]
    effect: AnyEffect | None = None
    parts: tuple[str, ...] = ()
    per_hundred: Annotated[int, Meta(ge=0, le=BLOCK)] = 0
    provokes: Provokes | None = None
    quarantined: Literal["not_json", "topic_mismatch", "schema", "too_large"] | None = None
    innocent: str | None = None
    unjudged: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]*$")] | None = None
    only_on_working_days: bool = False

    def __post_init__(self) -> None:
        labels = [self.provokes, self.quarantined, self.innocent, self.unjudged]
        given = sum(one is not None for one in labels)
        if (self.effect is None) == (not self.parts):
            raise ValueError(f"{self.name}: give either an effect or parts")
        if given != (self.effect is not None):
            raise ValueError(
                f"{self.name}: an effect takes exactly one of provokes, quarantined, innocent, unjudged; "
                "parts bring their own"
            )

    @property
    def label(self) -> str:
        """What must follow, in a line."""
        if self.provokes:
            return f"应发现 {self.provokes.rule} {self.provokes.mismatch}"
        if self.quarantined:
            return f"应隔离 {self.quarantined}"
        if self.unjudged:
            return f"尚无规则 {self.unjudged}"
        return f"组合 {' + '.join(self.parts)}" if self.parts else f"不应误报:{self.innocent}"


class Catalogue:
    """Scenarios by name, in the order of their files."""

    def __init__(self, scenarios: Iterable[Scenario]) -> None:
        self._by_name: dict[str, Scenario] = {}
        for scenario in scenarios:
            if scenario.name in self._by_name:
                raise ConfigurationError(f"情景 {scenario.name} 重名。")
            self._by_name[scenario.name] = scenario
        for scenario in self:
            for part in scenario.parts:
                if part not in self._by_name or self._by_name[part].parts:
                    raise ConfigurationError(f"情景 {scenario.name} 的组成 {part!r} 不是单一情景的名字。")
        if sum(scenario.per_hundred for scenario in self) > MOST_IN_BLOCK:
            raise ConfigurationError(f"情景每百家超过 {MOST_IN_BLOCK} 家,无法分配。")

    def __iter__(self) -> Iterator[Scenario]:
        return iter(self._by_name.values())

    @property
    def sha256(self) -> str:
        """What tells one catalogue from another."""
        return hashlib.sha256(msgspec.json.encode(list(self))).hexdigest()

    def named(self, names: Iterable[str]) -> list[Scenario]:
        """The scenarios of these names. Raises InputError for one there is none of."""
        names = list(names)
        if unknown := [name for name in names if name not in self._by_name]:
            known = "python -m sensors_sim scenarios 列出全部"
            raise InputError(f"没有名为 {'、'.join(unknown)} 的情景;{known}。")
        return [self._by_name[name] for name in names]

    def simple(self, scenario: Scenario) -> list[Scenario]:
        """What a scenario consists of: itself, or its parts."""
        return [self._by_name[part] for part in scenario.parts] or [scenario]

    def fits(self, scenario: Scenario, plan: Plan) -> bool:
        """Whether it can hit this enterprise on this day."""
        return all(_fits(one, plan) for one in self.simple(scenario))

    def assign(self, plans: Sequence[Plan]) -> Iterator[tuple[Plan, Scenario]]:
        """Who is hit by what in the default morning: pairs of an enterprise's plan and a simple scenario."""
        waiting: list[Scenario] = []
        for plan in plans:
            if plan.site.index % BLOCK == 0:
                waiting += self._for_a_hundred()
            yield from self._hit(plan, waiting)

    def assign_each(
        self, plans: Sequence[Plan], chosen: Sequence[Scenario]
    ) -> Iterator[tuple[Plan, Scenario]]:
        """Each of the chosen once. Raises InputError if there are too few enterprises it fits."""
        waiting = list(chosen)
        for plan in plans:
            yield from self._hit(plan, waiting)
        if waiting:
            names = "、".join(scenario.name for scenario in waiting)
            raise InputError(f"企业太少,放不下情景 {names};请增加企业数(--enterprises)或更换业务日。")

    def _hit(self, plan: Plan, waiting: list[Scenario]) -> Iterator[tuple[Plan, Scenario]]:
        """The first waiting scenario that fits an enterprise, unless it is one that stays honest."""
        if plan.site.index % HONEST_EVERY == HONEST_EVERY - 1:
            return
        scenario = next((one for one in waiting if self.fits(one, plan)), None)
        if scenario is not None:
            waiting.remove(scenario)
            yield from ((plan, one) for one in self.simple(scenario))

    def _for_a_hundred(self) -> list[Scenario]:
        """One of each in the order of the files, then the second ones, and so on."""
        most = max((scenario.per_hundred for scenario in self), default=0)
        return [scenario for n in range(most) for scenario in self if scenario.per_hundred > n]


def _fits(scenario: Scenario, plan: Plan) -> bool:
    if scenario.only_on_working_days and calendar.is_rest_day(plan.window.day):
        return False
    return scenario.effect is not None and scenario.effect.fits(plan)


def read_scenarios(text: str) -> tuple[Scenario, ...]:
    """The scenarios of one YAML document. Raises ConfigurationError for what is none."""
    try:
        content: Any = yaml.safe_load(text)
        return msgspec.convert(content, tuple[Scenario, ...])
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise ConfigurationError(f"情景文件不可用:{error}") from error


def shipped_catalogue(own: Sequence[Path] = ()) -> Catalogue:
    """The catalogue that comes with the simulator, and files of one's own after it."""
    folder = files(__package__) / "catalogue"
    texts = [(folder / name).read_text(encoding="utf-8") for name in _FILES]
    texts += [_own_text(path) for path in own]
    return Catalogue(scenario for text in texts for scenario in read_scenarios(text))


def _own_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"读不了情景文件 {path}:{error}。应为 UTF-8 的 YAML。") from error
