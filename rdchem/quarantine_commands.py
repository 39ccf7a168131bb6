"""`rdchem quarantine`: what was kept aside, one of it in full, and reading it again after a fix."""

import sys
from typing import Annotated, Final

import typer

from rdchem import arguments, calendar
from rdchem.errors import InputError
from rdchem.foreign_text import visible
from rdchem.terminal import SCREEN, say

app: Final = typer.Typer(help="隔离区:未能采信的报文和表格行,及其原因。", invoke_without_command=True)

Day = Annotated[str, typer.Option("--day", help="只取这一天收到的")]
Form = Annotated[str, typer.Option("--format", help="table 或 json")]


@app.callback()
def quarantine(context: typer.Context, day: Day = "", form: Form = "table") -> None:
    """隔离区:不带子命令时列出全部。"""
    if context.invoked_subcommand is None:
        list_(day, form)


@app.command("list")
def list_(day: Day = "", form: Form = "table") -> None:
    """列出隔离的报文和表格行,及其原因。"""
    from rdchem import console
    from rdchem.explain import kept_aside

    show = {"table": console.quarantine_text, "json": console.quarantine_json}[arguments.form(form)]
    sys.stdout.write(show(kept_aside(arguments.day(day) if day else None)))


@app.command("show")
def show(journal_id: str) -> None:
    """显示一条隔离记录:原因、来处、在日志中的位置和原始内容。"""
    from rdchem import console
    from rdchem.explain import quarantined

    found = quarantined(journal_id)
    if not found:
        raise InputError(f"隔离区没有编号 {journal_id}。编号见 rdchem quarantine list。")
    for row, message in found:
        sys.stdout.write(console.quarantined_text(row, message))


@app.command("retry")
def retry(day: Day = "") -> None:
    """修正数据约定或代码表之后,重读隔离内容的原始字节:能读懂的转入数据库,日志不动。"""
    from rdchem.home import Home
    from rdchem.intake import project_all
    from rdchem.second_reading import retry as read_again
    from rdchem.store.quarantine import rows_to_read_again

    received = calendar.day_bounds(arguments.day(day)) if day else None
    home = Home.open()
    with SCREEN.status("重读中…"):
        project_all(home.settings, home.engine)
        with home.engine.connect() as connection:
            rows = rows_to_read_again(connection, received)
        done = read_again(home.settings, rows, home.engine)
    say(
        visible(
            f"重读 {done.rows} 条:{done.understood} 条已读懂并入库,{done.rows - done.understood} 条仍隔离。"
        )
    )
