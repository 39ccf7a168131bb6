"""The exception report: says all of the verdict and nothing else, as a page and as a workbook."""

import io
import re
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from rdchem import judge as judging
from rdchem.declared import permits_in_force
from rdchem.limits import limits_on
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import Judgement, Severity
from rdchem.model.quality import QualityFailure
from rdchem.reports import exceptions, html, workbook
from rdchem.reports.exceptions import ExceptionReport, QuarantineLine
from rdchem.reports.labels import SPOT_CHECK_TYPES, class_of, named_classes
from sensors_sim.morning import morning
from sensors_sim.window import Window
from tests.conftest import find_program
from tests.test_sensors_sim_truth import known_at_the_cut_off

HOSTILE = "<script>alert(1)</script>=1+1\u202e\x1b[2J\ufffe"
NOW = datetime(2026, 9, 15, 1, 21, tzinfo=UTC)


@pytest.fixture(scope="module")
def days() -> tuple[EnterpriseDay, ...]:
    return known_at_the_cut_off(morning(1, 100, Window(date(2026, 9, 15))))


def judged(days: tuple[EnterpriseDay, ...]) -> Judgement:
    day = date(2026, 9, 15)
    return judging.judge(days, day=day, as_of=NOW, limits=limits_on(day)).judgement


@pytest.fixture(scope="module")
def judgement(days: tuple[EnterpriseDay, ...]) -> Judgement:
    return judged(days)


def quality_failure(message: str = "传感器 S-1:量程未填写", enterprise: str = "320600001") -> QualityFailure:
    return QualityFailure(
        "sources", "range_is_given", "range", Severity.GENERAL, message, enterprise, "S-1", "", "a" * 24
    )


@pytest.fixture(scope="module")
def report(judgement: Judgement, days: tuple[EnterpriseDay, ...]) -> ExceptionReport:
    quarantine = [QuarantineLine(NOW, "mqtt", "schema", "字段不符合", "b" * 24)]
    return exceptions.build(judgement, days, [quality_failure()], quarantine)


def sheets(content: bytes) -> dict[str, list[tuple[object, ...]]]:
    book = openpyxl.load_workbook(io.BytesIO(content))
    return {sheet.title: list(sheet.values) for sheet in book}


def test_every_class_a_rule_can_name_has_a_chinese_name() -> None:
    rules = Path(judging.__file__).parent / "rules"
    provoked = set()
    for path in rules.glob("*_*.py"):
        promise = re.search(
            r'def check\(.*?"""Pass, or (.*?)\.?\s*"""', path.read_text(encoding="utf-8"), re.S
        )
        if promise:
            text = promise[1].replace(" for each", "").replace("each", "")
            provoked |= {
                f"{path.stem}/{name}"
                for name in re.findall(r"[a-z]+(?:_[a-z]+)+|\b(?:missing|late|withdrawn)\b", text)
            }
    assert len(provoked) > 15
    assert provoked <= named_classes()
    for name in named_classes():
        rule, mismatch = name.split("/")
        assert (rules / f"{rule}.py").is_file()
        known = class_of(rule, mismatch)
        assert known.type in SPOT_CHECK_TYPES and known.label != mismatch


def test_a_class_without_a_name_is_shown_all_the_same() -> None:
    assert class_of("new_rule", "new_class").label == "new_class"


def test_every_finding_is_on_the_page_and_in_the_workbook_once(
    report: ExceptionReport, judgement: Judgement
) -> None:
    page = html.render(report).decode()
    rows = sheets(workbook.write(report))["异常清单"]
    keys = [finding.key for finding in judgement.findings]
    assert len(keys) == report.exceptions > 20
    assert Counter(re.findall(r'class="exception"[^>]* id="(F-[0-9a-f]{12})"', page)) == Counter(keys)
    assert Counter(row[rows[0].index("编号")] for row in rows[1:]) == Counter(keys)
    for finding in judgement.findings:
        assert finding.message.split("“")[0][:20] in page


def test_the_worst_comes_first(report: ExceptionReport) -> None:
    order = [list(Severity).index(group.severity) for group in report.enterprises]
    assert order == sorted(order) and len(set(order)) == 4


def test_head_numbers_are_those_of_an_independent_count(
    report: ExceptionReport, judgement: Judgement, days: tuple[EnterpriseDay, ...]
) -> None:
    outcomes = Counter(
        entry.outcome for entry in judgement.ledger if entry.rule == "commitment_is_announced_by_deadline"
    )
    said = report.heads.announcements
    assert (said.due, said.not_due) == (len(days) - outcomes["not_applicable"], outcomes["not_applicable"])
    assert (said.in_time, said.not_judged) == (outcomes["pass"], outcomes["not_evaluated"])
    assert said.rate == pytest.approx(outcomes["pass"] / said.due)
    permits = Counter(p.message.grade.label for day in days for p in permits_in_force(day))
    assert {one.grade: one.permits for one in report.heads.hot_work} == permits
    for one, kind in zip(report.heads.sources, ("sensor", "camera"), strict=True):
        assert one.online + one.offline + one.not_judged == one.in_service
        registered = sum(
            s.kind.value == kind
            for day in days
            if day.register.enterprise.state not in ("shut_down", "out_of_scope")
            for s in day.register.sources.values()
        )
        assert one.in_service + one.out_of_service == registered


def test_a_type_nobody_watches_is_not_a_nought(report: ExceptionReport) -> None:
    types = dict(report.types)
    assert list(types) == list(SPOT_CHECK_TYPES)
    assert types["预警等级高"] is None and types["未上报安全承诺"] == 8
    assert "预警等级高 <b>未监测</b>" in html.render(report).decode()


def test_the_ledger_is_whole_and_its_sums_agree(report: ExceptionReport, judgement: Judgement) -> None:
    rows = sheets(workbook.write(report))["覆盖台账"]
    assert len(rows) - 1 == len(judgement.ledger)
    assert sum(sum(one.counts.values()) for one in report.coverage) == len(judgement.ledger)
    total = len(judgement.ledger)
    assert f"= {total} 格,台账共 {total} 格" in html.render(report).decode()


def test_what_was_not_evaluated_is_named_with_its_reason(
    report: ExceptionReport, judgement: Judgement
) -> None:
    page = html.render(report).decode()
    section = page[page.index('id="not-evaluated"') : page.index('id="not-applicable"')]
    squares = [entry for entry in judgement.ledger if entry.outcome == "not_evaluated"]
    assert squares
    assert section.count("<tr><td>") == len(squares) + len(report.partly)
    assert all(entry.enterprise in section for entry in squares)


def test_equal_reports_are_equal_bytes(report: ExceptionReport) -> None:
    assert html.render(report) == html.render(report)
    assert workbook.write(report) == workbook.write(report)


def test_assumptions_are_marked_and_sources_named(report: ExceptionReport) -> None:
    page = html.render(report).decode()
    for limit in report.limits:
        assert str(limit["source"]) in page.replace("&#39;", "'")
    unconfirmed = sum(not limit["confirmed"] for limit in report.limits)
    assert page.count('class="assumed"') == unconfirmed > 0


def test_hostile_text_stays_text(days: tuple[EnterpriseDay, ...]) -> None:
    first = days[0]
    enterprise = replace_name(first, HOSTILE)
    told = judged((enterprise,))
    finding = judging.judge(days, day=date(2026, 9, 15), as_of=NOW, limits=first.limits).judgement.findings[0]
    evil = replace(
        finding,
        enterprise=first.company_code,
        message=HOSTILE,
        evidence={"actual": HOSTILE, "journal": [HOSTILE]},
    )
    report = exceptions.build(
        replace(told, findings=(evil,), notes=(HOSTILE,)),
        (enterprise,),
        [quality_failure(HOSTILE)],
        [QuarantineLine(NOW, HOSTILE, "schema", HOSTILE, "c" * 24)],
    )
    page = html.render(report).decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;=1+1\\u202e" in page
    assert not set(page) & {"\u202e", "\x1b"}
    book = openpyxl.load_workbook(io.BytesIO(workbook.write(report)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert all(cell.data_type in ("s", "n") and cell.hyperlink is None for cell in cells)
    assert any("\\u202e" in str(cell.value) for cell in cells)


def replace_name(day: EnterpriseDay, name: str) -> EnterpriseDay:
    import msgspec

    enterprise = msgspec.structs.replace(day.register.enterprise, name=name)
    return replace(day, register=replace(day.register, enterprise=enterprise))


def test_a_text_too_long_for_a_cell_is_cut_with_a_mark(report: ExceptionReport) -> None:
    long = replace(report, quality=(quality_failure("长" * 40_000),))
    [_, row] = sheets(workbook.write(long))["数据质量"]
    assert str(row[5]).endswith("…(已截断)") and len(str(row[5])) <= 32_767


def test_a_day_without_exceptions_says_so(days: tuple[EnterpriseDay, ...], judgement: Judgement) -> None:
    failing = {entry.enterprise for entry in judgement.ledger if entry.outcome != "pass"}
    clean = tuple(day for day in days if day.company_code not in failing)
    assert clean
    report = exceptions.build(judged(clean), clean, (), ())
    assert report.headline == "未发现异常;全部项目均已评估"
    assert "未发现异常。" in html.render(report).decode()


def test_a_day_with_nobody_in_the_register_is_not_a_clean_day() -> None:
    report = exceptions.build(judged(()), (), (), ())
    assert "未作评估" in report.headline
    assert report.heads.announcements.rate is None
    assert "—" in html.render(report).decode()
    assert workbook.write(report)


def test_the_page_asks_the_network_for_nothing(report: ExceptionReport) -> None:
    page = html.render(report).decode()
    assert not re.search(r"(?:src|href|action)\s*=|url\(|@import|https?://", page)
    assert "default-src 'none'" in page


def test_a_browser_prints_it_and_its_script_runs_under_its_own_policy(
    report: ExceptionReport, tmp_path: Path
) -> None:
    chromium = find_program("chromium")
    page, pdf = tmp_path / "exceptions.html", tmp_path / "exceptions.pdf"
    page.write_bytes(html.render(report))
    common = [
        chromium,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    subprocess.run(
        [*common, "--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert pdf.read_bytes().startswith(b"%PDF")
    if shutil.which("pdftotext"):
        text = subprocess.run(
            ["pdftotext", "-layout", pdf, "-"], check=True, capture_output=True, text=True
        ).stdout
        assert all(one.key in text for group in report.enterprises for one in group.exceptions)
        assert "第 1 页" in text and "显示 " not in text
    dumped = subprocess.run(
        [*common, "--dump-dom", page.as_uri()], check=True, capture_output=True, text=True, timeout=120
    ).stdout
    assert f"显示 {report.exceptions} / {report.exceptions} 项" in dumped
