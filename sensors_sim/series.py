"""A real series drives a point: values of a file, straight in between, day after day."""

import csv
import math
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from rdchem.calendar import SHANGHAI
from rdchem.errors import InputError
from sensors_sim.signals import DAY_S

HEAD: Final = ["time", "value"]


@dataclass(frozen=True, slots=True)
class Series:
    """Values at seconds since 1970-01-01 UTC, which rise.

    It is repeated after the fewest whole days that hold it, so that each value stays at its time of day; from
    its last value it goes straight to its first again.
    """

    seconds: tuple[float, ...]
    values: tuple[float, ...]

    def at(self, second: int) -> float:
        """The value at a second, in the unit of the source."""
        first = self.seconds[0]
        days = int((self.seconds[-1] - first) // DAY_S) + 1
        wanted = first + (second - first) % (days * DAY_S)
        after = bisect_right(self.seconds, wanted)
        again = after == len(self.seconds)
        left, right = self.seconds[after - 1], first + days * DAY_S if again else self.seconds[after]
        here, there = self.values[after - 1], self.values[0 if again else after]
        return here + (there - here) * (wanted - left) / (right - left)


def read_series(path: Path) -> Series:
    """The series of a UTF-8 CSV file with the heading `time,value`, times rising, local or with their zone.

    Raises InputError with the line of what is wrong.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(_rows(path, csv.reader(file, strict=True)))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"读不了数据序列 {path}:{error}。应为 UTF-8 的 CSV,表头 time,value。") from error
    if not rows:
        raise InputError(f"{path} 没有数据行。表头 time,value 之下每行一个时刻和数值。")
    seconds, values = zip(*rows, strict=True)
    return Series(seconds, values)


def _rows(path: Path, lines: Iterator[list[str]]) -> Iterator[tuple[float, float]]:
    before = -math.inf
    for number, cells in enumerate(lines, start=1):
        if number == 1:
            if [cell.strip() for cell in cells] != HEAD:
                raise InputError(f"{path} 第 1 行应为表头 time,value,实为 {','.join(cells)!r}。")
        elif cells:
            second, value = _row(path, number, cells)
            if second <= before:
                raise InputError(f"{path} 第 {number} 行:时刻 {cells[0]} 不晚于上一行,请排序并去重。")
            before = second
            yield second, value


def _row(path: Path, number: int, cells: list[str]) -> tuple[float, float]:
    try:
        time, value = cells
        at, shown = datetime.fromisoformat(time.strip()), float(value)
        if not math.isfinite(shown):
            raise ValueError
    except ValueError as error:
        raise InputError(
            f"{path} 第 {number} 行 {','.join(cells)!r} 不对:应为时刻和数值,如 2026-09-15 08:50:00,12.5。"
        ) from error
    return (at if at.tzinfo else at.replace(tzinfo=SHANGHAI)).timestamp(), shown
