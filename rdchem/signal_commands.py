"""`rdchem screen`, as a command."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from rdchem import arguments
from rdchem.errors import InputError
from rdchem.foreign_text import visible
from rdchem.model.signal import STATE_LABELS
from rdchem.terminal import SCREEN, rendered, say

if TYPE_CHECKING:
    from rdchem.signal_jobs import Screened

_STATES = (
    "silent 无数据 · gap 中断 · stuck 卡死 · stuck_with_jitter 抖动式卡死 · replayed 重放 · offset 偏移 · "
    "drift 漂移 · digits 末位数字异常 · noisy 噪声异常 · out_of_range 超量程"
)


def screen(
    file: Annotated[Path, typer.Argument(help="时刻、数值的 CSV:任何周期、时区、编码,有无表头均可")],
    time: Annotated[str, typer.Option(help="时刻列:列名或从 1 起的列号;默认自动识别")] = "",
    value: Annotated[str, typer.Option(help="数值列:列名或列号;默认自动识别")] = "",
    learn: Annotated[Path | None, typer.Option(help="较早的一段,作为平时的样子;默认用文件自己的前段")] = None,
    until: Annotated[str, typer.Option(help="数据应到的时刻;此前停发的记为 silent")] = "",
    measuring_range: Annotated[
        str, typer.Option("--range", help="量程,如 0,100;超出的记为 out_of_range")
    ] = "",
    form: Annotated[str, typer.Option("--format", help="table 或 json")] = "table",
) -> None:
    """检查一个测点的数据:哪一段是什么状态、为什么,以及 QARTOD 标志。"""
    from rdchem import signal_jobs

    arguments.form(form)
    span = _span(measuring_range) if measuring_range else None
    with SCREEN.status("检查中…"):
        found = signal_jobs.screen_file(file, time=time, value=value, past=learn, until=until, span=span)
    for line, text in found.file.bad[:5]:
        say(f"第 {line} 行读不出时刻或数值:{text}", style="yellow")
    if len(found.file.bad) > 5:
        say(f"读不出的共 {len(found.file.bad)} 行。", style="yellow")
    if form == "json":
        sys.stdout.write(json.dumps(found.document(), ensure_ascii=False, indent=2) + "\n")
        return
    sys.stdout.write(_table(found))


screen.__doc__ = f"{screen.__doc__}\n\n状态:{_STATES}。"


def _span(text: str) -> tuple[float, float]:
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(f"--range {text!r} 不对,应为下限,上限,如 0,100。") from error
    if not low < high:
        raise InputError(f"--range {text!r} 的下限应小于上限。")
    return low, high


def _table(found: "Screened") -> str:
    """The intervals, then the rows and their flags, for a person."""
    zone = found.file.zone
    table = Table(title=f"{len(found.intervals)} 段异常", box=box.SIMPLE)
    for label in ("起", "止", "状态", "为什么"):
        table.add_column(label, overflow="fold", no_wrap=label != "为什么")
    for one in found.intervals:
        table.add_row(zone.text(one.start), zone.text(one.end), STATE_LABELS[one.state], visible(one.why))
    rows = found.document()["rows"]
    counts = "、".join(f"{label} {rows[name]}" for name, label in _ROWS.items() if rows[name])
    good = found.flags["all"].get("1", 0)
    flags = f"QARTOD 合并标志为 1(好)的 {good} 行;各项见 --format json。"
    return rendered(table) + f"{counts}。\n{flags}\n"


_ROWS = {
    "read": "读入行",
    "unreadable": "读不出",
    "without_value": "无数值",
    "duplicate": "重复",
    "conflicting": "重复且数值不同",
    "out_of_order": "乱序",
}
