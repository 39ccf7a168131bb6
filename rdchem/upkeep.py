"""The nightly work on a day that is over: its journal sealed, its readings brought into order and learned.

Each may be repeated at will: a seal states the same of the same day, compaction takes in what came late.
"""

from datetime import date, timedelta
from typing import Any

from rdchem import calendar, intake, seals
from rdchem.compaction import compact
from rdchem.day_courses import learn_ahead
from rdchem.intake import project_all
from rdchem.jobs import Home, facts
from rdchem.rolling import seal_all
from rdchem.rulebook import rulebook_on
from rdchem.settings import Settings


def seal_day(day: date) -> dict[str, Any]:
    """Write down what the journal's last segment of a day is, to be kept elsewhere."""
    settings = Settings()
    journal = intake.open_journal(settings)
    seal_all(journal)
    sealed = seals.seal(journal, day)
    path = settings.home / "seals" / f"{day}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.part")
    draft.write_bytes(seals.encoded(sealed))
    draft.rename(path)
    return {"streams": len(sealed.streams), "records": sum(one.records for one in sealed.streams)}


def learn_day(day: date) -> dict[str, Any]:
    """Learn what is usual for every source as of the end of a day, so that the next morning need not."""
    home, following = Home.open(), day + timedelta(days=1)
    start, _ = calendar.day_bounds(following)
    project_all(home.settings, home.engine)
    limits = rulebook_on(following, home.settings.rulebook_files).limits
    known = facts(home, following, start)
    return {"sources": learn_ahead(known, home.settings, home.engine, day=following, limits=limits)}


def compact_day(day: date) -> dict[str, Any]:
    """Bring a day's readings into files sorted by enterprise, point and time."""
    done = compact(Settings(), day)
    return {"readings": done.readings, "taken": done.taken, "written": done.written}
