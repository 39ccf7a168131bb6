"""The verb `online`: time-weighted online rate and drops of a day or a month; nothing is stored."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

from rdchem import calendar
from rdchem.availability import Availability, totals
from rdchem.day_facts import facts
from rdchem.errors import InputError, NotReadyError
from rdchem.home import Home
from rdchem.intake import project_all
from rdchem.rulebook import rulebook_on


def online(first: date, last: date, by: str, as_of: datetime | None = None) -> dict[str, Any]:
    """Rates and drops of all days from first to last that have begun, each to its end or to `as_of`.

    Returns `{"from", "to", "as_of", "by", "target", "days", "rows": [{"enterprise", "kind", "code", "rate",
    "online_h", "offline_h", "drops", "out_of_service_h", "blind_h", "sources"}]}`; `sources` are source days.
    """
    moment = min(as_of or datetime.now(UTC), datetime.now(UTC))
    if calendar.day_bounds(first)[0] >= moment:
        raise InputError(f"{first} 还没有开始。请给一个已开始的日子或月份。")
    home = Home.open()
    try:
        project_all(home.settings, home.engine)
        found: dict[tuple[str, str, str], Availability] = {}
        days = 0
        for day in _days(first, last, moment):
            known = facts(home, day, min(moment, calendar.day_bounds(day)[1]), courses=True, signals=False)
            known.refuse_removed(("readings", "camera_status"))
            days += bool(known.days)
            for key, one in totals(known.days, by).items():
                found[key] = found.get(key, Availability()) + one
    finally:
        home.engine.dispose()
    if not found:
        raise NotReadyError(f"{first} 至 {last} 没有任何企业登记。请先接入登记信息。")
    target = rulebook_on(first, home.settings.rulebook_files).limits.rate("online_rate_target")
    return {
        "from": first.isoformat(),
        "to": last.isoformat(),
        "as_of": moment.isoformat(),
        "by": by,
        "target": target,
        "days": days,
        "rows": [_row(*key, one) for key, one in sorted(found.items())],
    }


def _days(first: date, last: date, moment: datetime) -> Iterator[date]:
    day = first
    while day <= last and calendar.day_bounds(day)[0] < moment:
        yield day
        day += timedelta(days=1)


def _row(company: str, kind: str, code: str, one: Availability) -> dict[str, Any]:
    return {
        "enterprise": company,
        "kind": kind,
        "code": code,
        "rate": None if one.rate is None else round(one.rate, 6),
        "online_h": _hours(one.online),
        "offline_h": _hours(one.offline),
        "drops": one.drops,
        "out_of_service_h": _hours(one.out_of_service),
        "blind_h": _hours(one.blind),
        "sources": one.sources,
    }


def _hours(duration: timedelta) -> float:
    return round(duration / timedelta(hours=1), 4)
