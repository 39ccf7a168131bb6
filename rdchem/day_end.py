"""After the day: judged once more with all that came late, and what that changes of what was told at 09:20.

The verdict of the morning stays as it was told; the day's end is a verdict of its own instant, 24:00 local.
What differs between the two is reported, with what was received in between, and told once.
"""

from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from rdchem import calendar, delivery
from rdchem import judge as judging
from rdchem.calendar import local_text
from rdchem.console import difference_json, difference_text
from rdchem.delivery import Notice
from rdchem.difference import Difference, difference
from rdchem.foreign_text import visible
from rdchem.home import Home
from rdchem.jobs import arrivals, verdict
from rdchem.store.verdicts import digest

_NAMED: Final = 6
_WORDS: Final = {"appeared": "新增", "gone": "消除", "said_differently": "有变"}


def day_end_as_of(day: date) -> datetime:
    """The last instant of a day, local."""
    return calendar.day_bounds(day)[1]


def changes(day: date, earlier: datetime, later: datetime) -> dict[str, Any]:
    """Write down what the stored verdict as of `later` says that the one as of `earlier` did not.

    Raises NotReadyError if the day was not judged as of both.
    """
    home = Home.open()
    found = _difference(home, day, earlier, later)
    folder = home.settings.out_path / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    with home.day_alone(day):
        _write(folder / "day_end.txt", difference_text(found))
        _write(folder / "day_end.json", difference_json(found))
    return {"squares": len(found.squares), "findings": len(found.findings), "folder": str(folder)}


def tell_changes(day: date, earlier: datetime, later: datetime) -> dict[str, Any]:
    """Tell what changed, in a few lines; told once for the same changes."""
    home = Home.open()
    found = _difference(home, day, earlier, later)
    notice = Notice(
        day,
        title=f"{day} 日终复核",
        body=_text(found),
        content="changes " + digest(difference_json(found)),
        file=f"{day}/day_end_notice.txt",
        attachments=(f"{day}/day_end.txt",),
    )
    return {"channels": delivery.deliver(home, notice)}


def _difference(home: Home, day: date, earlier: datetime, later: datetime) -> Difference:
    before, after = (judging.judgement_of(verdict(day, instant)) for instant in (earlier, later))
    return difference(before, after, arrivals(home, day, earlier, later))


def _text(found: Difference) -> str:
    earlier, later = (local_text(datetime.fromisoformat(one)) for one in (found.earlier, found.later))
    head = f"{found.day} 截至 {later} 复核,与截至 {earlier} 的判定相比:"
    if not found.findings and not found.squares:
        return f"{head}没有变化。"
    counts = Counter(one.change for one in found.findings)
    told = "、".join(f"{word} {counts[kind]}" for kind, word in _WORDS.items())  # type: ignore[index]
    lines = [f"{head}异常线索{told} 项,台账变化 {len(found.squares)} 格。"]
    for one in found.findings[:_NAMED]:
        said = one.after or one.before
        if said is not None:
            lines.append(f"〔{_WORDS[one.change]}〕{one.enterprise}:{visible(said.message)}"[:120])
    lines.append("09:20 的判定保持原样;逐项见 day_end.txt。本报告为线索,不作认定。")
    return "\n".join(lines)


def _write(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.rename(path)
