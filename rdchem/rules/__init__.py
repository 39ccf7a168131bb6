"""The rulebook: one file a rule, listed by hand in the order regulators read.

A rule's name is a statement that should be true; it is the name of its file, of its ledger column, of its
YAML cases and of its label in a scenario. `check` gets one `EnterpriseDay` and returns one `Outcome`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from importlib.resources import files
from types import ModuleType
from typing import Any

import msgspec
import yaml

from rdchem.errors import ConfigurationError
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Outcome
from rdchem.rules import (
    alarms_are_cleared,
    alarms_are_reported,
    camera_pictures_move,
    commitment_agrees_with_itself,
    commitment_is_announced_by_deadline,
    confined_space_oxygen_is_within_limit,
    contractors_are_declared,
    crossing_jobs_are_coordinated,
    each_operation_has_its_own_permit,
    gas_is_analysed_again_after_break,
    gas_is_analysed_before_hot_work,
    gas_is_analysed_every_day,
    gas_is_within_limit,
    gas_stays_below_alarm_during_hot_work,
    hot_work_cameras_are_online,
    hot_work_completion_is_checked,
    hot_work_counts_match_line_items,
    hot_work_has_a_guardian,
    hot_work_is_upgraded_when_required,
    hot_work_matches_permits,
    hot_work_stays_within_permit,
    major_hazard_sensors_are_online,
    major_hazard_video_is_online,
    other_work_counts_match_line_items,
    other_work_matches_permits,
    permit_is_approved_before_work,
    permit_validity_is_within_limit,
    sensor_data_arrive_steadily,
    sensor_signals_are_true,
    sources_are_registered,
    special_hot_work_is_monitored,
    special_hot_work_is_on_video,
    ticket_numbers_are_unique,
)


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule as listed: its name, its Chinese title, the basis it cites, its check, and its dates."""

    name: str
    title: str
    basis: str
    check: Callable[[EnterpriseDay], Outcome]
    since: date = date.min
    until: date | None = None
    source: str = ""
    may_be_suppressed: bool = False

    def covers(self, day: date) -> bool:
        """Whether it is in force on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


class _Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the data says of a rule: its first and last day, why, and whether its findings may rest."""

    since: date
    source: str
    may_be_suppressed: bool
    until: date | None = None


def _entries(document: Mapping[str, Any]) -> dict[str, _Entry]:
    try:
        return msgspec.convert(document, dict[str, _Entry])
    except msgspec.ValidationError as error:
        raise ConfigurationError(f"规则的条目不可用:{error}。") from error


def _shipped() -> dict[str, _Entry]:
    text = files(__package__).joinpath("rules.yaml").read_text(encoding="utf-8")
    return _entries(yaml.safe_load(text))


def _rule(module: ModuleType, entries: Mapping[str, _Entry]) -> Rule:
    title, _, rest = str(module.__doc__).strip().partition("\n")
    basis = " ".join(rest.partition("Basis:")[2].split())
    name = module.__name__.rpartition(".")[2]
    return _dated(Rule(name, title.rstrip("。"), basis, module.check), entries[name])


def _dated(rule: Rule, entry: _Entry) -> Rule:
    return replace(rule, **msgspec.structs.asdict(entry))


def rules_on(day: date, changed: Mapping[str, Any] | None = None) -> tuple[Rule, ...]:
    """The rules in force on a day, in the order officers read. `changed`: other entries for some of them.

    Raises ConfigurationError for an entry of no rule, or one that is incomplete.
    """
    entries = _entries(changed or {})
    if unknown := entries.keys() - {rule.name for rule in RULES}:
        raise ConfigurationError(f"没有名为 {'、'.join(sorted(unknown))} 的规则。")
    dated = (_dated(rule, entries[rule.name]) if rule.name in entries else rule for rule in RULES)
    return tuple(rule for rule in dated if rule.covers(day))


_ENTRIES = _shipped()
RULES: tuple[Rule, ...] = tuple(
    _rule(module, _ENTRIES)
    for module in (
        commitment_is_announced_by_deadline,
        hot_work_matches_permits,
        hot_work_counts_match_line_items,
        other_work_matches_permits,
        other_work_counts_match_line_items,
        contractors_are_declared,
        commitment_agrees_with_itself,
        each_operation_has_its_own_permit,
        crossing_jobs_are_coordinated,
        permit_validity_is_within_limit,
        gas_is_analysed_before_hot_work,
        gas_is_within_limit,
        gas_is_analysed_again_after_break,
        gas_is_analysed_every_day,
        confined_space_oxygen_is_within_limit,
        hot_work_has_a_guardian,
        permit_is_approved_before_work,
        hot_work_is_upgraded_when_required,
        hot_work_stays_within_permit,
        hot_work_completion_is_checked,
        special_hot_work_is_monitored,
        special_hot_work_is_on_video,
        hot_work_cameras_are_online,
        gas_stays_below_alarm_during_hot_work,
        ticket_numbers_are_unique,
        major_hazard_sensors_are_online,
        sensor_data_arrive_steadily,
        sensor_signals_are_true,
        alarms_are_reported,
        alarms_are_cleared,
        major_hazard_video_is_online,
        camera_pictures_move,
        sources_are_registered,
    )
)
