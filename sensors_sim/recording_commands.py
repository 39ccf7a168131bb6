"""`python -m sensors_sim record` and `replay`: what goes over a broker, written down and sent again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from rdchem.calendar import local_text
from rdchem.errors import InputError
from rdchem.recording import read_recording
from rdchem.terminal import SCREEN, say
from sensors_sim import arguments
from sensors_sim.broker import LOOPBACK
from sensors_sim.options import CaFile, Host, Port, Username, address
from sensors_sim.recording import header
from sensors_sim.replay import chosen, publish_again, rounds, write_again
from sensors_sim.scenarios import shipped_catalogue

Topics = Annotated[
    list[str], typer.Option("--topic", help="MQTT 主题过滤器(可用 + 和 #,可重复给出)", default_factory=list)
]


def record_command(
    out: Annotated[Path, typer.Option(help="输出文件,.jsonl 或 .jsonl.zst(压缩)")],
    topic: Topics,
    until_idle: Annotated[float | None, typer.Option(help="空闲这么多秒后结束;默认到 Ctrl-C 为止")] = None,
    until: Annotated[str, typer.Option(help="时钟到达此时刻后结束(ISO 时刻)")] = "",
    clock: Annotated[bool, typer.Option("--clock", help="收到时刻取自仿真县的报时")] = False,
    seed: Annotated[int | None, typer.Option(help="所录仿真县的随机种子,写入录制头")] = None,
    host: Host = LOOPBACK,
    port: Port = 1883,
    username: Username = "",
    ca_file: CaFile = "",
) -> None:
    """录制:订阅消息代理,把报文连同收到的时刻写入文件,供 rdchem receive 和 replay 使用。"""
    from sensors_sim.record import EVERYTHING, record

    topics = arguments.topic_filters(topic) or (EVERYTHING,)
    moment = arguments.instant(until) if until else None
    catalogue = None if seed is None else shipped_catalogue().sha256
    where = f"mqtt://{host}:{port} {' '.join(topics)}"
    with SCREEN.status("连接消息代理…") as status:
        count = record(
            address(host, port, username, ca_file),
            out,
            header(datetime.now(UTC), where, seed=seed, catalogue_sha256=catalogue),
            topics=topics,
            clock=clock,
            until_idle=until_idle,
            until=moment,
            on_ready=lambda: say(f"已订阅 {where},开始录制(Ctrl-C 结束)。"),
            on_written=lambda written: status.update(f"已录制 {written} 条"),
        )
    say(f"已录制 {count} 条报文到 {out}")


def replay_command(
    file: Annotated[Path, typer.Argument(help="录制文件(.jsonl 或 .jsonl.zst,- 为标准输入)")],
    topic: Topics,
    speed: Annotated[str, typer.Option(help="max,或录制时间的倍速,如 1、60(只用于消息代理)")] = "max",
    day: Annotated[str, typer.Option(help="改到这一业务日,如 2026-09-16;默认为录制当日")] = "",
    loop: Annotated[int, typer.Option(min=1, help="回放这么多遍,每遍在前一遍的次日")] = 1,
    out: Annotated[Path | None, typer.Option(help="不发布,写成另一份录制(供 rdchem receive)")] = None,
    host: Host = LOOPBACK,
    port: Port = 1883,
    username: Username = "",
    ca_file: CaFile = "",
) -> None:
    """回放:把录制的报文按原有次序重新发布,并报时;可改到另一业务日。"""
    factor, new_day = arguments.speed_factor(speed), arguments.business_day(day) if day else None
    filters = arguments.topic_filters(topic)
    recording = read_recording(file)
    if recording.cut:
        say(f"警告:{recording.name} 末尾缺失(录制中断?),只回放其前完好的部分。", style="yellow")
    played = rounds(chosen(recording, filters), new_day, loop)
    with SCREEN.status("回放中…") as status:
        if out is not None:
            count = write_again(recording, played, out)
        else:
            done = publish_again(
                played,
                address(host, port, username, ca_file),
                speed=factor,
                on_tick=lambda at: status.update(f"回放中… {local_text(at)}"),
            )
            count = done.messages
    say(f"已回放 {count} 条报文到 {out or f'mqtt://{host}:{port}'}")
    if recording.cut:
        raise InputError(f"{recording.name} 末尾缺失,以上只是完好的部分。请重新取得完整的录制。")
