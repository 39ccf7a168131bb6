"""Stretches of time: from an instant up to another, of which the latter is no longer part. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def merged(spans: Iterable[Span]) -> list[Span]:
    """The same time in the fewest stretches, in order."""
    found: list[Span] = []
    for low, high in sorted(span for span in spans if span[0] < span[1]):
        if found and low <= found[-1][1]:
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def both(ours: Iterable[Span], theirs: Iterable[Span]) -> list[Span]:
    """What two sets of stretches have in common."""
    others = merged(theirs)
    if not others:
        return []
    return [
        (max(low, other_low), min(high, other_high))
        for low, high in merged(ours)
        for other_low, other_high in others
        if max(low, other_low) < min(high, other_high)
    ]


def minus(ours: Iterable[Span], theirs: Iterable[Span]) -> list[Span]:
    """What is left of some stretches without others."""
    left = merged(ours)
    for low, high in merged(theirs):
        left = [
            part
            for begin, end in left
            for part in ((begin, min(end, low)), (max(begin, high), end))
            if part[0] < part[1]
        ]
    return left


def length(spans: Iterable[Span]) -> timedelta:
    """How long they are together."""
    return sum((high - low for low, high in spans), timedelta(0))
