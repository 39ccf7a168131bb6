"""The nightly work on a day that is over: its journal sealed, its readings brought into order.

Each may be repeated at will: a seal states the same of the same day, compaction takes in what came late.
"""

from datetime import date
from typing import Any

from rdchem import intake, seals
from rdchem.compaction import compact
from rdchem.rolling import seal_all
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


def compact_day(day: date) -> dict[str, Any]:
    """Bring a day's readings into files sorted by enterprise, point and time."""
    done = compact(Settings(), day)
    return {"readings": done.readings, "taken": done.taken, "written": done.written}
