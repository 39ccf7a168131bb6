"""One cell -> the value its column's type asks for, or a Fault saying what was found and what is expected."""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from typing import Any, Final

from rdchem.calendar import SHANGHAI
from rdchem.platform.grid import EXACT_BELOW, Cell, Fault, text_of
from rdchem.platform.profile import Profile, plain_text, shipped

_CODE = re.compile(r"[0-9A-Za-z_.-]{1,40}")
_ROUNDED = re.compile(r"[0-9](?:\.[0-9]+)?[eE]\+[0-9]+")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2}))?")
_WRITTEN = re.compile(
    r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?"
    r"(?:[T\s]*(\d{1,2})(?:[时点]|:(?=\d))(?:(\d{1,2})(?:分|:(?=\d))?(?:(\d{1,2})(?:\.\d{1,9})?秒?)?)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?"
)
_EXPECTED_TIME: Final = "应如 2026-09-15 09:20:00、2026/9/15 9:20、20260915092000 或 2026年9月15日 9时20分"
_SPLIT = re.compile(r"[;,、;,\n]")
_LENGTHS: Final = {"identifier": 120, "name": 200, "text": 4000, "tag": 80}


def read_cell(kind: str, cell: Cell, profile: Profile | None = None) -> Any:
    """The value of a cell, None if it is empty, or a Fault; by the shipped profile if none is given."""
    if cell is None or isinstance(cell, Fault):
        return cell
    profile = profile or shipped()
    if isinstance(cell, str) and plain_text(cell) in profile.choices("empty"):
        return None
    kind, _, which = kind.partition(":")
    if which or kind == "flag":
        return _choice(which or kind, cell, profile)
    return _READERS[kind](cell)


def _choice(which: str, cell: Cell, profile: Profile) -> Any:
    text, known = text_of(cell), profile.choices(which)
    if plain_text(text) not in known:
        listed = "、".join(list(known)[:12])
        where = f"{profile.file} 的 {which}(本县自己的写法用 RDCHEM_PROFILE_FILE)"
        return Fault("unknown_code", f"“{text}”不在代码表中,已知:{listed};如确有此代码,请补充 {where}")
    return known[plain_text(text)]


def _code(cell: Cell) -> Any:
    text = text_of(cell)
    if damaged := _damaged_code(cell):
        return damaged
    if not _CODE.fullmatch(text):
        return Fault("bad_code", f"“{text[:60]}”不是编码,应为 1–40 位字母、数字、点、横线或下划线")
    return text


def _damaged_code(cell: Cell) -> Fault | None:
    """What a spreadsheet does to codes it takes for numbers or dates."""
    text = text_of(cell)
    if (isinstance(cell, int | float) and abs(cell) >= EXACT_BELOW) or _ROUNDED.fullmatch(text):
        reason = f"“{text}”是被 Excel 存成数字的编码,末几位已丢失;请把该列设为文本格式后重新导出"
        return Fault("excel_rounded_code", reason)
    if isinstance(cell, date):
        return Fault("excel_date_code", f"编码被 Excel 转成了日期“{text}”;请把该列设为文本格式后重新导出")
    return None


def _codes(cell: Cell) -> Any:
    return _several(cell, _code)


def _identifiers(cell: Cell) -> Any:
    return _several(cell, _identifier)


def _several(cell: Cell, reader: Callable[[Cell], Any]) -> Any:
    parts: list[Cell] = [cell]
    if isinstance(cell, str):
        parts = [part.strip() for part in _SPLIT.split(cell) if part.strip()]
    values = [reader(part) for part in parts]
    return next((value for value in values if isinstance(value, Fault)), values)


def _area(cell: Cell) -> Any:
    text = text_of(cell)
    if not re.fullmatch(r"[0-9]{6}", text):
        return Fault("bad_code", f"“{text[:60]}”不是行政区划代码,应为 6 位数字")
    return text


def _text(kind: str) -> Callable[[Cell], Any]:
    most = _LENGTHS[kind]

    def read(cell: Cell) -> Any:
        text = text_of(cell)
        if len(text) > most:
            return Fault("too_long", f"有 {len(text)} 个字符,最多 {most} 个")
        return text

    return read


def _identifier(cell: Cell) -> Any:
    return _damaged_code(cell) or _text("identifier")(cell)


def _number(cell: Cell) -> Any:
    text = plain_text(text_of(cell))
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number) or "_" in text or isinstance(cell, bool):
        return Fault("bad_number", f"“{text_of(cell)[:60]}”不是数字")
    return number


def _count(cell: Cell) -> Any:
    number = _number(cell)
    if isinstance(number, Fault) or not number.is_integer() or not 0 <= number <= 100_000:
        return Fault("bad_number", f"“{text_of(cell)[:60]}”不是个数,应为 0–100000 的整数")
    return int(number)


def _moment(cell: Cell) -> Any:
    found = _instant(cell)
    if isinstance(found, Fault):
        return found
    instant, has_time_of_day = found
    if not has_time_of_day:
        return Fault("bad_time", f"“{text_of(cell)}”只有日期,没有时刻;{_EXPECTED_TIME}")
    return instant


def _time(cell: Cell) -> Any:
    found = _instant(cell)
    return found if isinstance(found, Fault) else found[0]


def _day(cell: Cell) -> Any:
    found = _instant(cell)
    return found if isinstance(found, Fault) else found[0].astimezone(SHANGHAI).date()


def _instant(cell: Cell) -> tuple[datetime, bool] | Fault:
    """An instant in UTC, and whether a time of day was given. Times without a zone are Shanghai's."""
    if isinstance(cell, datetime):
        return _believable(cell.replace(tzinfo=SHANGHAI), True, text_of(cell))
    if isinstance(cell, date):
        return _believable(datetime.combine(cell, time(0), SHANGHAI), False, text_of(cell))
    return _parse(text_of(cell))


@lru_cache(maxsize=65_536)
def _parse(text: str) -> tuple[datetime, bool] | Fault:
    plain = unicodedata.normalize("NFKC", text).strip()
    found = _COMPACT.fullmatch(plain) or _WRITTEN.fullmatch(plain)
    if found is None:
        return Fault("bad_time", f"“{text[:60]}”不是时间,{_EXPECTED_TIME}")
    year, month, day, hour, minute, second = (int(part or 0) for part in found.groups()[:6])
    midnight = (hour, minute, second) == (24, 0, 0)
    try:
        instant = datetime(
            year, month, day, 0 if midnight else hour, minute, second, tzinfo=_zone(found.groups()[6:])
        )
    except ValueError:
        return Fault("bad_time", f"“{text[:60]}”不是存在的时间,{_EXPECTED_TIME}")
    return _believable(instant + timedelta(days=midnight), found[4] is not None, text)


def _zone(offset: tuple[str | None, ...]) -> tzinfo:
    if not offset or offset[0] is None:
        return SHANGHAI
    if offset[0] == "Z":
        return UTC
    sign = -1 if offset[0][0] == "-" else 1
    return timezone(sign * timedelta(hours=int(offset[0][1:3]), minutes=int(offset[0][-2:])))


def _believable(instant: datetime, has_time_of_day: bool, text: str) -> tuple[datetime, bool] | Fault:
    if not 2000 <= instant.year < 2100:
        return Fault("bad_time", f"“{text[:60]}”不在 2000–2100 年之间")
    return instant.astimezone(UTC), has_time_of_day


_READERS: Final[dict[str, Callable[[Cell], Any]]] = {
    "code": _code,
    "codes": _codes,
    "identifier": _identifier,
    "identifiers": _identifiers,
    "area": _area,
    "name": _text("name"),
    "text": _text("text"),
    "tag": _text("tag"),
    "number": _number,
    "count": _count,
    "moment": _moment,
    "time": _time,
    "day": _day,
}
