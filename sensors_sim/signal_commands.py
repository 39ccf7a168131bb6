"""`python -m sensors_sim signals`, as a command."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import track

from rdchem.errors import InputError
from rdchem.terminal import SCREEN, say

BEGIN: Final = "<!-- signals: make truth -->"
END: Final = "<!-- /signals -->"


def signals_command(
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    sensors: Annotated[int, typer.Option(help="仿真:每种量几个测点")] = 4,
    count: Annotated[int, typer.Option("--trials", help="每条信号每种故障试几次")] = 1,
    series: Annotated[Path | None, typer.Option(help="改用这个目录里的真实数据(*.csv,时刻、数值)")] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="不另给过去:前十四天与被判的三天同在一个文件")
    ] = False,
    rounded: Annotated[
        bool, typer.Option("--rounded", help="造出的值按文件自己的小数位数取整,末位不露破绽")
    ] = False,
    write: Annotated[list[Path] | None, typer.Option(help="把成绩表写进这些文档的标记之间")] = None,
) -> None:
    """卡死、重放、漂移……各造一天,看判得对不对、误报几天。"""
    from sensors_sim.signal_score import scored
    from sensors_sim.signal_trials import from_folder, simulated

    signals = list(from_folder(series, rounded=rounded) if series else simulated(seed, sensors))
    shown = track(signals, "判定", console=SCREEN, transient=True, disable=not SCREEN.is_terminal)
    table = scored(shown, seed, count, alone=alone).markdown()
    for document in write or ():
        document.write_text(_with_table(document, table), encoding="utf-8")
    say(table)


def _with_table(document: Path, table: str) -> str:
    before, begin, rest = document.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        raise InputError(f"{document} 里没有标记 {BEGIN} … {END}。")
    return f"{before}{begin}\n{table}{end}{after}"
