"""Files of times and values as people have them, and `rdchem screen` over them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from rdchem.cli import app
from rdchem.errors import InputError
from rdchem.signal_file import SignalFile, read_signal_file
from rdchem.written_instants import read_instant

TEN = datetime(2026, 9, 15, 2, tzinfo=UTC)
"""10:00 in Shanghai."""


def read(tmp_path: Path, content: str | bytes, time: str = "", value: str = "") -> SignalFile:
    path = tmp_path / "signal.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_signal_file(path, time, value)


FORMS = {
    "iso": "time,value\n2026-09-15 10:00:00,1.5\n2026-09-15 10:05:00,2\n",
    "iso_t_zone": "time,value\n2026-09-15T02:00:00Z,1.5\n2026-09-15T10:05:00+08:00,2\n",
    "nab": "timestamp,value\n2026-09-15 10:00:00.000000,1.5\n2026-09-15 10:05:00.000000,2\n",
    "no_heading": "2026-09-15 10:00,1.5\n2026-09-15 10:05,2\n",
    "slashes": "时间,读数\n2026/9/15 10:00,1.5\n2026/9/15 10:05,2\n",
    "chinese": "采集时间,数值\n2026年9月15日 10时00分,1.5\n2026年9月15日 10时05分,2\n",
    "compact": "t,v\n20260915100000,1.5\n20260915100500,2\n",
    "epoch_s": "time,value\n1789437600,1.5\n1789437900,2\n",
    "epoch_ms": "time,value\n1789437600000,1.5\n1789437900000,2\n",
    "decimal_comma": "time;value\n2026-09-15 10:00;1,5\n2026-09-15 10:05;2\n",
    "tabs": "time\tvalue\n2026-09-15 10:00\t1.5\n2026-09-15 10:05\t2\n",
    "bom": "\ufefftime,value\n2026-09-15 10:00,1.5\n2026-09-15 10:05,2\n",
    "value_first": "value,time\n1.5,2026-09-15 10:00\n2,2026-09-15 10:05\n",
    "more_columns": "id,time,unit,value\n7,2026-09-15 10:00,MPa,1.5\n7,2026-09-15 10:05,MPa,2\n",
    "disorder": "time,value\n2026-09-15 10:05,2\n2026-09-15 10:00,1.5\n2026-09-15 10:05,2\n",
    "date_and_time": "date,time,value\n2026-09-15,10:00:00,1.5\n2026-09-15,10:05:00,2\n",
    "comma_before_a_fraction": "time;value\n2026-09-15 10:00:00,000;1,5\n2026-09-15 10:05:00,000;2\n",
    "half_days": "time,value\n9/15/2026 10:00 AM,1.5\n9/15/2026 10:05 AM,2\n",
    "chinese_half_days": "时间,值\n2026/9/15 上午 10:00:00,1.5\n2026/9/15 上午10:05:00,2\n",
    "month_names": 'time,value\n15-Sep-2026 10:00,1.5\n"Sep 15, 2026 10:05:00",2\n',
    "two_digit_years": "time,value\n15.09.26 10:00,1.5\n15.09.26 10:05,2\n",
    "named_utc": "time,value\n2026-09-15 02:00:00 UTC,1.5\n2026-09-15 02:05:00 UTC,2\n",
    "comments": "# station 7\n# unit m\ntime,value\n2026-09-15 10:00,1.5\n2026-09-15 10:05,2\n",
    "units_behind_numbers": "time,value\n2026-09-15 10:00,1.5 MPa\n2026-09-15 10:05,2MPa\n",
    "blanks": "2026-09-15 10:00:00 1.5\n2026-09-15 10:05:00 2\n",
    "names_that_begin_with_a_number": "1号罐,2026-09-15 10:00,1.5\n1号罐,2026-09-15 10:05,2\n",
    "rows_numbered": "0,2026-09-15 10:00,1.5\n1,2026-09-15 10:05,2\n",
    "quoted": '"time","value"\r\n"2026-09-15 10:00","1.5"\r\n"2026-09-15 10:05","2"\r\n',
}


@pytest.mark.parametrize("form", FORMS)
def test_one_signal_in_many_forms(tmp_path: Path, form: str) -> None:
    file = read(tmp_path, FORMS[form])
    assert file.series.seconds.tolist() == [TEN.timestamp(), TEN.timestamp() + 300]
    assert file.series.values.tolist() == [1.5, 2.0]
    assert file.bad == ()


def test_digits_in_groups_and_hours_until_24(tmp_path: Path) -> None:
    file = read(tmp_path, 'time,value\n2026-09-15 23:00,"1,234.5"\n2026-09-15 24:00,"-2,000"\n')
    assert file.series.values.tolist() == [1234.5, -2000.0]
    assert np.diff(file.series.seconds).tolist() == [3600.0]
    assert read(tmp_path, "time;value\n2026-09-15 23:00;1,234\n").series.values.tolist() == [1.234]


def test_a_line_is_told_by_its_number_in_the_file(tmp_path: Path) -> None:
    file = read(tmp_path, "# a\ntime,value\n\n2026-09-15 10:00,1\n垃圾,2\n")
    assert [line for line, _ in file.bad] == [5]


@pytest.mark.parametrize(
    ("days", "first"),
    [
        (["11/09/2026", "12/09/2026", "13/09/2026"], "2026-09-11"),  # none is told by itself
        (["09/11/2026", "09/12/2026", "09/13/2026"], "2026-09-11"),
        (["09/11/2026", "10/11/2026"], "2026-11-09"),  # nearer to each other than in September and October
        (["09/11/2026", "09/12/2026"], "2026-09-11"),
    ],
)
def test_days_and_months_have_one_order_in_a_file(tmp_path: Path, days: list[str], first: str) -> None:
    file = read(tmp_path, "time,value\n" + "".join(f"{day} 10:00,1\n" for day in days))
    begun = datetime.fromisoformat(f"{first}T10:00+08:00").timestamp()
    assert file.series.seconds.tolist() == [begun + 86_400 * at for at in range(len(days))]
    assert read_instant(f"{days[0]} 10:00", file.zone) == begun, "what is typed is read as the file is"


def test_a_placeholder_far_away_is_an_instant_as_any(tmp_path: Path) -> None:
    file = read(tmp_path, "time,value\n2026-09-15 10:00,1\n9999-12-31 00:00,2\n")
    assert file.series.seconds.size == 2


def test_gbk_and_utf16(tmp_path: Path) -> None:
    for encoding in ("gb18030", "utf-16"):
        file = read(tmp_path, FORMS["slashes"].encode(encoding))
        assert file.series.values.tolist() == [1.5, 2.0]


def test_bad_rows_are_counted_and_said_and_empty_values_are_missing(tmp_path: Path) -> None:
    text = "time,value\n2026-09-15 10:00,1\n垃圾,2\n2026-09-15 10:05,故障\n"
    text += "2026-09-15 10:10,\n2026-09-15 10:15,NaN\n"
    file = read(tmp_path, text)
    assert [line for line, _ in file.bad] == [3, 4]
    assert np.array_equal(file.series.values, [1, np.nan, np.nan], equal_nan=True)


def test_columns_can_be_named_or_numbered(tmp_path: Path) -> None:
    text = "when,a,b\n2026-09-15 10:00,1,3\n2026-09-15 10:05,2,4\n"
    assert read(tmp_path, text, "when", "b").series.values.tolist() == [3, 4]
    assert read(tmp_path, text, "1", "3").series.values.tolist() == [3, 4]
    assert read(tmp_path, text, "When", " B").series.values.tolist() == [3, 4]
    with pytest.raises(InputError, match="没有 'c' 这一列"):
        read(tmp_path, text, "", "c")


@pytest.mark.parametrize("content", ["", "time,value\n", "a,b\nc,d\n", "time,value\nx,1\n"])
def test_what_holds_no_signal_is_refused(tmp_path: Path, content: str) -> None:
    with pytest.raises(InputError, match=r"signal\.csv"):
        read(tmp_path, content)


def test_instants_are_said_as_the_file_says_its_own(tmp_path: Path) -> None:
    naive = read(tmp_path, FORMS["iso"]).zone
    assert naive.text(TEN) == "2026-09-15T10:00:00"
    assert read(tmp_path, FORMS["iso_t_zone"]).zone.text(TEN) == "2026-09-15T02:00:00+00:00"
    assert read(tmp_path, FORMS["epoch_s"]).zone.text(TEN) == "2026-09-15T02:00:00+00:00"
    zoned = read(tmp_path, "2026-09-14T22:00:00-04:00,1\n2026-09-14T22:05:00-04:00,1\n").zone
    assert zoned.text(TEN + timedelta(milliseconds=250)) == "2026-09-14T22:00:00.250-04:00"
    for zone, typed in ((naive, "2026-09-15 10:00"), (zoned, "2026-09-14 22:00"), (zoned, "1789437600")):
        assert read_instant(typed, zone) == TEN.timestamp()
    with pytest.raises(InputError, match="应如"):
        read_instant("soon", naive)


def week(tmp_path: Path, name: str, days: int, first: int, seed: int) -> Path:
    """Days of a swinging signal, every five minutes."""
    seconds = np.arange(days * 288) * 300.0 + first * 86400
    values = (
        20
        + 3 * np.sin(seconds / 86400 * 2 * np.pi)
        + np.random.default_rng(seed).normal(0, 0.3, seconds.size)
    )
    path = tmp_path / name
    start = datetime(2026, 9, 1)  # noqa: DTZ001
    lines = [f"{start + timedelta(seconds=s)},{v:.4f}" for s, v in zip(seconds, values, strict=True)]
    path.write_text("time,value\n" + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def screened(*arguments: str | Path) -> dict[str, object]:
    result = CliRunner().invoke(app, ["screen", *map(str, arguments), "--format", "json"])
    assert result.exit_code == 0, result.output
    document: dict[str, object] = json.loads(result.stdout)
    return document


def test_screen_learns_from_a_past_and_tells_of_a_stopped_stream(tmp_path: Path) -> None:
    past, now = week(tmp_path, "past.csv", 7, 0, 1), week(tmp_path, "now.csv", 1, 7, 2)
    document = screened(now, "--learn", past, "--until", "2026-09-08T23:55:00")
    assert document["intervals"] == []
    lines = now.read_text(encoding="utf-8").splitlines()
    now.write_text("\n".join(lines[:101]), encoding="utf-8")
    document = screened(now, "--learn", past, "--until", "2026-09-09T00:00:00")
    (silent,) = document["intervals"]  # type: ignore[misc]
    assert (silent["state"], silent["from"], silent["to"]) == (
        "silent",
        "2026-09-08T08:15:00",
        "2026-09-09T00:00:00",
    )
    assert document["flags"]["gap"] == {"1": 99, "4": 1}  # type: ignore[index]


def test_screen_without_a_past_finds_a_stuck_day(tmp_path: Path) -> None:
    path = week(tmp_path, "two.csv", 10, 0, 1)
    lines = path.read_text(encoding="utf-8").splitlines()
    stuck = [
        f"{line.split(',')[0]},21.5" if 289 * 5 <= at < 289 * 6 else line for at, line in enumerate(lines)
    ]
    path.write_text("\n".join(stuck), encoding="utf-8")
    found = screened(path)["intervals"]
    assert [one["state"] for one in found] == ["stuck"]  # type: ignore[attr-defined]
    table = CliRunner().invoke(app, ["screen", str(path)])
    assert "卡死" in table.stdout
    assert "读入行 2880" in table.stdout


def test_what_is_wrong_is_said(tmp_path: Path) -> None:
    path = week(tmp_path, "one.csv", 1, 0, 1)
    for arguments, said in (
        ([path, "--range", "5"], "--range"),
        ([path, "--range", "5,1"], "下限"),
        ([path, "--until", "soon"], "soon"),
        ([tmp_path / "none.csv"], "none.csv"),
    ):
        result = CliRunner().invoke(app, ["screen", *map(str, arguments)])
        assert isinstance(result.exception, InputError)
        assert said in str(result.exception)
