"""The commands of data quality."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.table import Table

from rdchem import arguments
from rdchem.day_commands import AsOf, Day, Format
from rdchem.errors import InputError
from rdchem.model.quality import Dimension
from rdchem.terminal import SCREEN, rendered, say

if TYPE_CHECKING:
    from rdchem.quality_jobs import Quality

_LOWEST = 10
Sums = Mapping[Dimension, tuple[int, int]]


def quality(
    period: Annotated[str, typer.Argument(metavar="DAY|MONTH", help="业务日 2026-09-15,或月份 2026-09")],
    enterprise: Annotated[str, typer.Option(help="只看这家企业(企业编码)")] = "",
    form: Format = "table",
) -> None:
    """数据质量得分:一日,或一月的逐日变化;按完整性、有效性等分列。"""
    from rdchem import quality_jobs

    show = {"table": _text, "json": _json}[arguments.form(form)]
    try:
        first, last = quality_jobs.days_of(period)
    except ValueError as error:
        raise InputError(f"“{period}”不是日期。请写成 2026-09-15 或 2026-09。") from error
    sys.stdout.write(show(quality_jobs.quality(first, last, enterprise)))


def data_docs(
    day: Day, folder: Annotated[Path, typer.Option("--out", help="写到哪个目录")], as_of: AsOf = ""
) -> None:
    """为开发者生成 Great Expectations 的 Data Docs(英文,其清单有截断;监管人员请看异常报告)。"""
    from rdchem import quality_jobs

    with SCREEN.status("生成 Data Docs…"):
        page = quality_jobs.data_docs(*arguments.moment(day, as_of), folder)
    say(f"首页:{page}")


def _text(found: "Quality") -> str:
    days = _table("业务日", "日期", {day.isoformat(): sums for day, sums in found.by_day.items()})
    lowest = dict(sorted(found.by_enterprise.items(), key=lambda item: _share(_total(item[1])))[:_LOWEST])
    return rendered(days, _table(f"得分最低的企业(共 {len(found.by_enterprise)} 家)", "企业", lowest))


def _table(title: str, what: str, rows: Mapping[str, Sums]) -> Table:
    dimensions = [one for one in Dimension if any(one in sums for sums in rows.values())]
    columns = (what, "得分", *(one.label for one in dimensions), "应查", "不合格")
    table = Table(*columns, title=title, box=box.SIMPLE, title_justify="left")
    for name, sums in rows.items():
        asked, failed = total = _total(sums)
        shares = [_percent(sums[one]) if one in sums else "—" for one in dimensions]
        table.add_row(name, _percent(total), *shares, str(asked), str(failed))
    return table


def _json(found: "Quality") -> str:
    def told(sums: Sums) -> dict[str, dict[str, int]]:
        return {one.value: {"asked": asked, "failed": failed} for one, (asked, failed) in sums.items()}

    document = {
        "from": found.first.isoformat(),
        "to": found.last.isoformat(),
        "days": {day.isoformat(): told(sums) for day, sums in found.by_day.items()},
        "enterprises": {code: told(sums) for code, sums in found.by_enterprise.items()},
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _total(sums: Sums) -> tuple[int, int]:
    return sum(asked for asked, _ in sums.values()), sum(failed for _, failed in sums.values())


def _share(total: tuple[int, int]) -> float:
    asked, failed = total
    return 1 - failed / asked


def _percent(total: tuple[int, int]) -> str:
    return f"{100 * _share(total):.2f}%"
