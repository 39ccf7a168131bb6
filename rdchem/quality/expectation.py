"""An expectation: a statement that should be true of every row of a table, and the forms it comes in."""

from dataclasses import dataclass
from typing import Any, Final

from great_expectations.expectations.core.expect_column_values_to_be_between import (
    ExpectColumnValuesToBeBetween,
)
from great_expectations.expectations.core.expect_column_values_to_be_in_set import ExpectColumnValuesToBeInSet
from great_expectations.expectations.core.expect_column_values_to_be_null import ExpectColumnValuesToBeNull
from great_expectations.expectations.core.expect_column_values_to_be_unique import (
    ExpectColumnValuesToBeUnique,
)
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

from rdchem.model.outcome import Severity
from rdchem.model.quality import Dimension

LOW, GENERAL, CONSIDERABLE = Severity.LOW, Severity.GENERAL, Severity.CONSIDERABLE
COMPLETE, VALID, UNIQUE = Dimension.COMPLETENESS, Dimension.VALIDITY, Dimension.UNIQUENESS
CONSISTENT, TIMELY, VOLUME = Dimension.CONSISTENCY, Dimension.TIMELINESS, Dimension.VOLUME

CLOCK_AHEAD_S: Final = 60
"""Our tolerance for a sender's clock running ahead; network and clocks account for less."""

PLACEHOLDER: Final = (
    r"(?i)^(?:无|没有|暂无|未知|不详|待定|同上|测试|张三|李四|某某|test|todo|tbd|null|none|nil|n/?a|nan|"
    r"x+|[-—_/\\.。*?0]+|1+|9{3,}|-1|123\d*|abc)$"
)
"""What people type where a field must not stay empty."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A statement that should be true of every row of a table.

    `column` is the value shown for a failing row, `message` a Chinese sentence with `{key}` and `{value}`,
    `test` the Great Expectations expectation. Where a `critical` one fails, the rules that read the table
    abstain: `rdchem.fitness` asks the same of the same column.
    """

    table: str
    name: str
    column: str
    dimension: Dimension
    severity: Severity
    message: str
    test: Any
    critical: bool = False


def that(
    table: str,
    name: str,
    message: str,
    test: Any,
    dimension: Dimension,
    severity: Severity = GENERAL,
    shown: str = "",
    critical: bool = False,
) -> Expectation:
    """Any test, shown by the value of the column it asks of or of another."""
    return Expectation(table, name, shown or test.column, dimension, severity, message, test, critical)


def is_given(table: str, column: str, message: str, only: Any = None) -> Expectation:
    """The column is not empty."""
    test = ExpectColumnValuesToNotBeNull(column=column, row_condition=only)
    return that(table, f"{column}_is_given", message, test, COMPLETE)


def is_meant(table: str, column: str, message: str) -> Expectation:
    """The column is not something typed because it must not stay empty."""
    test = ExpectColumnValuesToNotMatchRegex(column=column, regex=PLACEHOLDER)
    return that(table, f"{column}_is_meant", message, test, VALID, LOW)


def is_unique(
    table: str, column: str, message: str, among: list[str] | None = None, only: Any = None
) -> Expectation:
    """The column is unique within an enterprise, or these columns together."""
    test = ExpectCompoundColumnsToBeUnique(
        column_list=among or ["company_code", column],
        ignore_row_if="any_value_is_missing",
        row_condition=only,
    )
    return that(table, f"{column}_is_unique", message, test, UNIQUE, shown=column)


def is_unique_to_all(table: str, column: str, message: str) -> Expectation:
    """The column is unique over all enterprises; empty ones are not asked."""
    test = ExpectColumnValuesToBeUnique(column=column)
    return that(table, f"{column}_is_unique", message, test, UNIQUE)


def goes_forward(table: str, column: str, name: str, message: str) -> Expectation:
    """A duration is longer than nothing."""
    return that(table, name, message, between(column, 0, strict_min=True), CONSISTENT)


def clock_is_not_ahead(table: str, title: str) -> Expectation:
    """The sender's clock was not ahead of ours."""
    message = f"{title} {{key}}:发送方时钟比接收时刻超前 {{value}} 秒"
    test = between("ahead_s", high=CLOCK_AHEAD_S)
    return that(table, "sender_clock_is_not_ahead", message, test, TIMELY, CONSIDERABLE)


def between(
    column: str,
    low: float | None = None,
    high: float | None = None,
    only: Any = None,
    strict_min: bool = False,
) -> Any:
    """Numbers from low to high; empty ones are not asked."""
    return ExpectColumnValuesToBeBetween(
        column=column, min_value=low, max_value=high, row_condition=only, strict_min=strict_min
    )


def matches(column: str, regex: str) -> Any:
    """Text of a form."""
    return ExpectColumnValuesToMatchRegex(column=column, regex=regex)


def one_of(column: str, values: list[Any]) -> Any:
    """One of some values."""
    return ExpectColumnValuesToBeInSet(column=column, value_set=values)


def is_true(column: str) -> Any:
    """A flag that should be set."""
    return one_of(column, [True])


def is_empty(column: str) -> Any:
    """Nothing to tell."""
    return ExpectColumnValuesToBeNull(column=column)
