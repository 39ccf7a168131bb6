"""The report as a workbook, with every square of the ledger and every row of the quality checks.

Every cell is written as text or as a number of our own; nothing others wrote can become a formula or a link.
"""

import io
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

from rdchem.foreign_text import visible
from rdchem.reports.exceptions import TITLE, ExceptionReport
from rdchem.reports.sheets import Column, Rows, sheets

_WRAPS_FROM: Final = 18
"""Texts of narrower columns stay on one line, lest a row grow as high as a page."""
_LONGEST_CELL: Final = 32_767
_CUT: Final = "…(已截断)"
_CREATED: Final = datetime(2022, 1, 1)  # noqa: DTZ001 - a fixed stamp keeps equal workbooks equal bytes
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")


def write(report: ExceptionReport) -> bytes:
    """The workbook's bytes."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, _OPTIONS) as workbook:
        workbook.set_properties({"title": f"{report.day} {TITLE}", "created": _CREATED})
        book = _Book(workbook, f"{report.day} {TITLE}")
        for name, columns, rows in sheets(report):
            book.sheet(name, columns, rows)
    return target.getvalue()


class _Book:
    """Sheets that look alike: frozen filtered header, wrapped text, landscape A4 as wide as the page."""

    def __init__(self, workbook: xlsxwriter.Workbook, title: str) -> None:
        self._workbook = workbook
        self._title = title
        look = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "border": 1}
        self._header = workbook.add_format({**look, "bold": True, "bg_color": "#E8EEF5", "text_wrap": True})
        self._line = workbook.add_format({**look, "num_format": "@"})
        self._text = workbook.add_format({**look, "text_wrap": True, "num_format": "@"})
        self._number = workbook.add_format(look)

    def sheet(self, name: str, columns: Sequence[Column], rows: Rows) -> None:
        sheet = self._workbook.add_worksheet(name)
        for column, (title, width) in enumerate(columns):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, self._header)
        looks = [self._text if width >= _WRAPS_FROM else self._line for _, width in columns]
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(last, column, value, self._number)
                elif value:
                    sheet.write_string(last, column, _fitting(value), looks[column])
                else:
                    sheet.write_blank(last, column, None, looks[column])
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, len(columns) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.7, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_header(f"&L{self._title}&R{name}")
        sheet.set_footer("&C第 &P 页 / 共 &N 页")


def _fitting(text: str) -> str:
    """A text as a cell can hold it: what XML cannot carry is spelled out, the too long is cut."""
    if not text.isprintable():  # nearly all text is, and XML can carry it
        text = _NOT_IN_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(text))
    if len(text) <= _LONGEST_CELL // 2:
        return text
    units = text.encode("utf-16-le")  # a cell's length is counted in these, two bytes each
    if len(units) <= 2 * _LONGEST_CELL:
        return text
    return units[: 2 * (_LONGEST_CELL - len(_CUT))].decode("utf-16-le", "ignore") + _CUT
