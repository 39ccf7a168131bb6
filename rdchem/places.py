"""Names of places as people write them: how alike two are, and when they cannot be one place. Pure."""

import re
from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

OTHER_NUMBERS: Final = 0.3
"""By how much less alike places with different numbers are: too little for any match."""
UNKNOWN: Final = 0.5
"""How far apart, and how alike, a missing value is taken to be: neither agreement nor contradiction."""


def place_likeness(one: str | None, other: str | None) -> float:
    """How alike two place names are, 0–1, blanks and case aside; 0.5 where one is missing.

    Numbers name equipment: 1#罐 is not 2#罐, so names with different numbers are little alike.
    """
    if not one or not other:
        return UNKNOWN
    a, b = plain(one), plain(other)
    ratio = _ratio(min(a, b), max(a, b))
    return ratio if numbers_in(a) == numbers_in(b) else ratio * OTHER_NUMBERS


def are_elsewhere(one: str, other: str) -> bool:
    """Whether two names cannot be one place: their numbers share none, or the names not a single letter.

    Much narrower than `place_likeness`, for people call one place by many names.
    """
    numbers = numbers_in(one), numbers_in(other)
    if all(numbers):
        return set(numbers[0] or ()).isdisjoint(numbers[1] or ())
    return set(plain(one)).isdisjoint(plain(other))


@lru_cache(maxsize=65_536)
def _ratio(one: str, other: str) -> float:
    return 1.0 if one == other else SequenceMatcher(None, one, other, autojunk=False).ratio()


def numbers_in(place: str | None) -> tuple[str, ...] | None:
    """The numbers in a name, in order; None where there is no name."""
    return tuple(re.findall(r"\d+", plain(place))) if place else None


def plain(text: str) -> str:
    """A place name without blanks and case."""
    return "".join(text.split()).casefold()
