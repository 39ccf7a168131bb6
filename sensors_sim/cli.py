"""`python -m sensors_sim …`: the simulated county from the command line."""

import asyncio
import signal
import sys
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from rdchem.errors import InputError
from rdchem.terminal import run, say
from sensors_sim.arguments import simulated, window
from sensors_sim.broker import LOOPBACK, serve
from sensors_sim.envelopes import envelopes
from sensors_sim.files import write_files
from sensors_sim.options import (
    DAY,
    Chosen,
    Day,
    Enterprises,
    From,
    Out,
    Own,
    Seed,
    SeriesFiles,
    To,
    TruthFile,
)
from sensors_sim.publish_commands import live_command, publish_command
from sensors_sim.recording import RecordingFile, header
from sensors_sim.recording_commands import record_command, replay_command
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.score import score, show
from sensors_sim.signal_commands import signals_command
from sensors_sim.snapshot import snapshot
from sensors_sim.truth import Truth, write_truth
from sensors_sim.window import CLOSES, OPENS

app = typer.Typer(
    help="仿真县:一个可复现的早晨,附带事实真值。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("publish")(publish_command)
app.command("live")(live_command)
app.command("record")(record_command)
app.command("replay")(replay_command)
app.command("signals")(signals_command)


@app.command("broker")
def broker_command(port: Annotated[int, typer.Option(help="本机端口")] = 1883) -> None:
    """启动内置消息代理(仅限本机,供演示和测试),Ctrl-C 结束。"""
    asyncio.run(_serve_until_stopped(port))


async def _serve_until_stopped(port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(port, stop, lambda: say(f"内置消息代理:mqtt://{LOOPBACK}:{port}(Ctrl-C 结束)"))


@app.command("files")
def files_command(
    out: Out,
    seed: Seed = 1,
    enterprises: Enterprises = 100,
    day: Day = DAY,
    scenario: Chosen = None,
    catalogue: Own = None,
    truth: TruthFile = None,
) -> None:
    """写出同一早晨 09:21:00 时平台导出的文件(xlsx、csv)。"""
    made = simulated(seed, enterprises, window(day), scenario, catalogue)
    write_truth(made.truth, truth)
    written = write_files(snapshot(made.timeline(), made.window.as_of), out)
    say(f"已写出 {len(written)} 个文件到 {out}")


@app.command("truth")
def truth_command(
    seed: Seed = 1,
    enterprises: Enterprises = 100,
    day: Day = DAY,
    scenario: Chosen = None,
    catalogue: Own = None,
    out: Annotated[Path | None, typer.Option(help="输出文件;不给则写到标准输出")] = None,
) -> None:
    """写出事实真值:应当发现什么、不应当发现什么、应当隔离什么。"""
    made = simulated(seed, enterprises, window(day), scenario, catalogue)
    if out is None:
        sys.stdout.write(made.truth.text())
    else:
        write_truth(made.truth, out)


@app.command("scenarios")
def scenarios_command(catalogue: Own = None) -> None:
    """列出全部情景:名称、每百家几家、应当如何。"""
    for scenario in shipped_catalogue(catalogue or ()):
        how_often = f"每百家 {scenario.per_hundred}" if scenario.per_hundred else "按需"
        sys.stdout.write(f"{scenario.name}\t{how_often}\t{scenario.label}\n")


@app.command("score")
def score_command(
    truth: Annotated[Path, typer.Argument(help="事实真值文件(--truth 写出的)")],
    verdicts: Annotated[
        list[Path], typer.Argument(help="rdchem judge --format json 的输出;多个时刻的可量延迟与重合")
    ],
    quarantine: Annotated[Path | None, typer.Option(help="rdchem quarantine --format json 的输出")] = None,
) -> None:
    """成绩单:判定与事实真值逐条相比;有任何不同则退出码为 1。"""
    documents = [_read_json(path, dict[str, Any]) for path in verdicts]
    rows = _read_json(quarantine, list[dict[str, Any]]) if quarantine else []
    show(score(_read_json(truth, Truth), documents, rows))


T = TypeVar("T")


def _read_json(path: Path, kind: type[T]) -> T:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError) as error:
        raise InputError(f"{path} 不可用:{error}。应为相应命令写出的 JSON 文件。") from error


@app.command("envelopes")
def envelopes_command(
    out: Out,
    seed: Seed = 1,
    enterprises: Enterprises = 100,
    day: Day = DAY,
    start: From = f"{OPENS:%H:%M}",
    end: To = f"{CLOSES:%H:%M}",
    scenario: Chosen = None,
    catalogue: Own = None,
    truth: TruthFile = None,
    series: SeriesFiles = None,
) -> None:
    """不经消息代理,把同一早晨写成录制的报文(.jsonl 或 .jsonl.zst)。"""
    made = simulated(seed, enterprises, window(day, start, end), scenario, catalogue, series)
    write_truth(made.truth, truth)
    sha256 = shipped_catalogue(catalogue or ()).sha256
    head = header(made.window.start, "sensors_sim envelopes", seed=seed, catalogue_sha256=sha256)
    with RecordingFile(out, head) as file:
        count = file.append(envelopes(made.timeline()))
    say(f"已写出 {count} 条报文到 {out}")


def main() -> None:
    """The program `python -m sensors_sim`."""
    run(app)
