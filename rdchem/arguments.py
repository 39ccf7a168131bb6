"""What people type: days, instants, forms; anything else is refused with an example of what is expected."""

from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time
from typing import TypeVar

from rdchem.calendar import SHANGHAI, local_text
from rdchem.errors import InputError

T = TypeVar("T")


def form(text: str) -> str:
    """How a result is to be shown."""
    if text not in ("table", "json"):
        raise InputError(f"--format 应为 table 或 json,不是 {text!r}。")
    return text


def day(text: str) -> date:
    """A business day."""
    return _parsed(text, date.fromisoformat, "日期", "2026-09-15")


def moment(day_text: str, as_of: str) -> tuple[date, datetime]:
    """The day, and the instant to judge as of: as asked, else the morning's own, never the future."""
    from rdchem.jobs import morning_as_of

    the_day, now = day(day_text), datetime.now(UTC)
    asked = instant(as_of, the_day) if as_of else min(morning_as_of(the_day), now)
    refuse_the_future(asked)
    return the_day, asked


def refuse_the_future(asked: datetime) -> None:
    """Raise InputError if an instant is yet to come: nobody can know by then what is received until then."""
    if asked > datetime.now(UTC):
        raise InputError(f"截至时刻 {local_text(asked)} 还没有到。请给一个已过去的时刻。")


def two_moments(day_text: str, as_of: Sequence[str]) -> tuple[date, datetime, datetime]:
    """The day, and two past instants, the earlier one first."""
    instants = sorted({moment(day_text, one)[1] for one in as_of})
    if len(instants) != 2 or len(as_of) != 2:
        raise InputError("应给出两个不同的截至时刻,如 --as-of 09:21 --as-of 12:00。")
    return day(day_text), instants[0], instants[1]


def instant(text: str, on: date | None) -> datetime:
    """An instant; without an offset it is local time, and a bare time of day belongs to the day `on`."""
    if on is not None and len(text) <= len("09:21:00"):
        moment = datetime.combine(on, _parsed(text, time.fromisoformat, "时刻", "09:21"))
    else:
        moment = _parsed(text, datetime.fromisoformat, "时刻", "2026-09-15T09:21:00+08:00")
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def _parsed(text: str, parse: Callable[[str], T], what: str, example: str) -> T:
    try:
        return parse(text)
    except ValueError as error:
        raise InputError(f"{what} {text!r} 不对,应如 {example}。") from error
