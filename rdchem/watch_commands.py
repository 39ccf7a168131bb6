"""The verbs of watching through the day, as commands of `rdchem`."""

import json
import sys
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

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
