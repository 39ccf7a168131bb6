"""Data quality from the command line: check, score, trend, the way back to the raw bytes, Data Docs."""

import json
import re
from pathlib import Path

import pytest

from rdchem.quality_jobs import days_of
from tests.installation import Installation

DAY = "2026-09-15"


@pytest.fixture(scope="module")
def checked(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A county of eight, checked as of the morning."""
    folder = tmp_path_factory.mktemp("quality")
    here = Installation(folder / "home")
    here.simulate(
        "envelopes", "--enterprises", "8", "--out", folder / "m.jsonl", "--truth", folder / "t.json"
    )
    here.run("receive", folder / "m.jsonl", "--replay")
    told = here.run("check", DAY, "--as-of", "09:21")
    assert re.search(r"\d+ 处数据质量问题", told.stderr)
    return here


def test_the_score_of_a_day_sums_over_enterprises_and_dimensions(checked: Installation) -> None:
    told = json.loads(checked.run("quality", DAY, "--format", "json").stdout)
    assert list(told["days"]) == [DAY] and len(told["enterprises"]) == 8
    for dimension, sums in told["days"][DAY].items():
        own = [one[dimension] for one in told["enterprises"].values() if dimension in one]
        assert sums == {name: sum(one[name] for one in own) for name in ("asked", "failed")}
        assert 0 <= sums["failed"] <= sums["asked"]
    month = json.loads(checked.run("quality", "2026-09", "--format", "json").stdout)
    assert month["days"] == told["days"] and (month["from"], month["to"]) == ("2026-09-01", "2026-09-30")
    assert "完整性" in checked.run("quality", DAY).stdout


def test_a_row_leads_back_to_its_bytes(checked: Installation) -> None:
    checked.run("judge", DAY, "--as-of", "09:21")
    checked.run("report", DAY, "--as-of", "09:21")
    page = (checked.home / "reports" / DAY / "exceptions.html").read_text(encoding="utf-8")
    assert "得分 = 合格次数 ÷ 应查次数" in page
    told = checked.run("explain", "Q-").stdout
    assert "数据质量检查" in told and "原始报文 1 条" in told and "缺失" not in told


def test_one_enterprise_or_a_day_without_checks(checked: Installation) -> None:
    code = next(iter(json.loads(checked.run("quality", DAY, "--format", "json").stdout)["enterprises"]))
    own = json.loads(checked.run("quality", DAY, "--enterprise", code, "--format", "json").stdout)
    assert list(own["enterprises"]) == [code]
    for period, ends in (("2026-09-16", 6), ("2026-13", 4), ("九月", 4)):
        assert checked.run("quality", period, check=False).returncode == ends


def test_developers_get_the_librarys_own_pages(checked: Installation, tmp_path: Path) -> None:
    told = checked.run("data-docs", DAY, "--as-of", "09:21", "--out", tmp_path / "docs")
    assert "index.html" in told.stderr
    pages = list((tmp_path / "docs").rglob("*.html"))
    assert any("permits" in str(page) for page in pages)
    assert any("unexpected" in page.read_text(encoding="utf-8").lower() for page in pages)


def test_the_days_of_a_period() -> None:
    assert [day.isoformat() for day in days_of("2028-02")] == ["2028-02-01", "2028-02-29"]
    assert [day.isoformat() for day in days_of("2026-12")] == ["2026-12-01", "2026-12-31"]
    assert [day.isoformat() for day in days_of(DAY)] == [DAY, DAY]
