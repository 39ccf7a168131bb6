"""`make up`: broker, listener, a live simulated county, Airflow in one terminal; Ctrl-C ends all.

A home of its own (out/up by default) that lives on between runs: what was judged stays. Where Mosquitto is
installed it is the broker, otherwise the embedded one. Nobody logs in, and nothing is reachable from outside.
"""

import signal
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Final

import typer

from rdchem.terminal import run, say
from sensors_sim.airflow import Airflow, airflow_environment
from sensors_sim.broker import LOOPBACK, free_port
from sensors_sim.installation import embedded_broker, environment_of, mosquitto
from sensors_sim.parts import ROOT, Part, python

_DAGS: Final = len(list((ROOT / "dags").glob("rdchem_*.py")))


def up(
    enterprises: Annotated[int, typer.Option(min=1, max=5000, help="仿真企业数")] = 20,
    out: Annotated[Path, typer.Option(help="数据、日志和报告的位置")] = Path("out/up"),
    port: Annotated[int, typer.Option(help="Airflow 界面的端口;0 为任一空闲端口")] = 8080,
) -> None:
    """一个终端里的全套:消息代理、采集、实时仿真县、Airflow;一次 Ctrl-C 全部结束。"""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    home = out.resolve()
    settings = environment_of(home / "data", home / "reports")
    logs, console = home / "logs", port or free_port()
    broker_port = settings["RDCHEM_MQTT_PORT"]
    with ExitStack() as parts:
        try:
            broker = parts.enter_context(mosquitto(settings, logs) or embedded_broker(settings, logs))
            broker.wait_until_logged(broker_port)
            say(f"消息代理:{LOOPBACK}:{broker_port}")
            listener = parts.enter_context(Part("listener", python("rdchem.cli", "ingest"), settings, logs))
            listener.wait_until_logged("已订阅")
            county = ("--enterprises", str(enterprises), "--port", broker_port)
            parts.enter_context(Part("county", python("sensors_sim", "live", *county), settings, logs))
            say(f"仿真县:{enterprises} 家企业,从此刻起按真实时间上传;采集已开始,数据在 {home / 'data'}")
            say("Airflow 启动中(约半分钟)…")
            rdchem = {name: value for name, value in settings.items() if name.startswith("RDCHEM_")}
            airflow = Airflow(home / "airflow", airflow_environment(home / "airflow", console) | rdchem)
            parts.enter_context(airflow)
            airflow.wait_until_ready(_DAGS)
            say(f"就绪:http://{LOOPBACK}:{console}(无须登录);报告在 {home / 'reports'};日志在 {logs}")
            say("按 Ctrl-C 全部结束。")
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            say("正在结束…")
    say("已全部结束。")


def main() -> None:
    """The program behind `make up`."""
    run(lambda: typer.run(up))


if __name__ == "__main__":
    main()
