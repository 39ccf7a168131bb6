"""Declared hot-work items against permits: an optimal one-to-one assignment, whatever the order. Pure.

Equal ticket numbers are matched first. What is left is matched at the least total cost, where a pair costs
by how far grade, place and time differ (each 0–1, weighted below); a pair above `WORST_MATCH` is no match,
both stay as named leftovers. Ties are broken by the sorted order of the inputs, so a permutation of either
side gives the same result.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Final

import numpy as np
from scipy.optimize import linear_sum_assignment

from rdchem.model.commitment import WorkItem
from rdchem.model.permit import HotWorkPermit

PLACE_WEIGHT: Final = 0.5
TIME_WEIGHT: Final = 0.3
GRADE_WEIGHT: Final = 0.2
WORST_MATCH: Final = 0.3
UNKNOWN: Final = 0.5
"""What a missing value costs: neither agreement nor contradiction."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Pairs and leftovers as positions in the two lists given."""

    pairs: tuple[tuple[int, int], ...]
    items: tuple[int, ...]
    permits: tuple[int, ...]


def match(items: Sequence[WorkItem], permits: Sequence[HotWorkPermit]) -> Matching:
    """Assign items to permits one to one."""
    item_order = sorted(range(len(items)), key=lambda i: _item_rank(items[i]))
    permit_order = sorted(range(len(permits)), key=lambda j: (permits[j].ticket_no, permits[j].id))
    pairs: list[tuple[int, int]] = []
    for i in item_order:
        for j in permit_order:
            same = items[i].ticket_no is not None and items[i].ticket_no == permits[j].ticket_no
            if same and all(j != taken for _, taken in pairs):
                pairs.append((i, j))
                break
    matched_items, matched_permits = {i for i, _ in pairs}, {j for _, j in pairs}
    free_items = [i for i in item_order if i not in matched_items]
    free_permits = [j for j in permit_order if j not in matched_permits]
    if free_items and free_permits:
        costs = np.array([[cost(items[i], permits[j]) for j in free_permits] for i in free_items])
        rows, columns = linear_sum_assignment(costs)
        for row, column in zip(rows, columns, strict=True):
            if costs[row, column] <= WORST_MATCH:
                pairs.append((free_items[row], free_permits[column]))
    matched_items, matched_permits = {i for i, _ in pairs}, {j for _, j in pairs}
    return Matching(
        tuple(sorted(pairs)),
        tuple(i for i in range(len(items)) if i not in matched_items),
        tuple(j for j in range(len(permits)) if j not in matched_permits),
    )


def cost(item: WorkItem, permit: HotWorkPermit) -> float:
    """How far an item and a permit are apart, 0 (alike) to 1."""
    grade = UNKNOWN if item.grade is None else abs(item.grade.rank - permit.grade.rank) / 2
    return (
        PLACE_WEIGHT * (1 - place_likeness(item.place, permit.place))
        + TIME_WEIGHT * _time_distance(item, permit)
        + GRADE_WEIGHT * grade
    )


def place_likeness(one: str | None, other: str | None) -> float:
    """How alike two place names are, 0–1, blanks and case aside; 0.5 where one is missing.

    Numbers name equipment: 1#罐 is not 2#罐, so names with different numbers are little alike.
    """
    if not one or not other:
        return UNKNOWN
    a, b = plain(one), plain(other)
    ratio = 1.0 if a == b else SequenceMatcher(None, min(a, b), max(a, b), autojunk=False).ratio()
    return ratio if re.findall(r"\d+", a) == re.findall(r"\d+", b) else ratio * 0.3


def plain(text: str) -> str:
    """A place name without blanks and case."""
    return "".join(text.split()).casefold()


def overlap(item: WorkItem, permit: HotWorkPermit) -> bool:
    """Whether item and permit can be at the same time; unknown times can."""
    if None in (item.begin_at, item.end_at, permit.plan_start_at, permit.plan_end_at):
        return True
    begin, end = _common(item, permit)
    return begin < end


def _time_distance(item: WorkItem, permit: HotWorkPermit) -> float:
    """1 minus the shared part of the shorter of the two times."""
    if None in (item.begin_at, item.end_at, permit.plan_start_at, permit.plan_end_at):
        return UNKNOWN
    begin, end = _common(item, permit)
    lengths = [_length(item.begin_at, item.end_at), _length(permit.plan_start_at, permit.plan_end_at)]
    shorter = min(lengths)
    if shorter <= 0:
        return UNKNOWN
    return 1 - max(0.0, (end - begin).total_seconds()) / shorter


def _common(item: WorkItem, permit: HotWorkPermit) -> tuple[datetime, datetime]:
    assert item.begin_at and item.end_at and permit.plan_start_at and permit.plan_end_at  # noqa: S101
    return max(item.begin_at, permit.plan_start_at), min(item.end_at, permit.plan_end_at)


def _length(start: datetime | None, end: datetime | None) -> float:
    return 0.0 if start is None or end is None else (end - start).total_seconds()


def _item_rank(item: WorkItem) -> tuple[str, str]:
    return (item.ticket_no or "", item.item_id)
