"""`make truth`: every scenario of the catalogue once, through a real broker, and how well it was found.

One county in which each scenario happens exactly once is published to Mosquitto (the embedded broker where
that is not installed), taken in by `rdchem ingest`, and judged as of every other minute of the morning by
`rdchem judge`. The scorecard is printed and written between two marks into the documents given. Then two more
mornings: from 09:00 to 09:25 our own listener is away on one, the platform down for all on the other. It
exits with 1 on any difference between what was seeded and what was found.
"""

import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Final

import typer

from rdchem.calendar import SHANGHAI
from rdchem.errors import InputError
from rdchem.terminal import run, say
from sensors_sim.installation import Environment, embedded_broker, environment_of, mosquitto, take_in
from sensors_sim.morning import Morning, morning
from sensors_sim.outage import outage_morning
from sensors_sim.parts import Part, python
from sensors_sim.scenarios import shipped_catalogue
from sensors_sim.score import Scorecard, score, show
from sensors_sim.window import Window

_BEGIN: Final = "<!-- scorecard: make truth -->"
_END: Final = "<!-- /scorecard -->"


def proof(
    seed: Annotated[int, typer.Option(help="随机种子")] = 1,
    day: Annotated[str, typer.Option(help="业务日")] = "2026-09-15",
    out: Annotated[Path, typer.Option(help="输出位置,每次重新生成")] = Path("out/truth"),
    every: Annotated[float, typer.Option(min=0, help="每隔几分钟判定一次,以量延迟与重合;0:只判最后")] = 2.0,
    write: Annotated[list[Path] | None, typer.Option(help="把成绩单写进这些文档的标记之间")] = None,
) -> None:
    """全部情景各演一次,经真实的消息代理采集、判定,与事实真值核对。"""
    shutil.rmtree(out, ignore_errors=True)
    played = date.fromisoformat(day)
    whole = whole_catalogue(seed, Window(played))
    card = _played(whole, out / "whole", list(_instants(whole.window, timedelta(minutes=every))))
    for document in write or ():
        document.write_text(with_scorecard(document.read_text(encoding="utf-8"), card), encoding="utf-8")
    show(card)
    for name, who in (("away", "我方采集"), ("platform", "平台")):
        made, away = outage_morning(name, seed, played)
        say(f"另演一早晨:{who} {away.since:%H:%M}–{away.until:%H:%M} 中断")
        interval = (made.window.at(away.since), made.window.at(away.until)) if away.who == "us" else None
        show(_played(made, out / name, [made.window.as_of], interval))


def _played(
    made: Morning, out: Path, instants: Sequence[datetime], away: tuple[datetime, datetime] | None = None
) -> Scorecard:
    """A morning through a real broker and listener, judged as of these instants."""
    environment, logs = environment_of(out.resolve() / "data", out.resolve()), out / "logs"
    broker = mosquitto(environment, logs) or embedded_broker(environment, logs)
    published = take_in(made, broker, environment, logs, away=away)
    say(f"{made.truth.enterprises} 家企业,{published.messages} 条报文已发布并采集,判定 {len(instants)} 次……")
    verdicts = [_judged(at, environment, logs) for at in instants]
    quarantine = _asked("quarantine", ["quarantine", "--format", "json"], environment, logs)
    return score(made.truth, verdicts, quarantine)


def whole_catalogue(seed: int, window: Window) -> Morning:
    """The smallest county, in steps of four, in which every scenario of the catalogue happens once."""
    catalogue = shipped_catalogue()
    chosen = list(catalogue)
    for enterprises in range(len(chosen), 4 * len(chosen), 4):
        try:
            return morning(seed, enterprises, window, catalogue=catalogue, chosen=chosen)
        except InputError:
            continue
    raise InputError(f"{window.day} 放不下全部情景,请换一个工作日。")


def with_scorecard(document: str, card: Scorecard) -> str:
    """A document with the scorecard between its marks. Raises InputError if it has none."""
    before, begin, rest = document.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    if not (begin and end):
        raise InputError(f"文档里没有标记 {_BEGIN} … {_END}。")
    return f"{before}{begin}\n{card.markdown()}{end}{after}"


def _instants(window: Window, step: timedelta) -> Iterator[datetime]:
    at = window.start
    while step and at < window.as_of:
        yield at
        at += step
    yield window.as_of


def _judged(at: datetime, environment: Environment, logs: Path) -> Mapping[str, Any]:
    local = at.astimezone(SHANGHAI)
    command = ["judge", local.date().isoformat(), "--as-of", local.isoformat(), "--format", "json"]
    verdict: Mapping[str, Any] = _asked(f"judge-{local:%H%M}", command, environment, logs)
    return verdict


def _asked(name: str, command: list[str], environment: Environment, logs: Path) -> Any:
    with Part(name, python("rdchem.cli", *command), environment, logs) as part:
        return json.loads(part.answer())


def main() -> None:
    """The program behind `make truth`."""
    run(lambda: typer.run(proof))


if __name__ == "__main__":
    main()
