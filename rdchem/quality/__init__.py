"""数据质量: which rows are not fit to be judged upon. The only room that knows Great Expectations.

`check(facts.frames(days), day)` runs one suite per table in one pass and returns every offending row. Such a
row is named, never dropped: the rules say for themselves what they cannot judge. What the wire contract
guarantees (types, code lists, lengths) is not asked again here.

Great Expectations cuts its lists of failing *values* at 200. The row numbers (`unexpected_index_list`) are
complete with the pandas engine; they are compared with its own count on every run, and a difference, like an
expectation that could not be computed, raises: a check that silently did not run must not look like a pass.

Importing this module takes about six seconds (Great Expectations); import it where it is used.
"""

import os
import sys
import warnings
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from typing import Any

import pandas as pd

from rdchem.model.quality import Checked, Dimension, QualityFailure, QualityScore

os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")


@contextmanager
def _without_spark() -> Iterator[None]:
    """Great Expectations loads PySpark where that is installed; we only use pandas, and PySpark 4.3 ends the
    process, silently and with exit code 0, where the main module has no file (`python -c`).
    """
    loaded = {name: sys.modules.pop(name) for name in [*sys.modules] if name.partition(".")[0] == "pyspark"}
    sys.modules["pyspark"] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        del sys.modules["pyspark"]
        sys.modules.update(loaded)


with warnings.catch_warnings(), _without_spark():
    warnings.simplefilter("ignore", DeprecationWarning)  # Great Expectations' own, while it loads
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.validator.v1_validator import Validator

    from rdchem.quality.expectation import Expectation
    from rdchem.quality.suites import expectations


def check(frames: Mapping[str, pd.DataFrame], day: date) -> Checked:
    """All rows that are not as expected, ordered by enterprise, table, key and expectation, and the scores.

    `frames` as from `facts.frames`. A table without rows has nothing wrong with it.
    """
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_pandas("facts")
    failures: list[QualityFailure] = []
    asked_of: dict[tuple[str, str, Dimension], int] = {}
    for table, frame in frames.items():
        asked = [one for one in expectations(day) if one.table == table]
        if frame.empty or not asked:
            continue
        rows = frame.reset_index(drop=True)
        whole = source.add_dataframe_asset(table).add_batch_definition_whole_dataframe("day")
        for expectation, offending in _validate(whole, rows, asked):
            failures += _failures(expectation, rows.loc[offending])
        by_dimension = Counter(one.dimension for one in asked)
        for company_code, count in Counter(rows["company_code"].tolist()).items():
            for dimension, times in by_dimension.items():
                asked_of[company_code, table, dimension] = count * times
    return Checked(tuple(sorted(failures, key=_reading_order)), _scores(asked_of, failures))


def _scores(
    asked_of: Mapping[tuple[str, str, Dimension], int], failures: Iterable[QualityFailure]
) -> tuple[QualityScore, ...]:
    """Every row counts once for each expectation of its table, also where a condition left it out."""
    failed = Counter((one.enterprise, one.table, one.dimension) for one in failures)
    return tuple(QualityScore(*key, asked, failed[key]) for key, asked in sorted(asked_of.items()))


def _validate(
    whole: Any, rows: pd.DataFrame, asked: list[Expectation]
) -> Iterator[tuple[Expectation, list[int]]]:
    """The numbers of the offending rows of each expectation that does not hold; `whole`: the definition of a
    batch of all rows (a batch made of it beforehand would be made, and its rows hashed, twice).
    """
    suite = gx.ExpectationSuite(name="suite")
    for number, expectation in enumerate(asked):
        expectation.test.meta = {"number": number}
        suite.expectations.append(expectation.test)
    validator = Validator(whole, {"result_format": "COMPLETE"}, {"dataframe": rows})
    results: list[Any] = validator.validate_expectation_suite(suite).results
    if len(results) != len(asked):
        raise RuntimeError(f"数据质量检查少了 {len(asked) - len(results)} 项结果")
    for result in results:
        expectation = asked[result.expectation_config.meta["number"]]
        if not result.exception_info.get("raised_exception", True) and result.success:
            continue
        offending = result.result.get("unexpected_index_list")
        if offending is None or len(offending) != result.result["unexpected_count"]:
            where = f"{expectation.table}.{expectation.name}"
            raise RuntimeError(f"数据质量检查 {where} 未能完成:{_causes(result.exception_info)}")
        yield expectation, offending


def _causes(exception_info: Mapping[str, Any]) -> str:
    """What went wrong: one entry for each metric that raised, or none where only the counts differ."""
    raised = {one["exception_message"] for one in exception_info.values() if isinstance(one, Mapping)}
    return "; ".join(sorted(raised)) or "失败行数与行号不符"


def _failures(expectation: Expectation, rows: pd.DataFrame) -> Iterator[QualityFailure]:
    for row in rows.to_dict("records"):
        value = _text(row[expectation.column])
        yield QualityFailure(
            table=expectation.table,
            expectation=expectation.name,
            column=expectation.column,
            severity=expectation.severity,
            message=expectation.message.format(key=row["key"], value=value),
            enterprise=row["company_code"],
            key=row["key"],
            value=value,
            journal_id=row["journal_id"],
            dimension=expectation.dimension,
            critical=expectation.critical,
        )


def _reading_order(failure: QualityFailure) -> tuple[str, ...]:
    return failure.enterprise, failure.table, failure.key, failure.expectation, failure.journal_id


def _text(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)
