"""What people type: speeds, days, instants, topic filters, a morning; the rest is refused with an example."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path

from rdchem.calendar import SHANGHAI, UnknownYearError
from rdchem.errors import InputError
from rdchem.terminal import say
from sensors_sim.driven import driven_point
from sensors_sim.morning import Morning, morning
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.window import Window


def speed_factor(text: str) -> float | None:
    """Simulated seconds a second; None for as fast as can be."""
    if text == "max":
        return None
    try:
        factor = float(text)
    except ValueError as error:
        raise InputError(f"倍速 {text!r} 不对:应为 max 或正数。") from error
    if factor <= 0:
        raise InputError(f"倍速 {text!r} 不对:应为 max 或正数。")
    return factor


def business_day(text: str) -> date:
    """A business day."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"业务日 {text!r} 不对,应如 2026-09-16。") from error
    if not 2000 <= day.year < 2100:
        raise InputError(f"业务日 {text!r} 不在 2000–2099 年之间。")
    return day


def instant(text: str) -> datetime:
    """An instant; without an offset it is local time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise InputError(f"时刻 {text!r} 不对,应如 2026-09-15T09:22:00+08:00。") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)).astimezone(UTC)


def topic_filters(texts: Iterable[str]) -> tuple[str, ...]:
    """MQTT topic filters: `+` is a whole level, `#` the whole rest."""
    filters = tuple(texts)
    for text in filters:
        levels = text.split("/")
        misplaced = any(mark in level and level != mark for level in levels for mark in "+#")
        if not text or misplaced or "#" in levels[:-1] or "\0" in text:
            raise InputError(f"主题过滤器 {text!r} 不对:+ 占一整级,# 只在末级,如 rdchem/v1/+/+/readings/#。")
    return filters


def window(day: str, start: str = "08:50", end: str = "09:22") -> Window:
    """The part of a day between two local times."""
    try:
        asked = Window(date.fromisoformat(day), time.fromisoformat(start), time.fromisoformat(end))
    except ValueError as error:
        raise InputError(f"日期或时刻不对:{error}。日期如 2026-09-15,时刻如 08:50。") from error
    if asked.start >= asked.end:
        raise InputError(f"开始时刻 {start} 应早于结束时刻 {end}。")
    return asked


def simulated(
    seed: int,
    enterprises: int,
    played: Window,
    chosen: Sequence[str] | None = None,
    own: Sequence[Path] | None = None,
    series: Sequence[str] | None = None,
) -> Morning:
    """The morning of a seed with the scenarios named, or as often as the catalogue says.

    Points driven by real series are told to the reader.
    """
    catalogue = shipped_catalogue(own or ())
    scenarios = catalogue.named(chosen or ())
    driven = [driven_point(text) for text in series or ()]
    try:
        made = morning(seed, enterprises, played, catalogue=catalogue, chosen=scenarios, driven=driven)
    except UnknownYearError as error:
        raise InputError(f"{error},无法仿真 {played.day}。请换一个业务日。") from error
    for point in driven:
        say(f"由真实数据驱动:{point.told(made.plans)}")
    return made
