"""The troubles of a morning, as data: what goes wrong, how often, and what must follow.

Each enterprise takes the first waiting trouble that fits it, and every fourth takes none, so who is hit by
what depends only on the enterprises registered before it.
"""

import hashlib
from collections.abc import Iterator, Sequence
from importlib.resources import files
from typing import Annotated, Final, Literal

import msgspec
import yaml
from msgspec import Meta

from rdchem import calendar
from rdchem.errors import ConfigurationError
from sensors_sim.effects import AnyEffect
from sensors_sim.plan import Plan

_CATALOGUE: Final = ("findings.yaml", "payloads.yaml", "permits.yaml", "edges.yaml", "innocents.yaml")
BLOCK: Final = 100
HONEST_EVERY: Final = 4
MOST_IN_BLOCK: Final = BLOCK - BLOCK // HONEST_EVERY


class Provokes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The finding a trouble must lead to: the rule's name and the class of mismatch."""

    rule: str
    mismatch: str


class Trouble(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that may go wrong, or only look so.

    Exactly one of `provokes` (a finding), `quarantined` (a reason code) and `innocent` (why nothing must
    follow) is given. `only_on_working_days`: on a rest day the same would be lawful.
    """

    name: str
    per_hundred: Annotated[int, Meta(ge=1, le=BLOCK)]
    effect: AnyEffect
    provokes: Provokes | None = None
    quarantined: Literal["not_json", "topic_mismatch", "schema"] | None = None
    innocent: str | None = None
    only_on_working_days: bool = False

    def __post_init__(self) -> None:
        given = [self.provokes, self.quarantined, self.innocent]
        if sum(one is not None for one in given) != 1:
            raise ValueError(f"{self.name}: give exactly one of provokes, quarantined, innocent")

    def fits(self, plan: Plan) -> bool:
        """Whether it can hit this enterprise on this day."""
        if self.only_on_working_days and calendar.is_rest_day(plan.window.day):
            return False
        return self.effect.fits(plan)


def read_troubles(text: str | None = None) -> tuple[Trouble, ...]:
    """The troubles of a YAML document, by default of the shipped catalogue."""
    text = _shipped() if text is None else text
    try:
        troubles = msgspec.convert(yaml.safe_load(text), tuple[Trouble, ...])
    except (msgspec.ValidationError, yaml.YAMLError) as error:
        raise ConfigurationError(f"故障清单不可用:{error}") from error
    if sum(trouble.per_hundred for trouble in troubles) > MOST_IN_BLOCK:
        raise ConfigurationError(f"故障清单每百家超过 {MOST_IN_BLOCK} 家,无法分配。")
    return troubles


def catalogue_sha256() -> str:
    """What tells one shipped catalogue from another."""
    return hashlib.sha256(_shipped().encode()).hexdigest()


def _shipped() -> str:
    folder = files(__package__) / "catalogue"
    return "\n".join((folder / name).read_text(encoding="utf-8") for name in _CATALOGUE)


def assign(plans: Sequence[Plan], troubles: Sequence[Trouble]) -> Iterator[tuple[Plan, Trouble]]:
    """Who is hit by what: pairs of an enterprise's plan and its one trouble."""
    waiting: list[Trouble] = []
    for plan in plans:
        if plan.site.index % BLOCK == 0:
            waiting += _for_a_hundred(troubles)
        if plan.site.index % HONEST_EVERY == HONEST_EVERY - 1:
            continue
        trouble = next((one for one in waiting if one.fits(plan)), None)
        if trouble is not None:
            waiting.remove(trouble)
            yield plan, trouble


def _for_a_hundred(troubles: Sequence[Trouble]) -> list[Trouble]:
    """One of each in the order of the file, then the second ones, and so on."""
    most = max((trouble.per_hundred for trouble in troubles), default=0)
    return [trouble for n in range(most) for trouble in troubles if trouble.per_hundred > n]
