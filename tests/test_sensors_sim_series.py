"""A real series drives a point of the county; a file that is none is refused with its line."""

import subprocess
import sys
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem.calendar import SHANGHAI
from rdchem.errors import InputError
from rdchem.model.source import Alarm, Readings
from sensors_sim.driven import driven_point
from sensors_sim.morning import morning
from sensors_sim.series import Series, read_series
from sensors_sim.signals import DAY_S
from sensors_sim.window import Window
from tests.installation import ROOT

LINES = "time,value\n2024-03-01 08:50:00,1.5\n2024-03-01T01:00:00+00:00,2.5\n2024-03-01 09:30:00,1.0\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "流量.csv"
    path.write_text(LINES, encoding="utf-8-sig")
    return path


def second(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


@pytest.mark.parametrize(
    ("at", "value"),
    [
        ("2024-03-01 08:50:00", 1.5),
        ("2024-03-01 08:55:00", 2.0),
        ("2024-03-01 09:00:00", 2.5),
        ("2024-03-01 09:10:00", 2.0),
        ("2026-09-15 08:55:00", 2.0),
        ("2020-01-01 09:00:00", 2.5),
        ("2024-03-01 21:10:00", 1.25),
    ],
)
def test_values_lie_straight_between_two_and_return_every_day(file: Path, at: str, value: float) -> None:
    assert read_series(file).at(second(at)) == pytest.approx(value)


@given(
    st.lists(st.integers(0, 10 * DAY_S), min_size=1, max_size=20, unique=True).map(sorted),
    st.integers(0, 2_000_000_000),
    st.data(),
)
def test_a_series_shows_its_values_and_nothing_beyond_them(
    seconds: list[int], wanted: int, data: st.DataObject
) -> None:
    values = data.draw(st.lists(st.floats(-1e6, 1e6), min_size=len(seconds), max_size=len(seconds)))
    series = Series(tuple(map(float, seconds)), tuple(values))
    assert [series.at(one) for one in seconds] == values
    assert min(values) - 1e-6 <= series.at(wanted) <= max(values) + 1e-6
    days = (seconds[-1] - seconds[0]) // DAY_S + 1
    assert series.at(wanted) == series.at(wanted + days * DAY_S)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "没有数据行"),
        ("time,value\n", "没有数据行"),
        ("2024-03-01 08:50:00,1.5\n", "第 1 行应为表头"),
        ("time,value\n2024-03-01 08:50:00\n", "第 2 行"),
        ("time,value\n2024-03-01 08:50:00,1.5\n\n昨天,1\n", "第 4 行"),
        ("time,value\n2024-03-01 08:50:00,一\n", "第 2 行"),
        ("time,value\n2024-03-01 08:50:00,nan\n", "第 2 行"),
        ("time,value\n2024-03-01 08:50:00,1\n2024-03-01 08:50:00,2\n", "第 3 行.*不晚于"),
        ("time,value\n2024-03-01 08:50:00,1,2\n", "第 2 行"),
    ],
)
def test_a_bad_file_is_refused_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match=f"bad.csv.*{complaint}"):
        read_series(path)


def test_a_file_in_another_encoding_or_missing_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "gbk.csv"
    path.write_bytes("time,value\n昨天,1\n".encode("gbk"))
    for unreadable in (path, tmp_path / "none.csv"):
        with pytest.raises(InputError, match="读不了"):
            read_series(unreadable)


@pytest.mark.parametrize("typed", ["1:3", "x:3={}", "1={}", "0:1={}", "1:0={}", "5:1={}", "1:500={}"])
def test_a_point_that_is_none_is_refused(file: Path, typed: str) -> None:
    with pytest.raises(InputError, match="--series"):
        morning(1, 2, Window(date(2026, 9, 15)), driven=[driven_point(typed.format(file))])


def test_a_sensor_not_in_use_is_refused(file: Path) -> None:
    window = Window(date(2026, 9, 15))
    plans = morning(1, 40, window).plans
    unused = next(
        f"{number}:{place}"
        for number, plan in enumerate(plans, start=1)
        for place, sensor in enumerate(plan.site.sensors, start=1)
        if not sensor.in_use
    )
    with pytest.raises(InputError, match="未在用"):
        morning(1, 40, window, driven=[driven_point(f"{unused}={file}")])


def test_the_driven_point_shows_the_series_and_no_other_point_changes(file: Path) -> None:
    window = Window(date(2026, 9, 15))
    honest, driven = (morning(1, 4, window, driven=points) for points in ([], [driven_point(f"1:3={file}")]))
    code = driven.plans[0].site.sensors[2].source_code
    series, seen = read_series(file), 0
    told = [sent for sent in driven.timeline() if not isinstance(sent.content, Alarm)]
    for before, after in zip(honest.timeline(), told, strict=True):
        if not isinstance(after.content, Readings) or not isinstance(before.content, Readings):
            assert before == after
            continue
        for honest_one, one in zip(before.content.readings, after.content.readings, strict=True):
            if one.source_code == code:
                seen += 1
                assert one.value == pytest.approx(series.at(int(after.at.timestamp())), abs=0.005)
            else:
                assert one == honest_one
    assert seen == (window.end - window.start) // timedelta(minutes=1)


def test_the_command_line_tells_which_sensor_is_driven(file: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sensors_sim", "envelopes", "--enterprises", "1"]
    options = ["--series", f"1:3={file}", "--out", str(tmp_path / "out.jsonl")]
    done = subprocess.run([*command, *options], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "由真实数据驱动" in done.stdout + done.stderr
