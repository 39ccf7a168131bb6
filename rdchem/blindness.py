"""When our own intake was down, from what the listeners wrote into the journal. Pure.

A listener promises with every record to write the next within `period_s`. It was blind from the moment it
stopped, lost the broker, or fell silent for `factor` periods, until it was connected again; being alive is
not yet being connected. A gap is lossless when the broker kept our session: what was published meanwhile
reached us late, but reached us. The time before a listener's very first record is blind and lossy: nobody was
there. Where the first record known says "alive", there were earlier ones. Several listeners:
`rdchem.partitions`.

Where nobody listened and all came in exported tables, we are blind from when the newest table of a kind
speaks: an enterprise is not accused of what a table could not yet say, or nobody loaded.
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from rdchem.calendar import local_text
from rdchem.model.day import BlindInterval, EnterpriseDay
from rdchem.model.listener import ListenerEvent
from rdchem.model.outcome import Reason
from rdchem.partitions import EVERYTHING, Watch, blind_of, watch

EXPORTED: Final = {
    "commitment": "承诺公告表",
    "hot_work_permit": "作业票表",
    "special_work_permit": "特殊作业票表",
    "readings": "传感器数据",
    "camera_status": "视频状态",
}
"""The kinds a verdict waits for, as officers call the tables they come in."""
_IN_NO_TABLE: Final = {"alarm": "报警记录"}
_ORDER: Final = ("stopped", "disconnected", "started", "connected", "alive")
"""What comes first of what a listener says at one instant."""
_NEVER: Final = datetime.fromtimestamp(0, UTC)


def blind_intervals(
    events: Iterable[ListenerEvent], *, start: datetime, as_of: datetime, factor: float
) -> tuple[BlindInterval, ...]:
    """Intervals within [start, as_of] in which something listened to was heard by nobody, oldest first.

    `events` may begin before `start`. No events at all give no interval: a journal fed from files or from a
    recording has no listener, and its coverage is vouched for by whoever brought it.
    """
    return blind_of(watches(events, start=start, as_of=as_of, factor=factor)) or ()


def watches(
    events: Iterable[ListenerEvent], *, start: datetime, as_of: datetime, factor: float
) -> tuple[Watch, ...]:
    """What was listened to, by whomever, and when it was not, within [start, as_of]."""
    histories: dict[frozenset[str], dict[str, list[ListenerEvent]]] = {}
    for event in sorted(events, key=lambda event: (event.occurred_at, _ORDER.index(event.event))):
        if event.occurred_at <= as_of:
            filters = frozenset(event.topics or (EVERYTHING,))
            histories.setdefault(filters, {}).setdefault(event.listener, []).append(event)
    return tuple(
        watch(filters, [_gaps(history, start, as_of, factor) for history in of_each.values()])
        for filters, of_each in histories.items()
    )


def blind_for(day: EnterpriseDay, kind: str) -> tuple[BlindInterval, ...]:
    """Our blind intervals for messages of one kind: what exported tables say ends with the newest of them;
    what an office decided holds for them as well.
    """
    if day.exports is None:
        return day.blind
    decided = tuple(gap for gap in day.blind if gap.decision)
    until = day.exports.get(kind, _NEVER)
    if until >= day.as_of:
        return decided
    return (*decided, BlindInterval(until, day.as_of, lossless=False, open=True))


def blind_time(gaps: Iterable[BlindInterval], start: datetime, end: datetime) -> timedelta:
    """How much of [start, end] lies in any of some intervals; what several cover counts once."""
    total, reached = timedelta(0), start
    for gap in sorted(gaps, key=lambda gap: gap.start):
        total += gap.overlap(reached, end)
        reached = max(reached, gap.end)
    return total


def blind_reason(day: EnterpriseDay, kind: str, gaps: Sequence[BlindInterval] = ()) -> Reason:
    """Why we cannot say, in words: our intake or the platform was down, or the exported table is missing or
    too old. `gaps`: the intervals it is about, by default all of the day's.
    """
    about = gaps or day.blind
    if day.exports is None or (about and all(gap.decision for gap in about)):
        return gap_reason(next((gap for gap in about if gap.ours), about[0])) if about else _OURS
    title = (EXPORTED | _IN_NO_TABLE)[kind]
    if kind not in day.exports:
        return Reason("not_exported", f"尚未导入{title},无从判定")
    return Reason("not_exported", f"导入的{title}只到 {local_text(day.exports[kind])},此后的情况不作判定")


def gap_reason(gap: BlindInterval) -> Reason:
    """Whose outage an interval is, and who decided so, if anybody did."""
    reason = _OURS if gap.ours else _PLATFORM
    return Reason(reason.code, f"{reason.text}({gap.decision})") if gap.decision else reason


_OURS: Final = Reason("we_were_blind", "本系统采集中断,其间的数据可能漏收,不作判定")
_PLATFORM: Final = Reason("platform_outage", "平台或传输中断,其间各企业的数据均未到达,不作判定")


def _gaps(
    history: Sequence[ListenerEvent], start: datetime, as_of: datetime, factor: float
) -> list[BlindInterval]:
    """The blind intervals of one listener."""
    gaps: list[BlindInterval] = []
    down_since: datetime | None = datetime.min.replace(tzinfo=as_of.tzinfo)
    heard: ListenerEvent | None = None
    attached = True
    if history[0].event == "alive" and history[0].occurred_at - start <= factor * _period(history[0]):
        down_since = None
    for event in history:
        if down_since is None and heard is not None:
            quiet = event.occurred_at - heard.occurred_at
            if event.event == "started" or quiet > factor * _period(heard):
                down_since = heard.occurred_at  # it died or froze without saying so
        if event.event in ("stopped", "disconnected") and down_since is None:
            down_since = event.occurred_at
        if event.event != "alive":
            attached = event.event == "connected"
        if down_since is not None and attached:
            lossless = event.event == "alive" or bool(event.session_present)
            gaps.append(BlindInterval(down_since, event.occurred_at, lossless))
            down_since = None
        heard = event
    silence = timedelta(0) if heard is None else as_of - heard.occurred_at
    if down_since is None and heard is not None and silence > factor * _period(heard):
        down_since = heard.occurred_at
    if down_since is not None:
        gaps.append(BlindInterval(down_since, as_of, lossless=False, open=True))
    clipped = [BlindInterval(max(gap.start, start), gap.end, gap.lossless, gap.open) for gap in gaps]
    return [gap for gap in clipped if gap.end > gap.start]


def _period(event: ListenerEvent) -> timedelta:
    return timedelta(seconds=event.period_s)
