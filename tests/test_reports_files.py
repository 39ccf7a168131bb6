"""The report as page and workbook: all is there, nothing is asked of the network, text stays text."""

import base64
import hashlib
import io
import re
import subprocess
from collections import Counter
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from rdchem.foreign_text import visible
from rdchem.model.quality import Checked
from rdchem.reports import exceptions, html, workbook
from rdchem.reports.exceptions import ExceptionReport
from rdchem.reports.shown import shown
from tests.conftest import find_program
from tests.days import good
from tests.reporting import HOSTILE, Page, hostile, judged, sample

SHEETS = [
    "概况",
    "异常清单",
    "暂不处置",
    "公告状态",
    "未评估",
    "不归责时段",
    "覆盖台账",
    "数据质量",
    "数据质量得分",
    "点位数据质量",
    "隔离区",
    "作业核对",
    "在线率",
    "生效规定",
]
LONGEST_CELL = 32_767


@cache
def page() -> Page:
    return Page(html.render(sample().report).decode())


@cache
def book() -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.write(sample().report)))


def rows(name: str) -> list[tuple[object, ...]]:
    [header, *rest] = book()[name].values
    assert all(header)
    return rest


def section(name: str) -> str:
    source = page().source
    start = source.index(f'<section id="{name}"')
    return source[start : source.index("</section>", start)]


def test_the_page_lists_every_row_that_does_not_plainly_agree() -> None:
    shown, lines = section("reconciliation"), sample().report.hot_work
    differing = [one for one in lines if one.standing != "一致"]
    assert differing and shown.count("<tr>") == len(differing) + 1
    assert f"九、作业核对({len(lines)} 行)" in shown and "有报备无作业票" in shown


def test_every_finding_is_in_the_page_once_and_every_link_leads_somewhere() -> None:
    keys = [finding.key for finding in sample().judgement.findings]
    ids = Counter(page().values("id"))
    assert max(ids.values()) == 1 and set(keys) <= set(ids)
    assert re.findall(r'id="(F-[0-9a-f]{12})"', section("exceptions")) == [
        one.key for group in sample().report.enterprises for one in group.exceptions
    ]
    links = page().values("href")
    assert len(links) > 8 and {link.removeprefix("#") for link in links} <= set(ids)
    for finding in sample().judgement.findings:
        assert finding.message in page().text and finding.basis in page().text
        assert all(f"<code>{one}</code>" in page().source for one in finding.evidence["journal"][:6])


def test_the_page_says_what_it_is_and_what_it_is_not() -> None:
    text = page().text
    assert ("html", {"lang": "zh-CN"}) in page().tags
    for said in (exceptions.TITLE, exceptions.DISCLAIMER, exceptions.SIMULATED, sample().report.headline):
        assert said in text
    assert "2026-09-15 09:21:00" in text and sample().judgement.rulebook["id"] in text
    assert "预警等级高本系统未监测" in text
    total = len(sample().judgement.ledger)
    assert f"= {total},台账共 {total} 项" in text
    plain = Page(html.render(judged(good())).decode())
    assert exceptions.SIMULATED not in plain.text
    assert all(one.get("scope") for name, one in page().tags if name == "th")


def test_every_limit_is_shown_with_its_source_and_every_assumption_marked() -> None:
    shown = section("rulebook")
    assert shown.count('class="assumed"') == sum(not one["confirmed"] for one in sample().report.limits) > 0
    for limit in sample().report.limits:
        assert limit["source"] in page().text and limit["title"] in page().text
    for rule in sample().report.rules:
        assert rule["title"] in page().text and rule["basis"] in page().text


def test_what_was_not_checked_is_not_called_fine() -> None:
    unchecked = exceptions.build(sample().judgement, shown(sample().judgement, sample().days), None, ())
    text = Page(html.render(unchecked).decode()).text
    assert "数据质量检查未运行" in text and "未发现数据质量问题" not in text
    assert "未发现数据质量问题" in Page(html.render(judged(good())).decode()).text


def test_the_page_asks_the_network_for_nothing_and_its_policy_names_its_own_parts() -> None:
    loads = [value for name in ("src", "srcset", "action", "data", "poster") for value in page().values(name)]
    assert not loads and page().count("link") == page().count("img") == page().count("iframe") == 0
    assert all(link.startswith("#") for link in page().values("href"))
    assert not re.search(r"url\(|@import|https?:", page().source)
    [policy] = [one["content"] or "" for _, one in page().tags if "http-equiv" in one]
    assert policy.startswith("default-src 'none';") and "unsafe" not in policy
    for kind in ("style", "script"):
        [part] = re.findall(f"<{kind}>(.*?)</{kind}>", page().source, re.S)
        digest = base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()
        assert f"{kind}-src 'sha256-{digest}'" in policy


def test_hostile_text_is_harmless_and_visible_on_the_page() -> None:
    source = html.render(hostile()).decode()
    told = Page(source)
    assert told.count("script") == 1 and told.count("img") == 0
    assert not [name for _, said in told.tags for name in said if name.startswith("on")]
    assert not set(source) & set("\x00\x07\x1b\u202e\u2066\u200b")
    for text in HOSTILE:
        assert visible(text) in told.text
    assert "左\\u202e右\\u2066\\u200b" in told.text and "{{ 7*7 }}" in told.text


def test_the_workbook_holds_every_finding_square_row_and_setting() -> None:
    found = sample()
    assert book().sheetnames == SHEETS
    listed = [row[12] for row in rows("异常清单")]
    assert listed == [one.key for group in found.report.enterprises for one in group.exceptions]
    elsewhere = [
        value
        for name in SHEETS
        if name != "异常清单"
        for row in book()[name].values
        for value in row
        if re.match("F-[0-9a-f]{12}", str(value))
    ]
    assert not elsewhere
    titles = {rule["name"]: rule["title"] for rule in found.judgement.rulebook["rules"]}
    [[*header], *ledger] = book()["覆盖台账"].values
    assert [
        (row[0], title, said) for row in ledger for title, said in zip(header[2:], row[2:], strict=True)
    ] == [
        (entry.enterprise, titles[entry.rule], f"{square.outcome}:{square.text}".removesuffix(":"))
        for entry, square in zip(found.judgement.ledger, found.report.ledger, strict=True)
    ]
    opened = [entry for entry in found.judgement.ledger if entry.outcome == "not_evaluated"]
    assert [row[0] for row in rows("未评估") if row[3] == "未评估"] == [one.enterprise for one in opened]
    assert [row[6] for row in rows("数据质量")] == [one.key for one in found.quality]
    assert len(rows("隔离区")) == len(found.report.quarantine) > 0
    assert [row[8] for row in rows("作业核对")] == [one.standing for one in found.report.hot_work] != []
    assert len(rows("生效规定")) == len(found.report.limits) + len(found.report.rules)


def test_the_overview_sheet_says_the_same_numbers_as_the_page() -> None:
    said = {row[0]: row[1] for row in rows("概况")}
    heads = sample().report.heads
    assert (said["应承诺(家)"], said["按时承诺(家)"]) == (
        heads.announcements.due,
        heads.announcements.in_time,
    )
    assert said["未按时(家)"] == len(heads.announcements.overdue)
    assert said["传感器在线"] == heads.sources[0].online and said["视频在线率"] == heads.sources[1].rate.text
    assert said["异常类型:预警等级高(项)"] == "本系统未监测"
    assert said["覆盖合计"] == len(sample().judgement.ledger)
    empty = openpyxl.load_workbook(io.BytesIO(workbook.write(judged())))["概况"].values
    unknown = {row[0]: row[1] for row in empty}
    assert unknown["承诺率"] == unknown["传感器在用"] == unknown["线上承诺特级动火(处)"] == "—"


def test_every_sheet_is_frozen_filtered_and_fits_a4() -> None:
    for sheet in book():
        assert sheet.freeze_panes == "A2" and sheet.auto_filter.ref
        assert sheet.page_setup.orientation == "landscape" and sheet.page_setup.paperSize == 9
        assert sheet.sheet_properties.pageSetUpPr.fitToPage and sheet.page_setup.fitToHeight == 0
        assert sheet.print_title_rows == "$1:$1"


@pytest.mark.parametrize("report", [sample().report, hostile()], ids=["morning", "hostile"])
def test_no_cell_is_a_formula_or_a_link_and_codes_are_text(report: ExceptionReport) -> None:
    for sheet in openpyxl.load_workbook(io.BytesIO(workbook.write(report))):
        for row in sheet.iter_rows(min_row=2):
            for cell in row:
                assert cell.data_type in ("s", "n") and cell.hyperlink is None
                if cell.data_type == "n" and cell.value is not None:
                    counted = sheet.title == "概况" and cell.column == 2
                    first = {"数据质量得分": 2, "在线率": 5}.get(sheet.title)
                    assert counted or (first is not None and cell.column >= first)
                assert len(str(cell.value)) <= LONGEST_CELL


def test_hostile_text_is_visible_in_the_workbook_and_the_too_long_is_cut_with_a_mark() -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.write(hostile())))["隔离区"]
    reasons = [str(row[3]) for row in sheet.iter_rows(min_row=2, values_only=True)]
    for text, told in zip(HOSTILE, reasons, strict=True):
        whole = visible(text).replace("\ufffe", "\\ufffe")
        assert told == whole or (len(whole) > LONGEST_CELL and told.endswith("…(已截断)"))
    assert sum(shown.endswith("…(已截断)") for shown in reasons) == 1


def test_the_workbook_tells_the_score_of_every_enterprise_and_the_data_each_rule_reads() -> None:
    scores = rows("数据质量得分")
    assert [row[0] for row in scores] == sorted(day.company_code for day in sample().days)
    assert {row[1] for row in scores} == {75} and {row[-2:] for row in scores} == {(4, 1)}
    assert {row[3] for row in scores} == {75} and {row[2] for row in scores} == {None}
    settings = {row[1]: row[2] for row in rows("生效规定") if row[0] == "规则"}
    assert settings["企业在规定时间前完成安全承诺公告"] == "承诺公告、采集记录、登记"


def test_equal_reports_are_equal_bytes_whenever_they_are_made() -> None:
    assert str(book().properties.created) == "2022-01-01 00:00:00"
    checked = Checked(sample().quality, sample().report.scores)
    days = shown(sample().judgement, sample().days)
    again = exceptions.build(sample().judgement, days, checked, sample().report.quarantine)
    assert html.render(again) == html.render(sample().report)
    assert workbook.write(again) == workbook.write(sample().report)


def browse(folder: Path, page_file: Path, *arguments: str) -> bytes:
    """What Chromium says to some arguments and a page."""
    command = [find_program("chromium"), "--headless", "--no-sandbox", "--disable-gpu"]
    command += [f"--user-data-dir={folder / 'profile'}", *arguments, page_file.as_uri()]
    return subprocess.run(command, check=True, capture_output=True, timeout=120).stdout


def test_a_browser_prints_the_page_and_its_script_runs_under_its_own_policy(tmp_path: Path) -> None:
    file, pdf = tmp_path / "exceptions.html", tmp_path / "exceptions.pdf"
    file.write_bytes(html.render(sample().report))
    browse(tmp_path, file, "--no-pdf-header-footer", f"--print-to-pdf={pdf}")
    assert pdf.read_bytes().startswith(b"%PDF")
    seen = browse(tmp_path, file, "--dump-dom").decode()
    count = sample().report.exceptions
    assert f"<output>显示 {count} / {count} 项" in seen


def test_nothing_on_a_narrow_screen_runs_out_of_it_however_long_its_words(tmp_path: Path) -> None:
    measure = "<script>document.title = `${document.documentElement.scrollWidth} ${innerWidth}`</script>"
    for report in (sample().report, hostile()):
        source = html.render(report).decode()
        file = tmp_path / "narrow.html"
        file.write_text(re.sub("<meta http-equiv.*?>", "", source).replace("</body>", measure + "</body>"))
        seen = browse(tmp_path, file, "--window-size=500,900", "--hide-scrollbars", "--dump-dom").decode()
        title = re.search("<title>([0-9]+) ([0-9]+)</title>", seen)
        assert title and int(title[1]) <= int(title[2]) <= 640
