"""The kernel of readings says of every source what a plain loop over its readings says."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from rdchem.readings.kernel import STRETCHES, SUMMARY, Judged, frames, measure
from rdchem.readings.plain import NEVER, PointLimits
from rdchem.readings.sorted_day import sorted_day

START, END = 1_000, 1_100
SILENT, FLAT, LOW, HIGH, SPIKE = 20, 7, -2.0, 2.0, 2.5

Row = tuple[str, int, int, float | None, str, str]


def frame(rows: Sequence[Row]) -> pd.DataFrame:
    columns = ("source_code", "occurred_us", "heard_us", "value", "quality", "journal_id")
    data = {name: [row[at] for row in rows] for at, name in enumerate(columns)}
    return pd.DataFrame(data).astype({"value": "float64", "occurred_us": "int64", "heard_us": "int64"})


def judged(rows: Sequence[Row], **changes: Any) -> Judged:
    if not rows:
        return frames([])
    day = sorted_day(frame(rows))
    size = len(day.sources)
    limits = {
        "silent_us": np.full(size, SILENT),
        "flat_us": np.full(size, FLAT),
        "low": np.full(size, LOW),
        "high": np.full(size, HIGH),
        "spike": np.full(size, SPIKE),
    }
    found = measure(day, PointLimits(**limits | changes), start_us=START, end_us=END)
    told = frames([("C1", found)])
    return Judged(told.summary.drop(columns="company_code"), told.stretches.drop(columns="company_code"))


def said(rows: Sequence[Row]) -> dict[str, list[tuple[int, float | None, str]]]:
    """Source -> what counts of its readings, in order of time: (occurred, value, quality)."""
    batches: dict[tuple[str, int], dict[str, tuple[int, float | None, str]]] = {}
    for source, occurred, heard, value, quality, name in rows:
        batch = batches.setdefault((source, occurred), {})
        if name not in batch or heard < batch[name][0]:
            batch[name] = (heard, value, quality)
    found: dict[str, list[tuple[int, float | None, str]]] = {}
    for (source, occurred), batch in sorted(batches.items()):
        _, last = max((heard, name) for name, (heard, _, _) in batch.items())
        found.setdefault(source, []).append((occurred, *batch[last][1:]))
    return found


def naive(rows: Sequence[Row]) -> tuple[list[dict[str, Any]], list[tuple[str, str, int, int, int, str]]]:
    """What `judge_readings` promises, said with nothing but loops."""
    summary, stretches = [], []
    for source, readings in said(rows).items():
        times = [occurred for occurred, _, _ in readings]
        edges = [START, *times, END]
        gaps = [(a, b) for a, b in pairwise(edges) if b - a >= SILENT]
        valued = [(occurred, value) for occurred, value, _ in readings if value is not None]
        values = [value for _, value in valued]
        runs = runs_of(valued)
        flats = [run for run in runs if run[-1][0] - run[0][0] >= FLAT]
        beyond = runs_of([(at, not LOW <= value <= HIGH) for at, value in valued])
        outside = [run for run in beyond if run[0][1]]
        spikes = [
            b for a, b, c in zip(values, values[1:], values[2:], strict=False) if abs(b - (a + c) / 2) > SPIKE
        ]
        summary.append(
            {
                "source_code": source,
                "count": len(readings),
                "copies": sum(row[0] == source for row in rows) - len(readings),
                "missing": len(readings) - len(valued),
                "uncertain": sum(quality == "uncertain" for _, _, quality in readings),
                "bad": sum(quality == "bad" for _, _, quality in readings),
                "first_us": times[0],
                "last_us": times[-1],
                "last_change_us": runs[-1][0][0] if runs else times[0],
                "last_value": values[-1] if values else np.nan,
                "lowest": min(values, default=np.nan),
                "highest": max(values, default=np.nan),
                "online_us": END - START - sum(b - a - SILENT for a, b in gaps),
                "silent_count": len(gaps),
                "longest_gap_us": max(b - a for a, b in pairwise(edges)),
                "out_of_range": sum(map(len, outside)),
                "spikes": len(spikes),
                "flat_count": len(flats),
                "flat_us": sum(run[-1][0] - run[0][0] for run in flats),
            }
        )
        stretches += [(source, "flat", run[0][0], run[-1][0], len(run), "") for run in flats]
        stretches += [(source, "out_of_range", run[0][0], run[-1][0], len(run), "") for run in outside]
        stretches += [(source, "silent", a, b, 0, "") for a, b in gaps]
    return summary, stretches


def runs_of(items: Sequence[tuple[int, Any]]) -> list[list[tuple[int, Any]]]:
    """Successive items that say the same."""
    runs: list[list[tuple[int, Any]]] = []
    for item in items:
        if runs and runs[-1][-1][1] == item[1]:
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["S1", "S2", "企"]),
        st.integers(START, END - 1),
        st.integers(START, START + 3),
        st.none() | st.integers(-3, 3).map(float),
        st.sampled_from(["good", "uncertain", "bad"]),
        st.sampled_from(["j1", "j2", "j3"]),
    ),
    max_size=60,
)


@settings(max_examples=100, deadline=None)
@given(rows=ROWS)
def test_the_kernel_says_what_plain_loops_say(rows: list[Row]) -> None:
    assume(rows)
    once = list({(row[0], row[1], row[2], row[5]): row for row in rows}.values())  # a batch says a thing once
    found = judged(once)
    summary, stretches = naive(once)
    pd.testing.assert_frame_equal(found.summary, pd.DataFrame(summary, columns=list(SUMMARY)).astype(SUMMARY))
    assert list(found.stretches.itertuples(index=False, name=None)) == stretches
    assert dict(found.stretches.dtypes.astype(str)) == STRETCHES


def test_one_reading_is_enough_and_none_gives_empty_frames() -> None:
    assert judged([]).summary.empty
    [row] = judged([("S1", START + 1, START, 1.0, "good", "j")]).summary.to_dict("records")
    assert (row["count"], row["silent_count"], row["longest_gap_us"]) == (1, 1, END - START - 1)


def test_a_correction_stands_in_for_what_it_corrects_and_a_copy_changes_nothing() -> None:
    first: Row = ("S1", START, START, 1.0, "good", "j1")
    corrected: Row = ("S1", START, START + 1, 9.0, "good", "j2")
    copy: Row = ("S1", START, START + 2, 1.0, "good", "j1")
    [row] = judged([copy, corrected, first]).summary.to_dict("records")
    assert (row["count"], row["copies"], row["last_value"], row["out_of_range"]) == (1, 2, 9.0, 1)


@pytest.mark.parametrize("after", [SILENT - 1, SILENT])
def test_a_silence_begins_at_its_limit(after: int) -> None:
    times = [START, START + after, *range(START + after, END, SILENT - 1)]
    found = judged([("S1", time, time, float(time), "good", "j") for time in dict.fromkeys(times)])
    assert ("silent" in set(found.stretches["state"])) == (after == SILENT)


def test_each_source_is_silent_by_its_own_limit() -> None:
    rows: list[Row] = [
        (source, time, time, float(time), "good", "j")
        for source in ("S1", "S2", "S3")
        for time in range(START, END, SILENT)
    ]
    found = judged(rows, silent_us=np.array([SILENT, SILENT + 1, NEVER]))
    assert set(found.stretches.query("state == 'silent'")["source_code"]) == {"S1"}
    assert (found.summary["silent_count"] > 0).tolist() == [
        True,
        False,
        False,
    ]


def test_nan_limits_ask_nothing() -> None:
    rows: list[Row] = [("S1", START + at, START, [0.0, 1e9][at % 2], "good", "j") for at in range(90)]
    none = np.array([np.nan])
    found = judged(rows, low=none, high=none, spike=none)
    assert found.summary[["out_of_range", "spikes"]].to_numpy().tolist() == [[0, 0]]
    assert judged(rows).summary["spikes"].item() == 88
