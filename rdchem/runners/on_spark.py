"""The kernel on Spark, over the same compacted files: `applyInPandas`, an enterprise a group.

    spark-submit … rdchem/runners/on_spark.py --help

Spark reads the files, brings each enterprise's readings and their batches together, and gives them to the
kernel as pandas frames; only what the kernel found comes back. Instants are whole microseconds all the way,
so the session's time zone decides nothing.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from rdchem.readings.kernel import STRETCHES, SUMMARY, Judged
from rdchem.readings.learned import Learned
from rdchem.readings.sorted_day import sorted_day
from rdchem.runners import Task
from rdchem.store.compacted import POWERS, batches_name
from rdchem.store.learned_past import unpacked

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_TYPES: Final = {"str": "string", "int64": "bigint", "float64": "double"}
_STRETCHES: Final = {name: kind for name, kind in STRETCHES.items() if name != "source_code"}
SCHEMA: Final = "company_code string, {}, stretches array<struct<{}>>".format(
    ", ".join(f"{name} {_TYPES[kind]}" for name, kind in SUMMARY.items()),
    ", ".join(f"{name}: {_TYPES[kind]}" for name, kind in _STRETCHES.items()),
)
"""What comes back of each source: its `SUMMARY`, and its `STRETCHES` as a list."""


def on_spark(task: Task, spark: "SparkSession") -> Judged:
    """Judge on a Spark cluster that sees the files and has rdchem installed or sent along."""
    readings = spark.read.parquet(*task.files).selectExpr(
        "company_code",
        "source_code",
        "unix_micros(occurred_at) AS occurred_us",
        "scaled",
        "decimals",
        "exact",
        "quality",
        "batch",
    )
    beside = spark.read.parquet(*map(batches_name, task.files)).select(
        "company_code", "received_us", "heard_us", "journal_id", "batch"
    )
    if task.learned is not None:
        learned = spark.read.parquet(task.learned).withColumnRenamed("source_code", "learned_of")
        beside = beside.unionByName(learned, allowMissingColumns=True)
    found = readings.groupBy("company_code").cogroup(beside.groupBy("company_code"))
    return _judged(found.applyInPandas(_kernel(task), SCHEMA).toArrow())


def _kernel(task: Task) -> Callable[[pd.DataFrame, pd.DataFrame], pd.DataFrame]:
    """The function that Spark sends to its workers."""
    end_us, as_of_us = task.end_us, task.as_of_us

    def judged(readings: pd.DataFrame, beside: pd.DataFrame) -> pd.DataFrame:
        batches = beside[beside["batch"].notna()].drop(columns="company_code")
        frame = readings.merge(batches.astype({"batch": "int64"}), on="batch")
        frame = frame[(frame["received_us"] <= as_of_us) & (frame["occurred_us"] < end_us)]
        if frame.empty:
            return pd.DataFrame(columns=["company_code", *SUMMARY, "stretches"])
        value = frame["scaled"].to_numpy("float64") / POWERS[frame["decimals"].to_numpy("int64")]
        frame["value"] = frame["exact"].where(frame["exact"].notna(), value)
        code, day = str(frame["company_code"].iloc[0]), sorted_day(frame)
        found = task.judged(code, day, None if task.learned is None else _learned(beside))
        return _rows(code, found.summary, found.stretches)

    return judged


def _learned(beside: pd.DataFrame) -> dict[str, Learned]:
    known = beside[beside["learned_of"].notna()].rename(columns={"learned_of": "source_code"})
    return unpacked(pa.table({name: list(known[name]) for name in ("source_code", "learned")}))


def _rows(code: str, summary: Any, stretches: Any) -> pd.DataFrame:
    told: dict[str, list[dict[str, Any]]] = {name: [] for name in summary["source_code"]}
    for source, *values in zip(
        stretches["source_code"], *(stretches[name] for name in _STRETCHES), strict=True
    ):
        told[source].append(dict(zip(_STRETCHES, values, strict=True)))
    table = pd.DataFrame({name: summary[name] for name in SUMMARY})
    table.insert(0, "company_code", code)
    table["stretches"] = pd.Series(list(told.values()), dtype=object)
    return table


def _judged(table: pa.Table) -> Judged:
    """The frames all runners give, from what came back."""
    table = table.sort_by([("company_code", "ascending"), ("source_code", "ascending")]).combine_chunks()
    lists = table["stretches"].combine_chunks()
    owners = table.select(["company_code", "source_code"]).take(pc.list_parent_indices(lists))
    told = pc.list_flatten(lists)
    columns = {name: pc.struct_field(told, name) for name in _STRETCHES}
    stretches = pa.table({name: owners[name] for name in owners.column_names} | columns)
    return Judged(
        table.drop_columns("stretches").to_pandas().astype({"company_code": "str", **SUMMARY}),
        stretches.to_pandas().astype({"company_code": "str", **STRETCHES}),
    )
