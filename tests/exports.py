"""Files as platforms hand them in, made by hand, and what is read from them."""

import csv
import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import openpyxl

from rdchem.platform import BadRow, LoadedMessage, read_file

AT = datetime(2026, 9, 15, 1, 21, tzinfo=UTC)
COUNTS = {"COMPANY_CODE": "032060001", "COMMITE_DATE": "2026-09-15", "CREATE_TIME": "2026-09-15 09:05:00"}
PERMIT = {
    "companyCode": "032060001",
    "ticketNo": "DH-1",
    "ticketStatus": "作业中",
    "fireLevel": "一级",
    "planStartTime": "20260915080000",
    "planEndTime": "20260915160000",
}
SENSOR = {
    "COMPANY_CODE": "032060001",
    "TARGET_CODE": "0001",
    "TARGET_NAME": "液位",
    "HAZARD_CODE": "032060001001",
}


def read(content: bytes, name: str = "t.csv") -> list[LoadedMessage | BadRow]:
    return read_file(name, content, received_at=AT, area_code="320623")


def messages(content: bytes, name: str = "t.csv") -> list[Any]:
    loaded = read(content, name)
    assert not [one for one in loaded if isinstance(one, BadRow)]
    return [one.message for one in loaded if isinstance(one, LoadedMessage)]


def sheet(*rows: dict[str, Any], encoding: str = "utf-8", delimiter: str = ",", above: str = "") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter)
    writer.writeheader()
    writer.writerows(rows)
    return (above + text.getvalue()).encode(encoding)


def workbook(*sheets: Sequence[Sequence[Any]], hidden: bool = False) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for number, rows in enumerate(sheets, start=1):
        page = book.create_sheet(f"表{number}")
        for row in rows:
            page.append(list(row))
    if hidden:
        book.create_sheet("说明").append(["请先看这里"])
        book["表1"].sheet_state = "hidden"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(*rows: dict[str, Any]) -> list[list[Any]]:
    return [list(rows[0]), *([*row.values()] for row in rows)]


WORK = {"COMPANY_CODE": "032060001", "COMMITE_DATE": "2026-09-15", "TASK_TYPE": "01", "TASK_BEGIN_TIME": ""}
