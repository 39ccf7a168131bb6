"""What the terminal shows: a verdict, an explanation, the quarantine, as text a person can read."""

import io
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from rich import box
from rich.console import Console
from rich.table import Table

from rdchem.calendar import local_text
from rdchem.explain import Explanation, RawMessage
from rdchem.foreign_text import visible
from rdchem.model.outcome import Severity
from rdchem.reports.labels import EVIDENCE, OUTCOMES

_SHOWN_BYTES: Final = 4_000


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
    found = Table(title=f"异常线索 {len(document['findings'])} 项(由执法人员核实认定)", box=box.SIMPLE)
    for label in ("编号", "等级", "企业", "线索"):
        found.add_column(label, overflow="fold", no_wrap=label in ("编号", "等级"))
    for finding in sorted(document["findings"], key=lambda one: _ORDER.index(one["severity"])):
        label = Severity(finding["severity"]).label
        found.add_row(finding["key"], label, visible(finding["enterprise"]), visible(finding["message"]))
    notes = [f"注意:{visible(note)}" for note in document["notes"]]
    more = (
        f"查看依据:rdchem explain {document['findings'][0]['key']}"
        if document["findings"]
        else "未发现异常。"
    )
    return _rendered(coverage, found) + "\n".join([*notes, more, ""])


def explanation_text(explanation: Explanation) -> str:
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
    lost = [f"  缺失:日志中已没有 {journal_id},请运行 rdchem verify。" for journal_id in explanation.missing]
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
    return _rendered(table) + f"共 {table.row_count} 条。取原始内容:rdchem raw 日志编号\n"


def quarantine_json(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rows as a JSON list, instants in UTC."""
    return msgspec.json.format(msgspec.json.encode([dict(row) for row in rows]), indent=2).decode() + "\n"


_ORDER: Final = [severity.value for severity in Severity]


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return "、".join(map(str, value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _raw_lines(message: RawMessage) -> Sequence[str]:
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


def _rendered(*tables: Table) -> str:
    """Tables as plain text, as wide as the terminal, 120 columns where there is none."""
    target = io.StringIO()
    known = Console().size.width if Console().is_terminal else 120
    console = Console(file=target, width=max(known, 80), highlight=False, markup=False)
    for table in tables:
        console.print(table)
    return target.getvalue()
