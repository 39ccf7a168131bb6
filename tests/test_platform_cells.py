"""Headers and cells as platforms write them: understood exactly, or told with place and reason."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import get_args

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from rdchem.calendar import SHANGHAI
from rdchem.model.commitment import HotWorkGrade, Operation, SafetyCommitment
from rdchem.model.permit import HotWorkPermit, TicketStatus
from rdchem.model.source import Enterprise, Quantity, Register
from rdchem.platform import BadRow, LoadedMessage
from rdchem.platform.cells import read_cell
from rdchem.platform.profile import shipped
from rdchem.platform.tables import known_tables, plain, read_header
from tests.exports import COUNTS, PERMIT, SENSOR, WORK, messages, read, sheet


def test_every_listed_header_is_understood_and_stands_for_one_field() -> None:
    for known in known_tables():
        owners: dict[str, str] = {}
        for column in known.columns:
            for header in column.headers:
                assert owners.setdefault(header, column.field) == column.field, (known.name, header)
        for turn in range(max(len(column.headers) for column in known.columns)):
            cells = [column.headers[turn % len(column.headers)] for column in known.columns]
            match = read_header(cells)
            assert (match.table.name, match.lacking) == (known.name, ())
            assert match.places == {column.field: place for place, column in enumerate(known.columns)}


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("companyCode", "COMPANY_CODE"),
        ("\ufeff Company Code ", "COMPANY_CODE"),
        ("*企业编码(必填)", "企业编码"),
        ("COMPANY_CODE", "COMPANY_CODE"),
        ("生产装置(套)", "生产装置"),
    ],
)
def test_headers_are_compared_without_their_decoration(written: str, known: str) -> None:
    assert plain(written) == plain(known)


def test_the_three_families_of_names_say_the_same() -> None:
    upper = {**COUNTS, "FIRES_NUMBER": "1", "FIRE1_NUMBER": "2", "FIRE2_NUMBER": "", "COMMITMENT": "王建国"}
    camel = dict(
        zip(
            (
                "companyCode",
                "commitDate",
                "createTime",
                "firesNumber",
                "fire1Number",
                "fire2Number",
                "commitment",
            ),
            ("032060001", "20260915", "20260915090500", "1", "2", "", "王建国"),
            strict=True,
        )
    )
    chinese = dict(
        zip(
            ("公司编码", "承诺日期", "公告时间", "特殊动火", "一级动火数", "二级动火", "主要负责人"),
            ("032060001", "2026年9月15日", "2026年9月15日 9时05分", "1", "2", "", "王建国"),
            strict=True,
        )
    )
    [one], [two], [three] = (messages(sheet(row)) for row in (upper, camel, chinese))
    assert one == two == three
    assert isinstance(one, SafetyCommitment)
    assert (one.hot_work.special, one.hot_work.grade_1, one.hot_work.grade_2) == (1, 2, None)
    assert one.units.total is None
    assert one.company_code == "032060001"


def test_an_index_column_and_a_second_line_of_headers_do_no_harm() -> None:
    content = ",COMPANY_CODE,GATEWAY_CODE,GATEWAY_NAME\n,企业编码,网关编码,网关名称\n0,032060001,G1,一号\n"
    [loaded] = read(content.encode())
    assert isinstance(loaded, LoadedMessage)
    assert loaded.origin == "t.csv#3"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("above", ["", "如东县动火作业票汇总表\n导出时间:2026-09-15,09:21\n\n"])
def test_encodings_delimiters_and_titles_do_not_matter(encoding: str, delimiter: str, above: str) -> None:
    row = PERMIT | {"fireLocation": "二车间\n泵区,东侧"}
    [loaded] = read(sheet(row, encoding=encoding, delimiter=delimiter, above=above))
    assert isinstance(loaded, LoadedMessage)
    assert isinstance(loaded.message, HotWorkPermit)
    assert loaded.message.place == "二车间\n泵区,东侧"
    assert loaded.origin == ("t.csv#5" if above else "t.csv#2")


CAMERA = {"COMPANY_CODE": "1", "VIDEO_CODE": "2", "VIDEO_NAME": "一号", "HAZARD_CODE": "3"}
HAZARD = {"COMPANY_CODE": "1", "HAZARD_CODE": "3", "HAZARD_NAME": "罐", "HAZARD_LEVEL": "1"}


@pytest.mark.parametrize(
    ("good", "spoilt", "column", "code"),
    [
        (COUNTS, {"CREATE_TIME": "昨天"}, "CREATE_TIME", "bad_time"),
        (COUNTS, {"CREATE_TIME": "2026-09-15"}, "CREATE_TIME", "bad_time"),
        (COUNTS, {"CREATE_TIME": "2026-02-30 08:00:00"}, "CREATE_TIME", "bad_time"),
        (COUNTS, {"CREATE_TIME": "1999-12-31 08:00:00"}, "CREATE_TIME", "bad_time"),
        (COUNTS, {"CREATE_TIME": "2100-01-01 09:00:00"}, "CREATE_TIME", "bad_time"),
        (COUNTS, {"CREATE_TIME": "15/09/2026 08:00"}, "CREATE_TIME", "bad_time"),
        (COUNTS, {"CREATE_TIME": "2026-09-15 9:"}, "CREATE_TIME", "bad_time"),
        (COUNTS, {"COMPANY_CODE": "032 060"}, "COMPANY_CODE", "bad_code"),
        (COUNTS, {"COMPANY_CODE": "3.2062E+17"}, "COMPANY_CODE", "excel_rounded_code"),
        (COUNTS, {"COMPANY_CODE": " "}, "COMPANY_CODE", "missing"),
        (COUNTS, {"COMPANY_CODE": "NULL"}, "COMPANY_CODE", "missing"),
        (COUNTS, {"FIRES_NUMBER": "1.5"}, "FIRES_NUMBER", "bad_number"),
        (COUNTS, {"FIRES_NUMBER": "-1"}, "FIRES_NUMBER", "bad_number"),
        (COUNTS, {"FIRES_NUMBER": "两处"}, "FIRES_NUMBER", "bad_number"),
        (COUNTS, {"TEST": "也许"}, "TEST", "unknown_code"),
        (COUNTS, {"COMMITMENTSTATE": ""}, "COMMITMENTSTATE", "missing"),
        (COUNTS, {"COMMITMENTSTATE": "0"}, "UPDATE_TIME", "bad_time"),
        (COUNTS, {"AREA_CODE": "如东"}, "AREA_CODE", "bad_code"),
        (COUNTS, {"SUBJECT": "承诺\x00"}, "SUBJECT", "control_character"),
        (COUNTS, {"SUBJECT": "承诺\ufffd"}, "SUBJECT", "undecodable"),
        (COUNTS, {"COMMITMENT": "王" * 201}, "COMMITMENT", "too_long"),
        (PERMIT, {"ticketStatus": "7"}, "ticketStatus", "unknown_code"),
        (PERMIT, {"fireLevel": "三级"}, "fireLevel", "unknown_code"),
        (PERMIT, {"longitude": "inf"}, "longitude", "bad_number"),
        (PERMIT, {"longitude": "181"}, "", "schema"),
        (WORK, {"TASK_GRADE": "三级"}, "TASK_GRADE", "unknown_code"),
        (WORK, {"COMMITE_DATE": ""}, "COMMITE_DATE", "missing"),
        (CAMERA, {"VIDEO_NAME": ""}, "VIDEO_NAME", "missing"),
        (CAMERA, {"ONLINE": "1"}, "ONLINE_UPDATE_TIME", "missing"),
        (CAMERA, {"ONLINE_UPDATE_TIME": "2026-09-15 09:00:00"}, "ONLINE", "missing"),
        (HAZARD, {"HAZARD_LEVEL": "5"}, "HAZARD_LEVEL", "unknown_code"),
        (HAZARD, {"DELETED": "1"}, "DELETED", "deleted"),
    ],
)
def test_a_cell_that_cannot_be_understood_makes_its_row_bad(
    good: dict[str, str], spoilt: dict[str, str], column: str, code: str
) -> None:
    assert messages(sheet(good))
    [bad] = read(sheet(good | spoilt, above="县级汇总\n"), "县.csv")
    assert isinstance(bad, BadRow)
    assert (bad.origin, bad.file, bad.row, bad.column, bad.code) == ("县.csv#3", "县.csv", 3, column, code)
    assert any("\u4e00" <= character <= "\u9fff" for character in bad.reason)
    assert json.loads(bad.cells) == {key: value for key, value in (good | spoilt).items() if value.strip()}


def test_a_bad_row_never_stops_the_good_ones() -> None:
    lines = [
        "COMPANY_CODE,GATEWAY_CODE,GATEWAY_NAME",
        "A1,G1,一号",
        "A1,G2",
        'A1,"G3,三号',
        "",
        "A1,G4,四号,多",
        'A1,"G"5,五号',
        "A1,G6,=HYPERLINK(1),",
    ]
    loaded = read("\n".join(lines).encode())
    assert [(one.origin, one.code if isinstance(one, BadRow) else "") for one in loaded] == [
        ("t.csv#2", ""),
        ("t.csv#3", "cell_count"),
        ("t.csv#4", "csv_syntax"),
        ("t.csv#6", "cell_count"),
        ("t.csv#7", "csv_syntax"),
        ("t.csv#8", ""),
    ]
    assert isinstance(loaded[-1], LoadedMessage)
    assert isinstance(loaded[-1].message, Register)
    assert loaded[-1].message.gateways[0].name == "=HYPERLINK(1)"


def test_a_broken_spot_in_utf_8_is_one_bad_row_and_no_reason_to_read_it_as_gbk() -> None:
    content = sheet(*(SENSOR | {"TARGET_CODE": f"{n:04}"} for n in range(5)))
    broken = content.replace("液位".encode(), b"\xe6\xb6\xff", 1)
    loaded = read(broken)
    assert [isinstance(one, BadRow) for one in loaded] == [True, False, False, False, False]
    assert isinstance(loaded[1], LoadedMessage)
    assert isinstance(loaded[1].message, Register)
    assert loaded[1].message.sources[0].name == "液位"


@given(st.datetimes(datetime(2000, 1, 2), datetime(2099, 12, 30)))  # noqa: DTZ001
def test_every_way_of_writing_an_instant_is_that_instant(local: datetime) -> None:
    local = local.replace(microsecond=0)
    expected = local.replace(tzinfo=SHANGHAI).astimezone(UTC)
    for pattern in ("%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S.0", "%Y%m%d%H%M%S", "%Y年%m月%d日 %H时%M分%S秒"):
        assert read_cell("moment", local.strftime(pattern)) == expected
    assert read_cell("moment", expected.isoformat()) == expected
    assert read_cell("moment", local) == expected
    minute = expected.replace(second=0)
    for pattern in ("%Y/%-m/%-d %-H:%M", "%Y年%-m月%-d日%-H时%-M分", "%Y-%m-%dT%H:%M"):
        assert read_cell("moment", local.strftime(pattern)) == minute
    assert read_cell("day", local.strftime("%Y.%m.%d")) == local.date()


def test_a_code_kept_as_a_number_is_believed_while_spreadsheets_keep_all_its_digits() -> None:
    assert read_cell("code", 999_999_999_999_999) == "999999999999999"
    assert read_cell("code", 1e15).code == "excel_rounded_code"
    assert read_cell("identifier", 10**15).code == "excel_rounded_code"


def test_midnight_written_as_24_is_the_next_day() -> None:
    assert read_cell("moment", "2026-09-15 24:00") == datetime(2026, 9, 15, 16, tzinfo=UTC)


def test_code_lists_mean_values_the_contract_knows() -> None:
    text = (Path(__file__).parents[1] / "rdchem/platform/profile.yaml").read_text(encoding="utf-8")
    for name, entry in yaml.safe_load(text).items():
        assert {"title", "since", "source", "values"} == set(entry), name
    states = set(shipped().choices("enterprise_state").values())
    assert states == set(get_args(get_args(Enterprise.__annotations__["state"])[0]))
    assert set(shipped().choices("hot_work_grade").values()) == {grade.value for grade in HotWorkGrade}
    assert set(shipped().choices("operation").values()) == {kind.value for kind in Operation}
    assert set(shipped().choices("quantity").values()) == {quantity.value for quantity in Quantity}
    assert set(shipped().choices("ticket_status").values()) == {status.value for status in TicketStatus} | {
        "void"
    }
    for grade, texts in {
        "special": "特级 特殊 0 special",
        "grade_1": "一级 1 grade1",
        "grade_2": "二级 2",
    }.items():
        assert {read_cell("choice:hot_work_grade", one) for one in texts.split()} == {grade}
