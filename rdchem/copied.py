"""Whether an announcement says the same as others: as the days before it, or as another enterprise's. Pure.

A plant that rests announces the same every day, and work that lasts is rightly declared again; so what is
told is a hint for data quality, never a finding. Compared are the words and numbers; ids, ticket numbers and
dates differ by nature, times of day do not.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from rdchem import calendar
from rdchem.declared import standing
from rdchem.messages import encode
from rdchem.model.commitment import SafetyCommitment, WorkItem
from rdchem.model.day import EnterpriseDay, Received

HISTORY: Final = timedelta(days=8)
"""How far back announcements are compared."""
_NO_TIME: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class Copied:
    """What an announcement repeats: how many days before it on end say all the same; the newest earlier day
    whose declared work is the same item by item; the enterprise whose declared work of this day is the same.
    """

    same_days: int | None = None
    work_of: str | None = None
    elsewhere: str | None = None


def copied(
    days: Sequence[EnterpriseDay], history: Mapping[str, Sequence[Received[SafetyCommitment]]]
) -> dict[str, Copied]:
    """Enterprise -> what its announcement in force repeats. `history`: enterprise -> versions of days before.

    An enterprise without an announcement has no entry.
    """
    current = {
        day.company_code: said.message for day in days if (said := standing(day.commitments)) is not None
    }
    works = {company_code: _work(message) for company_code, message in current.items()}
    same_work: dict[bytes, list[str]] = defaultdict(list)
    for company_code, work in works.items():
        same_work[work].append(company_code)
    found = {}
    for company_code, message in current.items():
        before, work = _by_day(history.get(company_code, ())), works[company_code]
        others = [one for one in same_work[work] if work and one != company_code]
        found[company_code] = Copied(
            _same_days(message, before), _work_of(message, work, before), min(others, default=None)
        )
    return found


def _by_day(versions: Iterable[Received[SafetyCommitment]]) -> dict[date, SafetyCommitment]:
    """The announcement that stood at last for each day."""
    of_day: dict[date, list[Received[SafetyCommitment]]] = defaultdict(list)
    for version in versions:
        of_day[version.message.day].append(version)
    stood = {day: standing(said) for day, said in of_day.items()}
    return {day: said.message for day, said in stood.items() if said is not None}


def _same_days(message: SafetyCommitment, before: Mapping[date, SafetyCommitment]) -> int | None:
    """None where the day before is not known."""
    if message.day - timedelta(days=1) not in before:
        return None
    whole, count = _whole(message), 0
    while (earlier := before.get(message.day - timedelta(days=count + 1))) and _whole(earlier) == whole:
        count += 1
    return count


def _work_of(message: SafetyCommitment, work: bytes, before: Mapping[date, SafetyCommitment]) -> str | None:
    same = [day for day, earlier in before.items() if work and day < message.day and _work(earlier) == work]
    return max(same).isoformat() if same else None


def _whole(message: SafetyCommitment) -> bytes:
    """All that is said, but for what differs by nature."""
    bare = replace(message, id="", seq=0, occurred_at=_NO_TIME, day=date.min, items=None)
    return encode(bare) + b"".join(sorted(_item(one) for one in message.items or ()))


def _work(message: SafetyCommitment) -> bytes:
    """The declared items that are over within a day, in any order; empty where there is none."""
    return b"".join(sorted(_item(one) for one in message.items or () if not _lasts(one)))


def _lasts(item: WorkItem) -> bool:
    return bool(item.begin_at and item.end_at and item.end_at - item.begin_at > timedelta(hours=24))


def _item(item: WorkItem) -> bytes:
    times = [
        calendar.local_text(instant)[11:] if instant is not None else ""
        for instant in (item.begin_at, item.end_at)
    ]
    bare = replace(item, item_id="-", ticket_no=None, begin_at=None, end_at=None)
    return encode(bare) + " ".join(times).encode()
