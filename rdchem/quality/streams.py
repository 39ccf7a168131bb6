"""What is expected of what streams in: newest readings and statuses, and how much comes of each kind."""

from collections.abc import Iterator
from typing import Final

from great_expectations.expectations.row_conditions import Column

from rdchem.model.outcome import Severity
from rdchem.quality.expectation import (
    CONSIDERABLE,
    CONSISTENT,
    LOW,
    TIMELY,
    UNIQUE,
    VALID,
    VOLUME,
    Expectation,
    between,
    clock_is_not_ahead,
    goes_forward,
    is_true,
    that,
)

LEAST_SHARE, MOST_SHARE, USUAL_LEAST, PLACEHOLDER_SHARE = 0.5, 2.0, 10, 0.2
"""Beyond these shares of the usual count (where that is at least so many) a stream is shown, and above this
share of placeholders. Our own bounds.
"""
FRESH_S: Final = 3600
"""A newest reading or status older than this is shown. Our own bound; the rules have limits of their own."""


def of_last_readings() -> Iterator[Expectation]:
    """The newest of each source."""
    table = "last_readings"
    yield clock_is_not_ahead(table, "最新数据")
    message, fresh = "最新数据 {key}:距今已 {value} 秒,不再新鲜", between("age_s", high=FRESH_S)
    yield that(table, "newest_is_fresh", message, fresh, TIMELY, LOW)


def of_streams() -> Iterator[Expectation]:
    """The readings of a sensor in the last hour, against its own past."""
    table, usual = "streams", Column("usual_count") >= USUAL_LEAST
    message = "传感器 {key}:最近一小时的读数量与往常此时之比为 {value},少于 " + str(LEAST_SHARE)
    enough = between("share", LEAST_SHARE, only=usual)
    yield that(table, "volume_is_not_low", message, enough, VOLUME, LOW)
    message = "传感器 {key}:最近一小时的读数量与往常此时之比为 {value},多于 " + str(MOST_SHARE)
    yield that(
        table, "volume_is_not_high", message, between("share", high=MOST_SHARE, only=usual), VOLUME, LOW
    )
    message = "传感器 {key}:最近一小时的读数中占位数字(-1、9999 等)占 {value}"
    meant = between("placeholder_share", high=PLACEHOLDER_SHARE)
    yield that(table, "values_are_meant", message, meant, VALID)


def of_alarms() -> Iterator[Expectation]:
    """Alarms of the day, beside the register. Thresholds of the edge and of the register should be one."""
    table = "alarms"
    message = "报警 {key}:点位未登记"
    yield that(table, "source_is_known", message, is_true("source_is_known"), CONSISTENT)
    message = "报警 {key}:边缘(或云端)阈值与登记的不一致({value})"
    agree = is_true("threshold_agrees")
    yield that(table, "threshold_agrees", message, agree, CONSISTENT, CONSIDERABLE, "thresholds")
    message = "报警 {key}:报警值并未越过其阈值({value})"
    yield that(table, "alarm_is_beyond_its_threshold", message, is_true("is_beyond"), VALID, shown="values")
    yield goes_forward(table, "lasted_s", "clears_after_it_is_raised", "报警 {key}:消除不晚于发生")
    yield clock_is_not_ahead(table, "报警")


def of_versions() -> Iterator[Expectation]:
    """Messages under an identity used before."""
    message = "报文 {key}:同一编号和版本号先后内容不同(先到的是 {value}),两份均已保存"
    unchanged = is_true("is_unchanged")
    yield that("versions", "content_is_unchanged", message, unchanged, UNIQUE, CONSIDERABLE, "first")


def of_volumes() -> Iterator[Expectation]:
    """Each kind of paper, from everybody together."""
    message = "{key}:全部企业今日只收到 {value} 条,远少于往常此时,数据来源疑似中断,不归于企业"
    yield that(
        "volumes",
        "feed_flows",
        message,
        is_true("flows"),
        VOLUME,
        Severity.MAJOR,
        "received_count",
        critical=True,
    )
