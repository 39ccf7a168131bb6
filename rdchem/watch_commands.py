"""The verbs of watching through the day, as commands of `rdchem`."""

import io
import json
import sys
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table

from rdchem import arguments, calendar
from rdchem.errors import InputError
from rdchem.foreign_text import visible
from rdchem.terminal import SCREEN, say

Format = Annotated[str, typer.Option("--format", help="table 或 json")]


def sweep(
    as_of: Annotated[str, typer.Option(help="截至时刻,如 10:15 或 2026-09-15T10:15:00+08:00;默认现在")] = "",
    form: Format = "table",
) -> None:
    """巡检在线情况:自上次巡检以来哪些离线、哪些恢复,各说一次,并通知。"""
    from rdchem.sweep import sweep as swept

    show = {"table": _text, "json": _json}[arguments.form(form)]
    now = datetime.now(UTC)
    moment = arguments.instant(as_of, calendar.business_day(now)) if as_of else now
    if moment > now:
        raise InputError(f"截至时刻 {calendar.local_text(moment)} 还没有到。请给一个已过去的时刻。")
    with SCREEN.status("巡检中…"):
        found = swept(moment)
    sys.stdout.write(show(found))
    for one in found["channels"]:
        if one["error"]:
            say(f"{one['channel']}:未送达({one['error']}),下次巡检再试。", style="yellow")


def online(
    day: Annotated[str, typer.Argument(metavar="DAY|MONTH", help="业务日或月份,如 2026-09-15 或 2026-09")],
    by: Annotated[str, typer.Option("--by", help="source、hazard、gateway、enterprise、area")] = "enterprise",
    as_of: Annotated[str, typer.Option(help="截至时刻;默认当日结束或现在")] = "",
    form: Format = "table",
) -> None:
    """在线率(按时长)与掉线次数:一日或一月,按点位、重大危险源、网关、企业或行政区划。"""
    from rdchem.availability import BY
    from rdchem.online_jobs import online as rates

    show = {"table": _rates_text, "json": _json}[arguments.form(form)]
    if by not in BY:
        raise InputError(f"--by 应为 {'、'.join(BY)},不是 {by!r}。")
    first, last = _days(day)
    moment = arguments.instant(as_of, first) if as_of else None
    with SCREEN.status("统计中…"):
        found = rates(first, last, by, moment)
    sys.stdout.write(show(found))


def _days(text: str) -> tuple[date, date]:
    """The first and last day of what was asked for: a day, or a month."""
    if len(text) == len("2026-09"):
        first = arguments.day(f"{text}-01")
        return first, (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    return (arguments.day(text),) * 2


def _rates_text(found: dict[str, Any]) -> str:
    """A line for each group: rate, hours offline, drops; what left the denominator beside it."""
    head = f"{found['from']} 至 {found['to']}({found['days']} 天)在线率,目标 {found['target']:.1%}"
    table = Table(title=head, box=box.SIMPLE)
    for label in (
        "企业",
        "种类",
        "编码",
        "在线率",
        "离线(时)",
        "掉线(次)",
        "停用(时)",
        "未评估(时)",
        "点·日",
    ):
        table.add_column(label, overflow="fold")
    for row in found["rows"]:
        rate = "—" if row["rate"] is None else f"{row['rate']:.2%}"
        below = row["rate"] is not None and row["rate"] < found["target"]
        kind = {"sensor": "传感器", "camera": "视频"}[row["kind"]]
        counts = (row["offline_h"], row["drops"], row["out_of_service_h"], row["blind_h"], row["sources"])
        cells = [visible(row["enterprise"]), kind, visible(row["code"]), rate + (" ↓" if below else "")]
        table.add_row(*cells, *(f"{value:g}" for value in counts))
    console = Console(file=io.StringIO(), width=130, highlight=False, markup=False)
    console.print(table)
    return f"{console.file.getvalue()}↓ 低于目标。停用和采集中断的时间不计入在线率的分母。\n"  # type: ignore[attr-defined]


def _json(found: dict[str, Any]) -> str:
    return json.dumps(found, ensure_ascii=False, indent=2) + "\n"


def _text(found: dict[str, Any]) -> str:
    """Each change in a line, what is only counted after a dot; then what it cost."""
    as_of = calendar.local_text(datetime.fromisoformat(found["as_of"]))
    lines = [f"{'' if one['told'] else '· '}{visible(one['text'])}" for one in found["changes"]]
    cost = (
        f"读取 {found['files']} 个读数文件,有数据 {found['heard_enterprises']} 家,重判 {found['examined']} 家"
    )
    return "\n".join([f"截至 {as_of}:{len(lines)} 项变化({cost})。", *lines, ""])
