"""`python -m sensors_sim publish` and `live`: a morning over MQTT."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Annotated, Final

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from rdchem.calendar import SHANGHAI
from rdchem.terminal import SCREEN, say
from sensors_sim.arguments import simulated, speed_factor, window
from sensors_sim.broker import LOOPBACK
from sensors_sim.fleet import Fleet
from sensors_sim.options import (
    DAY,
    CaFile,
    Chosen,
    Day,
    Enterprises,
    From,
    Host,
    OneSession,
    Own,
    Port,
    Seed,
    SeriesFiles,
    To,
    TruthFile,
    Username,
    address,
)
from sensors_sim.publish import publish, publish_live
from sensors_sim.truth import write_truth
from sensors_sim.window import CLOSES, GRID_SECONDS, OPENS, Window

_NOTICEABLE: Final = 0.1


def publish_command(
    seed: Seed = 1,
    enterprises: Enterprises = 100,
    day: Day = DAY,
    start: From = f"{OPENS:%H:%M}",
    end: To = f"{CLOSES:%H:%M}",
    speed: Annotated[str, typer.Option(help="max,或仿真时间的倍速,如 1、60")] = "max",
    host: Host = LOOPBACK,
    port: Port = 1883,
    username: Username = "",
    ca_file: CaFile = "",
    one_session: OneSession = False,
    scenario: Chosen = None,
    catalogue: Own = None,
    truth: TruthFile = None,
    series: SeriesFiles = None,
) -> None:
    """向消息代理发布一个早晨的全部报文,并报时。"""
    factor = speed_factor(speed)
    made = simulated(seed, enterprises, window(day, start, end), scenario, catalogue, series)
    write_truth(made.truth, truth)
    fleet = Fleet(address(host, port, username, ca_file), by_gateway=not one_session)
    with _progress(made.window) as on_tick, fleet:
        done = publish(made.timeline(), made.window.end, fleet, speed=factor, on_tick=on_tick)
    rate = done.messages / done.seconds if done.seconds else 0
    behind = f",最多落后 {done.behind:.1f} 秒" if done.behind >= _NOTICEABLE else ""
    say(
        f"已发布 {done.messages} 条报文、{done.ticks} 次报时,用时 {done.seconds:.1f} 秒"
        f"({rate:.0f} 条/秒{behind})"
    )


def live_command(
    seed: Seed = 1,
    enterprises: Enterprises = 100,
    end: To = "23:59:50",
    host: Host = LOOPBACK,
    port: Port = 1883,
    username: Username = "",
    ca_file: CaFile = "",
    one_session: OneSession = False,
    scenario: Chosen = None,
    catalogue: Own = None,
    truth: TruthFile = None,
    series: SeriesFiles = None,
) -> None:
    """现场:今天、此刻起、按真实时间发布,到 --to 或 Ctrl-C 为止;代理中断时报文留在各网关,恢复后补发。"""
    begins = datetime.now(SHANGHAI).replace(microsecond=0) + timedelta(seconds=2)
    begins += timedelta(seconds=-int(begins.timestamp()) % GRID_SECONDS)
    played = window(f"{begins:%Y-%m-%d}", f"{begins:%H:%M:%S}", end)
    made = simulated(seed, enterprises, played, scenario, catalogue, series)
    write_truth(made.truth, truth)
    say(f"{begins:%H:%M:%S} 起发布 {enterprises} 家企业,到 {end} 为止(Ctrl-C 结束)。")
    fleet = Fleet(address(host, port, username, ca_file), by_gateway=not one_session, patience=None)
    try:
        with _progress(played) as on_instant, fleet:
            done = publish_live(made.timeline(), fleet, on_instant)
    except KeyboardInterrupt:
        say("已停止,各网关的会话已正常关闭。")
    else:
        say(f"已发布 {done.messages} 条报文。")


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
