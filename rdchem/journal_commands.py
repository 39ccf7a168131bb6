"""`rdchem verify`, `seal`, `status`: that the journal is as it was, and that the installation is well."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer

from rdchem import arguments
from rdchem.errors import InputError, JournalError, UnhealthyError
from rdchem.settings import Settings
from rdchem.terminal import SCREEN, say


def verify(
    seal: Annotated[list[Path] | None, typer.Option(help="封存文件:证明日志仍包含当时的内容")] = None,
    public_key: Annotated[Path | None, typer.Option(help="核对封存签名的公钥(PEM,Ed25519)")] = None,
) -> None:
    """核对日志的校验链和数据库清单,指出缺失、错位或被改动之处,能确定时具体到字节。"""
    from rdchem import intake, seals

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
    say("日志完好。")


def seal(
    day: str,
    key: Annotated[Path | None, typer.Option(help="Ed25519 私钥(PEM),用来签名")] = None,
    out: Annotated[
        Path | None, typer.Option(help="写到此文件;默认 RDCHEM_HOME/seals/日期.json,- 为标准输出")
    ] = None,
) -> None:
    """封存一天:写出各流当日最后一段的校验值,交外部保存,日后可证明日志未被改动。"""
    from rdchem import intake, seals
    from rdchem.rolling import seal_all

    settings, the_day = Settings(), arguments.day(day)
    journal = intake.open_journal(settings)
    with SCREEN.status("封存中…"):
        seal_all(journal)
        sealed = seals.seal(journal, the_day)
    content = seals.encoded(seals.signed(sealed, key) if key else sealed)
    if out == Path("-"):
        sys.stdout.write(content.decode())
        return
    path = out or settings.home / "seals" / f"{the_day}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    records = sum(one.records for one in sealed.streams)
    say(f"已封存 {the_day}:{len(sealed.streams)} 个流,{records} 条记录,见 {path}。请交外部保存。")


def status(
    form: Annotated[str, typer.Option("--format", help="table 或 json")] = "table",
    textfile: Annotated[
        Path | None, typer.Option(help="另写成 Prometheus 文本文件(node exporter 的 textfile 目录)")
    ] = None,
) -> None:
    """系统自身的状况:采集端心跳、会话、速率、未投影的段、隔离数、磁盘;有异常时退出码为 8。"""
    from datetime import UTC, datetime

    from rdchem import status_text
    from rdchem.jobs import Home
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


COMMANDS: Final[tuple[Callable[..., None], ...]] = (verify, seal, status)
