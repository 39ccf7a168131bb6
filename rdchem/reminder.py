"""Before the deadline: who has not announced yet, told once a day. A help, not a finding.

Asked is the rule itself, as of an instant before the deadline: whoever it says "not yet due" of, and nobody
else, is on the list, so a plant that is shut down or exempt is not. Nothing is stored but that it was told.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from rdchem import calendar, delivery
from rdchem import judge as judging
from rdchem.calendar import local_text
from rdchem.day_facts import facts, refuse_an_empty_register
from rdchem.day_notes import notes
from rdchem.delivery import Notice
from rdchem.enterprise_day import DayFacts
from rdchem.foreign_text import visible
from rdchem.home import Home
from rdchem.intake import project_all
from rdchem.model.day import EnterpriseDay
from rdchem.rulebook import Rulebook, rulebook_on
from rdchem.settings import Settings

_RULE: Final = "commitment_is_announced_by_deadline"
_NAMED: Final = 20


def reminder_as_of(day: date) -> datetime:
    """The instant of the reminder: some minutes before the deadline, by a dated setting."""
    settings = Settings()
    limits = rulebook_on(day, settings.rulebook_files).limits.of("", settings.area_code)
    lead: timedelta = limits.duration("commitment_reminder")
    return calendar.deadline(day, limits) - lead


def remind(day: date, as_of: datetime) -> dict[str, Any]:
    """Tell who has not announced by an instant before the deadline; told once a day, whoever asks again."""
    home = Home.open()
    project_all(home.settings, home.engine)
    known = facts(home, day, as_of)
    refuse_an_empty_register(known, as_of)
    silent = _not_announced(known, as_of, rulebook_on(day, home.settings.rulebook_files))
    folder = home.settings.out_path / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "not_announced.csv", silent)
    notice = Notice(
        day,
        title=f"{day} 安全承诺公告提醒",
        body=_text(silent, known, as_of),
        content="reminder",
        file=f"{day}/reminder.txt",
        attachments=(f"{day}/not_announced.csv",),
    )
    return {"not_announced": len(silent), "channels": delivery.deliver(home, notice)}


def _not_announced(known: DayFacts, as_of: datetime, rulebook: Rulebook) -> list[EnterpriseDay]:
    alone = replace(rulebook, rules=tuple(rule for rule in rulebook.rules if rule.name == _RULE))
    judged = judging.judge(known.days, as_of=as_of, rulebook=alone)
    if judged.errors:
        raise ExceptionGroup(f"{len(judged.errors)} 处计算出错,未提醒", judged.errors)
    silent = {
        entry.enterprise
        for entry in judged.judgement.ledger
        if entry.reason is not None and entry.reason.code == "before_deadline"
    }
    return [one for one in known.days if one.company_code in silent]


def _text(silent: Sequence[EnterpriseDay], known: DayFacts, as_of: datetime) -> str:
    if not silent:
        return f"截至 {local_text(as_of)},应公告的企业均已公告。"
    names = [visible(one.register.enterprise.name) for one in silent[:_NAMED]]
    rest = "" if len(silent) <= _NAMED else " 等(全部名单见 not_announced.csv)"
    limits = silent[0].limits
    lines = [
        f"截至 {local_text(as_of)},{len(silent)} 家企业尚未公告安全承诺"
        f"(截止 {local_text(calendar.deadline(silent[0].day, limits))}):",
        "、".join(names) + rest,
        *(f"注意:{visible(note)}" for note in notes(known)),
        "本提醒不是认定:此时尚未到截止时间。",
    ]
    return "\n".join(lines)


def _write(path: Path, silent: Sequence[EnterpriseDay]) -> None:
    table = io.StringIO()
    rows = csv.writer(table)
    rows.writerow(["企业编码", "企业名称", "行政区划", "截止时间"])
    for one in silent:
        deadline = local_text(calendar.deadline(one.day, one.limits))
        enterprise = one.register.enterprise
        rows.writerow(
            [_cell(one.company_code), _cell(enterprise.name), _cell(enterprise.area_code), deadline]
        )
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(table.getvalue(), encoding="utf-8-sig", newline="")
    draft.rename(path)


def _cell(text: str) -> str:
    """Text written by others, for a spreadsheet that would take some of it for a formula."""
    shown = visible(text)
    return f"'{shown}" if shown[:1] in ("=", "+", "-", "@") else shown
