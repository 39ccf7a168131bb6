"""What is expected of the register: enterprises, sensors and cameras."""

from collections.abc import Iterator
from typing import Final

from great_expectations.expectations.row_conditions import Column

from rdchem.quality.expectation import (
    COMPLETE,
    CONSIDERABLE,
    CONSISTENT,
    LOW,
    VALID,
    Expectation,
    between,
    is_given,
    is_meant,
    is_true,
    is_unique,
    is_unique_to_all,
    matches,
    one_of,
    that,
)

UNITS: Final = {
    "temperature": ("℃", "°C", "K"),
    "pressure": ("MPa", "kPa", "Pa", "bar", "mmHg"),
    "level": ("m", "cm", "mm", "%"),
    "flow": ("m³/h", "m3/h", "Nm³/h", "Nm3/h", "L/min", "L/h", "kg/h", "t/h"),
    "combustible_gas": ("%LEL", "LEL%", "%VOL", "VOL%", "ppm"),
    "toxic_gas": ("ppm", "ppb", "mg/m³", "mg/m3", "%VOL"),
}
"""Units a quantity may be registered in."""


def of_enterprises() -> Iterator[Expectation]:
    """Enterprises."""
    table = "enterprises"
    form = matches("company_code", r"^(?:[0-9A-Za-z]{9}|[0-9A-Za-z]{11}|[0-9A-Za-z]{18})$")
    message = "企业 {key}:编码不是 9、11 或 18 位字母数字"
    yield that(table, "company_code_has_known_form", message, form, VALID, LOW)
    form = matches("credit_code", r"^[0-9A-HJ-NPQRTUWXY]{18}$")
    message = "企业 {key}:统一社会信用代码“{value}”不合规则(18 位,不含 I、O、S、V、Z)"
    yield that(table, "credit_code_has_known_form", message, form, VALID, LOW)
    yield is_unique_to_all(table, "credit_code", "企业 {key}:统一社会信用代码“{value}”被几家企业共用")
    yield is_given(table, "name", "企业 {key}:名称未填写")
    some = between("source_count", 1, only=Column("state").is_in(["operating", "trial"]))
    message = "企业 {key}:在产,但没有任何在用的传感器或视频"
    yield that(table, "enterprise_has_sources", message, some, COMPLETE)
    idle = Column("state").is_in(["shut_down", "out_of_scope"])
    yield is_given(table, "state_reason", "企业 {key}:关停或不在监管范围,未写明原因", idle)


def of_sources() -> Iterator[Expectation]:
    """Sensors and cameras in use."""
    table, sensor = "sources", Column("source_kind") == "sensor"
    yield is_given(table, "name", "点位 {key}:名称未填写")
    yield is_meant(table, "name", "点位 {key}:名称“{value}”是占位内容")
    yield is_given(table, "hazard_code", "点位 {key}:未关联重大危险源")
    for column, title in {"hazard_is_known": "重大危险源", "gateway_is_known": "网关"}.items():
        yield that(table, column, f"点位 {{key}}:关联的{title}未登记", is_true(column), CONSISTENT)
    yield is_unique(table, "tag_no", "点位 {key}:位号“{value}”在同一企业内重复")
    yield is_given(table, "quantity_unit", "传感器 {key}:测量类型或单位未填写", sensor)
    units = [f"{quantity} {unit}" for quantity, known in UNITS.items() for unit in known]
    message = "传感器 {key}:单位与测量类型不符({value})"
    yield that(table, "unit_fits_quantity", message, one_of("quantity_unit", units), VALID)
    yield is_given(table, "range", "传感器 {key}:量程未填写", sensor)
    message = "传感器 {key}:量程或报警阈值是占位数字({value})"
    meant = one_of("has_placeholder", [False])
    yield that(table, "marks_are_meant", message, meant, VALID, shown="thresholds")
    message = "传感器 {key}:量程与报警阈值次序错误({value})"
    order = is_true("thresholds_in_order")
    yield that(table, "thresholds_in_order", message, order, CONSISTENT, CONSIDERABLE, shown="thresholds")
