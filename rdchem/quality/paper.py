"""What is expected of what people write: announcements, declared work, permits, declarations."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from great_expectations.expectations.row_conditions import Column

from rdchem.model.outcome import Severity
from rdchem.quality.expectation import (
    CONSIDERABLE,
    CONSISTENT,
    GENERAL,
    LOW,
    TIMELY,
    UNIQUE,
    VALID,
    Expectation,
    between,
    clock_is_not_ahead,
    goes_forward,
    is_empty,
    is_given,
    is_meant,
    is_true,
    is_unique,
    that,
)

MOST: Final = {
    "units_total": ("生产装置套数", 300),
    "hot_work_special": ("特级动火数", 50),
    "hot_work_grade_1": ("一级动火数", 100),
    "hot_work_grade_2": ("二级动火数", 200),
    "other_work_most": ("其他作业数", 500),
}
"""Counts beyond these are taken for typing errors. Our own bounds, not anybody's limit."""

SAME_DAYS: Final = 7
"""An announcement that says all the same on more days on end than these is shown. Our own bound."""

FILED_WITHIN_S: Final = 3600
"""A permit that reaches us later than this after its issue is shown. Our own bound."""

CONTRADICTED: Final = "同一编号、版本号和时间收到内容不同的报文,无从分辨哪一份有效"


def of_commitments() -> Iterator[Expectation]:
    """Announcements, every version."""
    table, published = "commitments", Column("state") == "published"
    yield is_given(table, "promised_by", "承诺公告 {key}:承诺人未填写", published)
    yield is_meant(table, "promised_by", "承诺公告 {key}:承诺人“{value}”是占位内容")
    yield is_given(table, "risk_grade", "承诺公告 {key}:风险等级未填写", published)
    for column, (title, most) in MOST.items():
        if column != "other_work_most":
            yield is_given(table, column, f"承诺公告 {{key}}:{title}未填写", published)
        message = f"承诺公告 {{key}}:{title} {{value}} 大得不合常理(超过 {most})"
        yield that(table, f"{column}_is_plausible", message, between(column, 0, most), VALID, LOW)
    yield clock_is_not_ahead(table, "承诺公告")
    message = "承诺公告 {key}:同一版本号收到内容不同的报文"
    yield is_unique(table, "seq", message, among=["company_code", "message_id", "seq"])
    yield _says_one_thing(table, "承诺公告")
    yield from _own_words(table)


def of_work_items(day: date) -> Iterator[Expectation]:
    """Declared items in force."""
    table, hot, today = "work_items", Column("operation") == "01", day.toordinal()
    yield is_given(table, "ticket_no", "申报作业 {key}:动火作业未填作业票编号", hot)
    yield is_given(table, "hot_work_grade", "申报作业 {key}:动火作业未填级别", hot)
    for column, title in {"place": "作业地点", "person": "负责人"}.items():
        yield is_given(table, column, f"申报作业 {{key}}:{title}未填写")
        yield is_meant(table, column, f"申报作业 {{key}}:{title}“{{value}}”是占位内容")
    yield is_given(table, "begin_at", "申报作业 {key}:开始时间未填写")
    yield is_given(table, "end_at", "申报作业 {key}:结束时间未填写")
    yield goes_forward(table, "duration_s", "ends_after_it_begins", "申报作业 {key}:结束时间不晚于开始时间")
    message = f"申报作业 {{key}}:开始于业务日 {day} 之后"
    begins = between("begin_ordinal", high=today)
    yield that(table, "begins_by_the_business_day", message, begins, CONSISTENT)
    message = f"申报作业 {{key}}:业务日 {day} 之前已结束"
    ends = between("end_ordinal", today)
    yield that(table, "ends_on_the_business_day_or_later", message, ends, CONSISTENT)
    yield is_unique(table, "item_id", "申报作业 {key}:同一企业内明细编号重复")
    yield is_unique(table, "ticket_no", "申报作业 {key}:作业票编号“{value}”被多条明细共用")
    yield clock_is_not_ahead(table, "申报作业")


def of_permits(day: date) -> Iterator[Expectation]:
    """The newest version of each permit."""
    table, real = "permits", Column("status").is_in(["approved", "working", "closed"])
    for column, title in {"place": "动火地点", "worker": "动火人", "guardian": "监护人"}.items():
        yield is_given(table, column, f"作业票 {{key}}:{title}未填写", real)
        yield is_meant(table, column, f"作业票 {{key}}:{title}“{{value}}”是占位内容")
    yield is_meant(table, "ticket_no", "作业票 {key}:编号是占位内容")
    for column, title in {
        "issued_at": "签发",
        "plan_start_at": "计划开始",
        "plan_end_at": "计划结束",
    }.items():
        yield is_given(table, column, f"作业票 {{key}}:{title}时间未填写", real)
    yield goes_forward(table, "plan_s", "plan_ends_after_it_starts", "作业票 {key}:计划结束不晚于计划开始")
    yield goes_forward(table, "work_s", "work_ends_after_it_starts", "作业票 {key}:实际结束不晚于实际开始")
    yield is_unique(table, "ticket_no", "作业票 {key}:同一企业内编号重复", only=real)
    message = "作业票 {key}:同一版本号收到 {value} 份内容不同的报文"
    versions = between("same_seq_count", high=1)
    yield that(table, "version_is_unique", message, versions, UNIQUE, CONSIDERABLE)
    yield _says_one_thing(table, "作业票")
    message = "作业票 {key}:签发 {value} 秒之后才第一次报来,请核实是否补录"
    yield that(
        table, "permit_is_filed_when_issued", message, between("filed_after_s", high=FILED_WITHIN_S), TIMELY
    )
    message = f"作业票 {{key}}:签发日期晚于业务日 {day}"
    issued = between("issued_ordinal", high=day.toordinal())
    yield that(table, "issued_by_the_business_day", message, issued, TIMELY, shown="issued_at")
    yield clock_is_not_ahead(table, "作业票")


def of_declarations() -> Iterator[Expectation]:
    """Offline declarations and out-of-service records."""
    table = "declarations"
    yield is_given(table, "reason", "离线申报或停用记录 {key}:原因未填写")
    yield is_meant(table, "reason", "离线申报或停用记录 {key}:原因“{value}”是占位内容")
    message = "离线申报或停用记录 {key}:恢复时间不晚于离线时间"
    yield goes_forward(table, "planned_s", "returns_after_it_stops", message)
    message = "离线申报或停用记录 {key}:{value} 个点位未登记"
    yield that(table, "sources_are_known", message, between("unknown_sources", high=0), CONSISTENT)
    yield clock_is_not_ahead(table, "离线申报或停用记录")


def _says_one_thing(table: str, title: str) -> Expectation:
    message, test = f"{title} {{key}}:{CONTRADICTED}", is_true("says_one_thing")
    return that(
        table, "version_says_one_thing", message, test, UNIQUE, Severity.MAJOR, "journal_id", critical=True
    )


def _own_words(table: str) -> Iterator[Expectation]:
    """Copied announcements: hints, for a plant that rests says the same every day."""
    tests: tuple[tuple[str, str, Any, str, Severity], ...] = (
        (
            "says_something_new",
            f"承诺公告 {{key}}:内容与前面 {{value}} 天完全相同(超过 {SAME_DAYS} 天),请核实是否照抄",
            between("same_days", high=SAME_DAYS),
            "same_days",
            LOW,
        ),
        (
            "declares_work_of_its_day",
            "承诺公告 {key}:申报的作业与 {value} 逐项相同,请核实是否照抄",
            is_empty("same_work_as"),
            "same_work_as",
            LOW,
        ),
        (
            "declares_work_of_its_own",
            "承诺公告 {key}:申报的作业与企业 {value} 当日的逐项相同,请核实是否照抄",
            is_empty("same_as_enterprise"),
            "same_as_enterprise",
            GENERAL,
        ),
    )
    for name, message, test, shown, severity in tests:
        yield that(table, name, message, test, VALID, severity, shown)
