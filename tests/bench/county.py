"""A county's (or a nation's) day of readings in the order of their receipt, as projection runs write it.

Three gateways of 21 points an enterprise send batches by their own clocks; what goes wrong with a few points
(silence, flat, spikes, out of range) is known to all who are measured, for they must find the same.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from rdchem.store.readings import READINGS_SCHEMA

DAY: Final = date(2026, 9, 15)
LEARNED: Final = "learned.parquet"
START_US: Final = 1_789_401_600_000_000
"""2026-09-15 00:00 in Shanghai."""
DAY_US: Final = 86_400_000_000
GATEWAYS: Final = 3
POINTS: Final = 21
LOW, HIGH, SPIKE, FLAT_US, SILENT_US = 0.0, 100.0, 8.0, 3_600_000_000, 600_000_000
_ROWS_A_FILE: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class County:
    """How many enterprises there are, and how many seconds pass between two readings of a point."""

    enterprises: int
    every_s: float

    @property
    def readings(self) -> int:
        """About how many readings it sends a day."""
        return int(self.enterprises * GATEWAYS * POINTS * self.ticks)

    @property
    def ticks(self) -> int:
        """How often a gateway sends a day."""
        return int(86_400 / self.every_s)

    def companies(self) -> list[str]:
        """Company codes."""
        return [f"3206{number:05d}" for number in range(self.enterprises)]

    def points(self) -> pd.DataFrame:
        """What is asked of every point."""
        names = [f"{code}-{at:03d}" for code in self.companies() for at in range(GATEWAYS * POINTS)]
        limits = {"low": LOW, "high": HIGH, "spike": SPIKE, "flat_us": FLAT_US, "silent_us": SILENT_US}
        return pd.DataFrame({"company_code": [name[:9] for name in names], "source_code": names, **limits})


def write_received(county: County, folder: Path, back: int = 0) -> list[tuple[Path, int]]:
    """Write the files of a day, or one so many days before; their paths and how many readings each has."""
    senders = county.enterprises * GATEWAYS
    at_once = max(1, _ROWS_A_FILE // (senders * POINTS))
    made = []
    for first in range(0, county.ticks, at_once):
        ticks = np.arange(first, min(first + at_once, county.ticks))
        table = _received(county, ticks, back)
        path = folder / f"received-{back}-{first:06d}.parquet"
        pq.write_table(table, path, compression="zstd")
        made.append((path, len(table)))
    return made


def _received(county: County, ticks: np.ndarray, back: int) -> pa.Table:
    random = np.random.default_rng((int(ticks[0]), back))
    senders = county.enterprises * GATEWAYS
    step_us = int(county.every_s * 1_000_000)
    collected = (
        START_US
        - back * DAY_US
        + ticks[:, None] * step_us
        + np.arange(senders) * 7919 % step_us // 1000 * 1000
    )
    collected += random.integers(0, min(400, step_us // 4000), collected.shape) * 1000
    order = np.argsort(collected, axis=None, kind="stable")
    tick, sender = np.unravel_index(order, collected.shape)
    collected = collected.ravel()[order]
    received = collected + random.integers(20_000, 300_000, len(order))
    hexes = random.bytes(12 * len(order)).hex()
    ids = [hexes[at : at + 24] for at in range(0, len(hexes), 24)]
    point = (sender[:, None] * POINTS + np.arange(POINTS)).ravel()
    each = np.repeat(np.arange(len(order)), POINTS)
    value = _values(point, collected[each], random, faults=not back)
    kept = ~_silent(point, ticks[tick][each], county.ticks if not back else 0)
    point, each, value = point[kept], each[kept], value[kept]
    codes = county.companies()
    gateways = [f"{code}-G{at}" for code in codes for at in range(GATEWAYS)]
    sources = [f"{code}-{at:03d}" for code in codes for at in range(GATEWAYS * POINTS)]
    columns = {
        "company_code": _coded(point // (GATEWAYS * POINTS), codes),
        "gateway_code": _coded(point // POINTS, gateways),
        "source_code": _coded(point, sources),
        "occurred_us": pa.array(collected[each]),
        "received_us": pa.array(received[each]),
        "heard_us": pa.array(received[each]),
        "value": pa.array(value),
        "quality": _coded(np.zeros(len(point), np.int64), ["good"]),
        "journal_id": _coded(each, ids),
    }
    return pa.table({name: columns[name] for name in READINGS_SCHEMA.names})


def _values(
    point: np.ndarray, collected: np.ndarray, random: np.random.Generator, *, faults: bool
) -> np.ndarray:
    """A slow swing of each point's own with noise, two decimals; some points do something wrong."""
    since = (collected - START_US) / DAY_US
    swing = 5 + point % 7
    value = 45 + point % 11 + swing * np.sin(2 * np.pi * (since * (1 + point % 5) + point * 0.61803))
    value += random.normal(0, 0.05 + 0.01 * (point % 10), len(point))
    fault = point % 50 if faults else np.zeros_like(point)
    value[(fault == 1) & (since > 0.30) & (since < 0.40)] = 50.0
    value[(fault == 2) & (since > 0.50) & (since < 0.55)] += 80.0
    value[(fault == 3) & (random.random(len(point)) < 0.001)] += 20.0
    return np.round(value, 2)


def _silent(point: np.ndarray, tick: np.ndarray, ticks: int) -> np.ndarray:
    return (point % 50 == 4) & (tick > ticks * 0.6) & (tick < ticks * 0.65)


def _coded(places: np.ndarray, names: list[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(names))
