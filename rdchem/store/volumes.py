"""How much each source sends in an hour, and how much of it is a placeholder."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from rdchem.store.readings import READINGS_SCHEMA, Numbers, coded, ranks, received_rows, together

PLACEHOLDERS: Final = (-1.0, 999.0, 9999.0, 99999.0, -9999.0, 65535.0, -32768.0)
"""Values that stand where an instrument or gateway has none."""
_COLUMNS: Final = ("company_code", "source_code", "occurred_us", "received_us", "value", "journal_id")


def counted(paths: Iterable[Path], since: datetime, until: datetime) -> pd.DataFrame:
    """What was received of each source in [since, until]: by company_code and source_code, the number of
    `readings`, of `placeholders` among them, and the newest batch's `journal_id`. Copies of a batch count
    once.
    """
    tables = [received_rows(path, _COLUMNS, since, until) for path in paths]
    rows = together(tables) if tables else READINGS_SCHEMA.empty_table()
    (company, companies), (code, codes) = (coded(rows, name) for name in _COLUMNS[:2])
    journal, ids = coded(rows, "journal_id")
    source, keys = pd.factorize(company * max(1, len(codes)) + code)
    rank, value = ranks(ids)[journal] if ids else journal, rows["value"].to_numpy()
    once = _once(source * max(1, len(ids)) + rank, rows["occurred_us"].to_numpy(), value)
    idle = once & np.isin(value, PLACEHOLDERS)
    newest = np.full(len(keys), -1)
    np.maximum.at(newest, source, rank)
    index = [
        pd.Index(np.array(names, object)[at], name=name)
        for name, names, at in zip(
            _COLUMNS, (companies, codes), divmod(keys, max(1, len(codes))), strict=False
        )
    ]
    return pd.DataFrame(
        {
            "readings": np.bincount(source[once], minlength=len(keys)),
            "placeholders": np.bincount(source[idle], minlength=len(keys)),
            "journal_id": np.array(sorted(ids), object)[newest],
        },
        index=pd.MultiIndex.from_arrays(index),
    )


def _once(batch: Numbers, occurred_us: Numbers, value: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which readings are not copies of one before; `batch`: a number for each source in each batch."""
    if np.diff(np.sort(batch)).all():  # the usual case: none has two readings, told in a tenth of the time
        return np.ones(len(batch), np.bool_)
    readings = pd.DataFrame({"batch": batch, "at": occurred_us, "value": value})
    return ~readings.duplicated().to_numpy(dtype=np.bool_)
