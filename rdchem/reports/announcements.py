"""The state of every announcement in words, and how many enterprises are in each."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rdchem.calendar import duration_text, exact_text, local_text
from rdchem.model.document import AnnouncementLine, AnnouncementVersion

STATES: Final = {
    "on_time": "按时",
    "superseded": "按时,后重新公告",
    "sent_in_time_received_late": "按时发出,到达偏晚",
    "late": "迟报",
    "missing": "未公告",
    "withdrawn": "撤回后未重新公告",
    "exempt": "不要求公告",
    "unknown_ours": "无从判定(本系统)",
    "unknown_transport": "无从判定(平台或传输)",
    "not_due_yet": "未到截止时间",
}
BLAMES: Final = {"enterprise": "企业", "transport": "平台或传输", "ours": "本系统"}
_VERSION_STATES: Final = {"published": "公告", "withdrawn": "撤回"}


@dataclass(frozen=True, slots=True)
class AnnouncementRow:
    """One enterprise's announcement: its state, both clocks, and each version received, oldest first."""

    company_code: str
    name: str
    state: str
    blame: str
    deadline: str
    sent: str
    received: str
    late: str
    remark: str
    versions: tuple[str, ...]
    is_plain: bool
    """On time and nothing else to say."""


def announcement_rows(
    lines: Sequence[AnnouncementLine], names: Mapping[str, str]
) -> tuple[AnnouncementRow, ...]:
    """A row an enterprise, in the order of the verdict."""
    return tuple(_row(line, names.get(line.enterprise, line.enterprise)) for line in lines)


def state_counts(lines: Sequence[AnnouncementLine]) -> tuple[tuple[str, int], ...]:
    """How many enterprises are in each state that occurs, in a fixed order."""
    counts = Counter(str(line.state) for line in lines)
    return tuple((label, counts[state]) for state, label in STATES.items() if counts[state])


def _row(line: AnnouncementLine, name: str) -> AnnouncementRow:
    return AnnouncementRow(
        line.enterprise,
        name,
        STATES[line.state],
        BLAMES[line.blame] if line.blame else "",
        local_text(_instant(line.deadline)) if line.deadline else "",
        exact_text(_instant(line.occurred_at)) if line.occurred_at else "",
        exact_text(_instant(line.received_at)) if line.received_at else "",
        "" if line.late_s is None else duration_text(timedelta(seconds=line.late_s)),
        line.reason.text if line.reason else "",
        tuple(_version(one) for one in line.versions),
        line.state == "on_time",
    )


def _version(one: AnnouncementVersion) -> str:
    said, heard = exact_text(_instant(one.occurred_at)), exact_text(_instant(one.received_at))
    return f"{_VERSION_STATES[one.state]} {said}(到达 {heard},版本 {one.seq},记录 {one.journal_id})"


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
