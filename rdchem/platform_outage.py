"""When the platform, or the way to it, was down: almost all enterprises fell silent at once. Pure.

One enterprise that sends nothing is that enterprise's affair; a county that sends nothing is not a hundred
enterprises at fault in one minute. What is counted is how many enterprises were heard in each minute, against
the liveliest of the last sixty minutes that were neither such an outage nor our own. Gateways send every
minute, each at a second of its own; a county that sends all together, and more than five minutes apart, would
look as if it were down in between. Too few enterprises, and nothing can be told apart.

While it lasts nobody can be said to be silent, nor to have said nothing. Once it is over, papers are taken as
delivered, for platforms send them again from the start of the day before (domain facts, hot-work platforms).
"""

from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from rdchem.limits import Limits
from rdchem.model.day import BlindInterval

MINUTE: Final = timedelta(minutes=1)
_BASELINE_MINUTES: Final = 60

Heard = Mapping[datetime, int]
"""Minute (its first instant, UTC) -> how many enterprises were heard in it; silent minutes are left out."""


def platform_outages(
    heard: Heard, ours: Iterable[BlindInterval], *, as_of: datetime, limits: Limits
) -> tuple[BlindInterval, ...]:
    """Intervals up to `as_of`, oldest first, in which the platform was silent as a whole.

    `ours`: when we heard nothing because we did not listen.
    """
    if not heard:
        return ()
    blind = tuple(ours)
    share, least = limits.rate("platform_outage_share"), limits.number("platform_outage_least")
    after = limits.duration("platform_outage_after")
    baseline: deque[int] = deque(maxlen=_BASELINE_MINUTES)
    outages: list[BlindInterval] = []
    quiet_since, quiet = as_of, timedelta(0)
    minute = min(heard)
    while minute + MINUTE <= as_of:
        count = heard.get(minute, 0)
        usual = max(baseline, default=0)
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
