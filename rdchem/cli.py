"""`rdchem …`: the verbs from the command line.

Results go to standard output, everything said to the person to standard error. How a command ends:
`rdchem.terminal`.
"""

import sys
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.progress import track

from rdchem import arguments, journal_commands, quarantine_commands, scheduled_commands
from rdchem.day_commands import check, deliver, diff, explain, judge, reconcile, report, rulebook, whatif
from rdchem.errors import ConfigurationError, InputError
from rdchem.foreign_text import visible
from rdchem.quality_commands import data_docs, quality
from rdchem.signal_commands import screen
from rdchem.terminal import SCREEN, run, say
from rdchem.watch_commands import online, sweep

app: Final = typer.Typer(
    help="rdchem:危险化学品企业每日合规监测。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (
    check, quality, data_docs, judge, diff, whatif, rulebook, reconcile, report, deliver, explain, sweep,
    online, screen,
):  # fmt: skip
    app.command()(command)
for command in scheduled_commands.COMMANDS:
    app.command()(command)
for journal_command in journal_commands.COMMANDS:
    app.command()(journal_command)
app.add_typer(quarantine_commands.app, name="quarantine")

Replay = Annotated[bool, typer.Option("--replay", help="承认这是回放或模拟时间的数据")]


@app.command()
def ingest(
    until_idle: Annotated[float | None, typer.Option(help="空闲这么多秒后结束;默认一直运行")] = None,
    until: Annotated[str, typer.Option(help="时钟到达此时刻后结束(带时区的 ISO 时刻)")] = "",
    replay: Annotated[
        bool, typer.Option("--replay", help="时钟取自仿真县的报时(只用于 replay 日志)")
    ] = False,
) -> None:
    """采集进程:订阅消息代理,先存原始报文,后确认。"""
    from rdchem import intake
    from rdchem.settings import Settings

    moment = arguments.instant(until, None) if until else None
    settings = Settings()
    ready = f"已订阅 {settings.mqtt_topic}({settings.mqtt_host}:{settings.mqtt_port}),开始采集。"
    count = intake.ingest(
        settings, replay=replay, until_idle=until_idle, until=moment, on_ready=lambda: say(ready)
    )
    say(f"共收到 {count} 条报文。")


@app.command()
def receive(file: Path, replay: Replay = False) -> None:
    """读入录制的报文(.jsonl 或 .jsonl.zst,- 为标准输入),保留录制时的时刻,标记为回放。"""
    from rdchem import intake
    from rdchem.settings import Settings

    count = intake.receive(Settings(), file, allow_replay=replay)
    say(f"{file.name}:读入 {count} 条录制报文。")


@app.command()
def load(
    files: list[Path],
    received_at: Annotated[str, typer.Option(help="按此时刻收到处理(需 --replay);默认现在")] = "",
    replay: Replay = False,
) -> None:
    """导入平台导出的表格(xlsx、csv),按列名识别;坏行进隔离区,好行照常入库。"""
    from rdchem import intake
    from rdchem.settings import Settings

    moment = arguments.instant(received_at, None) if received_at else None
    shown = track(files, "导入", console=SCREEN, transient=True, disable=not SCREEN.is_terminal)
    for file in shown:
        loaded = intake.load(Settings(), file, received_at=moment, allow_replay=replay)
        say(f"{loaded.file}:{loaded.messages} 条报文,{loaded.bad_rows} 行隔离。")
        for reason in loaded.reasons[:10]:
            say(f"  隔离:{reason}", style="yellow")
        if loaded.bad_rows > 10:
            say(f"  其余 {loaded.bad_rows - 10} 行见 rdchem quarantine。", style="yellow")


@app.command()
def project() -> None:
    """把日志中新到的内容投影到数据库(可随时重复运行)。"""
    from rdchem.intake import project_all
    from rdchem.settings import Settings

    with SCREEN.status("投影中…"):
        done = project_all(Settings())
    say(f"新投影 {done} 段。")


@app.command()
def rebuild() -> None:
    """丢弃全部投影(报文、隔离、读数),由日志重新生成;判定、线索和通知不动。"""
    from rdchem.rebuild import rebuild as rebuild_all
    from rdchem.settings import Settings

    with SCREEN.status("重建中…") as status:
        done = rebuild_all(Settings(), on_batch=lambda done: status.update(f"重建中…已投影 {done} 段"))
    say(f"已由日志重建:{done} 段。")


@app.command()
def compact(
    day: Annotated[str, typer.Argument(metavar="DAY", help="业务日(按采集时间),如 2026-09-15")],
) -> None:
    """把一天的读数整理为按企业、点位、时间排序的文件;迟到的并入,随时可重复运行。"""
    from rdchem.compaction import compact as compact_day
    from rdchem.settings import Settings

    the_day = arguments.day(day)
    with SCREEN.status("整理中…"):
        done = compact_day(Settings(), the_day)
    if not done.written:
        say(f"{day}:{done.readings} 条读数,没有新到的,无需整理。")
        return
    say(
        f"{day}:{done.readings} 条读数,由 {done.taken} 个文件整理为 {done.written} 个,"
        f"平均每条 {done.size / max(1, done.readings):.1f} 字节。"
    )


@app.command()
def readings(
    day: Annotated[str, typer.Argument(metavar="DAY", help="业务日,如 2026-09-15")],
    as_of: Annotated[str, typer.Option(help="截至时刻;默认当日截止时刻后")] = "",
    runner: Annotated[str, typer.Option(help="process(本进程)、pool(多进程)或 spark")] = "pool",
    processes: Annotated[int, typer.Option(min=1, help="pool 的进程数")] = 2,
    past_days: Annotated[int, typer.Option(min=0, help="从此前多少天学习各点位的平时情况")] = 7,
    root: Annotated[str, typer.Option(help="读数目录在运行处的地址,如 s3a://桶/readings")] = "",
    out: Annotated[Path | None, typer.Option(help="结果目录;默认当日的报告目录")] = None,
) -> None:
    """逐点判定一天的读数:断续、量程、尖峰、不变、重放、漂移、与同类测点或工艺不符等;结果为两个 Parquet 文件。

    测点之间(含企业之间)的雷同要看所有企业,只在每日判定(rdchem judge)中查找。
    """
    from rdchem import workers

    if runner == "pool":
        workers.begin()
    from rdchem.home import Home
    from rdchem.readings_jobs import RUNNERS, Wish, judge_readings

    if runner not in RUNNERS:
        raise InputError(f"不认识运行方式 {runner}。可用:{'、'.join(RUNNERS)}。")
    home, (the_day, moment) = Home.open(), arguments.moment(day, as_of)
    with SCREEN.status("判定读数…"):
        judged = judge_readings(home, the_day, moment, Wish(runner, processes, past_days, root))
    folder = out or home.out(the_day)
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in (("readings.parquet", judged.summary), ("stretches.parquet", judged.stretches)):
        frame.to_parquet(folder / name, index=False)
    say(f"{len(judged.summary)} 个点位,{len(judged.stretches)} 个区间:{folder}")


@app.command()
def raw(journal_id: str) -> None:
    """按日志编号取出原始报文(逐字节)。"""
    from rdchem.explain import raw as raw_message
    from rdchem.home import Home

    message = raw_message(Home.open(), journal_id)
    if message is None:
        raise InputError(
            f"日志中没有编号 {journal_id},或已按保存期限删除。"
            "编号为 24 位十六进制,见 rdchem explain 或 quarantine。"
        )
    if sys.stdout.isatty():  # foreign bytes must not steer somebody's terminal
        sys.stdout.write(visible(message.payload.decode(errors="backslashreplace")) + "\n")
    else:
        sys.stdout.buffer.write(message.payload)


@app.command()
def schema(
    check_only: Annotated[bool, typer.Option("--check", help="只核对 schemas/ 与代码是否一致")] = False,
    folder: Annotated[Path, typer.Option(help="目标目录")] = Path("schemas"),
) -> None:
    """由代码中的类型生成 schemas/(JSON Schema 2020-12 与 AsyncAPI 3)。"""
    from rdchem import contract

    if not check_only:
        contract.write(folder)
        return
    drifted = contract.drifted(folder)
    if drifted:
        raise ConfigurationError(f"{folder} 与代码不一致:{'、'.join(drifted)}。请运行 rdchem schema 后提交。")


def main() -> None:
    """The program `rdchem`."""
    run(app)


if __name__ == "__main__":
    main()
