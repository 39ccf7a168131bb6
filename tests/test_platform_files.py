"""Workbooks with what spreadsheets do to them, files that cannot be used, and arbitrary ones."""

import csv
import io
import zipfile
from datetime import UTC, date, datetime, timedelta
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.errors import InputError
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.permit import HotWorkPermit
from rdchem.platform import BadRow, LoadedMessage
from rdchem.platform.tables import known_tables
from tests.exports import AT, COUNTS, PERMIT, SENSOR, messages, read, sheet, table, workbook


def test_spreadsheet_dates_and_numbers() -> None:
    local = datetime(2026, 9, 15, 9, 5)  # noqa: DTZ001
    row = {
        "COMPANY_CODE": 320600001.0,
        "COMMITE_DATE": date(2026, 9, 15),
        "CREATE_TIME": local,
        "FIRES_NUMBER": 2.0,
    }
    title = [["如东县安全承诺公告"], [None], [None, "导出:2026-09-15"]]
    content = workbook([*title, *table(row), [None, None, None], *table(row)[1:]], hidden=True)
    loaded = read(content, "公告.xlsx")
    assert [one.origin for one in loaded] == ["公告.xlsx!说明#1", "公告.xlsx!表1#5", "公告.xlsx!表1#7"]
    assert isinstance(loaded[0], BadRow)
    assert loaded[0].code == "unknown_sheet"
    assert isinstance(loaded[1], LoadedMessage)
    said = loaded[1].message
    assert isinstance(said, SafetyCommitment)
    assert (said.company_code, said.hot_work.special) == ("320600001", 2)
    assert said.occurred_at == datetime(2026, 9, 15, 1, 5, tzinfo=UTC)
    assert loaded[1].message == loaded[2].message  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("cell", "column", "code"),
    [
        (32062070700205001, "TARGET_CODE", "excel_rounded_code"),
        (3.2062070700205e16, "TARGET_CODE", "excel_rounded_code"),
        (datetime(2026, 9, 15), "TARGET_CODE", "excel_date_code"),  # noqa: DTZ001
        ("#N/A", "TARGET_NAME", "error_cell"),
        ("=A1", "TARGET_NAME", "formula_without_value"),
        (date(2026, 9, 15), "LAST_COLLECT_TIME", "bad_time"),
        (46280.39, "LAST_COLLECT_TIME", "bad_time"),
        (timedelta(hours=9), "LAST_COLLECT_TIME", "bad_time"),
        (True, "LOW_VALUE", "bad_number"),
    ],
)
def test_cells_a_spreadsheet_spoils(cell: Any, column: str, code: str) -> None:
    good = SENSOR | {"LAST_COLLECT_TIME": "2026-09-15 09:20:00", "LOW_VALUE": 0}
    loaded = read(workbook(table(good, good | {column: cell})), "s.xlsx")
    assert all(isinstance(one, LoadedMessage) for one in loaded[:2])
    [bad] = loaded[2:]
    assert isinstance(bad, BadRow)
    assert (bad.origin, bad.row, bad.column, bad.code) == ("s.xlsx!表1#3", 3, column, code)


def test_a_formula_that_gives_an_empty_text_is_an_empty_cell() -> None:
    content = workbook(table(SENSOR | {"UNIT": '=IF(1,"","")'}))
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for part in old.namelist():
            new.writestr(part, old.read(part).replace(b'<c r="E2">', b'<c r="E2" t="str">'))
    [without_result] = read(content)
    [empty] = messages(out.getvalue())
    assert isinstance(without_result, BadRow)
    assert empty.sources[0].unit is None


def test_leading_zeros_survive_as_text_and_as_a_number_format() -> None:
    book = openpyxl.Workbook()
    page = book.active
    assert page is not None
    for row in table(SENSOR, SENSOR | {"COMPANY_CODE": 32060001}):
        page.append(row)
    page["A3"].number_format = "000000000"
    out = io.BytesIO()
    book.save(out)
    assert [one.company_code for one in messages(out.getvalue())] == ["032060001", "032060001"]


def test_what_a_table_has_no_column_for_is_no_omission_of_a_permit() -> None:
    [bare] = messages(sheet(PERMIT))
    lacking = ["guardian", "checked_at", "camera_codes", "associated_tickets", "gas_analyses"]
    assert (bare.not_recorded, bare.breaks, bare.continuous_monitoring) == (lacking, None, None)
    filled = PERMIT | {
        "supervisorName": "",
        "checkedTime": "",
        "mobileDeviceCode": "",
        "associationTicket": "",
    }
    gas = {"ticketID": "DH-2", "gasName": "可燃气体", "analysisResults": 0.1, "resultsUnit": "%"}
    gas["analystTime"] = "2026-09-15 07:50:00"
    other = filled | {"ticketNo": "DH-2"}
    whole = messages(workbook(table(gas), table(filled, other)), "票.xlsx")
    assert [one.not_recorded for one in whole] == [[], []]


def test_breaks_and_permits_of_other_operations_are_read() -> None:
    pause = {"ticketID": "DH-1", "中断开始时间": "2026-09-15 11:30", "恢复作业时间": "2026-09-15 13:00"}
    [hot] = messages(workbook(table(PERMIT | {"是否连续监测": "否"}), table(pause)), "票.xlsx")
    assert hot.continuous_monitoring is False
    assert [(one.until - one.since).total_seconds() for one in hot.breaks] == [5400]
    other = {
        "companyCode": "320600001", "作业类型": "受限空间", "ticketNo": "SX-1", "ticketStatus": "已审批",
        "作业地点": "罐内", "planStartTime": "20260915090000", "planEndTime": "20260915170000",
    }  # fmt: skip
    [confined] = messages(sheet(other))
    assert (confined.operation_code, confined.title, confined.breaks) == ("02", "受限空间作业票 SX-1", None)
    [bad] = read(sheet(other | {"作业类型": "动火"}))
    assert (bad.code, "动火级别" in bad.reason) == ("missing_grade", True)


def test_children_sheets_are_joined_to_their_permits() -> None:
    gas = {
        "ticketID": "DH-1",
        "gasName": "可燃气体",
        "analysisResults": 0.1,
        "resultsUnit": "%",
        "analystTime": AT,
    }
    gas["analystTime"] = "2026-09-15 07:50:00"
    step = {"ticketID": "DH-1", "processNodes": "安全部门", "processPersonnel": "李某", "processTime": ""}
    stray = gas | {"ticketID": "DH-2"}
    loaded = read(workbook(table(gas, stray), table(PERMIT), table(step)), "票.xlsx")
    permit, lost = loaded
    assert isinstance(permit, LoadedMessage)
    assert isinstance(permit.message, HotWorkPermit)
    assert [(one.result, one.gas) for one in permit.message.gas_analyses] == [(0.1, "可燃气体")]
    assert [one.node for one in permit.message.approvals] == ["安全部门"]
    assert isinstance(lost, BadRow)
    assert (lost.origin, lost.code) == ("票.xlsx!表1#3", "no_permit")
    with pytest.raises(InputError, match="同一工作簿"):
        read(workbook(table(gas)))


def _zip(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 512
BOOK = {"[Content_Types].xml": b"<Types/>"}


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "空文件"),
        (b"\n\n ,\n", "空文件"),
        (workbook([]), "空文件"),
        (OLE, r"旧版 \.xls"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "加密"),
        (_zip({"a.csv": b"1"}), "不是 xlsx 工作簿"),
        (_zip({**BOOK, "xl/workbook.xml": b"<a"}), "不是完整的 xlsx"),
        (workbook(table(SENSOR))[:-40], "不是完整的 xlsx"),
        (_zip({**BOOK, "xl/workbook.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><a/>'}), "DTD"),
        (_zip({**BOOK, "xl/worksheets/sheet1.xml": b" " * (60 << 20)}), "压缩炸弹"),
        (_zip({**BOOK, "xl/worksheets/sheet1.xml": b'<c r="XFD1"/>'}), "300 列"),
        (_zip({**BOOK, "xl/worksheets/sheet1.xml": b'<row r="999999999"/>'}), "200000 行"),
        (b"<html><table>", "网页"),
        (b"a\0b\0", "NUL"),
        (b" " * (51 << 20), "51 MB"),
        ("姓名,电话\n张,1\n".encode(), "没有认得的表头"),
        (sheet({key: "1" for key in COUNTS if key != "CREATE_TIME"} | {"FIRES_NUMBER": "1"}), "CREATE_TIME"),
        (
            b"COMPANY_CODE,GATEWAY_CODE,TARGET_CODE,LAST_VALUE\n1,2,3,4\n",
            "实时数据”,但缺少列:LAST_COLLECT_TIME",
        ),
        (b"COMPANY_CODE,GATEWAY_CODE,company code\n1,2,3\n", "表头重复:COMPANY_CODE"),
        (b"COMPANY_CODE,GATEWAY_CODE,,UPDATE_TIME\n1,2,3,\n4,5,6,\n", "表头“GATEWAY_CODE”右侧一列"),
        (workbook([["COMPANY_CODE", "GATEWAY_CODE"], ["1", "2", "3"]]), "表头“GATEWAY_CODE”右侧一列"),
        (("COMPANY_CODE,GATEWAY_CODE\n" + '"a"b\n' * 200).encode(), "引号不成对"),
        (("COMPANY_CODE,GATEWAY_CODE" + ",x" * 300 + "\n").encode(), "300 列"),
        (("COMPANY_CODE,GATEWAY_CODE\n" + "1,2\n" * 200_001).encode(), "200000 行"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says) as refused:
        read(content)
    assert "请" in str(refused.value)


@settings(max_examples=200, deadline=None)
@given(
    st.binary(max_size=400),
    st.sampled_from([b"", b"COMPANY_CODE,GATEWAY_CODE,GATEWAY_NAME\n", workbook(table(SENSOR))]),
)
def test_any_bytes_are_read_or_refused(noise: bytes, before: bytes) -> None:
    try:
        loaded = read(before + noise)
    except InputError:
        return
    assert all(isinstance(one, LoadedMessage | BadRow) for one in loaded)


CELLS = st.one_of(
    st.text(max_size=30), st.sampled_from(["1", "2026-09-15 09:00:00", "01", "一级", "已审批", "", "0"])
)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_no_row_is_ever_lost(data: st.DataObject) -> None:
    known = data.draw(st.sampled_from([one for one in known_tables() if one.part_of is None]))
    width = len(known.columns)
    rows = data.draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=4))
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow([column.headers[0] for column in known.columns])
    writer.writerows(rows)
    try:
        content = text.getvalue().encode()
    except UnicodeEncodeError:
        return
    told = {one.origin for one in read(content)}
    filled = {
        f"t.csv#{number}" for number, row in enumerate(rows, start=2) if any(cell.strip() for cell in row)
    }
    assert told == filled
