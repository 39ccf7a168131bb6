"""A county's own code lists: what they add, replace, and may not say; who is named to be edited."""

from pathlib import Path

import pytest

from rdchem.errors import ConfigurationError
from rdchem.platform import BadRow, LoadedMessage, read_file
from rdchem.platform.profile import profile_of, shipped
from tests.exports import AT, PERMIT, sheet
from tests.installation import Installation

HEAD = "title: 动火级别, since: 2026-01-01, source: 示例平台代码表第 3 页"


def own(folder: Path, text: str) -> Path:
    path = folder / "county.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def read(level: str, profile: Path | None) -> LoadedMessage | BadRow:
    content = sheet(PERMIT | {"fireLevel": level})
    [one] = read_file("p.csv", content, received_at=AT, area_code="320623", profile=profile_of(profile))
    return one


@pytest.mark.parametrize(
    ("written", "meant"),
    [("特级", "special"), ("特殊", "special"), ("0", "special"), ("1", "grade_1"), ("2", "grade_2"),
     ("grade1", "grade_1"), ("Special", "special"), ("二级动火作业", "grade_2")],
)  # fmt: skip
def test_grades_as_found_in_the_wild(written: str, meant: str) -> None:
    found = read(written, None)
    assert isinstance(found, LoadedMessage) and found.message.grade == meant  # type: ignore[attr-defined]


def test_an_unknown_code_is_a_bad_row_that_names_the_list_and_the_file_to_edit(tmp_path: Path) -> None:
    bad = read("A", None)
    assert isinstance(bad, BadRow) and bad.code == "unknown_code"
    assert "profile.yaml 的 hot_work_grade" in bad.reason and "RDCHEM_PROFILE_FILE" in bad.reason
    path = own(tmp_path, f"hot_work_grade: {{{HEAD}, values: {{special: [A]}}}}")
    other = read("B", path)
    assert isinstance(other, BadRow) and f"{path} 的 hot_work_grade" in other.reason


def test_own_texts_are_added_and_count_before_the_shipped_ones(tmp_path: Path) -> None:
    path = own(tmp_path, f"hot_work_grade: {{{HEAD}, values: {{special: [A], grade_2: ['1']}}}}")
    grades = {text: read(text, path).message.grade for text in ("A", "1", "一级")}  # type: ignore[union-attr]
    assert grades == {"A": "special", "1": "grade_2", "一级": "grade_1"}
    assert read("1", None).message.grade == "grade_1"  # type: ignore[union-attr]


def test_a_list_that_replaces_stands_alone(tmp_path: Path) -> None:
    path = own(tmp_path, f"hot_work_grade: {{{HEAD}, replaces: true, values: {{special: [T]}}}}")
    assert isinstance(read("特级", path), BadRow)
    assert profile_of(path).choices("flag") == shipped().choices("flag")


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("grades: {title: x, since: 2026-01-01, source: x, values: {}}", "没有名为 grades"),
        (f"hot_work_grade: {{{HEAD}, values: {{grade_3: [三级]}}}}", "没有含义 grade_3"),
        ("hot_work_grade: [1]", "不可用"),
        ("- [", "不可用"),
    ],
)
def test_a_file_that_says_what_nobody_knows_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(ConfigurationError, match=complaint):
        profile_of(own(tmp_path, text))
    with pytest.raises(ConfigurationError, match="读不了代码表"):
        profile_of(tmp_path / "not-there.yaml")


def test_the_command_reads_by_the_county_s_own_list(tmp_path: Path) -> None:
    path = own(tmp_path, f"hot_work_grade: {{{HEAD}, values: {{special: [A]}}}}")
    table = tmp_path / "票.csv"
    table.write_bytes(sheet(PERMIT | {"fireLevel": "A"}))
    for more, unknown in (({"RDCHEM_PROFILE_FILE": str(path)}, False), ({}, True)):
        home = Installation(tmp_path / f"home-{unknown}", journal_kind="production", more=more)
        done = home.run("load", table)
        assert ("不在代码表" in done.stdout + done.stderr) is unknown
