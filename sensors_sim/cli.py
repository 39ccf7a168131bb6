"""`python -m sensors_sim …`: the simulated county from the command line."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar

import msgspec
import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rdchem.calendar import SHANGHAI, UnknownYearError
from rdchem.errors import InputError
from rdchem.terminal import SCREEN, run, say
from sensors_sim.arguments import speed_factor
from sensors_sim.broker import LOOPBACK, serve
from sensors_sim.driven import SeriesFiles, driven_point
from sensors_sim.envelopes import envelopes
from sensors_sim.files import write_files
from sensors_sim.morning import Morning, morning
from sensors_sim.publish import Address, publish
from sensors_sim.recording import RecordingFile, header
from sensors_sim.recording_commands import record_command, replay_command
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.score import score, show
from sensors_sim.snapshot import snapshot
from sensors_sim.truth import Truth
from sensors_sim.window import CLOSES, OPENS, Window

app = typer.Typer(
    help="仿真县:一个可复现的早晨,附带事实真值。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Seed = Annotated[int, typer.Option(help="随机种子;相同种子得到逐字节相同的数据")]
Enterprises = Annotated[int, typer.Option(help="企业数")]
Day = Annotated[str, typer.Option(help="业务日,如 2026-09-15")]
From = Annotated[str, typer.Option("--from", help="开始时刻(当地),如 08:50")]
To = Annotated[str, typer.Option("--to", help="结束时刻(当地),如 09:22")]
Out = Annotated[Path, typer.Option(help="输出位置")]
Chosen = Annotated[
    list[str] | None, typer.Option("--scenario", help="只演这些情景,各一次(可多次给出);不给则按目录的频次")
]
Own = Annotated[list[Path] | None, typer.Option("--catalogue", help="自己的情景文件(YAML),接在自带目录之后")]
TruthFile = Annotated[Path | None, typer.Option("--truth", help="同时写出事实真值文件")]
DAY: Final = "2026-09-15"
app.command("record")(record_command)
app.command("replay")(replay_command)


@app.command("broker")
def broker_command(port: Annotated[int, typer.Option(help="本机端口")] = 1883) -> None:
    """启动内置消息代理(仅限本机,供演示和测试),Ctrl-C 结束。"""
    asyncio.run(_serve_until_stopped(port))


async def _serve_until_stopped(port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await serve(port, stop, lambda: say(f"内置消息代理:mqtt://{LOOPBACK}:{port}(Ctrl-C 结束)"))


@app.command("publish")
def publish_command(
    seed: Seed = 1,
    enterprises: Enterprises = 100,
    day: Day = DAY,
    start: From = f"{OPENS:%H:%M}",
    end: To = f"{CLOSES:%H:%M}",
    speed: Annotated[str, typer.Option(help="max,或仿真时间的倍速,如 1、60")] = "max",
    host: str = LOOPBACK,
    port: int = 1883,
    username: Annotated[
        str, typer.Option(envvar="RDCHEM_MQTT_USERNAME", help="密码只从环境变量 RDCHEM_MQTT_PASSWORD 读取")
    ] = "",
    ca_file: Annotated[str, typer.Option(envvar="RDCHEM_MQTT_CA_FILE", help="CA 证书;给出即用 TLS")] = "",
    scenario: Chosen = None,
    catalogue: Own = None,
    truth: TruthFile = None,
    series: SeriesFiles = None,
) -> None:
    """向消息代理发布一个早晨的全部报文。"""
    factor = speed_factor(speed)
    made = _morning(seed, enterprises, _window(day, start, end), scenario, catalogue, series)
    _write_truth(made, truth)
    password = os.environ.get("RDCHEM_MQTT_PASSWORD", "")
    address = Address(host, port, username, password, ca_file)
    with _progress(made.window) as on_tick:
        done = publish(made.timeline(), made.window.end, address, speed=factor, on_tick=on_tick)
    rate = done.messages / done.seconds if done.seconds else 0
    say(f"已发布 {done.messages} 条报文、{done.ticks} 次报时,用时 {done.seconds:.1f} 秒({rate:.0f} 条/秒)")


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
    made = _morning(seed, enterprises, _window(day), scenario, catalogue)
    _write_truth(made, truth)
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
    made = _morning(seed, enterprises, _window(day), scenario, catalogue)
    if out is None:
        sys.stdout.write(made.truth.text())
    else:
        _write_truth(made, out)


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
    made = _morning(seed, enterprises, _window(day, start, end), scenario, catalogue, series)
    _write_truth(made, truth)
    sha256 = shipped_catalogue(catalogue or ()).sha256
    head = header(made.window.start, "sensors_sim envelopes", seed=seed, catalogue_sha256=sha256)
    with RecordingFile(out, head) as file:
        count = file.append(envelopes(made.timeline()))
    say(f"已写出 {count} 条报文到 {out}")


def main() -> None:
    """The program `python -m sensors_sim`."""
    run(app)


def _window(day: str, start: str = "08:50", end: str = "09:22") -> Window:
    try:
        window = Window(date.fromisoformat(day), time.fromisoformat(start), time.fromisoformat(end))
    except ValueError as error:
        raise InputError(f"日期或时刻不对:{error}。日期如 2026-09-15,时刻如 08:50。") from error
    if window.start >= window.end:
        raise InputError(f"开始时刻 {start} 应早于结束时刻 {end}。")
    return window


def _morning(
    seed: int,
    enterprises: int,
    window: Window,
    chosen: list[str] | None,
    own: list[Path] | None,
    series: list[str] | None = None,
) -> Morning:
    catalogue = shipped_catalogue(own or ())
    scenarios = catalogue.named(chosen or ())
    driven = [driven_point(text) for text in series or ()]
    try:
        made = morning(seed, enterprises, window, catalogue=catalogue, chosen=scenarios, driven=driven)
    except UnknownYearError as error:
        raise InputError(f"{error},无法仿真 {window.day}。请换一个业务日。") from error
    for point in driven:
        say(f"由真实数据驱动:{point.told(made.plans)}")
    return made


@contextmanager
def _progress(window: Window) -> Iterator[Callable[[datetime], None]]:
    """A bar of the county's clock, on a terminal only."""
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=SCREEN, transient=True, disable=not SCREEN.is_terminal) as progress:
        length = (window.end - window.start).total_seconds()
        task = progress.add_task(f"{window.opens:%H:%M}", total=length)

        def show(at: datetime) -> None:
            done = (at - window.start).total_seconds()
            progress.update(task, completed=done, description=f"{at.astimezone(SHANGHAI):%H:%M:%S}")

        yield show


def _write_truth(made: Morning, path: Path | None) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made.truth.text(), encoding="utf-8")
