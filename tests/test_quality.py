"""Every expectation is seen to hold and to fail; no failing row is cut off; none fails to run unnoticed."""

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from rdchem import facts
from rdchem.copied import Copied
from rdchem.facts.streams import flows
from rdchem.model.commitment import HotWorkCounts, OtherWorkCounts, Units
from rdchem.model.day import EnterpriseDay, Received, Volume
from rdchem.model.source import Alarm, OfflineDeclaration
from rdchem.segment import microseconds
from rdchem.versions import ChangedVersion, Said
from tests.days import (
    AS_OF,
    DAY,
    EIGHT,
    commitment,
    good,
    item,
    permit,
    received,
    replace_item,
    seen,
    sensor,
    with_register,
    work,
)


@pytest.fixture(scope="module")
def quality() -> Any:
    """The module under test; importing Great Expectations takes seconds, so only where it is needed."""
    from rdchem import quality

    return quality


def heard(*rows: tuple[str, str, int, int]) -> pd.DataFrame:
    """(company, source, readings, placeholders) of an hour, as the store counts them."""
    index = pd.MultiIndex.from_tuples([row[:2] for row in rows], names=["company_code", "source_code"])
    counts = {"readings": [row[2] for row in rows], "placeholders": [row[3] for row in rows]}
    return pd.DataFrame({**counts, "journal_id": "j9"}, index)


def flowing() -> pd.DataFrame:
    now = heard(
        ("32062300", "S1", 49, 10),
        ("32062300", "S2", 201, 0),
        ("320600008", "S1", 50, 10),
        ("320600008", "S2", 200, 0),
        ("320600008", "S3", 1, 0),
    )
    before = heard(
        ("32062300", "S1", 100, 0),
        ("32062300", "S2", 100, 0),
        ("320600008", "S1", 100, 0),
        ("320600008", "S2", 100, 0),
        ("320600008", "S3", 9, 0),
    )
    return flows(now, [before] * 3, 3)


COPIES = {"32062300": Copied(8, "2026-09-14", "320600007")}


def alarms() -> dict[str, list[Received[Alarm]]]:
    plain: dict[str, Any] = {
        "id": "A1",
        "seq": 1,
        "occurred_at": EIGHT,
        "company_code": "32062300",
        "source_code": "S3",
        "level": "high",
        "state": "raised",
        "value": 7.5,
        "threshold": 8.5,
        "raised_at": EIGHT,
    }
    good = Alarm(**(plain | {"source_code": "S1", "value": 8.5, "threshold": 8.0}))
    low = Alarm(**(plain | {"source_code": "S1", "level": "low", "value": 0.9, "threshold": 1.0}))
    wrong = Alarm(**(plain | {"cleared_at": EIGHT}))
    stranger = Alarm(**(plain | {"source_code": "S9", "threshold": None}))
    return {
        "32062300": [received(wrong, 20), received(stranger, 21, timedelta(seconds=61))],
        "320600008": [received(good, 22), received(low, 23)],
    }


def changed() -> ChangedVersion:
    first = Said("commitment", "32062300", "A-1", 1, AS_OF, "j1", "mqtt", "s1")
    return ChangedVersion(first, replace(first, journal_id="j2", statement="s2"))


def away(company: str, name: str, **said: Any) -> OfflineDeclaration:
    plain: dict[str, Any] = {
        "id": name,
        "seq": 1,
        "occurred_at": EIGHT,
        "company_code": company,
        "offline_type": "检修",
        "offline_reason": "更换主机",
        "offline_at": EIGHT,
        "plan_online_at": EIGHT + timedelta(hours=8),
    }
    return OfflineDeclaration(**(plain | said))


def worst() -> list[EnterpriseDay]:
    """Days in which every expectation fails somewhere."""
    ahead = timedelta(seconds=61)
    company = "32062300"  # eight characters
    nothing = HotWorkCounts(special=None, grade_1=None, grade_2=None)
    empty = commitment(
        company,
        promised_by="  ",
        risk_grade=None,
        units=Units(total=None, running=None, stopped=None, overhaul=None),
        hot_work=nothing,
        items=None,
    )
    silly = commitment(
        company,
        promised_by="测试",
        units=Units(total=301, running=None, stopped=None, overhaul=None),
        hot_work=HotWorkCounts(special=51, grade_1=101, grade_2=201),
        other_work=OtherWorkCounts(height=501),
        items=[
            item("1", ticket_no=None, grade=None, place=None, person=None, begin_at=None, end_at=None),
            item("1", place="/", person="张三", end_at=EIGHT),
            item("3", begin_at=EIGHT + timedelta(days=1), end_at=EIGHT + timedelta(days=2), ticket_no="T-1"),
            item("4", begin_at=EIGHT - timedelta(days=2), end_at=EIGHT - timedelta(days=1)),
        ],
    )
    blank = {"place": None, "worker": "", "guardian": None}
    times = {"issued_at": None, "plan_start_at": None, "plan_end_at": None}
    backwards = {"plan_end_at": EIGHT, "started_at": EIGHT, "ended_at": EIGHT - timedelta(hours=1)}
    permits = (
        received(permit(company, "无", **blank, **times), 3, ahead),
        received(permit(company, "T-7", place="无", worker="xx", guardian="0", **backwards), 4),
        received(permit(company, "T-7", id="other"), 5),
        received(permit(company, "T-8"), 6),
        received(permit(company, "T-8", place="别处"), 7),
        received(permit(company, "T-9", issued_at=EIGHT + timedelta(days=1)), 9),
        received(permit(company, "T-10", issued_at=EIGHT - timedelta(seconds=3601)), 10),
    )
    wrong = away(company, "D2", offline_reason="待定", plan_online_at=EIGHT, source_codes=["S9"])
    sources = [
        sensor("S1", name=" ", hazard_code=None, gateway_code="G9", unit=None, range_low=None, tag_no="LI-1"),
        sensor("S2", name="无", hazard_code="H9", unit="ppm", low=8.0, high=8.0, tag_no="LI-1"),
        sensor("S3", range_low=-1.0),
    ]
    day = good(
        company,
        commitments=(received(empty, 1, ahead), received(silly, 2)),
        declared_work=(received(work(company, "9"), 8, ahead),),
        permits=permits,
        readings={"S1": seen(ahead), "S2": seen(timedelta(seconds=-3601))},
        cameras={},
        declarations=(received(away(company, "D1", offline_reason=" "), 11), received(wrong, 12, ahead)),
        volumes=(Volume("commitment", 0, 10),),
    )
    idle = with_register(good("320600002"), [], name=" ", state="shut_down")
    no_sources = with_register(good("320600003"), [])
    return [with_register(day, sources, credit_code="123"), idle, no_sources]


def test_a_good_day_has_nothing_wrong_with_it(quality: Any) -> None:
    assert quality.check(facts.frames([good(), good("320600002")]), DAY).failures == ()


def test_what_is_usual_is_the_median_of_enough_like_days_and_whoever_is_silent_has_a_row() -> None:
    now, less, more = heard(("C", "S1", 7, 2)), heard(("C", "S1", 4, 0)), heard(("C", "S2", 9, 0))
    rows = {
        key: row for key, *row in flows(now, [less, more, more], 3).drop(columns="company_code").to_numpy()
    }
    assert rows["S1"] == ["j9", 7, 0.0, 2, pytest.approx(np.nan, nan_ok=True), pytest.approx(2 / 7)]
    assert rows["S2"] == ["j9", 0, 9.0, 0, 0.0, pytest.approx(np.nan, nan_ok=True)]
    few = flows(now, [less, more], 3)
    assert few["usual_count"].isna().all() and few["share"].isna().all()
    nobody = heard(("C", "S1", 1, 0)).iloc[:0]
    assert flows(nobody, [], 3).empty


def test_every_expectation_is_seen_to_fail(quality: Any) -> None:
    twin = with_register(good("320600009"), [sensor("S1")], credit_code="91320623MA00000009")
    other = with_register(good("320600010"), [sensor("S1")], credit_code="91320623MA00000009")
    tables = facts.frames(
        [*worst(), good("320600008"), twin, other],
        copied=COPIES,
        changed=[changed()],
        flows=flowing(),
        alarms=alarms(),
    )
    failures = quality.check(tables, DAY).failures
    failed = {(failure.table, failure.expectation) for failure in failures}
    asked = {(one.table, one.name) for one in quality.expectations(DAY)}
    assert failed == asked
    assert "320600008" not in {failure.enterprise for failure in failures}
    assert [quality._reading_order(failure) for failure in failures] == sorted(
        quality._reading_order(failure) for failure in failures
    )


def test_a_failure_names_row_value_and_journal_id(quality: Any) -> None:
    failures = quality.check(facts.frames(worst()), DAY).failures
    [one] = [failure for failure in failures if failure.expectation == "unit_fits_quantity"]
    assert (one.table, one.enterprise, one.key, one.value) == ("sources", "32062300", "S2", "level ppm")
    assert one.message == "传感器 S2:单位与测量类型不符(level ppm)"
    assert one.journal_id == "j0"
    [late] = [failure for failure in failures if failure.expectation == "begins_by_the_business_day"]
    assert late.message == "申报作业 3:开始于业务日 2026-09-15 之后"
    [clock] = [one for one in failures if one.expectation == "sender_clock_is_not_ahead" and one.key == "S1"]
    assert clock.message == "最新数据 S1:发送方时钟比接收时刻超前 61 秒"


def test_no_row_is_cut_off_and_no_two_are_confused(quality: Any) -> None:
    sources = [sensor(f"S{n:04d}", low=8.0 if n % 2 else 1.0) for n in range(1, 1201)]
    failures = quality.check(facts.frames([with_register(good(), sources)]), DAY).failures
    assert {failure.expectation for failure in failures} == {"thresholds_in_order"}
    assert [failure.key for failure in failures] == [f"S{n:04d}" for n in range(1, 1201, 2)]


def test_tables_without_rows_have_nothing_wrong_with_them(quality: Any) -> None:
    empty = facts.frames([])
    assert all(frame.empty for frame in empty.values())
    assert quality.check(empty, DAY).failures == ()
    silent = good(commitments=(), permits=(), readings={}, cameras={})
    assert quality.check(facts.frames([silent]), DAY).failures == ()


def test_an_expectation_that_cannot_be_computed_is_an_error_not_a_pass(quality: Any) -> None:
    frames = facts.frames([good()])
    frames["permits"] = frames["permits"].drop(columns="guardian")
    with pytest.raises(RuntimeError, match=r"permits\.guardian"):
        quality.check(frames, DAY)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"low_low": None, "low": None, "high": None, "high_high": None}, True),
        ({"range_low": 1.0, "low_low": 1.0, "low": 1.0}, True),
        ({"low_low": -0.1}, False),
        ({"high_high": 7.9}, False),
        ({"high_high": 9.1}, False),
        ({"low": 8.0}, False),
        ({"low": 7.9}, True),
        ({"low_low": None, "low": None, "range_low": 8.0}, False),
    ],
)
def test_order_of_thresholds(changes: dict[str, Any], expected: bool) -> None:
    frame = facts.frames([with_register(good(), [sensor("S1", **changes)])])["sources"]
    assert frame["thresholds_in_order"].tolist() == [expected]


def test_a_clock_sixty_seconds_ahead_is_let_pass(quality: Any) -> None:
    day = good(readings={"S1": seen(timedelta(seconds=60))})
    assert quality.check(facts.frames([day]), DAY).failures == ()


def test_void_permits_and_withdrawn_announcements_need_not_be_complete(quality: Any) -> None:
    void = permit("320600001", "T-1", guardian=None, worker=None, cancelled=True)
    gone = commitment("320600001", state="withdrawn", promised_by=None, risk_grade=None)
    day = good(permits=(received(void),), commitments=(received(gone),))
    assert quality.check(facts.frames([day]), DAY).failures == ()


def test_items_apart_replace_items_of_the_announcement_and_cancelled_items_are_left_out() -> None:
    cancelled = replace_item(work("320600001", "2"), cancelled=True)
    changed = replace_item(work("320600001", "1"), place="三车间")
    day = good(declared_work=(received(changed, 5), received(cancelled, 6)))
    frame = facts.frames([day])["work_items"]
    assert frame[["key", "place", "journal_id"]].values.tolist() == [["1", "三车间", "j5"]]


def test_frames_have_all_columns_of_their_types_with_and_without_rows() -> None:
    for days in ([], [good()], worst()):
        for table, frame in facts.frames(days).items():
            assert {name: str(kind) for name, kind in frame.dtypes.items()} == facts.COLUMNS[table]
            assert all(name.isascii() for name in frame.columns)


@pytest.mark.parametrize("ahead", [timedelta(0), timedelta(seconds=-90), timedelta(seconds=0.25)])
def test_newest_readings_by_rows_are_those_of_the_days(ahead: timedelta) -> None:
    days = [good(readings={"S1": seen(ahead)}), good("320600002", readings={"S1": seen()})]
    unread = [replace(day, readings={}) for day in days]
    credit_code = days[1].register.enterprise.credit_code
    us, late = microseconds(AS_OF), int(ahead.total_seconds() * 1e6)
    rows = [
        (credit_code, "S1", us, us, "j9"),  # under its other code
        ("320600002", "S1", us - 1, us, "older"),
        ("320600001", "S1", us + late, us, "j9"),
        ("320600001", "unregistered", us, us, "j1"),
        ("stranger", "S1", us, us, "j1"),
    ]
    names = ["company_code", "source_code", "occurred_us", "heard_us", "journal_id"]
    for some, own in ((rows, days), ([], unread)):
        newest = pd.DataFrame.from_records(some, columns=names).astype(
            {name: "int64" if name.endswith("_us") else "str" for name in names}
        )
        found = facts.frames(unread, newest=newest)["last_readings"]
        expected = facts.frames(own)["last_readings"]
        order = ["company_code", "key"]
        pd.testing.assert_frame_equal(
            found.sort_values(order, ignore_index=True), expected.sort_values(order, ignore_index=True)
        )


def test_the_library_loads_without_spark_and_leaves_it_to_others() -> None:
    code = "import rdchem.quality, sys; assert not any('pyspark' == m for m in sys.modules); print('ok')"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "ok\n"


def test_spark_loaded_before_stays_what_it_was(tmp_path: Path) -> None:
    script = tmp_path / "main.py"
    script.write_text("""
import sys
import pyspark.sql
before = {name: module for name, module in sys.modules.items() if name.startswith("pyspark")}
import rdchem.quality
assert before == {name: module for name, module in sys.modules.items() if name.startswith("pyspark")}
""")
    subprocess.run([sys.executable, "-W", "error::FutureWarning", script], check=True)
