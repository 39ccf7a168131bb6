"""A file of times and values, as anybody has one: the series in it, and how it writes its instants.

UTF-8, GBK or UTF-16, with or without a heading; commas, semicolons, tabs or bars; a decimal point or comma.
Instants: ISO 8601 with or without a zone, year/month/day, yyyyMMddHHmmss, Chinese, or seconds, milliseconds …
since 1970. One without a zone is local time (Asia/Shanghai). Rows nobody can read are counted, and the first
few are told; of several rows of one instant the greatest value stands.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from rdchem.calendar import SHANGHAI
from rdchem.errors import InputError
from rdchem.foreign_text import visible
from rdchem.platform.csv_grid import decode
from rdchem.readings.series import Floats, Series, ordered

TIME_NAMES: Final = ("time", "timestamp", "datetime", "date", "ds", "时间", "时刻", "日期", "采集时间", "t")
VALUE_NAMES: Final = ("value", "y", "values", "reading", "值", "数值", "读数", "实时值", "v")
_EMPTY: Final = ("", "-", "--", "na", "n/a", "nan", "null", "none", "空", "无")
_EPOCH_UNITS: Final = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e20, 1e9))
_COMPACT: Final = re.compile(
    r"(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])(?:[0-2]\d[0-5]\d(?:[0-5]\d)?)?"
)
_CHINESE: Final = str.maketrans(
    {"年": "-", "月": "-", "日": " ", "时": ":", "点": ":", "分": ":", "秒": "", "/": "-"}
)
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")
_ZONE: Final = re.compile(r"(?:Z|[+-]\d{2}:?\d{2})\s*$")
_OTHER_FORMATS: Final = (
    "%Y%m%d%H%M%S", "%Y%m%d%H%M", "%Y%m%d", "%Y-%m-%d %H:%M:%S.%f", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M",
    "%Y-%m-%d", "%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y.%m.%d %H:%M:%S", "%Y.%m.%d %H:%M",
    "%m-%d-%Y %H:%M:%S", "%m-%d-%Y %H:%M", "%d-%m-%Y %H:%M:%S", "%d-%m-%Y %H:%M",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Zone:
    """How a file writes its instants: `offset` from UTC, and whether it says so."""

    offset: timedelta
    told: bool

    def text(self, instant: datetime) -> str:
        """An instant as this file would write it, ISO 8601."""
        local = instant.astimezone(timezone(self.offset))
        local = local if self.told else local.replace(tzinfo=None)
        return local.isoformat(timespec="milliseconds" if local.microsecond else "seconds")


@dataclass(frozen=True, slots=True)
class SignalFile:
    """What a file holds. `bad`: rows that could not be read, by line and what stood there."""

    series: Series
    zone: Zone
    rows: int
    bad: tuple[tuple[int, str], ...]


def read_signal_file(path: Path, time: str, value: str) -> SignalFile:
    """The signal of a file; columns by their heading or number from 1, found by themselves if empty.

    Raises InputError if it holds no signal at all.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"读不了 {path}:{error}。请检查路径和权限。") from error
    lines = [line for line in decode(path.name, content).splitlines() if line.strip(" \t,;|")]
    if not lines:
        raise InputError(f"{path.name} 是空的。应为每行一个时刻和数值的 CSV。")
    rows, decimal_comma = _split(lines)
    heading = _heading(rows)
    body = rows[1:] if heading else rows
    at, of = _columns(path.name, heading, body, time, value)
    times = _times(body, at)
    seconds, zone = _seconds(times)
    values, worded = _values([_cell(row, of) for row in body], decimal_comma)
    unread = ~np.isfinite(seconds) | worded
    if unread.all():
        raise InputError(
            f"{path.name} 没有一行读得出时刻和数值,如首行 {visible(lines[0])[:80]!r}。"
            "请用 --time、--value 指明列,时刻应如 2026-09-15 08:50:00。"
        )
    first_line = 2 if heading else 1
    bad = tuple(
        (int(row) + first_line, visible(lines[row + first_line - 1])[:80]) for row in np.flatnonzero(unread)
    )
    seconds = np.where(unread, np.nan, seconds)
    return SignalFile(ordered(seconds, values), zone, len(body), bad)


def read_instant(text: str, zone: Zone) -> float:
    """The second of an instant somebody typed; without a zone it is in that of the file."""
    seconds, told = _seconds([text])
    if not np.isfinite(seconds[0]):
        raise InputError(f"时刻 {text!r} 不对,应如 2026-09-15T09:20:00 或 2026-09-15T09:20:00+08:00。")
    shift = 0.0 if told.told else (told.offset - zone.offset).total_seconds()
    return float(seconds[0]) + shift


def _times(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """The instants of rows; a date whose time of day stands in another column is put together with it."""
    width = max((len(row) for row in rows[:200]), default=0)
    clocks = [one for one in range(width) if all(_CLOCK.fullmatch(_cell(row, one)) for row in rows[:200])]
    dates = [_cell(row, at) for row in rows]
    if not clocks or any(":" in date for date in dates[:200]):
        return dates
    return [f"{date} {_cell(row, clocks[0])}" for date, row in zip(dates, rows, strict=True)]


def _split(lines: Sequence[str]) -> tuple[list[list[str]], bool]:
    """The cells of every line, and whether numbers have a decimal comma."""
    sample = lines[:50]
    counts = {mark: min(line.count(mark) for line in sample) for mark in (";", "\t", "|", ",")}
    mark = next((mark for mark in (";", "\t", "|") if counts[mark]), ",")
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark))
    return rows, mark != ","


def _heading(rows: Sequence[Sequence[str]]) -> Sequence[str] | None:
    """The first row, if none of its cells is an instant or a number."""
    cells = [cell.strip() for cell in rows[0]]
    numbers, _ = _values(cells, decimal_comma=True)
    is_row = np.isfinite(numbers).any() or np.isfinite(_seconds(cells)[0]).any()
    return None if is_row else cells


def _columns(
    name: str, heading: Sequence[str] | None, body: Sequence[Sequence[str]], time: str, value: str
) -> tuple[int, int]:
    sample = body[:200]
    width = max((len(row) for row in sample), default=0)
    columns = [[_cell(row, place) for row in sample] for place in range(width)]
    dated = [float(np.isfinite(_seconds(column)[0]).mean()) for column in columns]
    at = _named(name, heading, time, width) if time else _known(heading, TIME_NAMES, dated)
    if at is None:
        at = next((place for place, share in enumerate(dated) if share > 0.5), None)
    numbers = [float(np.isfinite(_values(column, decimal_comma=True)[0]).mean()) for column in columns]
    of = _named(name, heading, value, width) if value else _known(heading, VALUE_NAMES, numbers)
    if of is None:
        of = next((place for place, share in enumerate(numbers) if share > 0 and place != at), None)
    if at is None or of is None:
        missing = "时刻" if at is None else "数值"
        shown = "、".join(heading) if heading else f"共 {width} 列"
        raise InputError(f"{name} 里找不到{missing}列({shown})。请用 --time、--value 指明列名或列号。")
    return at, of


def _named(name: str, heading: Sequence[str] | None, asked: str, width: int) -> int:
    if heading and asked in heading:
        return list(heading).index(asked)
    if asked.isdecimal() and 1 <= int(asked) <= width:
        return int(asked) - 1
    shown = "、".join(heading) if heading else f"没有表头,共 {width} 列"
    raise InputError(f"{name} 里没有 {asked!r} 这一列({shown})。请给出列名,或从 1 起的列号。")


def _known(heading: Sequence[str] | None, names: Sequence[str], shares: Sequence[float]) -> int | None:
    """The column with a known name that holds what it says."""
    folded = [cell.casefold() for cell in heading or ()]
    for known in names:
        if known in folded and folded.index(known) < len(shares) and shares[folded.index(known)] > 0:
            return folded.index(known)
    return None


def _cell(row: Sequence[str], place: int) -> str:
    return row[place].strip() if place < len(row) else ""


def _values(cells: Sequence[str], decimal_comma: bool) -> tuple[Floats, Any]:
    """The numbers of cells, NaN where there is none, and which cells say something that is no number."""
    texts = pd.Series(list(cells), dtype="object").astype(str).str.strip()
    numbers = pd.to_numeric(texts, errors="coerce")
    wrong = numbers.isna()
    if wrong.any() and decimal_comma:
        again = texts[wrong].str.replace(",", ".", regex=False)
        numbers = numbers.copy()
        numbers[wrong] = pd.to_numeric(again, errors="coerce")
    worded = numbers.isna() & ~texts.str.casefold().isin(_EMPTY)
    return numbers.to_numpy(np.float64), worded.to_numpy(bool)


def _seconds(cells: Sequence[str]) -> tuple[Floats, Zone]:
    """The seconds of instants, NaN where a cell is none, and the zone of the first one."""
    texts = pd.Series(list(cells), dtype="object").astype(str).str.strip().str.strip("'\"")
    seconds = np.full(len(texts), np.nan)
    compact = texts.str.fullmatch(_COMPACT).to_numpy(bool)
    numbers = pd.to_numeric(texts, errors="coerce").to_numpy(np.float64)
    epoch = np.isfinite(numbers) & ~compact & (np.abs(numbers) >= 1e8)
    for below, per_second in reversed(_EPOCH_UNITS):
        taken = epoch & (np.abs(numbers) < below)
        seconds[taken] = numbers[taken] / per_second
    written = ~epoch & ~(np.isfinite(numbers) & ~compact) & (texts.str.len().to_numpy() >= 6)
    places = np.flatnonzero(written)
    zone = Zone(timedelta(0), told=True)
    if not places.size:
        return seconds, zone
    kept = texts.iloc[places]
    zoned = kept.str.contains(_ZONE).to_numpy(bool) & kept.str.contains(":", regex=False).to_numpy(bool)
    local = SHANGHAI.utcoffset(datetime(2026, 1, 1)) or timedelta(0)  # noqa: DTZ001
    seconds[places] = _parsed(kept) - np.where(zoned, 0.0, local.total_seconds())
    if epoch.any():
        return seconds, zone
    first = next((place for place in range(places.size) if np.isfinite(seconds[places[place]])), 0)
    if not zoned[first]:
        return seconds, Zone(local, told=False)
    stated = _ZONE.search(kept.iloc[first])
    return seconds, Zone(_offset(stated.group().strip() if stated else "Z"), told=True)


def _offset(text: str) -> timedelta:
    if text == "Z":
        return timedelta(0)
    digits = text[1:].replace(":", "")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return -offset if text[0] == "-" else offset


def _parsed(texts: "pd.Series[str]") -> Floats:
    """Seconds since 1970 of written instants, as if those without a zone were UTC."""
    plain = texts.str.translate(_CHINESE).str.strip().str.rstrip(":")
    moments = pd.to_datetime(plain, format="ISO8601", errors="coerce", utc=True)
    for form in _OTHER_FORMATS:
        left = moments.isna()
        if not left.any():
            break
        moments = moments.copy()
        moments[left] = pd.to_datetime(plain[left], format=form, errors="coerce", utc=True)
    since = moments - pd.Timestamp(datetime(1970, 1, 1, tzinfo=UTC))
    return np.asarray(since.dt.total_seconds(), np.float64)
