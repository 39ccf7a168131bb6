"""When our own intake was down, from what the listeners wrote into the journal. Pure.

A listener promises with every record to write the next within `period_s`. It was blind from the moment it
stopped, lost the broker, or fell silent for `factor` periods, until it was connected again. A gap is lossless
when the broker kept our session: what was published meanwhile reached us late, but reached us. The time
before a listener's very first record is blind and lossy: nobody was there.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from rdchem.model.day import BlindInterval
from rdchem.model.listener import ListenerEvent


def blind_intervals(
    events: Iterable[ListenerEvent], *, start: datetime, as_of: datetime, factor: float
) -> tuple[BlindInterval, ...]:
    """Intervals within [start, as_of] in which no listener was listening, oldest first.

    `events` may begin before `start`. No events at all give no interval: a journal fed from files or from a
    recording has no listener, and its coverage is vouched for by whoever brought it.
    """
    by_listener: dict[str, list[ListenerEvent]] = {}
    for event in sorted(events, key=lambda event: event.occurred_at):
        if event.occurred_at <= as_of:
            by_listener.setdefault(event.listener, []).append(event)
    blind: list[BlindInterval] | None = None
    for history in by_listener.values():
        gaps = _gaps(history, start, as_of, factor)
        blind = gaps if blind is None else _intersection(blind, gaps)
    return tuple(blind or ())


def _gaps(
    history: Sequence[ListenerEvent], start: datetime, as_of: datetime, factor: float
) -> list[BlindInterval]:
    """The blind intervals of one listener."""
    gaps: list[BlindInterval] = []
    down_since: datetime | None = datetime.min.replace(tzinfo=as_of.tzinfo)
    heard: ListenerEvent | None = None
    for event in history:
        if down_since is None and heard is not None:
            quiet = event.occurred_at - heard.occurred_at
            if event.event == "started" or quiet > factor * timedelta(seconds=heard.period_s):
                down_since = heard.occurred_at  # it died or froze without saying so
        if event.event in ("stopped", "disconnected") and down_since is None:
            down_since = event.occurred_at
        elif down_since is not None and event.event in ("connected", "alive"):
            lossless = event.event == "alive" or bool(event.session_present)
            gaps.append(BlindInterval(down_since, event.occurred_at, lossless))
            down_since = None
        heard = event
    silence = timedelta(0) if heard is None else as_of - heard.occurred_at
    if down_since is None and heard is not None and silence > factor * timedelta(seconds=heard.period_s):
        down_since = heard.occurred_at
    if down_since is not None:
        gaps.append(BlindInterval(down_since, as_of, lossless=False, open=True))
    clipped = [BlindInterval(max(gap.start, start), gap.end, gap.lossless, gap.open) for gap in gaps]
    return [gap for gap in clipped if gap.end > gap.start]


def _intersection(one: Iterable[BlindInterval], other: Sequence[BlindInterval]) -> list[BlindInterval]:
    """Where both were blind; lossless if either broker session was kept, for then one of them has it all."""
    both = []
    for a in one:
        for b in other:
            begin, end = max(a.start, b.start), min(a.end, b.end)
            if begin < end:
                both.append(BlindInterval(begin, end, a.lossless or b.lossless, a.open and b.open))
    return both
