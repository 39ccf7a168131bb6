"""One contestant of `tests.bench.readings`: judges the files of a folder, says what it found as JSON.

The question is the plain one: of every point count, first, last, longest wait, silences, smallest, greatest,
how many out of range and how many spikes, and how many flat runs of an hour. Sums over all points are told.

DuckDB's best form on sorted files trusts their order: `lag() OVER ()` needs no partition and streams; each
file is a query of its own in one of two threads. On received files it is a window by point in order of time.
Polars aggregates by point.
"""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.asked import (
    DAY,
    DAY_US,
    FLAT_US,
    GATEWAYS,
    HIGH,
    LEARNED,
    LOW,
    POINTS,
    SILENT_US,
    SPIKE,
    START_US,
    County,
)

if TYPE_CHECKING:
    import pandas as pd

_END_US = START_US + DAY_US


def main() -> None:
    """What, where the installation is and the readings are, how many enterprises, how often they send."""
    what, home, folder = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    county = County(int(sys.argv[4]), float(sys.argv[5]))
    name, _, form = what.partition(", ")
    files = [str(path) for path in sorted(folder.glob("*.parquet")) if ".batches." not in path.name]
    told = {"compact": _compact, "rdchem": _rdchem, "duckdb": _duckdb, "polars": _polars}[name]
    said = told(form, files, home, county)
    sys.stdout.write(json.dumps(said))


def _compact(_form: str, _files: list[str], home: Path, _county: County) -> dict[str, Any]:
    from rdchem.compaction import compact
    from rdchem.settings import Settings

    done = compact(Settings(home=home, database_url=""), DAY, workers=2)
    return {"size": done.size, "count": done.readings}


def _rdchem(form: str, files: list[str], home: Path, county: County) -> dict[str, Any]:
    from rdchem import workers

    workers.begin()  # as the command does

    from rdchem.readings.points import Points
    from rdchem.runners import Task, in_pool

    points = Points.of(_points(county))
    learned = str(home / LEARNED) if form == "all checks" else None
    judged = in_pool(Task(tuple(files), points, START_US, _END_US, _END_US + DAY_US, learned), 2)
    one = judged.summary
    return _sums(
        count=one["count"].sum(),
        first=one["first_us"].min(),
        last=one["last_us"].max(),
        longest=one["longest_gap_us"].max(),
        silences=one["silent_count"].sum(),
        lowest=one["lowest"].min(),
        highest=one["highest"].max(),
        outside=one["out_of_range"].sum(),
        spikes=one["spikes"].sum(),
        flat=one["flat_count"].sum(),
    )


def _points(county: County) -> "pd.DataFrame":
    """What is asked of every point."""
    import pandas as pd

    names = [f"{code}-{at:03d}" for code in county.companies() for at in range(GATEWAYS * POINTS)]
    limits = {"low": LOW, "high": HIGH, "spike": SPIKE, "flat_us": FLAT_US, "silent_us": SILENT_US}
    return pd.DataFrame({"company_code": [name[:9] for name in names], "source_code": names, **limits})


def _sums(**found: Any) -> dict[str, Any]:
    return {name: round(float(value), 6) for name, value in found.items()}


_AGGREGATES = f"""
    count(*) AS n, min(t) AS first, max(t) AS last, max(t - lt) AS longest,
    count(*) FILTER (t - lt >= {SILENT_US}) AS silences, min(v) AS lowest, max(v) AS highest,
    count(*) FILTER (v < {LOW} OR v > {HIGH}) AS outside,
    count(*) FILTER (abs(v - (lv + nv) / 2) > {SPIKE}) AS spikes
"""
_TOTALS = f"""
    SELECT sum(n), min(first), max(last), max(greatest(longest, first - {START_US}, {_END_US} - last)),
      sum(silences + (first - {START_US} >= {SILENT_US})::INT + ({_END_US} - last >= {SILENT_US})::INT),
      min(lowest), max(highest), sum(outside), sum(spikes), max(flat)
"""


def _duckdb(form: str, files: list[str], _home: Path, _county: County) -> dict[str, Any]:
    import duckdb

    if form == "sorted":
        with ThreadPoolExecutor(2) as pool:
            parts = list(pool.map(_duckdb_file, files))
    else:
        connection = duckdb.connect()
        connection.execute("SET threads = 2")
        read = f"(SELECT source_code AS p, occurred_us AS t, value AS v FROM read_parquet({files!r}))"  # noqa: S608 - ours
        ordered = "(PARTITION BY p ORDER BY t)"
        query = f"""
            WITH s AS (SELECT p, t, v, lag(t) OVER w AS lt, lag(v) OVER w AS lv, lead(v) OVER w AS nv
                       FROM {read} WINDOW w AS {ordered}),
            c AS (SELECT p, t, v IS DISTINCT FROM lv AS changed, lt FROM s WHERE v IS DISTINCT FROM lv),
            f AS (SELECT count(*) AS flat FROM (SELECT lead(lt) OVER {ordered} - t AS held FROM c)
                  WHERE held >= {FLAT_US}),
            g AS (SELECT p, {_AGGREGATES} FROM s GROUP BY p)
            {_TOTALS} FROM g, f
        """  # noqa: S608
        parts = [connection.execute(query).fetchone()]
    return _added(parts)


def _duckdb_file(file: str) -> Any:
    """One sorted file: its order is trusted, so no window needs a partition."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET threads = 1")
    query = f"""
        WITH r AS (SELECT source_code AS p, epoch_us(occurred_at) AS t, scaled / 10 ** decimals AS v
                   FROM read_parquet('{file}')),
        w AS (SELECT p, t, v, lag(p) OVER () = p AS same, lead(p) OVER () = p AS next,
                     lag(t) OVER () AS t0, lag(v) OVER () AS v0, lead(v) OVER () AS v1 FROM r),
        s AS (SELECT p, t, v, t0, v0, coalesce(same, false) AS same,
                     CASE WHEN same THEN t0 END AS lt, CASE WHEN same THEN v0 END AS lv,
                     CASE WHEN next THEN v1 END AS nv FROM w),
        f AS (SELECT count(*) AS flat
              FROM (SELECT t0 - lag(t) OVER () AS held FROM s WHERE NOT same OR v <> v0)
              WHERE held >= {FLAT_US}),
        g AS (SELECT p, {_AGGREGATES} FROM s GROUP BY p)
        {_TOTALS} FROM g, f
    """  # noqa: S608
    return connection.execute(query).fetchone()


def _added(parts: list[Any]) -> dict[str, Any]:
    names = (
        "count",
        "first",
        "last",
        "longest",
        "silences",
        "lowest",
        "highest",
        "outside",
        "spikes",
        "flat",
    )
    columns = dict(zip(names, zip(*parts, strict=True), strict=True))
    how = {"first": min, "lowest": min, "last": max, "longest": max, "highest": max}
    return _sums(**{name: how.get(name, sum)(column) for name, column in columns.items()})


def _polars(form: str, files: list[str], _home: Path, _county: County) -> dict[str, Any]:
    import polars as pl

    if form == "sorted":
        value = pl.col("scaled") / pl.lit(10.0).pow(pl.col("decimals"))
        time = pl.col("occurred_at").dt.epoch("us")
        frame = pl.scan_parquet(files, hive_partitioning=False)
    else:
        value, time, frame = pl.col("value"), pl.col("occurred_us"), pl.scan_parquet(files)
    frame = frame.select(p=pl.col("source_code"), t=time, v=value)
    if form != "sorted":
        frame = frame.sort("p", "t")
    t, v = pl.col("t"), pl.col("v")
    wait, changed = t.diff(), (v != v.shift()).fill_null(True)
    held = t.shift().filter(changed).shift(-1).fill_null(t.last()) - t.filter(changed)
    found = (
        frame.group_by("p", maintain_order=form == "sorted")
        .agg(
            count=pl.len(),
            first=t.first(),
            last=t.last(),
            longest=wait.max(),
            silences=(wait >= SILENT_US).sum(),
            lowest=v.min(),
            highest=v.max(),
            outside=((v < LOW) | (v > HIGH)).sum(),
            spikes=((v - (v.shift() + v.shift(-1)) / 2).abs() > SPIKE).sum(),
            flat=(held >= FLAT_US).sum(),
        )
        .collect()
    )
    edges = (found["first"] - START_US, _END_US - found["last"])
    silences = found["silences"].sum() + sum(int((edge >= SILENT_US).sum()) for edge in edges)
    longest = max(found["longest"].max(), *(edge.max() for edge in edges))  # type: ignore[type-var]
    return _sums(
        count=found["count"].sum(),
        first=found["first"].min(),
        last=found["last"].max(),
        longest=longest,
        silences=silences,
        lowest=found["lowest"].min(),
        highest=found["highest"].max(),
        outside=found["outside"].sum(),
        spikes=found["spikes"].sum(),
        flat=found["flat"].sum(),
    )


if __name__ == "__main__":
    main()
