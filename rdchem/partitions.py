"""Several listeners: which of them hear the same, and what nobody heard while some were away. Pure.

Listeners of the same topics stand in for one another: we are blind where all of them are. Listeners that
share a subscription (`$share/group/…`) each hear a part of it, nobody knows which: we are blind where any of
them is, for what the broker gave to it may wait there. Listeners of different topics do not stand in for one
another, unless one hears all that the other does; what is missing then concerns the enterprises of those
topics alone.

A listener that hears other topics than before is another one: nobody hears its former topics, until somebody
does. One that left for good counts as away until the end of the window looked at, so for that day.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from rdchem.model.day import BlindInterval

EVERYTHING: Final = "#"
_SHARED: Final = "$share/"
_ENTERPRISE_LEVELS: Final = 4
"""`rdchem/v1/{area_code}/{company_code}` is what of a topic says whose it is."""


@dataclass(frozen=True, slots=True)
class Watch:
    """Topic filters, and when nobody heard all of what they stand for."""

    filters: frozenset[str]
    blind: tuple[BlindInterval, ...]


def watch(filters: frozenset[str], blind: Sequence[Sequence[BlindInterval]]) -> Watch:
    """Of the listeners of some filters, each with its own blind intervals."""
    combine = _union if any(one.startswith(_SHARED) for one in filters) else _intersection
    whole = list(blind[0])
    for other in blind[1:]:
        whole = combine(whole, other)
    return Watch(filters, tuple(whole))


def blind_of(
    watches: Sequence[Watch], area_code: str | None = None, company_codes: Collection[str] = ()
) -> tuple[BlindInterval, ...] | None:
    """When something was heard by nobody: of all that is watched, or of some enterprise's.

    None if nobody watches it at all.
    """
    whole: list[BlindInterval] | None = None
    for one in watches:
        if area_code is not None and not _may_hear(one.filters, area_code, company_codes):
            continue
        blind = list(one.blind)
        for other in watches:
            if other is not one and _hears_all(other.filters, one.filters):
                blind = _intersection(blind, other.blind)
        whole = blind if whole is None else _union(whole, blind)
    return None if whole is None else tuple(whole)


def _plain(topic_filter: str) -> list[str]:
    """The levels of a filter, without the group that shares it."""
    levels = topic_filter.split("/")
    return levels[2:] if topic_filter.startswith(_SHARED) else levels


def _may_hear(filters: Iterable[str], area_code: str, company_codes: Collection[str]) -> bool:
    """Whether some filter takes some topic of an enterprise."""
    owners = [["rdchem", "v1", area_code, company_code] for company_code in company_codes]
    return any(_meets(_plain(one), owner) for one in filters for owner in owners)


def _meets(levels: Sequence[str], owner: Sequence[str]) -> bool:
    for level, said in zip(levels, owner, strict=False):
        if level == EVERYTHING:
            return True
        if level not in ("+", said):
            return False
    return len(levels) > _ENTERPRISE_LEVELS


def _hears_all(filters: Iterable[str], others: Iterable[str]) -> bool:
    """Whether every topic that the others take is taken by one of these filters."""
    return all(any(_takes_all(_plain(one), _plain(other)) for one in filters) for other in others)


def _takes_all(levels: Sequence[str], others: Sequence[str]) -> bool:
    for index, level in enumerate(levels):
        if level == EVERYTHING:
            return True
        if index >= len(others) or others[index] == EVERYTHING or level not in ("+", others[index]):
            return False
    return len(levels) == len(others)


def _intersection(one: Iterable[BlindInterval], other: Iterable[BlindInterval]) -> list[BlindInterval]:
    """Where both were blind; lossless if either broker session was kept, for then one of them has it all."""
    both, others = [], list(other)
    for a in one:
        for b in others:
            begin, end = max(a.start, b.start), min(a.end, b.end)
            if begin < end:
                both.append(BlindInterval(begin, end, a.lossless or b.lossless, a.open and b.open))
    return both


def _union(one: Iterable[BlindInterval], other: Iterable[BlindInterval]) -> list[BlindInterval]:
    """Where either was blind, without overlaps; lossless if every session concerned was kept."""
    gaps = [*one, *other]
    edges = sorted({edge for gap in gaps for edge in (gap.start, gap.end)})
    whole: list[BlindInterval] = []
    for begin, end in pairwise(edges):
        over = [gap for gap in gaps if gap.start <= begin and end <= gap.end]
        if not over:
            continue
        lossless, is_open = all(gap.lossless for gap in over), any(gap.open for gap in over)
        last = whole[-1] if whole else None
        if last is not None and (last.end, last.lossless, last.open) == (begin, lossless, is_open):
            whole[-1] = BlindInterval(last.start, end, lossless, is_open)
        else:
            whole.append(BlindInterval(begin, end, lossless, is_open))
    return whole
