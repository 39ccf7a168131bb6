"""The verbs after the verdict: reconcile, report, deliver; to be repeated at will like those of `jobs`.

The report of the morning's own instant lies in the folder of its day; one of another instant, or of a single
area, in a folder within it: asking again later never takes the place of what was told at 09:20.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import msgspec

from rdchem import calendar, delivery, notify
from rdchem import judge as judging
from rdchem.calendar import SHANGHAI
from rdchem.day_facts import facts, refuse_an_empty_register
from rdchem.delivery import Notice
from rdchem.errors import InputError, NotReadyError
from rdchem.home import Home
from rdchem.intake import project_all
from rdchem.jobs import morning_of, verdict_text
from rdchem.model.outcome import Judgement
from rdchem.reports import exceptions, html, workbook
from rdchem.reports.hot_work import HotWorkLine, hot_work_lines
from rdchem.reports.shown import Shown, shown
from rdchem.rulebook import rulebook_on
from rdchem.store import quality, quarantine, verdicts
from rdchem.uncollected import uncollected


def reconcile(day: date, as_of: datetime, company_code: str = "") -> list[HotWorkLine]:
    """Declared hot work beside permits, of all enterprises or one; nothing is stored.

    Raises InputError if there is no such enterprise in the register.
    """
    home = Home.open()
    project_all(home.settings, home.engine)
    known = facts(home, day, as_of)
    known.refuse_removed(("commitment",))
    refuse_an_empty_register(known, as_of)
    asked = [one for one in known.days if company_code in ("", one.company_code)]
    if not asked:
        raise InputError(f"登记中没有编码为 {company_code} 的企业。请核对编码,或先接入登记信息。")
    return hot_work_lines(asked)


@uncollected()
def report(day: date, as_of: datetime, area: str = "") -> dict[str, Any]:
    """The exception report as page, workbook and JSON, from the stored verdict; of one area, if asked."""
    home = Home.open()
    with home.day_alone(day):
        built, told = _report(home, day, as_of, area)
        folder = home.settings.out_path / place(home, day, as_of, area)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in (
            ("exceptions.html", html.render(built)),
            ("exceptions.xlsx", workbook.write(built)),
            ("summary.txt", notify.summary_text(built).encode()),
            ("verdict.json", f"{told}\n".encode()),
        ):
            draft = folder / f".{name}.part"
            draft.write_bytes(content)
            draft.rename(folder / name)
    return {"folder": str(folder)}


def deliver(day: date, as_of: datetime, area: str = "") -> dict[str, Any]:
    """Hand the written report to the notifiers, each once: recorded before it is sent, marked after.

    Raises NotReadyError if there is no report of the verdict that now stands.
    """
    home = Home.open()
    where = place(home, day, as_of, area)
    with home.day_alone(day):
        summary, content = _written(home.settings.out_path / where, day, as_of, area)
    notice = Notice(
        day,
        title=f"{day} 异常报告" + (f"({area})" if area else ""),
        body=summary,
        content=verdicts.digest(content),
        file=f"{where}/notification.txt",
        attachments=(f"{where}/exceptions.xlsx",),
    )
    return {"channels": delivery.deliver(home, notice)}


def _written(folder: Path, day: date, as_of: datetime, area: str) -> tuple[str, str]:
    """The summary of the report that lies in a folder, and the verdict it was made from."""
    again = "请先运行 rdchem report(或重跑 report 任务)。"
    try:
        summary = (folder / "summary.txt").read_text(encoding="utf-8")
        content = (folder / "verdict.json").read_text(encoding="utf-8").removesuffix("\n")
    except FileNotFoundError as error:
        raise NotReadyError(f"还没有 {day} 的报告({folder})。{again}") from error
    if not area and content != verdict_text(day, as_of):
        raise NotReadyError(f"{day} 重新判定以后还没有生成报告。{again}")
    return summary, content


def deliver_pending() -> dict[str, Any]:
    """Send what was recorded and never sent, because whoever was to send it was stopped."""
    return {"channels": delivery.deliver_pending(Home.open())}


def place(home: Home, day: date, as_of: datetime, area: str = "") -> str:
    """The folder of a report, below that of all reports: `2026-09-15/as-of-1200/area-320623`."""
    parts = [day.isoformat()]
    if as_of != morning_of(home.settings, rulebook_on(day, home.settings.rulebook_files)):
        end = calendar.day_bounds(day)[1]
        parts.append("as-of-2400" if as_of == end else f"as-of-{as_of.astimezone(SHANGHAI):%H%M%S}")
    if area:
        parts.append(f"area-{area}")
    return "/".join(parts)


def _report(home: Home, day: date, as_of: datetime, area: str) -> tuple[exceptions.ExceptionReport, str]:
    """The report, and the verdict it shows as canonical text."""
    told = verdict_text(day, as_of)
    judgement = judging.judgement_of(msgspec.json.decode(told))
    with home.engine.connect() as connection:
        checked = quality.checked(connection, day, as_of)
        start, _ = calendar.day_bounds(day)
        rows = quarantine.quarantined(connection, since=start, as_of=as_of)
    lines = [
        exceptions.QuarantineLine(
            row["received_at"], row["origin"], row["code"], row["reason"], row["journal_id"]
        )
        for row in rows
    ]
    days = _shown(home, day, as_of, judgement)
    if area:
        judgement, days = _of_area(judgement, days, area)
        told = verdicts.encode(judging.document(judgement))
    return exceptions.build(judgement, days, checked, lines), told


def _shown(home: Home, day: date, as_of: datetime, judgement: Judgement) -> list[Shown]:
    """What is kept to be shown of each judged enterprise; worked out for those it was not kept for (they were
    judged before it was, or their group could not be).
    """
    with home.engine.connect() as connection:
        kept = msgspec.json.decode(verdicts.shown(connection, day, as_of), type=list[Shown])
    missing = {entry.enterprise for entry in judgement.ledger} - {one.company_code for one in kept}
    if missing:
        known = facts(home, day, as_of, only=missing.__contains__, courses=True, signals=False)
        known.refuse_removed()
        kept += shown(judgement, [one for one in known.days if one.company_code in missing])
    return sorted(kept, key=lambda one: one.company_code)


def _of_area(judgement: Judgement, known: Sequence[Shown], area: str) -> tuple[Judgement, list[Shown]]:
    """What of a judgement concerns the enterprises of an area (a code, or the beginning of one)."""
    days = [one for one in known if one.area_code.startswith(area)]
    if not days:
        raise InputError(f"登记中没有行政区划以 {area} 开头的企业。请核对代码,如 320623。")
    codes = {one.company_code for one in days}
    return replace(
        judgement,
        ledger=tuple(one for one in judgement.ledger if one.enterprise in codes),
        findings=tuple(one for one in judgement.findings if one.enterprise in codes),
        announcements=tuple(one for one in judgement.announcements if one.enterprise in codes),
        notes=(f"只含行政区划 {area} 的企业", *judgement.notes),
    ), days
