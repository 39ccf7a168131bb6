"""When the platform, or the way to it, was down: almost all enterprises fell silent at once. Pure.

One enterprise that sends nothing is that enterprise's affair; a county that sends nothing is not a hundred
enterprises at fault in one minute. What is counted is how many enterprises were heard in each minute, against
the same minutes of past days (their median, of the days on which we listened). Where too few past days are
known, against the liveliest of the last sixty minutes that were neither such an outage nor our own; gateways
send every minute, each at a second of its own: a county that sends all together, and more than five minutes
apart, would then look as if it were down in between. Too few enterprises, and nothing can be told apart.

While it lasts nobody can be said to be silent, nor to have said nothing. Once it is over, papers are taken as
delivered, for platforms send them again from the start of the day before (domain facts, hot-work platforms).
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median_low
from typing import Final

from rdchem.blindness import blind_intervals
from rdchem.limits import Limits
from rdchem.model.day import BlindInterval
from rdchem.model.listener import ListenerEvent

MINUTE: Final = timedelta(minutes=1)
_BASELINE_MINUTES: Final = 60

Heard = Mapping[datetime, int]
"""Minute (its first instant, UTC) -> how many enterprises were heard in it; silent minutes are left out."""


def platform_outages(
    heard: Heard,
    ours: Iterable[BlindInterval],
    *,
    as_of: datetime,
    limits: Limits,
    past: Sequence[Heard] = (),
) -> tuple[BlindInterval, ...]:
    """Intervals up to `as_of`, oldest first, in which the platform was silent as a whole.

    `ours`: when we heard nothing because we did not listen. `past`: for each past day the minutes in which we
    listened then, under the same minutes of this day, silent ones with 0 (`witnessed`).
    """
    first = min((minute for one in (heard, *past) for minute in one), default=None)
    if first is None:
        return ()
    blind = tuple(ours)
    share, least = limits.rate("platform_outage_share"), limits.number("platform_outage_least")
    after = limits.duration("platform_outage_after")
    witnesses = limits.number("platform_outage_past_least")
    baseline: deque[int] = deque(maxlen=_BASELINE_MINUTES)
    outages: list[BlindInterval] = []
    quiet_since, quiet = as_of, timedelta(0)
    minute = first
    while minute + MINUTE <= as_of:
        count = heard.get(minute, 0)
        then = [one[minute] for one in past if minute in one]
        usual = median_low(then) if then and len(then) >= witnesses else max(baseline, default=0)
        if any(gap.overlap(minute, minute + MINUTE) for gap in blind):
            pass  # neither a witness of the silence nor of its end
        elif usual >= least and count < share * usual:
            quiet_since, quiet = min(quiet_since, minute), quiet + MINUTE
        else:
            if quiet >= after:
                outages.append(BlindInterval(quiet_since, minute, lossless=True, ours=False))
            quiet_since, quiet = as_of, timedelta(0)
            baseline.append(count)
        minute += MINUTE
    if quiet >= after:
        outages.append(BlindInterval(quiet_since, as_of, lossless=False, open=True, ours=False))
    return tuple(outages)


def quiet_spell(
    heard: Heard, *, since: datetime, as_of: datetime, limits: Limits
) -> tuple[datetime, datetime] | None:
    """From the first to the last minute since `since` in which so few were heard that the past must be asked.

    None on a day that was lively throughout, as nearly all are: nothing of the past is read for it.
    """
    start = since.replace(second=0, microsecond=0)
    enough = limits.rate("platform_outage_share") * max(heard.values(), default=0)
    minutes = [start + number * MINUTE for number in range((as_of - start) // MINUTE)]
    quiet = [minute for minute in minutes if not heard or heard.get(minute, 0) < enough]
    return (quiet[0], quiet[-1] + MINUTE) if quiet else None


def witnessed(
    heard: Heard,
    events: Sequence[ListenerEvent],
    *,
    start: datetime,
    end: datetime,
    ago: timedelta,
    factor: float,
) -> Heard:
    """How many enterprises were heard `ago` in each minute of [start, end) in which we listened then.

    `heard` and `events` are those of then, an hour more on both sides; where no listener was there, what was
    heard at all that day tells that somebody listened.
    """
    if not events and not heard:
        return {}
    first, last = start - ago, end - ago
    known_until = max([last, *(event.occurred_at for event in events)])
    blind = blind_intervals(events, start=first, as_of=known_until, factor=factor)
    minutes = (first + number * MINUTE for number in range((last - first) // MINUTE))
    return {
        minute + ago: heard.get(minute, 0)
        for minute in minutes
        if not any(gap.overlap(minute, minute + MINUTE) for gap in blind)
    }
