"""The verbs of the day: catch_up, judge, compare. Each reads, decides, writes.

Every job is a function of (day, as_of) and of what the journal held by then, may be repeated at will, and
returns a small summary. Airflow decides when they run; nothing here knows of Airflow.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import msgspec

from rdchem import calendar
from rdchem import judge as judging
from rdchem.adopted import adopt
from rdchem.calendar import local_text
from rdchem.day_facts import facts, refuse_an_empty_register
from rdchem.day_notes import notes
from rdchem.difference import Arrival, Difference, difference
from rdchem.enterprise_day import DayFacts
from rdchem.errors import NotReadyError
from rdchem.home import Home
from rdchem.intake import open_journal, project_all
from rdchem.memory import Memory
from rdchem.reliefs import relief_lines
from rdchem.reports.shown import to_keep
from rdchem.rulebook import Rulebook, rulebook_on
from rdchem.settings import Settings
from rdchem.store import intake, manifest, verdicts
from rdchem.uncollected import uncollected

_PATIENCE: Final = timedelta(seconds=20)
"""How long after the as-of instant we wait for the listener to say that it got there."""


def morning_as_of(day: date) -> datetime:
    """The instant the morning's verdict speaks of: the deadline and the time left for data under way."""
    settings = Settings()
    return morning_of(settings, rulebook_on(day, settings.rulebook_files))


def morning_of(settings: Settings, rulebook: Rulebook) -> datetime:
    """The same by a given rulebook."""
    limits = rulebook.limits.of("", settings.area_code)
    return calendar.deadline(rulebook.day, limits) + limits.duration("judging_delay")


def catch_up(day: date, as_of: datetime) -> dict[str, Any]:
    """Wait until the as-of instant, then until everything received by then is projected.

    If the listener does not get there within a little patience we go on: what it missed is a blind interval
    and judged as such. Raises NotReadyError if nothing is known of any enterprise, or if a listener holds
    what it has acknowledged and cannot be made to show it: without that nobody may be judged.
    """
    home = Home.open()
    while (left := (as_of - datetime.now(UTC)).total_seconds()) > 0:
        time.sleep(min(left, 1.0))
    while True:
        patient = datetime.now(UTC) < as_of + _PATIENCE
        try:
            projected = project_all(home.settings, home.engine)
        except NotReadyError:
            if not patient:
                raise
            continue
        with home.engine.connect() as connection:
            reached = manifest.reached(connection, open_journal(home.settings).written_now())
        if (reached and reached >= as_of) or not patient:
            break
        time.sleep(0.5)
    with home.engine.connect() as connection:
        if not intake.is_registered(connection, as_of):
            refuse_an_empty_register(facts(home, day, as_of), as_of)
    return {"segments": projected, "reached": reached.isoformat() if reached else None}


@uncollected()
def judge(day: date, as_of: datetime) -> dict[str, Any]:
    """The verdict. It is kept whole before a rule's own failure is raised, so one bug hides nothing."""
    home = Home.open()
    known, found = judged(home, day, as_of)
    document, beside = judging.document(found.judgement), to_keep(found.judgement, known.days)
    with home.day_alone(day):
        said = keep_document(home, day, as_of, document, beside)
    if found.errors:
        raise ExceptionGroup(f"{len(found.errors)} 处计算出错,判定已保存,相关项记为未评估", found.errors)
    return said


def keep_document(
    home: Home, day: date, as_of: datetime, document: Mapping[str, Any], beside: Sequence[Any]
) -> dict[str, Any]:
    """Store a verdict whole, with what is shown beside it, in place of an earlier run of the same instant;
    returns what it comes to.

    To be called by whoever has the day alone. The rulebook file it was given by goes into the journal.
    """
    adopt(home.settings, home.engine)
    with home.engine.begin() as connection:
        added = verdicts.replace_judgement(connection, day, as_of, document, beside)
    outcomes = [line["outcome"] for line in document["ledger"]]
    return {
        "enterprises": len({line["enterprise"] for line in document["ledger"]}),
        "squares": len(outcomes),
        **{name: outcomes.count(name) for name in ("pass", "fail", "not_evaluated", "not_applicable")},
        "findings": len(document["findings"]),
        "new_versions": added,
    }


def compare(day: date, earlier: datetime, later: datetime) -> Difference:
    """What the verdict of a day says as of `later` that it did not say as of `earlier`; nothing is stored."""
    home = Home.open()
    project_all(home.settings, home.engine)
    memory = Memory()
    (_, before), (known, after) = (judged(home, day, one, memory=memory) for one in (earlier, later))
    if not known.days:
        raise NotReadyError(f"截至 {local_text(later)} 没有任何企业登记,无从比较。")
    if errors := before.errors + after.errors:
        raise ExceptionGroup(f"{len(errors)} 处计算出错,无法比较", errors)
    return difference(before.judgement, after.judgement, arrivals(home, day, earlier, later, known.aliases))


def arrivals(
    home: Home, day: date, earlier: datetime, later: datetime, aliases: Mapping[str, str] | None = None
) -> list[Arrival]:
    """What was received about a day between two instants, each message under its sender's registered code."""
    if aliases is None:
        aliases = facts(home, day, later).aliases
    with home.engine.connect() as connection:
        found = intake.arrivals(connection, calendar.day_bounds(day), after=earlier, until=later)
    return [replace(one, company_code=aliases.get(one.company_code, one.company_code)) for one in found]


def verdict(day: date, as_of: datetime) -> dict[str, Any]:
    """The stored verdict document. Raises NotReadyError if the day was not judged as of that instant."""
    document: dict[str, Any] = msgspec.json.decode(verdict_text(day, as_of))
    return document


def verdict_text(day: date, as_of: datetime) -> str:
    """The same as its canonical text."""
    with Home.open().engine.connect() as connection:
        text = verdicts.judgement_text(connection, day, as_of)
    if text is None:
        raise NotReadyError(f"{day} 截至 {local_text(as_of)} 尚未判定。请先运行 rdchem judge {day}。")
    return text


def judged(
    home: Home,
    day: date,
    as_of: datetime,
    only: Callable[[str], bool] | None = None,
    memory: Memory | None = None,
) -> tuple[DayFacts, judging.Judged]:
    """What was known, and what it comes to: of all enterprises, or of those `only` is true of."""
    known = facts(home, day, as_of, only=only, courses=True)
    refuse_an_empty_register(known, as_of)
    rulebook = rulebook_on(day, home.settings.rulebook_files)
    told = [*notes(known), *rulebook.notices]
    reliefs = relief_lines(known, rulebook.decisions.reliefs, as_of)
    days = [one for one in known.days if only is None or only(one.company_code)]
    found = judging.judge(days, as_of=as_of, rulebook=rulebook, notes=told, reliefs=reliefs, memory=memory)
    return known, found
