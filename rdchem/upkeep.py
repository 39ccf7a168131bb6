"""The nightly work on a day that is over: its journal sealed, its readings brought into order and learned,
and what is older than it has to be kept removed; and readings brought into order as the day goes on.

Each may be repeated at will: a seal states the same of the same day, compaction takes in what came late.
"""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from rdchem import calendar, intake, retention, seals
from rdchem.compaction import compact
from rdchem.day_courses import learn_ahead
from rdchem.day_facts import facts
from rdchem.durable import write_durably
from rdchem.home import Home
from rdchem.intake import project_all
from rdchem.rolling import seal_all
from rdchem.rulebook import rulebook_on
from rdchem.settings import Settings


def seal_day(day: date, key: Path | None = None, out: Path | None = None) -> dict[str, Any]:
    """Write down what the journal's last segment of a day is, to be kept elsewhere; signed with a key.

    `out`: the file, by default the installation's own of that day.
    """
    settings = Settings()
    journal = intake.open_journal(settings)
    seal_all(journal)
    sealed = seals.seal(journal, day)
    path = out or seals.path_of(settings.home, day)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_durably(path, seals.encoded(seals.signed(sealed, key) if key else sealed))
    records = sum(one.records for one in sealed.streams)
    return {"streams": len(sealed.streams), "records": records, "file": str(path)}


def retain_day(day: date) -> dict[str, Any]:
    """Remove what as of a day is older than it has to be kept."""
    done = retention.retain(Settings(), day, datetime.now(UTC))
    return {"records": done.records, "segments": done.segments}


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


def compact_today() -> dict[str, Any]:
    """The same for the day that is running."""
    return compact_day(calendar.business_day(datetime.now(UTC)))
