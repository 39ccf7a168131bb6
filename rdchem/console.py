"""What the terminal shows: a verdict, a difference, an explanation, the quarantine, as readable text."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
from rich import box
from rich.table import Table

from rdchem.calendar import local_text
from rdchem.foreign_text import visible
from rdchem.model.outcome import LedgerEntry, Severity
from rdchem.reports.labels import EVIDENCE, OUTCOMES
from rdchem.terminal import rendered

if TYPE_CHECKING:
    from rdchem.difference import Arrival, Difference
    from rdchem.explain import Explanation, RawMessage
    from rdchem.reports.hot_work import HotWorkLine
    from rdchem.whatif import Side, WhatIf

_SHOWN_BYTES: Final = 4_000
_SHOWN_ARRIVALS: Final = 6
_OUTCOMES: Final = {**OUTCOMES, "not_in_force": "规则未生效"}
_CHANGES: Final = {"appeared": "新出现", "gone": "不再成立", "said_differently": "说法有变"}


def verdict_json(document: Mapping[str, Any]) -> str:
    """The verdict document, keys in the order of schemas/verdict.json."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2).decode() + "\n"


def verdict_text(document: Mapping[str, Any]) -> str:
    """Ledger sums by rule, then the findings, then what qualifies them."""
    titles = {rule["name"]: rule["title"] for rule in document["rulebook"]["rules"]}
    sums = {name: Counter[str]() for name in titles}
    for entry in document["ledger"]:
        sums[entry["rule"]][entry["outcome"]] += 1
    as_of = local_text(datetime.fromisoformat(document["as_of"]))
    coverage = Table(title=f"{document['day']} 覆盖台账(截至 {as_of})", box=box.SIMPLE)
    coverage.add_column("规则")
    for label in OUTCOMES.values():
        coverage.add_column(label, justify="right")
    for name, counts in sums.items():
        coverage.add_row(visible(titles[name]), *(str(counts[outcome]) for outcome in OUTCOMES))
    active = [one for one in document["findings"] if not one.get("suppressed")]
    resting = len(document["findings"]) - len(active)
    apart = f",另 {resting} 项按决定暂不处置" if resting else ""
    found = Table(title=f"异常线索 {len(active)} 项(由执法人员核实认定){apart}", box=box.SIMPLE)
    for label in ("编号", "等级", "企业", "线索"):
        found.add_column(label, overflow="fold", no_wrap=label in ("编号", "等级"))
    for finding in sorted(active, key=lambda one: _ORDER.index(one["severity"])):
        label = Severity(finding["severity"]).label
        found.add_row(finding["key"], label, visible(finding["enterprise"]), visible(finding["message"]))
    notes = [f"注意:{visible(note)}" for note in document["notes"]]
    more = f"查看依据:rdchem explain {active[0]['key']}" if active else "未发现异常。"
    return rendered(coverage, found) + "\n".join([*notes, more, ""])


def hot_work_json(lines: Sequence["HotWorkLine"]) -> str:
    """Every line as an object."""
    return msgspec.json.format(msgspec.json.encode(lines), indent=2).decode() + "\n"


def hot_work_text(lines: Sequence["HotWorkLine"]) -> str:
    """What is declared beside what is permitted, then how often each result occurs."""
    table = Table(title=f"作业核对 {len(lines)} 行", box=box.SIMPLE)
    for label in ("企业", "申报", "作业票", "核对结果"):
        table.add_column(label, overflow="fold")
    for line in lines:
        sides = (f"{line.operation} {line.item} {line.declared}", f"{line.ticket_no} {line.permitted}")
        remarks = [line.remark, f"截止时:{line.at_deadline}" if line.at_deadline != line.standing else ""]
        remark = ";".join(one for one in remarks if one and not one.endswith(":"))
        result = f"{line.standing}({remark})" if remark else line.standing
        cells = (f"{line.company_code} {line.enterprise}", *sides, result)
        table.add_row(*(visible(cell.strip()) for cell in cells))
    counts = Counter(line.standing for line in lines).most_common()
    return rendered(table) + "、".join(f"{name} {count}" for name, count in counts) + "\n"


def whatif_json(found: "WhatIf") -> str:
    """The comparison with every differing square."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def whatif_text(found: "WhatIf") -> str:
    """Totals by rule and change, then every enterprise-day that differs."""
    titles = _titles()
    totals = Table(title="按规则和变化合计(项)", box=box.SIMPLE)
    for label in ("规则", "现行", "拟采用", "项数"):
        totals.add_column(label, justify="right" if label == "项数" else "left")
    for rule, before, after, count in found.totals:
        totals.add_row(titles[rule], *(_OUTCOMES.get(one, one) for one in (before, after)), str(count))
    each = Table(title="逐项", box=box.SIMPLE)
    for label in ("业务日", "企业", "规则", "现行", "拟采用"):
        each.add_column(label, overflow="fold")
    for one in found.differing:
        sides = (_side_text(side) for side in (one.before, one.after))
        each.add_row(one.day, visible(one.enterprise), titles[one.rule], *map(visible, sides))
    without = f",另 {len(found.without_data)} 日无数据" if found.without_data else ""
    summary = (
        f"判定 {len(found.days)} 日{without},{found.enterprise_days} 个企业日,"
        f"其中 {found.differing_enterprise_days} 个结果不同,共 {len(found.differing)} 项\n"
    )
    return summary + (rendered(totals, each) if found.differing else "")


def _titles() -> dict[str, str]:
    """The Chinese title of each rule."""
    from rdchem.rules import RULES  # all rules, which only some tables show

    return {rule.name: rule.title for rule in RULES}


def _side_text(side: "Side") -> str:
    text = _OUTCOMES.get(side.outcome, side.outcome)
    text += f" {side.findings} 项" if side.findings else ""
    return f"{text}({side.reason})" if side.reason else text


def difference_json(found: "Difference") -> str:
    """Every change with both sides and its messages."""
    return msgspec.json.format(msgspec.json.encode(found), indent=2).decode() + "\n"


def difference_text(found: "Difference") -> str:
    """What changed: each square and finding, what it said, what it says, and what came in between."""
    titles = _titles()
    earlier, later = (local_text(datetime.fromisoformat(one)) for one in (found.earlier, found.later))
    lines = [f"{found.day} 的判定:截至 {earlier} 与截至 {later} 相比", f"台账变化 {len(found.squares)} 格"]
    for square in found.squares:
        sides = f"{_square_text(square.before)} → {_square_text(square.after)}"
        lines += [f"  {square.enterprise}  {titles[square.rule]}:{sides}", *_arrival_lines(square.messages)]
    lines.append(f"异常线索变化 {len(found.findings)} 项(由执法人员核实认定)")
    for one in found.findings:
        lines.append(f"  {_CHANGES[one.change]}  {one.key}  {one.enterprise}  {titles[one.rule]}")
        for label, side in (("原", one.before), ("现", one.after)):
            if side is not None:
                lines.append(f"    {label}:{side.severity.label}  {side.message}")
        lines += _arrival_lines(one.messages)
    return visible("\n".join(lines)) + "\n"


def explanation_text(explanation: "Explanation") -> str:
    """A finding, both values and their difference, its basis, and the raw messages one by one."""
    finding = explanation.finding
    evidence = finding["evidence"]
    head = [
        f"{finding['key']}  {Severity(finding['severity']).label}  企业 {finding['enterprise']}",
        f"  {finding['message']}",
        f"  规则:{finding['rule']}({finding['mismatch']},对象 {finding['subject']})",
        f"  候选依据:{finding['basis']}",
    ]
    names = [*(name for name in EVIDENCE if name in evidence), *sorted(evidence.keys() - EVIDENCE.keys())]
    facts = [
        f"  {EVIDENCE.get(name, name)}:{_plain(evidence[name])}"
        for name in names
        if name != "journal" and evidence[name] not in (None, [])
    ]
    raw = [line for message in explanation.messages for line in _raw_lines(message)]
    why = ";".join(explanation.removed) or "请运行 rdchem verify"
    lost = [f"  缺失:日志中已没有 {journal_id}。{why}。" for journal_id in explanation.missing]
    return (
        visible("\n".join([*head, *facts, f"  原始报文 {len(explanation.messages)} 条:", *raw, *lost, ""]))
        + "\n"
    )


def quarantine_text(rows: Iterable[Mapping[str, Any]]) -> str:
    """One line a message or row kept aside."""
    table = Table(box=box.SIMPLE)
    for label in ("日志编号", "收到", "来处", "代码", "原因"):
        table.add_column(label, overflow="fold", no_wrap=label in ("日志编号", "代码"))
    for row in rows:
        where = row["topic"] if not row["file"] else f"{row['origin']} {row['column']}"
        table.add_row(
            row["journal_id"],
            local_text(row["received_at"]),
            visible(where),
            row["code"],
            visible(row["reason"]),
        )
    if not table.row_count:
        return "隔离区为空。\n"
    return rendered(table) + f"共 {table.row_count} 条。取原始内容:rdchem raw 日志编号\n"


def quarantined_text(row: Mapping[str, Any], message: "RawMessage") -> str:
    """One of them: why, where from, and its bytes."""
    where = f"{row['file']} 第 {row['row']} 行 {row['column']}".rstrip() if row["file"] else row["origin"]
    lines = [
        f"{row['code']}:{row['reason']}",
        f"  来处:{where}",
        *_raw_lines(message),
    ]
    return visible("\n".join(lines)) + "\n"


def quarantine_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a JSON list, instants in UTC."""
    return msgspec.json.format(msgspec.json.encode([dict(row) for row in rows]), indent=2).decode() + "\n"


_ORDER: Final = [severity.value for severity in Severity]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _square_text(entry: LedgerEntry | None) -> str:
    if entry is None:
        return "未在册"
    return OUTCOMES[entry.outcome] + (f"({entry.reason.text})" if entry.reason else "")


def _arrival_lines(messages: Sequence["Arrival"]) -> list[str]:
    """What was received in between, newest first; all of it is in the JSON."""
    if not messages:
        return ["    其间没有收到该规则所读的报文(本系统心跳不计):变化由时间推移而来"]
    shown = [
        f"    {one.journal_id}  {local_text(one.received_at)} 收到  {one.kind}"
        for one in messages[: -_SHOWN_ARRIVALS - 1 : -1]
    ]
    rest = len(messages) - len(shown)
    return shown + ([f"    …另有 {rest} 条更早的,见 --format json"] if rest else [])


def _raw_lines(message: "RawMessage") -> Sequence[str]:
    copies = f",共收到 {message.copies} 次" if message.copies > 1 else ""
    place = f"{message.stream}/{message.segment:010d}.seg 第 {message.position + 1} 条"
    yet = message.payload[:_SHOWN_BYTES].decode(errors="backslashreplace")
    rest = len(message.payload) - _SHOWN_BYTES
    more = [f"      …其余 {rest} 字节:rdchem raw {message.journal_id}"] if rest > 0 else []
    return [
        f"    {message.journal_id}  {local_text(message.received_at)} 收到{copies}({message.origin},{place})",
        f"      {message.topic}",
        f"      {yet}",
        *more,
    ]
