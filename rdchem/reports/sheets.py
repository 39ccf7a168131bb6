"""What the workbook holds: its sheets with their columns and rows, in the order they are read."""

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any, Final

from rdchem.calendar import local_text
from rdchem.model.quality import Dimension
from rdchem.reads import READS
from rdchem.reports.exceptions import DISCLAIMER, SIMULATED, TITLE, ExceptionReport
from rdchem.reports.heads import Sources
from rdchem.reports.hot_work import COLUMNS, HotWorkLine
from rdchem.reports.labels import KINDS, OUTCOMES, TABLES, UNITS
from rdchem.reports.scores import SourceLine, score_lines, source_lines
from rdchem.reports.tally import UNKNOWN, Tally

Cell = str | int | float | None
Column = tuple[str, int]
Rows = Iterable[Sequence[Cell]]


def sheets(report: ExceptionReport) -> Iterable[tuple[str, Sequence[Column], Rows]]:
    """Name, columns (title and width) and rows of each sheet."""
    enterprise = (("企业编码", 14), ("企业", 24))
    yield "概况", (("项目", 34), ("数值", 24), ("备注", 60)), _overview(report)
    yield "异常清单", _EXCEPTION_COLUMNS, _exceptions(report)
    columns: tuple[Column, ...] = (
        ("等级", 8),
        *enterprise,
        ("规则", 34),
        ("线索", 60),
        ("编号", 18),
        ("决定", 60),
    )
    resting = (
        (
            one.exception.severity.label,
            one.company_code,
            one.name,
            one.exception.rule,
            one.exception.message,
            one.exception.key,
            one.decision,
        )
        for one in report.suppressed
    )
    yield "暂不处置", columns, resting
    yield "公告状态", (*enterprise, *_ANNOUNCEMENT_COLUMNS), _announcements(report)
    columns = (*enterprise, ("规则", 34), ("结果", 10), ("原因", 24), ("说明", 70))
    yield "未评估", columns, _not_evaluated(report)
    columns = (("开始", 20), ("结束", 30), ("责任方", 14), ("范围", 20), ("认定", 18), ("理由", 80))
    yield "不归责时段", columns, report.reliefs
    yield "覆盖台账", (*enterprise, *((one.rule, 16) for one in report.coverage)), _ledger(report)
    yield "数据质量", _QUALITY_COLUMNS, _quality(report)
    columns = (
        ("企业编码", 14),
        ("得分", 8),
        *((one.label, 8) for one in Dimension),
        ("应查次数", 10),
        ("不合格", 8),
    )
    yield "数据质量得分", columns, _scores(report)
    columns = (("企业编码", 14), ("点位", 20), ("不合格", 8), ("说明", 70))
    yield "点位数据质量", columns, map(_fields(SourceLine), source_lines(report.quality or ()))
    columns = (("收到", 20), ("来处", 44), ("代码", 18), ("原因", 70), ("日志编号", 28))
    quarantine = (
        (local_text(one.received_at), one.origin, one.code, one.reason, one.journal_id)
        for one in report.quarantine
    )
    yield "隔离区", columns, quarantine
    yield "作业核对", COLUMNS, map(_fields(HotWorkLine), report.hot_work)
    yield "在线率", _ONLINE_COLUMNS, (one.cells for one in report.online)
    columns = (
        ("种类", 10),
        ("名称", 44),
        ("数值或所依数据", 24),
        ("起始日", 12),
        ("是否确认", 10),
        ("出处或候选依据", 70),
    )
    yield "生效规定", columns, _settings(report)


def _fields(line: Any) -> Callable[[Any], tuple[Cell, ...]]:
    """What tells a line's fields in their order; `astuple` would copy each of them."""
    return attrgetter(*line.__slots__)


def _overview(report: ExceptionReport) -> Rows:
    yield "标题", TITLE, SIMULATED if report.simulated else ""
    yield "县区", report.area
    yield "业务日", report.day
    yield "截至", report.as_of
    yield "规则集", report.rulebook
    yield "结论", report.headline, DISCLAIMER
    for note in report.notes:
        yield "注意", "", note
    said = report.heads.announcements
    yield "应承诺(家)", said.due
    yield "不要求承诺(家)", said.not_due
    yield "实承诺(含迟报,家)", *_tally(said.announced)
    yield "按时承诺(家)", said.shown(said.in_time)
    overdue = "、".join(f"{one.name}({one.label})" for one in said.overdue)
    yield "未按时(家)", said.shown(len(said.overdue)), overdue
    yield "未能判定(家)", said.not_judged
    yield "承诺率", said.rate.text, "按时/应承诺"
    for state, number in report.states:
        yield f"公告状态:{state}(家)", number
    for work in report.heads.hot_work:
        yield f"线上承诺{work.grade}动火(处)", *_tally(work.places)
        yield f"{work.grade}动火作业票(张)", UNKNOWN if work.permits is None else work.permits
    for outcome, label in (("pass", "一致"), ("fail", "不一致"), ("not_evaluated", "未评估")):
        yield f"公告与作业票比对{label}(家)", report.heads.compared.get(outcome, 0)
    for one in report.heads.sources:
        yield from _source_rows(one)
    for name, tally in report.heads.with_work.items():
        yield f"公告有{name}(家)", *_tally(tally)
    for name, count in report.types:
        yield f"异常类型:{name}(项)", count
    for coverage in report.coverage:
        text = "、".join(f"{label} {coverage.counts[label]}" for label in OUTCOMES.values())
        yield f"覆盖:{coverage.rule}", sum(coverage.counts.values()), text
    yield "覆盖合计", len(report.ledger), f"企业数 {report.enterprise_count} × 规则数 {len(report.coverage)}"


def _tally(one: Tally) -> tuple[Cell, Cell]:
    return (UNKNOWN if one.text == UNKNOWN else one.count), one.note


def _source_rows(one: Sources) -> Rows:
    yield f"{one.name}在用", one.in_service if one.in_service else UNKNOWN
    yield f"{one.name}在线", one.shown(one.online)
    yield f"{one.name}离线", one.shown(one.offline), f"其中已申报离线 {one.shown(one.declared)}"
    yield f"{one.name}未能判定", one.not_judged if one.in_service else UNKNOWN
    yield f"{one.name}在线率", one.rate.text, "在线/在用"
    yield f"{one.name}停用", one.out_of_service, "不计入在用"


_ONLINE_COLUMNS: Final = (
    ("企业编码", 14),
    ("企业", 30),
    ("种类", 10),
    ("重大危险源", 18),
    ("点数", 8),
    ("时长在线率(%)", 14),
    ("离线(小时)", 12),
    ("掉线(次)", 10),
    ("停用(小时)", 12),
    ("未评估(小时)", 12),
)
_EXCEPTION_COLUMNS: Final = (
    ("等级", 8),
    ("类型", 18),
    ("类别", 18),
    ("企业编码", 14),
    ("企业", 24),
    ("线索", 60),
    ("应为", 24),
    ("实为", 24),
    ("差异", 20),
    ("其他", 40),
    ("规则", 34),
    ("候选依据", 40),
    ("编号", 16),
    ("原始记录", 30),
)


def _exceptions(report: ExceptionReport) -> Rows:
    for enterprise in report.enterprises:
        for one in enterprise.exceptions:
            facts = {label: "、".join(values) for label, values in one.facts}
            values = [facts.pop(label, "") for label in ("应为", "实为", "差异")]
            others = "\n".join(f"{label}:{value}" for label, value in facts.items())
            who = (enterprise.company_code, enterprise.name)
            head = (one.severity.label, one.type, one.label, *who, one.message)
            yield (*head, *values, others, one.rule, one.basis, one.key, " ".join(one.journal))


_ANNOUNCEMENT_COLUMNS: Final = (
    ("状态", 22),
    ("责任方", 14),
    ("截止时间", 20),
    ("发出(发送方时钟)", 24),
    ("到达", 24),
    ("晚", 14),
    ("说明", 60),
    ("各版本", 80),
)


def _announcements(report: ExceptionReport) -> Rows:
    for one in report.announcements:
        who = (one.company_code, one.name, one.state, one.blame)
        yield (*who, one.deadline, one.sent, one.received, one.late, one.remark, "\n".join(one.versions))


def _ledger(report: ExceptionReport) -> Rows:
    """A row an enterprise, a column a rule: the outcome and, where one is given, its reason."""
    for (code, name), own in groupby(report.ledger, key=lambda square: (square.company_code, square.name)):
        outcomes = {one.rule: f"{one.outcome}:{one.text}" if one.text else one.outcome for one in own}
        yield code, name, *(outcomes.get(one.rule) for one in report.coverage)


def _not_evaluated(report: ExceptionReport) -> Rows:
    labels = {group.code: group.label for group in (*report.not_evaluated, *report.partly)}
    for one in report.ledger:
        if one.code in labels and one.outcome in (OUTCOMES["not_evaluated"], OUTCOMES["fail"]):
            outcome = one.outcome if one.outcome == OUTCOMES["not_evaluated"] else "部分未评估"
            yield one.company_code, one.name, one.rule, outcome, labels[one.code], one.text


_QUALITY_COLUMNS: Final = (
    ("企业编码", 14),
    ("表", 14),
    ("检查项", 30),
    ("列", 18),
    ("等级", 8),
    ("说明", 60),
    ("记录", 24),
    ("值", 24),
    ("日志编号", 28),
    ("编号", 18),
)


def _quality(report: ExceptionReport) -> Rows:
    if report.quality is None:
        yield "", "", "", "", "", "数据质量检查未运行"
    for one in report.quality or ():
        where = (one.enterprise, TABLES.get(one.table, one.table), one.expectation, one.column)
        yield (*where, one.severity.label, one.message, one.key, one.value, one.journal_id, one.finding)


def _scores(report: ExceptionReport) -> Rows:
    """Percent; an empty cell where nothing was asked, which is not a nought."""
    for line in score_lines(report.scores):
        shares = ("" if one is None else _percent(one) for one in line.by_dimension)
        yield line.enterprise, _percent(line.rate), *shares, line.asked, line.failed


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _settings(report: ExceptionReport) -> Rows:
    for one in report.limits:
        value = f"{one['value']} {UNITS.get(one['unit'], one['unit'])}".strip()
        confirmed = "是" if one["confirmed"] else "假定"
        yield "规定值", one["title"], value, one["since"], confirmed, one["source"]
    for rule in report.rules:
        reads = "、".join(KINDS.get(kind, kind) for kind in sorted(READS.get(rule["name"], ())))
        yield "规则", rule["title"], reads, rule["since"], "", rule["basis"]
    for kind, what, told in report.decisions:
        yield kind, what, "", "", "", told
