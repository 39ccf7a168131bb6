"""A county's (or a nation's) day of readings in the order of their receipt, as projection runs write it.

Three gateways of 21 points an enterprise send batches by their own clocks; what goes wrong with a few points
(silence, flat, spikes, out of range) is known to all who are measured, for they must find the same.

The first `MODELS` enterprises swing each in a way of its own. Of more, the next as many swing as those do, a
quarter of a unit higher, and so on: so the week before need be made and learned of the first ones only
(`lift`). The day is made of all of them: clocks, noise and messages of a point come from no other.
"""

from functools import lru_cache
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from rdchem.store.readings import READINGS_ENCODING, READINGS_SCHEMA
from tests.bench.asked import (
    DAY_US,
    GATEWAYS,
    POINTS,
    START_US,
    County,
)

MODELS: Final = 350
"""Enterprises that swing each in a way of its own: a twentieth of a nation."""
_LIFT: Final = 0.25
_ROWS_A_FILE: Final = 2_000_000


def lift(enterprise: int) -> float:
    """By how much an enterprise (by its number) shows more than its model, in the unit of its points."""
    return enterprise // MODELS * _LIFT


def received_files(county: County) -> list[range]:
    """The ticks of each file of a day."""
    at_once = max(1, _ROWS_A_FILE // (county.enterprises * GATEWAYS * POINTS))
    firsts = range(0, county.ticks, at_once)
    return [range(first, min(first + at_once, county.ticks)) for first in firsts]


def write_received(county: County, folder: Path, ticks: range, back: int = 0) -> tuple[Path, int]:
    """Write one file of the day, or of one so many days before; its path and how many readings it has."""
    table = _received(county, np.array(ticks), back)
    path = folder / f"received-{back}-{ticks.start:06d}.parquet"
    pq.write_table(table, path, **READINGS_ENCODING)
    return path, len(table)


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
    codes, gateways, sources = _names(county)
    columns = {
        "company_code": _coded(point // (GATEWAYS * POINTS), codes),
        "gateway_code": _coded(point // POINTS, gateways),
        "source_code": _coded(point, sources),
        "occurred_us": pa.array(collected[each]),
        "received_us": pa.array(received[each]),
        "heard_us": pa.array(received[each]),
        "value": pa.array(value),
        "quality": _coded(np.zeros(len(point), np.int64), pa.array(["good"])),
        "journal_id": _coded(each, pa.array(ids)),
    }
    return pa.table({name: columns[name] for name in READINGS_SCHEMA.names})


@lru_cache(maxsize=2)
def _names(county: County) -> tuple[pa.Array, pa.Array, pa.Array]:
    """Codes of enterprises, gateways and sources."""
    codes = county.companies()
    gateways = [f"{code}-G{at}" for code in codes for at in range(GATEWAYS)]
    sources = [f"{code}-{at:03d}" for code in codes for at in range(GATEWAYS * POINTS)]
    return pa.array(codes), pa.array(gateways), pa.array(sources)


def _values(
    point: np.ndarray, collected: np.ndarray, random: np.random.Generator, *, faults: bool
) -> np.ndarray:
    """A slow swing of each point's own with noise, two decimals; some points do something wrong."""
    since = (collected - START_US) / DAY_US
    lifted = point // (MODELS * GATEWAYS * POINTS) * _LIFT
    point = point % (MODELS * GATEWAYS * POINTS)
    swing = 5 + point % 7
    value = 45 + point % 11 + swing * np.sin(2 * np.pi * (since * (1 + point % 5) + point * 0.61803))
    value += random.normal(0, 0.05 + 0.01 * (point % 10), len(point)) + lifted
    fault = point % 50 if faults else np.zeros_like(point)
    value[(fault == 1) & (since > 0.30) & (since < 0.40)] = 50.0
    value[(fault == 2) & (since > 0.50) & (since < 0.55)] += 80.0
    value[(fault == 3) & (random.random(len(point)) < 0.001)] += 20.0
    return np.round(value, 2)


def _silent(point: np.ndarray, tick: np.ndarray, ticks: int) -> np.ndarray:
    return (point % 50 == 4) & (tick > ticks * 0.6) & (tick < ticks * 0.65)


def _coded(places: np.ndarray, names: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), names)
