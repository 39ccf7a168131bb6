"""A sheet of an exported file as rows of cells, before anybody knows what the columns mean."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

MOST_BYTES: Final = 50 * 1024 * 1024
MOST_ROWS: Final = 200_000
MOST_COLUMNS: Final = 300
EXACT_BELOW: Final = 10**15
"""Spreadsheets keep 15 digits: a longer whole number may have lost its last ones."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a cell, or a whole row, cannot be understood: a code, a Chinese sentence, and what stood there."""

    code: str
    reason: str
    shown: str = ""


Cell = str | int | float | datetime | date | Fault | None
"""Text without surrounding blanks, a spreadsheet's number or date (local, no zone), or None if empty.

A `date` is a date cell shown without a time of day.
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One row with anything in it; `number` counts from 1 as a person sees it in the file."""

    number: int
    cells: Sequence[Cell]
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class Grid:
    """A csv file, or one sheet of a workbook."""

    file: str
    sheet: str | None
    rows: Sequence[Row]

    def origin(self, number: int) -> str:
        """Where a row is, as people say it: `permits.xlsx!Sheet1#12`."""
        return f"{self.file}{f'!{self.sheet}' if self.sheet is not None else ''}#{number}"


def text_of(cell: Cell) -> str:
    """A cell as a person reads it; whole numbers without a decimal point."""
    match cell:
        case None:
            return ""
        case Fault():
            return cell.shown
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer() and abs(cell) < EXACT_BELOW:
            return str(int(cell))
        case datetime():
            return cell.strftime("%Y-%m-%d %H:%M:%S")
        case date():
            return cell.isoformat()
        case _:
            return str(cell)


def text_cell(text: str) -> Cell:
    """The cell a text makes: None if blank, a fault if it holds what no text holds."""
    text = text.strip()
    if not text:
        return None
    if "\ufffd" in text:
        return Fault("undecodable", "含无法解码的字符,请以 UTF-8 或 GBK 编码重新导出", text)
    if any(ord(character) < 32 and character not in "\t\n\r" for character in text):
        return Fault("control_character", "含不可见的控制字符(如 NUL),请重新导出", text)
    return text
