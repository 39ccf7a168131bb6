"""How much each source sends in an hour, and how much of it is a placeholder."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from rdchem.store.readings import received_rows

PLACEHOLDERS: Final = (-1.0, 999.0, 9999.0, 99999.0, -9999.0, 65535.0, -32768.0)
"""Values that stand where an instrument or gateway has none."""
_OF_A_SOURCE: Final = ["company_code", "source_code"]


class Counted(NamedTuple):
    """Of one source: readings received, how many of them placeholders, and the newest batch's journal id."""

    readings: int
    placeholders: int
    journal_id: str


def counted(paths: Iterable[Path], since: datetime, until: datetime) -> dict[tuple[str, str], Counted]:
    """(company, source) -> what was received in [since, until]; copies of a batch count once."""
    tables = [
        received_rows(
            path, [*_OF_A_SOURCE, "occurred_us", "received_us", "value", "journal_id"], since, until
        )
        for path in paths
    ]
    if not tables:
        return {}
    rows = (
        pa.concat_tables(tables).group_by([*_OF_A_SOURCE, "occurred_us", "value", "journal_id"]).aggregate([])
    )
    idle = pc.is_in(rows["value"], value_set=pa.array(PLACEHOLDERS)).cast(pa.int64())
    sums = rows.append_column("placeholder", idle).group_by(_OF_A_SOURCE)
    told = sums.aggregate([("occurred_us", "count"), ("placeholder", "sum"), ("journal_id", "max")])
    names = (*_OF_A_SOURCE, "occurred_us_count", "placeholder_sum", "journal_id_max")
    columns = (told[name].to_pylist() for name in names)
    return {(company, source): Counted(*rest) for company, source, *rest in zip(*columns, strict=True)}
