"""Whether what we were told is fit to be judged upon. Pure.

A rule whose data contradict themselves, or whose feed has all but stopped for everybody, would accuse on
rubbish; it abstains instead (`data_insufficient`) for every enterprise concerned. These are the conditions
the quality suites call critical: both read the same functions, so that the verdict needs no Great
Expectations and can be told again from the journal alone. Which rule reads which kind: `rdchem.reads`.
"""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any, Final

from rdchem.calendar import local_text
from rdchem.kept import Rule
from rdchem.limits import Limits
from rdchem.messages import KINDS
from rdchem.model.day import EnterpriseDay, Received, Volume
from rdchem.model.outcome import REMOVED, Reason
from rdchem.projection import STANDING_KINDS, STATUS_KINDS

PAPER: Final = {
    "commitment": "承诺公告",
    "declared_work": "作业明细",
    "hot_work_permit": "作业票",
}
"""The kinds whose volume is watched, as officers call them."""
_LEAST_DAYS: Final = 3


def volumes(received: Mapping[str, int], before: Sequence[Mapping[str, int]]) -> tuple[Volume, ...]:
    """The volume of each kind. `before`: kind -> count by the same time of like days before; a day on which
    nothing of any kind came is one on which nobody listened.
    """
    heard = [counts for counts in before if any(counts.values())]
    enough = len(heard) >= _LEAST_DAYS
    return tuple(
        Volume(kind, count, int(median(counts[kind] for counts in heard)) if enough else None)
        for kind, count in received.items()
    )


def has_stopped(volume: Volume, limits: Limits) -> bool:
    """Whether so little of a kind came that the feed, not the enterprises, must be at fault."""
    least, share = float(limits["volume_usual_least"].value), float(limits["volume_share_least"].value)
    return volume.usual is not None and volume.usual >= least and volume.received < share * volume.usual


def contradicting(versions: Sequence[Received[Any]]) -> frozenset[str]:
    """The journal ids of newest versions that nobody can choose between: of one id, number and time of the
    sender, and yet of different content. (Any other content under a number used before is a fault of the
    data, `rdchem.versions`; but where the times differ the later one holds.)
    """
    newest: dict[str, tuple[Any, list[str]]] = {}
    for version in versions:
        said = version.message
        order = (said.occurred_at, said.seq)
        kept = newest.get(said.id)
        if kept is None or order > kept[0]:
            newest[said.id] = (order, [version.journal_id])
        elif order == kept[0]:
            kept[1].append(version.journal_id)
    return frozenset(one for _, ids in newest.values() if len(ids) > 1 for one in ids)


def unfit(day: EnterpriseDay) -> Mapping[str, Reason]:
    """Kind of message -> why no rule may be judged upon what it says that day."""
    found: dict[str, Reason] = {}
    for kind, versions in (("commitment", day.commitments), ("hot_work_permit", day.permits)):
        if torn := contradicting(versions):
            found[kind] = _insufficient(
                f"{PAPER[kind]}同一编号、版本号和时间收到内容不同的报文,"
                f"无从分辨哪一份有效({'、'.join(sorted(torn)[:4])})"
            )
    return {**found, **stopped(day)}


def stopped(day: EnterpriseDay) -> Mapping[str, Reason]:
    """Kind of message -> why not even its absence says anything of an enterprise that day."""
    found: dict[str, Reason] = {}
    for volume in day.volumes:
        if has_stopped(volume, day.limits):
            found[volume.kind] = _insufficient(
                f"全部企业的{PAPER[volume.kind]}只收到 {volume.received} 条,往常此时约 {volume.usual} 条,"
                "数据来源疑似中断,不归于企业"
            )
    return found


def removed(readings: Rule | None, papers: Rule | None) -> dict[str, Reason]:
    """Kind of message -> why what was said in it is not known any more, where a rule of retention took it.

    Without the readings nobody knows when the platform was down either, and who must not be blamed for that.
    """
    found: dict[str, Reason] = {}
    if readings is not None:
        found |= dict.fromkeys(STATUS_KINDS, _gone(readings, "读数和状态已"))
        found["listener_event"] = _gone(readings, "平台当时是否中断须看读数,读数已")
    if papers is not None:
        kinds = [kind for kind in KINDS if kind not in (*STATUS_KINDS, *STANDING_KINDS)]
        found |= dict.fromkeys(kinds, _gone(papers, "记录已"))
    return found


def _gone(rule: Rule, what: str) -> Reason:
    return Reason(REMOVED, f"{what}{told(rule)}")


def told(rule: Rule) -> str:
    """A removal in words."""
    return (
        f"按保存期限删除:{local_text(rule.before)} 以前收到的,依“{rule.title}”{rule.days} 天"
        f"({rule.source}),{rule.day}"
    )


def _insufficient(text: str) -> Reason:
    return Reason("data_insufficient", f"数据不足以判定:{text}")
