"""Declared items of one operation against its permits: an optimal one-to-one assignment in any order. Pure.

Equal ticket numbers are matched first. What is left is matched at the least total cost, where a pair costs
by how far grade, place and time differ (each 0–1, weighted below), and a little more where both name a
contractor and not the same; a pair above `WORST_MATCH` is no match, both stay as named leftovers, and no
pair is given up for a cheaper one elsewhere. Ties are broken by the sorted order of the inputs, so a
permutation of either side gives the same result. What a pair cost is told with it.

Places with different numbers never match, so of a thousand permits few are compared with one item, and what
says the same is compared once.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rdchem.model.commitment import HotWorkGrade, WorkItem
from rdchem.model.permit import HotWorkPermit, Permit
from rdchem.places import UNKNOWN, numbers_in, place_likeness, plain

PLACE_WEIGHT: Final = 0.5
TIME_WEIGHT: Final = 0.3
GRADE_WEIGHT: Final = 0.2
OTHER_CONTRACTOR: Final = 0.05
"""What is added where the two papers name different contractors, or one says there is none."""
WORST_MATCH: Final = 0.3
_ALONE: Final = 1.0
"""What it costs to stay without a partner."""


@dataclass(frozen=True, slots=True)
class Matching:
    """Pairs and leftovers as positions in the two lists given; the cost of each pair not made by number."""

    pairs: tuple[tuple[int, int], ...]
    items: tuple[int, ...]
    permits: tuple[int, ...]
    costs: Mapping[tuple[int, int], "Cost"] = field(default_factory=dict)


class Cost(NamedTuple):
    """How far two papers are apart, by what they say: each as it counts in the sum."""

    place: float
    time: float
    grade: float
    contractor: float

    @property
    def text(self) -> str:
        """As shown to officers: `地点 0.00、时间 0.30`."""
        labels = zip(("地点", "时间", "级别", "承包商"), self, strict=True)
        return "、".join(f"{label} {part:.2f}" for label, part in labels)


class Work(NamedTuple):
    """What a paper says of a piece of work, as far as it is compared."""

    place: str | None
    begin: datetime | None
    end: datetime | None
    grade: HotWorkGrade | None
    contractor: str | None = None
    """Empty: the enterprise's own people; None: not told."""

    @classmethod
    def declared(cls, item: WorkItem) -> "Work":
        """By a line item."""
        contractor = item.unit if item.by_contractor else "" if item.by_contractor is False else None
        return cls(item.place, item.begin_at, item.end_at, item.grade, contractor)

    @classmethod
    def permitted(cls, permit: Permit) -> "Work":
        """By a permit; one without a contractor may only not tell."""
        grade = permit.grade if isinstance(permit, HotWorkPermit) else None
        return cls(permit.place, permit.plan_start_at, permit.plan_end_at, grade, permit.contractor)


def match(items: Sequence[WorkItem], permits: Sequence[Permit]) -> Matching:
    """Assign items to permits one to one."""
    item_order = sorted(range(len(items)), key=lambda i: _item_rank(items[i]))
    permit_order = sorted(range(len(permits)), key=lambda j: (permits[j].ticket_no, permits[j].id))
    holders: dict[str, list[int]] = defaultdict(list)
    for j in reversed(permit_order):
        holders[permits[j].ticket_no].append(j)
    pairs = {
        i: holders[ticket].pop() for i in item_order if (ticket := items[i].ticket_no) and holders[ticket]
    }
    taken = set(pairs.values())
    declared, permitted = defaultdict(list), defaultdict(list)
    for i in item_order:
        if i not in pairs:
            declared[Work.declared(items[i])].append(i)
    for j in permit_order:
        if j not in taken:
            permitted[Work.permitted(permits[j])].append(j)
    alike = _by_likeness(declared, permitted) if declared and permitted else {}
    pairs |= alike
    taken = set(pairs.values())
    costs = {(i, j): cost(Work.declared(items[i]), Work.permitted(permits[j])) for i, j in alike.items()}
    return Matching(
        tuple(sorted(pairs.items())),
        tuple(i for i in range(len(items)) if i not in pairs),
        tuple(j for j in range(len(permits)) if j not in taken),
        costs,
    )


def _by_likeness(
    declared: Mapping[Work, Sequence[int]], permitted: Mapping[Work, Sequence[int]]
) -> dict[int, int]:
    """The assignment of least total cost, position to position.

    Works connected by pairs that may match are assigned together and by themselves: the result is the same.
    """
    costs = {
        (one, other): price
        for one, other in _comparable(declared, permitted)
        if (price := sum(cost(one, other))) <= WORST_MATCH
    }
    assigned: dict[int, int] = {}
    for ones, others in _connected(costs):
        prices = np.array([[costs.get((one, other), _ALONE) for other in others] for one in ones])
        rows = [(number, i) for number, one in enumerate(ones) for i in declared[one]]
        columns = [(number, j) for number, other in enumerate(others) for j in permitted[other]]
        whole = prices[np.ix_([number for number, _ in rows], [number for number, _ in columns])]
        for row, column in _assignment(whole):
            if whole[row, column] < _ALONE:
                assigned[rows[row][1]] = columns[column][1]
    return assigned


def _assignment(prices: NDArray[np.float64]) -> Iterable[tuple[int, int]]:
    """Row and column of each pair of the assignment of least total price."""
    if prices.shape == (1, 1):  # nearly always
        return [(0, 0)]
    from scipy.optimize import linear_sum_assignment  # half a second, for days on which it is needed

    return zip(*linear_sum_assignment(prices), strict=True)


def _comparable(declared: Iterable[Work], permitted: Iterable[Work]) -> Iterator[tuple[Work, Work]]:
    """Pairs that can match at all: places with different numbers cannot, a missing place may be any."""
    by_numbers: dict[tuple[str, ...] | None, list[Work]] = defaultdict(list)
    for other in permitted:
        by_numbers[numbers_in(other.place)].append(other)
    for one in declared:
        numbers = numbers_in(one.place)
        wanted = by_numbers if numbers is None else (numbers, None)
        for group in wanted:
            yield from ((one, other) for other in by_numbers.get(group, ()))


def _connected(costs: Mapping[tuple[Work, Work], float]) -> Iterator[tuple[list[Work], list[Work]]]:
    """Declared and permitted works in groups between which no pair may match, each in the order given."""
    ones = {one: n for n, one in enumerate(dict.fromkeys(one for one, _ in costs))}
    others = {other: len(ones) + n for n, other in enumerate(dict.fromkeys(other for _, other in costs))}
    leader = list(range(len(ones) + len(others)))

    def led(place: int) -> int:
        while leader[place] != place:
            leader[place] = place = leader[leader[place]]
        return place

    for one, other in costs:
        low, high = sorted((led(ones[one]), led(others[other])))
        leader[high] = low
    groups: dict[int, tuple[list[Work], list[Work]]] = defaultdict(lambda: ([], []))
    for side, works in enumerate((ones, others)):
        for work, place in works.items():
            groups[led(place)][side].append(work)
    yield from groups.values()


def cost(one: Work, other: Work) -> Cost:
    """How far a declared and a permitted work are apart; the parts sum to 0 (alike) to 1, and a little."""
    if one.grade is None and other.grade is None:
        grade = 0.0
    elif one.grade is None or other.grade is None:
        grade = UNKNOWN
    else:
        grade = abs(one.grade.rank - other.grade.rank) / 2
    named = one.contractor is not None and other.contractor is not None
    return Cost(
        PLACE_WEIGHT * (1 - place_likeness(one.place, other.place)),
        TIME_WEIGHT * _time_distance(one, other),
        GRADE_WEIGHT * grade,
        OTHER_CONTRACTOR if named and plain(one.contractor or "") != plain(other.contractor or "") else 0.0,
    )


def overlap(item: WorkItem, permit: Permit) -> bool:
    """Whether item and permit can be at the same time; unknown times can."""
    common = _common(Work.declared(item), Work.permitted(permit))
    return common is None or common > 0


def _time_distance(one: Work, other: Work) -> float:
    """1 minus the shared part of the shorter of the two times."""
    common = _common(one, other)
    shorter = min(_seconds(one), _seconds(other))
    return UNKNOWN if common is None or shorter <= 0 else 1 - max(0.0, common) / shorter


def _common(one: Work, other: Work) -> float | None:
    """The seconds two works share, negative where they lie apart; None where a time is missing."""
    if one.begin is None or one.end is None or other.begin is None or other.end is None:
        return None
    return (min(one.end, other.end) - max(one.begin, other.begin)).total_seconds()


def _seconds(work: Work) -> float:
    return 0.0 if work.begin is None or work.end is None else (work.end - work.begin).total_seconds()


def _item_rank(item: WorkItem) -> tuple[str, str]:
    return (item.ticket_no or "", item.item_id)
