"""What a source sends in an hour: copies once, placeholders apart, raw and compacted files alike."""

from datetime import timedelta
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from rdchem.segment import microseconds
from rdchem.store.readings import READINGS_SCHEMA
from rdchem.store.volumes import counted
from tests.days import AS_OF

SECOND = timedelta(seconds=1)


def write(path: Path, *rows: tuple[str, int, float | None, str]) -> Path:
    """(source, seconds before AS_OF, value, journal id) of one enterprise."""
    at = [microseconds(AS_OF - back * SECOND) for _, back, _, _ in rows]
    columns = {
        "company_code": ["C"] * len(rows),
        "gateway_code": ["G"] * len(rows),
        "source_code": [row[0] for row in rows],
        "occurred_us": at,
        "received_us": at,
        "heard_us": at,
        "value": [row[2] for row in rows],
        "quality": ["good"] * len(rows),
        "journal_id": [row[3] for row in rows],
    }
    pq.write_table(pa.table(columns, schema=READINGS_SCHEMA), path)
    return path


def told(found: pd.DataFrame) -> dict[tuple[str, str], tuple[int, int, str]]:
    """(company, source) -> readings, placeholders, newest batch."""
    return dict(zip(found.index, found.itertuples(index=False, name=None), strict=True))


def test_copies_count_once_and_placeholders_are_told_apart(tmp_path: Path) -> None:
    one = write(tmp_path / "1.parquet", ("S1", 10, 1.0, "a"), ("S1", 20, -1.0, "a"), ("S2", 10, None, "b"))
    two = write(tmp_path / "2.parquet", ("S1", 10, 1.0, "a"), ("S1", 30, 9999.0, "c"), ("S1", 3601, 1.0, "d"))
    found = counted([one, two], AS_OF - 3600 * SECOND, AS_OF)
    assert told(found) == {("C", "S1"): (3, 2, "c"), ("C", "S2"): (1, 0, "b")}
    assert told(counted([two], AS_OF - 3600 * SECOND, AS_OF)) == {("C", "S1"): (2, 1, "c")}


@pytest.mark.parametrize(("back", "seen"), [(0, True), (3600, True), (3601, False), (-1, False)])
def test_the_edges_of_the_hour(tmp_path: Path, back: int, seen: bool) -> None:
    file = write(tmp_path / "1.parquet", ("S1", back, 1.0, "a"))
    assert bool(told(counted([file], AS_OF - 3600 * SECOND, AS_OF))) is seen
    assert told(counted([], AS_OF, AS_OF)) == {}
