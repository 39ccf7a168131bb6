"""The one place that knows Asia/Shanghai, the business day, rest days with their swaps, and night.

A business day is the local calendar day. Rest days follow the State Council's yearly holiday notices as the
`chinese_calendar` package publishes them; a year it does not know is refused (`UnknownYear`), never guessed.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import islice
from zoneinfo import ZoneInfo

import chinese_calendar

from rdchem.limits import Limits

SHANGHAI = ZoneInfo("Asia/Shanghai")


class UnknownYearError(LookupError):
    """The holiday notice of that year is not known."""


def business_day(instant: datetime) -> date:
    """The local date an instant falls on."""
    return instant.astimezone(SHANGHAI).date()


def at(day: date, clock: time) -> datetime:
    """The UTC instant of a local time of day."""
    return datetime.combine(day, clock, SHANGHAI).astimezone(UTC)


@lru_cache(maxsize=1024)
def day_bounds(day: date) -> tuple[datetime, datetime]:
    """First instant of a business day and of the next, UTC."""
    return at(day, time(0)), at(day + timedelta(days=1), time(0))


def deadline(day: date, limits: Limits) -> datetime:
    """The instant by which an announcement must be published, UTC. The instant itself is still in time.

    Raises UnknownYearError where rest days have a deadline of their own and nobody knows which days they are.
    """
    resting = limits.time_or_usual("commitment_deadline_on_rest_days")
    if resting is not None and is_rest_day(day):
        return at(day, resting)
    return at(day, limits.time("commitment_deadline"))


def is_rest_day(day: date) -> bool:
    """Whether a day is a public holiday or a rest day, swapped working days taken into account."""
    try:
        return bool(chinese_calendar.is_holiday(day))
    except NotImplementedError as error:
        raise UnknownYearError(f"没有 {day.year} 年的放假安排") from error


def like_days_before(day: date, count: int) -> list[date]:
    """The newest `count` days before, of the same kind (working or rest), within eight weeks; fewer where the
    kind of a day is not known.
    """
    try:
        resting = is_rest_day(day)
        before = (day - timedelta(days=offset) for offset in range(1, 57))
        return list(islice((one for one in before if is_rest_day(one) is resting), count))
    except UnknownYearError:
        return []


def touches_night(start: datetime, end: datetime, limits: Limits) -> bool:
    """Whether [start, end) reaches into the night, whose hours are an assumption (see limits)."""
    night_starts, night_ends = limits.time("night_starts"), limits.time("night_ends")
    first = business_day(start) - timedelta(days=1)
    for offset in range((business_day(end) - first).days + 1):
        evening = at(first + timedelta(days=offset), night_starts)
        morning = at(first + timedelta(days=offset + 1), night_ends)
        if start < morning and evening < end:
            return True
    return False


def local_text(instant: datetime) -> str:
    """An instant as officers read it: `2026-09-15 09:20:00`, local time."""
    return instant.astimezone(SHANGHAI).replace(tzinfo=None).isoformat(" ", "seconds")


def span_text(start: datetime, end: datetime) -> str:
    """An interval as officers read it: `2026-09-15 09:00:00 至 09:21:00`, the day again only if another."""
    until = local_text(end)
    return f"{local_text(start)} 至 {until[11:] if business_day(start) == business_day(end) else until}"


def exact_text(instant: datetime) -> str:
    """An instant where a fraction of a second may decide: `2026-09-15 09:20:00.001`."""
    milliseconds = instant.microsecond // 1000
    return local_text(instant) + (f".{milliseconds:03}" if milliseconds else "")


def duration_text(duration: timedelta) -> str:
    """A duration as officers read it: `2 天 3 小时`, `1 小时 5 分`, `40 秒`, `不足 1 秒`."""
    if timedelta(0) < duration < timedelta(seconds=1):
        return "不足 1 秒"
    seconds = int(duration.total_seconds())
    sizes = ((86400, "天"), (3600, "小时"), (60, "分"), (1, "秒"))
    parts = []
    for size, name in sizes:
        count, seconds = divmod(seconds, size)
        if count:
            parts.append(f"{count} {name}")
    return " ".join(parts[:2]) or "0 秒"
