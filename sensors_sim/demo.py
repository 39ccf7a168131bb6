"""`make demo`: one simulated county morning through everything, and the proof that nothing was missed.

The parts are what an installation runs, each a process of its own: an MQTT broker, `rdchem ingest`, the
Airflow DAG (`dags.once`). This module only starts them, publishes the morning, and compares what the verdict
says with what was seeded. It exits with 1 on any difference, either way.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from rdchem.calendar import SHANGHAI, UnknownYearError
from rdchem.errors import InputError
from rdchem.terminal import run
from sensors_sim.comparison import Comparison, DifferenceError, compare
from sensors_sim.installation import Environment, embedded_broker, environment_of, take_in
from sensors_sim.morning import Morning, morning
from sensors_sim.parts import Part, PartFailedError, PeakMemory, python
from sensors_sim.window import Window

_screen: Final = Console(highlight=False, markup=False, soft_wrap=True)


def demo(
    enterprises: Annotated[int, typer.Option(min=1, max=5000, help="企业数")] = 100,
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    day: Annotated[str, typer.Option(help="业务日")] = "2026-09-15",
    out: Annotated[Path, typer.Option(help="输出位置,每次重新生成")] = Path("out/demo"),
) -> None:
    """仿真县的一个早晨:消息代理 → 采集 → 日志 → Airflow → 异常报告,并与事实真值核对。"""
    begun = time.monotonic()
    made = _morning(seed, enterprises, day)
    home, before = out.resolve() / "data", _content(out / day)
    shutil.rmtree(home, ignore_errors=True)
    environment = environment_of(home, out.resolve())
    airflow = python("dags.once", "--home", str(home / "airflow"), "--day", day, "--wait")
    with (
        PeakMemory() as memory,
        _progress() as progress,
        Part("airflow", airflow, environment, home / "logs") as scheduled,
    ):
        sent = _intake(made, environment, home / "logs", progress)
        listing = python(
            "rdchem.cli", "quarantine", "--format", "json"
        )  # projects the journal while Airflow gets ready
        with Part("quarantine", listing, environment, home / "logs") as part:
            result = _run_dag(scheduled, progress)
            quarantine = json.loads(part.answer())
    verdict = json.loads((out / day / "verdict.json").read_bytes())
    compared = compare(made.truth, verdict, quarantine)
    _show(compared, verdict, result, made)
    _show_where(out, day, verdict, before)
    seconds, mebibytes = time.monotonic() - begun, memory.peak_bytes / 2**20
    _screen.print(f"{sent} 条报文,全程 {seconds:.1f} 秒,各进程内存合计峰值 {mebibytes:.0f} MiB。")
    if not compared.equal:
        raise DifferenceError("发现的与播下的不一致,见上表。这是程序缺陷,请报告。")


def main() -> None:
    """The program behind `make demo`."""
    run(lambda: typer.run(demo))


def _morning(seed: int, enterprises: int, day: str) -> Morning:
    try:
        return morning(seed, enterprises, Window(date.fromisoformat(day)))
    except (ValueError, UnknownYearError) as error:
        raise InputError(f"业务日 {day!r} 不可用({error}),应如 2026-09-15。") from error


def _intake(made: Morning, environment: Environment, logs: Path, progress: Progress) -> int:
    """Broker and listener up, the morning published, the listener done; the number of messages sent."""
    start, end = made.window.start, made.window.end
    task = progress.add_task("启动消息代理和采集", total=(end - start).total_seconds())

    def show(at: datetime) -> None:
        clock = f"发布并采集 {at.astimezone(SHANGHAI):%H:%M:%S}"
        progress.update(task, completed=(at - start).total_seconds(), description=clock)

    published = take_in(made, embedded_broker(environment, logs), environment, logs, on_tick=show)
    progress.remove_task(task)
    return published.messages


def _run_dag(scheduled: Part, progress: Progress) -> dict[str, Any]:
    task = progress.add_task("等待 Airflow 就绪", total=None)
    scheduled.wait_until_said("ready")
    progress.update(task, description="Airflow 运行 rdchem_morning")
    lines = scheduled.answer("go\n").strip().splitlines()
    progress.remove_task(task)
    if not lines:
        raise PartFailedError("Airflow 没有给出运行结果。")
    result: dict[str, Any] = json.loads(lines[-1])
    return result


def _progress() -> Progress:
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    return Progress(*columns, console=_screen, transient=True, disable=not _screen.is_terminal)


def _show(compared: Comparison, verdict: Mapping[str, Any], result: Mapping[str, Any], made: Morning) -> None:
    """The day in numbers, then seeded against found, class by class."""
    outcomes = Counter(entry["outcome"] for entry in verdict["ledger"])
    enterprises = len({entry["enterprise"] for entry in verdict["ledger"]})
    _screen.print(f"业务日 {verdict['day']},{enterprises} 家企业(仿真,种子 {made.truth.seed})")
    _screen.print("Airflow:" + "、".join(f"{name} {task['state']}" for name, task in result["tasks"].items()))
    labels = {"pass": "符合", "fail": "异常", "not_evaluated": "未评估", "not_applicable": "不适用"}
    sums = ",".join(f"{label} {outcomes[outcome]}" for outcome, label in labels.items())
    _screen.print(f"覆盖台账 {outcomes.total()} 格:{sums}")
    table = Table(title="播下的与发现的", box=box.SIMPLE, title_justify="left")
    for name in ("规则", "类别"):
        table.add_column(name)
    for name in ("播下", "发现", ""):
        table.add_column(name, justify="right")
    for rule, mismatch, seeded, found in compared.classes():
        table.add_row(rule, mismatch, str(seeded), str(found), "✓" if seeded == found else "✗")
    total = (str(compared.seeded.total()), str(compared.found.total()), "✓" if compared.equal else "✗")
    table.add_row("合计", "", *total, end_section=True)
    _screen.print(table)
    _screen.print(
        f"看似异常、实属正常的情形 {len(made.truth.innocents)} 种,均未误报。" if compared.equal else ""
    )
    for title, things in (("漏报", compared.missed), ("误报", compared.extra)):
        for thing in things:
            _screen.print(f"{title}:{' '.join(thing)}", style="red")


def _content(folder: Path) -> dict[str, bytes]:
    """What the last demo left, to tell whether anything changed."""
    return {path.name: path.read_bytes() for path in folder.glob("exceptions.*")} if folder.is_dir() else {}


def since_last_time(before: Mapping[str, bytes], now: Mapping[str, bytes]) -> str:
    """Whether the reports are those of the last demo, to the byte; empty if there was none."""
    if not before:
        return ""
    return f"与上次演示相比:{'逐字节相同' if before == now else '有变化(种子、企业数或程序不同)'}。"


def _show_where(out: Path, day: str, verdict: Mapping[str, Any], before: Mapping[str, bytes]) -> None:
    """Where to look next."""
    folder = out / day
    if told := since_last_time(before, _content(folder)):
        _screen.print(told)
    _screen.print(f"异常报告:{folder / 'exceptions.html'}(浏览器打开)、{folder / 'exceptions.xlsx'}")
    _screen.print(f"判定:{folder / 'verdict.json'};各部分日志:{out / 'data' / 'logs'}")
    if verdict["findings"]:
        key = verdict["findings"][0]["key"]
        _screen.print(f"追到原始报文:RDCHEM_HOME={out / 'data'} .venv/bin/rdchem explain {key}")


if __name__ == "__main__":
    main()
