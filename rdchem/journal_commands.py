"""`rdchem verify`, `seal`, `status`: that the journal is as it was, and that the installation is well."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Final

import typer

from rdchem import arguments
from rdchem.calendar import local_text
from rdchem.errors import InputError, JournalError, UnhealthyError
from rdchem.terminal import SCREEN, say

if TYPE_CHECKING:
    from rdchem.kept import Removed


def verify(
    seal: Annotated[list[Path] | None, typer.Option(help="封存文件:证明日志仍包含当时的内容")] = None,
    public_key: Annotated[Path | None, typer.Option(help="核对封存签名的公钥(PEM,Ed25519)")] = None,
) -> None:
    """核对日志的校验链和数据库清单,指出缺失、错位或被改动之处,能确定时具体到字节。"""
    from rdchem import intake, seals
    from rdchem.retention import total
    from rdchem.settings import Settings

    if public_key and not seal:
        raise InputError("--public-key 用来核对封存的签名,请同时给出 --seal 文件。")
    settings = Settings()
    with SCREEN.status("核对中…"):
        inspection = intake.inspect(settings)
        journal = intake.open_journal(settings)
        stated = [seals.read(path) for path in seal or ()]
        differing = [text for one in stated for text in seals.problems(journal, one, public_key)]
    for problem in [*inspection.problems, *differing]:
        say(problem, style="red")
    if inspection.damages or differing:
        count = len(inspection.problems) + len(differing)
        raise JournalError(f"日志有 {count} 处问题。请从备份恢复上列文件,其余各段不受影响。")
    if inspection.manifest_faults:
        count = len(inspection.manifest_faults)
        raise JournalError(f"日志完好,数据库清单有 {count} 处不符。请运行 rdchem rebuild 由日志重建。")
    for one in stated:
        say(f"{one.day} 的封存:{len(one.streams)} 个流,日志仍包含当时的全部内容。")
    for removed in total(inspection.removed):
        say(f"已按保存期限删除:{_removed(removed)}")
    say("日志完好。")


def seal(
    day: str,
    key: Annotated[Path | None, typer.Option(help="Ed25519 私钥(PEM),用来签名")] = None,
    out: Annotated[
        Path | None, typer.Option(help="写到此文件;默认 RDCHEM_HOME/seals/日期.json,- 为标准输出")
    ] = None,
) -> None:
    """封存一天:写出各流当日最后一段的校验值,交外部保存,日后可证明日志未被改动。"""
    from rdchem import upkeep

    the_day = arguments.day(day)
    to_screen = out == Path("-")
    with SCREEN.status("封存中…"), TemporaryDirectory() as folder:
        done = upkeep.seal_day(the_day, key, Path(folder) / "seal.json" if to_screen else out)
        if to_screen:
            sys.stdout.write(Path(done["file"]).read_text(encoding="utf-8"))
            return
    say(f"已封存 {the_day}:{done['streams']} 个流,{done['records']} 条记录,见 {done['file']}。请交外部保存。")


def retain(
    day: Annotated[str, typer.Argument(metavar="[DAY]", help="以此日为准,如 2026-09-15;默认今天")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出将删除什么,不删除")] = False,
) -> None:
    """按保存期限删除过期的记录:读数、视频状态一类,公告、作业票一类;删除本身记入日志,校验链仍可核对。"""
    from datetime import UTC, datetime

    from rdchem.calendar import business_day
    from rdchem.retention import retain as retained
    from rdchem.settings import Settings

    now = datetime.now(UTC)
    the_day = arguments.day(day) if day else business_day(now)
    if the_day > business_day(now):
        raise InputError(f"{the_day} 还没有到。请给今天或更早的日子。")
    with SCREEN.status("清理中…"):
        done = retained(Settings(), the_day, now, dry_run=dry_run)
    for doubt in done.doubts:
        say(doubt, style="yellow")
    for one in done.removed:
        say(_removed(one))
    say(f"{'将删除' if dry_run else '已删除'} {done.records} 条记录,涉及 {done.segments} 段。")


def _removed(one: "Removed") -> str:
    kinds = "、".join(f"{kind} {count} 条" for kind, count in sorted(one.records.items()))
    rule = one.rule
    return f"{rule.title} {rule.days} 天({rule.source}):{local_text(rule.before)} 以前收到的 {kinds}"


def status(
    form: Annotated[str, typer.Option("--format", help="table 或 json")] = "table",
    textfile: Annotated[
        Path | None, typer.Option(help="另写成 Prometheus 文本文件(node exporter 的 textfile 目录)")
    ] = None,
) -> None:
    """系统自身的状况:采集端心跳、会话、速率、未投影的段、隔离数、磁盘;有异常时退出码为 8。"""
    from datetime import UTC, datetime

    from rdchem import status_text
    from rdchem.home import Home
    from rdchem.status import status as look

    show = {"table": status_text.table, "json": status_text.json}[arguments.form(form)]
    found = look(Home.open(), datetime.now(UTC))
    sys.stdout.write(show(found))
    if textfile:
        status_text.write_textfile(found, textfile)
    for problem in found.problems:
        say(problem, style="red")
    if found.problems:
        raise UnhealthyError(f"有 {len(found.problems)} 项异常。")


COMMANDS: Final[tuple[Callable[..., None], ...]] = (verify, seal, retain, status)
