"""The report as a workbook, with every square of the ledger and every row of the quality checks.

Every cell is written as text or as a number of our own; nothing others wrote can become a formula or a link.
"""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import xlsxwriter

from rdchem.calendar import local_text
from rdchem.foreign_text import visible
from rdchem.reports.exceptions import DISCLAIMER, ExceptionReport
from rdchem.reports.heads import Sources
from rdchem.reports.labels import OUTCOMES, UNITS

_LONGEST_CELL: Final = 32_767
_CUT: Final = "…(已截断)"
_CREATED: Final = datetime(2022, 1, 1)  # noqa: DTZ001 - a fixed stamp keeps equal workbooks equal bytes
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_NOT_IN_XML: Final = re.compile("[\ufffe\uffff]")
Cell = str | int | float | None


def write(report: ExceptionReport) -> bytes:
    """The workbook's bytes."""
    target = io.BytesIO()
    with xlsxwriter.Workbook(target, _OPTIONS) as workbook:
        workbook.set_properties({"title": f"{report.day} 异常报告", "created": _CREATED})
        book = _Book(workbook)
        book.sheet("概况", ("项目", "数值"), (34, 90), _overview(report))
        book.sheet(
            "异常清单", _EXCEPTIONS, (8, 18, 16, 14, 22, 60, 24, 24, 20, 40, 40, 16, 30), _exceptions(report)
        )
        book.sheet(
            "未评估", ("规则", "企业编码", "企业", "结果", "原因"), (34, 14, 24, 12, 80), _open(report)
        )
        book.sheet(
            "覆盖台账",
            ("企业编码", "企业", "规则", "结果", "原因代码", "原因"),
            (14, 24, 34, 10, 22, 70),
            (
                (one.company_code, one.name, one.rule, one.outcome, one.code, one.text)
                for one in report.ledger
            ),
        )
        book.sheet(
            "数据质量",
            ("企业编码", "表", "检查项", "列", "等级", "说明", "记录", "值", "日志编号"),
            (14, 14, 30, 18, 8, 60, 24, 24, 28),
            (
                (
                    one.enterprise,
                    one.table,
                    one.expectation,
                    one.column,
                    one.severity.label,
                    one.message,
                    one.key,
                    one.value,
                    one.journal_id,
                )
                for one in report.quality
            ),
        )
        book.sheet(
            "隔离区",
            ("收到", "来处", "代码", "原因", "日志编号"),
            (20, 40, 16, 70, 28),
            (
                (local_text(one.received_at), one.origin, one.code, one.reason, one.journal_id)
                for one in report.quarantine
            ),
        )
        book.sheet(
            "生效规定",
            ("规定值或规则", "数值", "起始日", "出处或候选依据", "是否确认"),
            (40, 14, 12, 70, 10),
            _settings(report),
        )
    return target.getvalue()


class _Book:
    """Sheets that look alike: frozen filtered header, wrapped text, landscape A4 as wide as the page."""

    def __init__(self, workbook: xlsxwriter.Workbook) -> None:
        self._workbook = workbook
        look = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top", "border": 1}
        self._header = workbook.add_format({**look, "bold": True, "bg_color": "#E8EEF5", "text_wrap": True})
        self._cell = workbook.add_format({**look, "text_wrap": True})

    def sheet(
        self, name: str, header: Sequence[str], widths: Sequence[int], rows: Iterable[Sequence[Cell]]
    ) -> None:
        sheet = self._workbook.add_worksheet(name)
        for column, (title, width) in enumerate(zip(header, widths, strict=True)):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, title, self._header)
        last = 0
        for last, row in enumerate(rows, start=1):
            for column, value in enumerate(row):
                if isinstance(value, int | float):
                    sheet.write_number(last, column, value, self._cell)
                else:
                    sheet.write_string(last, column, _fitting(value or ""), self._cell)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, last, len(header) - 1)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(0)
        sheet.set_footer("&C第 &P 页 / 共 &N 页")


def _fitting(text: str) -> str:
    """A text as a cell can hold it: what XML cannot carry is spelled out, the too long is cut."""
    text = _NOT_IN_XML.sub(lambda match: f"\\u{ord(match[0]):04x}", visible(text))
    return text if len(text) <= _LONGEST_CELL else text[: _LONGEST_CELL - len(_CUT)] + _CUT


def _overview(report: ExceptionReport) -> list[tuple[Cell, Cell]]:
    said = report.heads.announcements
    rows: list[tuple[Cell, Cell]] = [
        ("业务日", report.day),
        ("截至", report.as_of),
        ("规则集", report.rulebook),
        ("结论", report.headline),
        ("说明", DISCLAIMER),
    ]
    rows += [("数据来源", "模拟数据,不涉及任何真实企业")] if report.simulated else []
    rows += [("注意", note) for note in report.notes]
    rows += [
        ("应承诺(家)", said.due),
        ("实承诺(家)", said.announced),
        ("按时承诺(家)", said.in_time),
        ("承诺率(按时/应承诺)", _percent(said.rate)),
        ("未能判定(家)", said.not_judged),
        ("不要求承诺(家)", said.not_due),
    ]
    for work in report.heads.hot_work:
        rows += [
            (f"线上承诺{work.grade}动火(处)", work.places),
            (f"{work.grade}动火作业票(张)", work.permits),
        ]
        rows += [(f"未填{work.grade}动火数(家)", work.unstated)] if work.unstated else []
    for one in report.heads.sources:
        rows += _source_rows(one)
    rows += [(f"公告有{name}(家)", count) for name, count in report.heads.with_work.items()]
    rows += [(f"异常类型:{name}", "未监测" if count is None else count) for name, count in report.types]
    for coverage in report.coverage:
        text = "、".join(f"{label} {coverage.counts[label]}" for label in OUTCOMES.values())
        rows.append((f"覆盖:{coverage.rule}", text))
    return rows


def _source_rows(one: Sources) -> list[tuple[Cell, Cell]]:
    return [
        (f"{one.name}在用", one.in_service),
        (f"{one.name}在线", one.online),
        (f"{one.name}在线率", _percent(one.rate)),
        (f"{one.name}离线", one.offline),
        (f"{one.name}离线中已申报", one.declared),
        (f"{one.name}未能判定", one.not_judged),
        (f"{one.name}停用", one.out_of_service),
    ]


_EXCEPTIONS: Final = (
    "等级",
    "类型",
    "类别",
    "企业编码",
    "企业",
    "线索",
    "应为",
    "实为",
    "差异",
    "其他",
    "候选依据",
    "编号",
    "原始记录",
)


def _exceptions(report: ExceptionReport) -> Iterable[Sequence[Cell]]:
    for enterprise in report.enterprises:
        for one in enterprise.exceptions:
            facts = {label: "、".join(values) for label, values in one.facts}
            values = [facts.pop(label, "") for label in ("应为", "实为", "差异")]
            others = ";".join(f"{label} {value}" for label, value in facts.items())
            who = (enterprise.company_code, enterprise.name)
            head = (one.severity.label, one.type, one.label, *who, one.message)
            yield (*head, *values, others, one.basis, one.key, " ".join(one.journal))


def _open(report: ExceptionReport) -> Iterable[Sequence[Cell]]:
    for group in report.not_evaluated:
        for one in group.squares:
            yield one.rule, one.company_code, one.name, one.outcome, one.text
    for one in report.partly:
        yield one.rule, one.company_code, one.name, "部分未评估", one.text


def _settings(report: ExceptionReport) -> Iterable[Sequence[Cell]]:
    for one in report.limits:
        value = f"{one['value']} {UNITS[one['unit']]}".strip()
        yield one["title"], value, one["since"], one["source"], "是" if one["confirmed"] else "假定"
    for rule in report.rules:
        yield rule["title"], "", "", rule["basis"], ""


def _percent(rate: float | None) -> str:
    return "—" if rate is None else f"{100 * rate:.1f}%"
