"""What is expected of what streams in: newest readings and statuses, and how much comes of each kind."""

from collections.abc import Iterator

from rdchem.model.outcome import Severity
from rdchem.quality.expectation import (
    CONSIDERABLE,
    UNIQUE,
    VOLUME,
    Expectation,
    clock_is_not_ahead,
    is_true,
    that,
)


def of_last_readings() -> Iterator[Expectation]:
    """The newest of each source."""
    yield clock_is_not_ahead("last_readings", "最新数据")


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
