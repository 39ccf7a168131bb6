"""The rulebook: one file a rule, listed by hand in the order regulators read.

A rule's name is a statement that should be true; it is the name of its file, of its ledger column, of its
YAML cases and of its label in a scenario. `check` gets one `EnterpriseDay` and returns one `Outcome`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType

from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Outcome
from rdchem.rules import (
    commitment_agrees_with_itself,
    commitment_is_announced_by_deadline,
    gas_is_analysed_before_hot_work,
    gas_is_within_limit,
    hot_work_completion_is_checked,
    hot_work_counts_match_line_items,
    hot_work_has_a_guardian,
    hot_work_is_upgraded_when_required,
    hot_work_matches_permits,
    hot_work_stays_within_permit,
    major_hazard_sensors_are_online,
    major_hazard_video_is_online,
    permit_is_approved_before_work,
    permit_validity_is_within_limit,
    sources_are_registered,
    special_hot_work_is_on_video,
    ticket_numbers_are_unique,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as listed: its name, its Chinese title, the basis it cites, and its check."""

    name: str
    title: str
    basis: str
    check: Callable[[EnterpriseDay], Outcome]


def _rule(module: ModuleType) -> Rule:
    text = module.__doc__ or ""
    title, _, rest = text.strip().partition("\n")
    basis = " ".join(rest.partition("Basis:")[2].split())
    return Rule(module.__name__.rpartition(".")[2], title.rstrip("。"), basis, module.check)


RULES: tuple[Rule, ...] = tuple(
    _rule(module)
    for module in (
        commitment_is_announced_by_deadline,
        hot_work_matches_permits,
        hot_work_counts_match_line_items,
        commitment_agrees_with_itself,
        permit_validity_is_within_limit,
        gas_is_analysed_before_hot_work,
        gas_is_within_limit,
        hot_work_has_a_guardian,
        permit_is_approved_before_work,
        hot_work_is_upgraded_when_required,
        hot_work_stays_within_permit,
        hot_work_completion_is_checked,
        special_hot_work_is_on_video,
        ticket_numbers_are_unique,
        major_hazard_sensors_are_online,
        major_hazard_video_is_online,
        sources_are_registered,
    )
)
