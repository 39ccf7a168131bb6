"""One enterprise's readings ordered by source and collect time, each statement once. Pure.

The kernel wants plain arrays: the readings of all sources end to end, and where each source begins. What
comes twice is counted, not judged twice. Of copies of one batch the first one heard counts; of batches that
state the same collect time of a source, the last one heard: a correction stands in for what it corrects.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd  # half a second, for the runners alone

QUALITIES: Final = ("good", "uncertain", "bad")
"""What a reading says of itself; `SortedDay.quality` holds the place in this list."""

Integers = NDArray[np.int64]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SortedDay:
    """Readings of some sources: source `k` has those from `starts[k]` up to `starts[k + 1]`, never none.

    `occurred_us` strictly increases within a source, microseconds since 1970 by the sender's clock; `value`
    is NaN where none was given; `copies` counts, a source, the further statements of what is there already.
    """

    sources: tuple[str, ...]
    starts: Integers
    occurred_us: Integers
    value: Numbers
    quality: NDArray[np.uint8]
    copies: Integers


def sorted_day(frame: "pd.DataFrame") -> SortedDay:
    """The sorted day of an enterprise's readings in any order: columns `source_code`, `occurred_us`,
    `heard_us`, `value`, `quality`, `journal_id`, as the readings files have them.
    """
    ordered = frame.sort_values(["source_code", "occurred_us"], kind="stable")
    source = ordered["source_code"].to_numpy()
    begins = np.flatnonzero(np.r_[True, source[1:] != source[:-1]][: len(source)])
    day = SortedDay(
        sources=tuple(str(name) for name in source[begins]),
        starts=np.r_[begins, len(source)].astype(np.int64),
        occurred_us=ordered["occurred_us"].to_numpy(np.int64),
        value=ordered["value"].to_numpy(np.float64),
        quality=quality_codes(ordered["quality"]),
        copies=np.zeros(len(begins), np.int64),
    )
    return without_copies(day, ordered["heard_us"].to_numpy(), ordered["journal_id"].to_numpy())


def quality_codes(quality: "pd.Series[str]") -> NDArray[np.uint8]:
    """Places in `QUALITIES`."""
    import pandas as pd

    return pd.Categorical(quality, categories=list(QUALITIES)).codes.astype(np.uint8)


def only(day: SortedDay, kept: NDArray[np.bool_]) -> SortedDay | None:
    """The readings of a day that are `kept`, without sources that have none left; None if none is."""
    if kept.all():
        return day
    starts = np.r_[0, np.cumsum(kept)][day.starts]
    left = np.flatnonzero(np.diff(starts))
    if not len(left):
        return None
    return SortedDay(
        sources=tuple(day.sources[at] for at in left),
        starts=np.r_[starts[left], starts[-1]],
        occurred_us=day.occurred_us[kept],
        value=day.value[kept],
        quality=day.quality[kept],
        copies=day.copies[left],
    )


def has_copies(occurred_us: Integers, starts: Integers) -> bool:
    """Whether a source states one collect time more than once; readings as in a `SortedDay`."""
    same = occurred_us[1:] == occurred_us[:-1]
    if not same.any():
        return False
    same[starts[1:-1] - 1] = False
    return bool(same.any())


def without_copies(day: SortedDay, heard_us: NDArray[Any], journal_id: NDArray[Any]) -> SortedDay:
    """A sorted day, but with several statements of one instant, reduced to the one that counts of each.

    `heard_us` and `journal_id` belong to its rows. Returns the same day if nothing comes twice.
    """
    if not has_copies(day.occurred_us, day.starts):
        return day
    begins = np.r_[True, day.occurred_us[1:] != day.occurred_us[:-1]]
    begins[day.starts[:-1]] = True
    first = np.flatnonzero(begins)
    end = np.r_[first[1:], len(begins)]
    kept = first.copy()
    for group in np.flatnonzero(end - first > 1):
        rows = range(first[group], end[group])
        by_receipt = sorted((int(heard_us[row]), str(journal_id[row]), *_said(day, row), row) for row in rows)
        earliest: dict[str, int] = {}
        for _, batch, *_, row in by_receipt:
            earliest.setdefault(batch, row)
        kept[group] = list(earliest.values())[-1]
    starts = np.searchsorted(first, day.starts).astype(np.int64)
    return SortedDay(
        sources=day.sources,
        starts=starts,
        occurred_us=day.occurred_us[kept],
        value=day.value[kept],
        quality=day.quality[kept],
        copies=day.copies + np.diff(day.starts) - np.diff(starts),
    )


def _said(day: SortedDay, row: int) -> tuple[bool, float, int]:
    """What a reading says, in a form that can be ordered."""
    value = float(day.value[row])
    return (value == value, value if value == value else 0.0, int(day.quality[row]))
