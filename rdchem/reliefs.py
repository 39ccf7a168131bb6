"""When nothing is held against an enterprise: our outages, the platform's, and what an office decided. Pure.

Every relief is recorded in the verdict with who says so and why: a listener's own record, the volume over all
enterprises, or an officer's decision. Judging the same day later by a rulebook with a new relief in it is
another verdict; the one of the morning stands.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, time, timedelta

from rdchem import calendar
from rdchem.decisions import Relief
from rdchem.enterprise_day import DayFacts
from rdchem.model.day import BlindInterval, EnterpriseDay
from rdchem.model.document import ReliefLine


def relieved(known: DayFacts, reliefs: Iterable[Relief], as_of: datetime) -> DayFacts:
    """The same day with what was decided: nothing an enterprise did not send then counts against it."""
    gaps = [(one, _interval(one, as_of)) for one in reliefs]
    past = [(one, gap) for one, gap in gaps if gap.start < gap.end]
    return replace(known, days=tuple(_with(day, past) for day in known.days)) if past else known


def relief_lines(known: DayFacts, reliefs: Iterable[Relief], as_of: datetime) -> list[ReliefLine]:
    """All that is held against nobody, as lines of the verdict, oldest first."""
    found = [_line(gap, None) for gap in known.blind]
    decided = [(one, _interval(one, as_of)) for one in reliefs]
    found += [_line(gap, one) for one, gap in decided if gap.start < gap.end]
    return sorted(found, key=lambda line: (line.begins_at, line.ends_at, line.decision or ""))


def _with(day: EnterpriseDay, reliefs: Iterable[tuple[Relief, BlindInterval]]) -> EnterpriseDay:
    area = day.register.enterprise.area_code
    own = [gap for one, gap in reliefs if one.concerns(day.company_code, area)]
    if not own:
        return day
    return replace(day, blind=tuple(sorted((*day.blind, *own), key=lambda gap: gap.start)))


def _interval(one: Relief, as_of: datetime) -> BlindInterval:
    end = _at(one.until, one.ends)
    return BlindInterval(
        _at(one.since, one.begins),
        min(end, as_of),
        lossless=False,
        open=end >= as_of,
        ours=one.whose == "ours",
        decision=one.told,
    )


def _at(day: date, clock: str) -> datetime:
    if clock == "24:00":
        return calendar.at(day + timedelta(days=1), time(0))
    return calendar.at(day, time.fromisoformat(clock))


def _line(gap: BlindInterval, one: Relief | None) -> ReliefLine:
    by, reason = ("采集端记录", "本系统采集中断") if gap.ours else ("全部企业的数据量", "平台或传输中断")
    return ReliefLine(
        begins_at=gap.start.isoformat(),
        ends_at=gap.end.isoformat(),
        whose="ours" if gap.ours else "transport",
        by=one.author if one else by,
        reason=one.told if one else reason,
        decision=one.id if one else None,
        enterprise=one.enterprise if one else "",
        area=one.area if one else "",
        lossless=gap.lossless,
        open=gap.open,
    )
