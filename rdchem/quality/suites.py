"""What is expected of each table, as code: a statement that should be true, its severity, its sentence."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_match_regex import (
    ExpectColumnValuesToMatchRegex,
)
from great_expectations.expectations.core.expect_column_values_to_not_be_null import (
    ExpectColumnValuesToNotBeNull,
)
from great_expectations.expectations.core.expect_column_values_to_not_match_regex import (
    ExpectColumnValuesToNotMatchRegex,
)
from great_expectations.expectations.core.expect_compound_columns_to_be_unique import (
    ExpectCompoundColumnsToBeUnique,
)
from great_expectations.expectations.row_conditions import Column

from rdchem.model.outcome import Severity

LOW, GENERAL, CONSIDERABLE = Severity.LOW, Severity.GENERAL, Severity.CONSIDERABLE

CLOCK_AHEAD_S: Final = 60
"""Our tolerance for a sender's clock running ahead; network and clocks account for less."""

MOST: Final = {
    "units_total": ("生产装置套数", 300),
    "hot_work_special": ("特级动火数", 50),
    "hot_work_grade_1": ("一级动火数", 100),
    "hot_work_grade_2": ("二级动火数", 200),
}
"""Counts beyond these are taken for typing errors. Our own bounds, not anybody's limit."""

PLACEHOLDER: Final = (
    r"(?i)^(?:无|没有|暂无|未知|不详|待定|同上|测试|张三|李四|某某|test|todo|tbd|null|none|nil|n/?a|nan|"
    r"x+|[-—_/\\.。*?0]+|1+|123\d*|abc)$"
)
"""What people type where a field must not stay empty."""

UNITS: Final = {
    "temperature": ("℃", "°C", "K"),
    "pressure": ("MPa", "kPa", "Pa", "bar", "mmHg"),
    "level": ("m", "cm", "mm", "%"),
    "flow": ("m³/h", "m3/h", "Nm³/h", "Nm3/h", "L/min", "L/h", "kg/h", "t/h"),
    "combustible_gas": ("%LEL", "LEL%", "%VOL", "VOL%", "ppm"),
    "toxic_gas": ("ppm", "ppb", "mg/m³", "mg/m3", "%VOL"),
}
"""Units a quantity may be registered in."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A statement that should be true of every row of a table.

    `column` is the value shown for a failing row, `message` a Chinese sentence with `{key}` and `{value}`,
    `test` the Great Expectations expectation.
    """

    table: str
    name: str
    column: str
    severity: Severity
    message: str
    test: Any


def expectations(day: date) -> tuple[Expectation, ...]:
    """Everything expected of the tables of a business day, in the order officers read it."""
    return (*_of_enterprises(), *_of_commitments(), *_of_work_items(day), *_of_permits(), *_of_sources())


def _of_enterprises() -> Iterator[Expectation]:
    table = "enterprises"
    form = _matches("company_code", r"^(?:[0-9A-Za-z]{9}|[0-9A-Za-z]{11}|[0-9A-Za-z]{18})$")
    yield _that(table, "company_code_has_known_form", "企业 {key}:编码不是 9、11 或 18 位字母数字", form, LOW)
    form = _matches("credit_code", r"^[0-9A-HJ-NPQRTUWXY]{18}$")
    message = "企业 {key}:统一社会信用代码“{value}”不合规则(18 位,不含 I、O、S、V、Z)"
    yield _that(table, "credit_code_has_known_form", message, form, LOW)
    yield _given(table, "name", "企业 {key}:名称未填写")
    some = _between("source_count", 1, only=Column("state").is_in(["operating", "trial"]))
    yield _that(table, "enterprise_has_sources", "企业 {key}:在产,但没有任何在用的传感器或视频", some)
    idle = Column("state").is_in(["shut_down", "out_of_scope"])
    yield _given(table, "state_reason", "企业 {key}:关停或不在监管范围,未写明原因", idle)


def _of_commitments() -> Iterator[Expectation]:
    table, published = "commitments", Column("state") == "published"
    yield _given(table, "promised_by", "承诺公告 {key}:承诺人未填写", published)
    yield _meant(table, "promised_by", "承诺公告 {key}:承诺人“{value}”是占位内容")
    yield _given(table, "risk_grade", "承诺公告 {key}:风险等级未填写", published)
    for column, (title, most) in MOST.items():
        yield _given(table, column, f"承诺公告 {{key}}:{title}未填写", published)
        message = f"承诺公告 {{key}}:{title} {{value}} 大得不合常理(超过 {most})"
        yield _that(table, f"{column}_is_plausible", message, _between(column, 0, most), LOW)
    yield _clock(table, "承诺公告")
    message = "承诺公告 {key}:同一版本号收到内容不同的报文"
    yield _unique(table, "seq", message, among=["company_code", "message_id", "seq"])


def _of_work_items(day: date) -> Iterator[Expectation]:
    table, hot, today = "work_items", Column("operation") == "01", day.toordinal()
    yield _given(table, "ticket_no", "申报作业 {key}:动火作业未填作业票编号", hot)
    yield _given(table, "hot_work_grade", "申报作业 {key}:动火作业未填级别", hot)
    for column, title in {"place": "作业地点", "person": "负责人"}.items():
        yield _given(table, column, f"申报作业 {{key}}:{title}未填写")
        yield _meant(table, column, f"申报作业 {{key}}:{title}“{{value}}”是占位内容")
    yield _given(table, "begin_at", "申报作业 {key}:开始时间未填写")
    yield _given(table, "end_at", "申报作业 {key}:结束时间未填写")
    yield _forward(table, "duration_s", "ends_after_it_begins", "申报作业 {key}:结束时间不晚于开始时间")
    message = f"申报作业 {{key}}:开始于业务日 {day} 之后"
    yield _that(table, "begins_by_the_business_day", message, _between("begin_ordinal", high=today))
    message = f"申报作业 {{key}}:业务日 {day} 之前已结束"
    yield _that(table, "ends_on_the_business_day_or_later", message, _between("end_ordinal", today))
    yield _unique(table, "item_id", "申报作业 {key}:同一企业内明细编号重复")
    yield _unique(table, "ticket_no", "申报作业 {key}:作业票编号“{value}”被多条明细共用")
    yield _clock(table, "申报作业")


def _of_permits() -> Iterator[Expectation]:
    table, real = "permits", Column("status").is_in(["approved", "working", "closed"])
    for column, title in {"place": "动火地点", "worker": "动火人", "guardian": "监护人"}.items():
        yield _given(table, column, f"作业票 {{key}}:{title}未填写", real)
        yield _meant(table, column, f"作业票 {{key}}:{title}“{{value}}”是占位内容")
    yield _meant(table, "ticket_no", "作业票 {key}:编号是占位内容")
    for column, title in {
        "issued_at": "签发",
        "plan_start_at": "计划开始",
        "plan_end_at": "计划结束",
    }.items():
        yield _given(table, column, f"作业票 {{key}}:{title}时间未填写", real)
    yield _forward(table, "plan_s", "plan_ends_after_it_starts", "作业票 {key}:计划结束不晚于计划开始")
    yield _forward(table, "work_s", "work_ends_after_it_starts", "作业票 {key}:实际结束不晚于实际开始")
    yield _unique(table, "ticket_no", "作业票 {key}:同一企业内编号重复", only=real)
    message = "作业票 {key}:同一版本号收到 {value} 份内容不同的报文"
    yield _that(table, "version_is_unique", message, _between("same_seq_count", high=1), CONSIDERABLE)
    yield _clock(table, "作业票")


def _of_sources() -> Iterator[Expectation]:
    table, sensor = "sources", Column("source_kind") == "sensor"
    yield _given(table, "name", "点位 {key}:名称未填写")
    yield _meant(table, "name", "点位 {key}:名称“{value}”是占位内容")
    yield _given(table, "hazard_code", "点位 {key}:未关联重大危险源")
    yield _that(table, "hazard_is_known", "点位 {key}:关联的重大危险源未登记", _in("hazard_is_known", [True]))
    yield _that(table, "gateway_is_known", "点位 {key}:关联的网关未登记", _in("gateway_is_known", [True]))
    yield _unique(table, "tag_no", "点位 {key}:位号“{value}”在同一企业内重复")
    yield _given(table, "quantity_unit", "传感器 {key}:测量类型或单位未填写", sensor)
    units = _in(
        "quantity_unit", [f"{quantity} {unit}" for quantity, known in UNITS.items() for unit in known]
    )
    yield _that(table, "unit_fits_quantity", "传感器 {key}:单位与测量类型不符({value})", units)
    yield _given(table, "range", "传感器 {key}:量程未填写", sensor)
    order, message = _in("thresholds_in_order", [True]), "传感器 {key}:量程与报警阈值次序错误({value})"
    yield _that(table, "thresholds_in_order", message, order, CONSIDERABLE, shown="thresholds")
    yield _clock("last_readings", "最新数据")


def _that(
    table: str, name: str, message: str, test: Any, severity: Severity = GENERAL, shown: str = ""
) -> Expectation:
    return Expectation(table, name, shown or test.column, severity, message, test)


def _given(table: str, column: str, message: str, only: Any = None) -> Expectation:
    test = ExpectColumnValuesToNotBeNull(column=column, row_condition=only)
    return _that(table, f"{column}_is_given", message, test)


def _meant(table: str, column: str, message: str) -> Expectation:
    test = ExpectColumnValuesToNotMatchRegex(column=column, regex=PLACEHOLDER)
    return _that(table, f"{column}_is_meant", message, test, LOW)


def _unique(
    table: str, column: str, message: str, among: list[str] | None = None, only: Any = None
) -> Expectation:
    test = ExpectCompoundColumnsToBeUnique(
        column_list=among or ["company_code", column],
        ignore_row_if="any_value_is_missing",
        row_condition=only,
    )
    return _that(table, f"{column}_is_unique", message, test, shown=column)


def _forward(table: str, column: str, name: str, message: str) -> Expectation:
    return _that(table, name, message, _between(column, 0, strict_min=True))


def _clock(table: str, title: str) -> Expectation:
    message = f"{title} {{key}}:发送方时钟比接收时刻超前 {{value}} 秒"
    test = _between("ahead_s", high=CLOCK_AHEAD_S)
    return _that(table, "sender_clock_is_not_ahead", message, test, CONSIDERABLE)


def _between(
    column: str,
    low: float | None = None,
    high: float | None = None,
    only: Any = None,
    strict_min: bool = False,
) -> Any:
    return ExpectColumnValuesToBeBetween(
        column=column, min_value=low, max_value=high, row_condition=only, strict_min=strict_min
    )


def _matches(column: str, regex: str) -> Any:
    return ExpectColumnValuesToMatchRegex(column=column, regex=regex)


def _in(column: str, values: list[Any]) -> Any:
    return ExpectColumnValuesToBeInSet(column=column, value_set=values)
