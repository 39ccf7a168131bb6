"""The options that several commands share, and what they amount to."""

import os
from pathlib import Path
from typing import Annotated, Final

import typer

from sensors_sim.session import Address

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
SeriesFiles = Annotated[
    list[str] | None,
    typer.Option(
        "--series",
        metavar="N:M=FILE",
        help="真实数据驱动测点,可多次: 1:3=液位.csv 即第 1 家企业 第 3 个传感器; CSV 表头 time,value "
        "时刻为当地时间 或带时区; 行间线性插值, 按整天循环",
    ),
]
TruthFile = Annotated[Path | None, typer.Option("--truth", help="同时写出事实真值文件")]
Host = Annotated[str, typer.Option(envvar="RDCHEM_MQTT_HOST")]
Port = Annotated[int, typer.Option(envvar="RDCHEM_MQTT_PORT", min=1, max=65535)]
Username = Annotated[
    str, typer.Option(envvar="RDCHEM_MQTT_USERNAME", help="密码只从环境变量 RDCHEM_MQTT_PASSWORD 读取")
]
CaFile = Annotated[str, typer.Option(envvar="RDCHEM_MQTT_CA_FILE", help="CA 证书;给出即用 TLS")]
OneSession = Annotated[
    bool, typer.Option("--one-session", help="全部报文走一个 MQTT 会话;默认每个网关一个,带上线报文和遗嘱")
]
DAY: Final = "2026-09-15"


def address(host: str, port: int, username: str, ca_file: str) -> Address:
    """The broker; its password comes from the environment, for what is typed is seen by others."""
    return Address(host, port, username, os.environ.get("RDCHEM_MQTT_PASSWORD", ""), ca_file)
