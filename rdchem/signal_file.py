"""A file of times and values, as anybody has one: the series in it, and how it writes its instants.

UTF-8, GBK or UTF-16, with or without a heading; commas, semicolons, tabs or bars; a decimal point or comma;
instants as `rdchem.written_instants` reads them. Rows nobody can read are counted, and the first few are
told; of several rows of one instant the greatest value stands.
"""

import csv
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd

from rdchem.errors import InputError
from rdchem.foreign_text import visible
from rdchem.platform.csv_grid import decode
from rdchem.readings.series import Floats, Series, ordered
from rdchem.written_instants import Zone, seconds_of

TIME_NAMES: Final = ("time", "timestamp", "datetime", "date", "ds", "时间", "时刻", "日期", "采集时间", "t")
VALUE_NAMES: Final = ("value", "y", "values", "reading", "值", "数值", "读数", "实时值", "v")
_EMPTY: Final = ("", "-", "--", "na", "n/a", "nan", "null", "none", "空", "无")
_UNIT: Final = re.compile(r"(?<=\d)\s*[^\d\s,.eE:/-][^\d\s:]{0,7}$")
"""What stands behind a number."""
_GROUPED: Final = re.compile(r"[-+]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_CLOCK: Final = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


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
    written = enumerate(decode(path.name, content).splitlines(), 1)
    told = [(number, line) for number, line in written if line.strip(" \t,;|") and line[0] != "#"]
    lines = [line for _, line in told]
    if not lines:
        raise InputError(f"{path.name} 是空的。应为每行一个时刻和数值的 CSV。")
    rows, decimal_comma = _split(lines)
    heading = _heading(rows)
    body = rows[1:] if heading else rows
    at, of = _columns(path.name, heading, body, time, value)
    times = _times(body, at)
    seconds, zone = seconds_of(times)
    values, worded = _values([_cell(row, of) for row in body], decimal_comma)
    unread = ~np.isfinite(seconds) | worded
    if unread.all():
        raise InputError(
            f"{path.name} 没有一行读得出时刻和数值,如首行 {visible(lines[0])[:80]!r}。"
            "请用 --time、--value 指明列,时刻应如 2026-09-15 08:50:00。"
        )
    first = 1 if heading else 0
    bad = tuple((told[row + first][0], visible(lines[row + first])[:80]) for row in np.flatnonzero(unread))
    seconds = np.where(unread, np.nan, seconds)
    return SignalFile(ordered(seconds, values), zone, len(body), bad)


def _times(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """The instants of rows; a date whose time of day stands in another column is put together with it."""
    width = max((len(row) for row in rows[:200]), default=0)
    clocks = [one for one in range(width) if all(_CLOCK.fullmatch(_cell(row, one)) for row in rows[:200])]
    dates = [_cell(row, at) for row in rows]
    if not clocks or any(":" in date for date in dates[:200]):
        return dates
    return [f"{date} {_cell(row, clocks[0])}" for date, row in zip(dates, rows, strict=True)]


def _split(lines: Sequence[str]) -> tuple[list[list[str]], bool]:
    """The cells of every line, and whether numbers have a decimal comma. Where nothing else parts them blanks
    do.
    """
    sample = lines[:50]
    counts = {mark: min(line.count(mark) for line in sample) for mark in (";", "\t", "|", ",")}
    if not any(mark in line for mark in counts for line in sample):
        return [line.split() for line in lines], True
    mark = next((mark for mark in (";", "\t", "|") if counts[mark]), ",")
    rows = list(csv.reader(io.StringIO("\n".join(lines)), delimiter=mark))
    return rows, mark != ","


def _heading(rows: Sequence[Sequence[str]]) -> Sequence[str] | None:
    """The first row, if none of its cells is an instant or a number."""
    cells = [cell.strip() for cell in rows[0]]
    numbers, _ = _numbers(cells, decimal_comma=True)
    is_row = np.isfinite(numbers).any() or np.isfinite(seconds_of(cells)[0]).any()
    return None if is_row else cells


def _columns(
    name: str, heading: Sequence[str] | None, body: Sequence[Sequence[str]], time: str, value: str
) -> tuple[int, int]:
    sample = body[:200]
    width = max((len(row) for row in sample), default=0)
    columns = [[_cell(row, place) for row in sample] for place in range(width)]
    dated = [float(np.isfinite(seconds_of(column)[0]).mean()) for column in columns]
    at = _named(name, heading, time, width) if time else _known(heading, TIME_NAMES, dated)
    if at is None:
        at = next((place for place, share in enumerate(dated) if share > 0.5), None)
    of = _named(name, heading, value, width) if value else _value_column(heading, columns, at)
    if at is None or of is None:
        missing = "时刻" if at is None else "数值"
        shown = "、".join(heading) if heading else f"共 {width} 列"
        raise InputError(f"{name} 里找不到{missing}列({shown})。请用 --time、--value 指明列名或列号。")
    return at, of


def _value_column(
    heading: Sequence[str] | None, columns: Sequence[Sequence[str]], at: int | None
) -> int | None:
    """The column with the values: one that is called so, or the first that holds numbers and does not but
    number the rows; of numbers with something behind them only where there are no others.
    """
    for read in (_numbers, _values):
        shares = [float(np.isfinite(read(column, decimal_comma=True)[0]).mean()) for column in columns]
        known = _known(heading, VALUE_NAMES, shares)
        told = [place for place, share in enumerate(shares) if share > 0 and place != at]
        told.sort(key=lambda place: _counts_rows(columns[place]))
        if known is not None or told:
            return told[0] if known is None else known
    return None


def _counts_rows(column: Sequence[str]) -> bool:
    """Whether a column but numbers the rows."""
    numbers, _ = _numbers(column, decimal_comma=False)
    return len(column) > 1 and bool(np.isfinite(numbers).all() and (np.diff(numbers) == 1).all())


def _named(name: str, heading: Sequence[str] | None, asked: str, width: int) -> int:
    folded = [cell.casefold() for cell in heading or ()]
    if heading and asked in heading:
        return list(heading).index(asked)
    if folded.count(asked.strip().casefold()) == 1:
        return folded.index(asked.strip().casefold())
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
    """The numbers of cells, NaN where there is none, and which cells say something that is no number; digits
    may be in groups, and a unit behind them.
    """
    numbers, texts = _numbers(cells, decimal_comma)
    wrong = np.isnan(numbers)
    if wrong.any():
        again = texts[wrong].str.replace(_UNIT, "", regex=True)
        grouped = again.str.fullmatch(_GROUPED)
        again[grouped] = again[grouped].str.replace(",", "", regex=False)
        numbers[wrong] = pd.to_numeric(again, errors="coerce")
    worded = np.isnan(numbers) & ~texts.str.casefold().isin(_EMPTY).to_numpy(bool)
    return numbers, worded


def _numbers(cells: Sequence[str], decimal_comma: bool) -> tuple[Floats, "pd.Series[str]"]:
    """The numbers of cells that are nothing else, NaN where there is none; and their texts."""
    texts = pd.Series(list(cells), dtype="object").astype(str).str.strip()
    numbers = pd.to_numeric(texts, errors="coerce")
    wrong = numbers.isna()
    if wrong.any() and decimal_comma:
        again = texts[wrong].str.replace(",", ".", regex=False)
        numbers = numbers.copy()
        numbers[wrong] = pd.to_numeric(again, errors="coerce")
    return numbers.to_numpy(np.float64, copy=True), texts
