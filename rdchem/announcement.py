"""In what state an enterprise's announcement is, as of an instant, and who answers for it. Pure.

Every enterprise-day has exactly one state. It speaks of the deadline, however late it is asked, and keeps
both clocks apart: when an announcement was sent by its sender's word, and when it reached us. What was
announced in time stays announced in time when it is announced anew; both versions are kept.

An announcement in time may have been cut off with us: after a gap that lost nothing, as long again is left
for it to arrive, at most the tolerance for transport, before anybody is said to have announced nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from rdchem import calendar
from rdchem.blindness import blind_for, blind_time, gap_reason
from rdchem.calendar import local_text
from rdchem.declared import announcement, published_at, unheard
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import Reason


class State(StrEnum):
    """What has become of the announcement of a day."""

    NOT_DUE_YET = "not_due_yet"
    ON_TIME = "on_time"
    SUPERSEDED = "superseded"
    """Announced in time, and announced anew: another version stands now."""
    SENT_IN_TIME_RECEIVED_LATE = "sent_in_time_received_late"
    """In time by its sender's clock, past the deadline by ours."""
    LATE = "late"
    MISSING = "missing"
    WITHDRAWN = "withdrawn"
    EXEMPT = "exempt"
    UNKNOWN_OURS = "unknown_ours"
    UNKNOWN_TRANSPORT = "unknown_transport"


class Blame(StrEnum):
    """Whose affair it is that an announcement is not plainly there in time."""

    ENTERPRISE = "enterprise"
    TRANSPORT = "transport"
    OURS = "ours"


_TRANSPORT_REASONS: Final = frozenset({"platform_outage"})
LATE_WHEN_ANEW: Final = "迟报"
"""The value of `commitment_reannounced_after_deadline` by which a version after the deadline is late."""


@dataclass(frozen=True, slots=True)
class Announced:
    """The state, with the version that decides it. `believed` False: in time by its own word alone.

    `due` is the deadline with its grace; `late` by how much that version was after the deadline, by its own
    clock or our receipt, whichever was earlier.
    """

    state: State
    deadline: datetime
    due: datetime
    blame: Blame | None = None
    version: Received[SafetyCommitment] | None = None
    reason: Reason | None = None
    believed: bool = True

    @property
    def late(self) -> timedelta | None:
        """How late it was published, None where it was not late."""
        if self.state is not State.LATE or self.version is None:
            return None
        return published_at(self.version) - self.deadline


def announced(day: EnterpriseDay) -> Announced:
    """The state of a day's announcement. What an office decided (exemptions) is not asked here."""
    deadline = calendar.deadline(day.day, day.limits)
    due = deadline + day.limits.duration("commitment_grace")
    published = _published(day, due)
    withdrawn = bool(day.commitments) and announcement(day) is None
    in_time = [version for version in published if published_at(version) <= due]

    def found(state: State, blame: Blame | None = None, **more: object) -> Announced:
        return Announced(state, deadline, due, blame, **more)  # type: ignore[arg-type]

    if excuse := _excused(day):
        return found(State.EXEMPT, reason=excuse)
    if not withdrawn and (version := _believed(day, in_time, due)):
        return _in_time(day, version, deadline, due)
    if day.as_of < due:
        early = Reason("before_deadline", f"尚未到截止时间 {local_text(deadline)}")
        return found(State.NOT_DUE_YET, reason=early)
    heard_until = due + _on_its_way(day)
    if withdrawn and in_time:
        heard_until = max(heard_until, day.as_of)  # what was announced in time may have been announced anew
    if reason := unheard(day, "commitment", heard_until) or _cut_off_with_us(day, heard_until):
        transport = reason.code in _TRANSPORT_REASONS
        blame = Blame.TRANSPORT if transport else Blame.OURS
        return found(State.UNKNOWN_TRANSPORT if transport else State.UNKNOWN_OURS, blame, reason=reason)
    if withdrawn:
        return found(State.WITHDRAWN, Blame.ENTERPRISE, version=day.commitments[-1])
    if in_time:
        reason = Reason("claims_in_time_received_late", "公告自称按时,但到达时间明显偏晚,需人工核实")
        state = State.SENT_IN_TIME_RECEIVED_LATE
        return found(state, version=in_time[0], reason=reason, believed=False)
    if day.exports is None and day.known_since is not None and day.known_since > due:
        reason = Reason("registered_after_deadline", f"{local_text(day.known_since)} 才登记,当日已过截止时间")
        return found(State.EXEMPT, reason=reason)  # nobody expected anything of it when it was due
    if published:
        return found(State.LATE, Blame.ENTERPRISE, version=published[0])
    return found(State.MISSING, Blame.ENTERPRISE)


def _excused(day: EnterpriseDay) -> Reason | None:
    """Why the register's word alone asks no announcement of an enterprise."""
    enterprise = day.register.enterprise
    shut_down = enterprise.state == "shut_down"
    if (shut_down and day.limits["commitment_when_shut_down"].value == "不要求") or (
        enterprise.state == "out_of_scope"
    ):
        return Reason(enterprise.state, "企业登记为关停或不在监管范围,不要求公告")
    return None


def _published(day: EnterpriseDay, due: datetime) -> list[Received[SafetyCommitment]]:
    """The published versions that no withdrawal had undone when it was due."""
    published: list[Received[SafetyCommitment]] = []
    for version in day.commitments:
        if version.message.state == "published":
            published.append(version)
        elif published_at(version) <= due:
            published = [one for one in published if one.message.id != version.message.id]
    return published


def _believed(
    day: EnterpriseDay, in_time: Sequence[Received[SafetyCommitment]], due: datetime
) -> Received[SafetyCommitment] | None:
    """What was in time: by our own clock, or by the platform's word in an export, else by the sender's clock
    with a delay that is small once our own outage is taken off.
    """
    tolerance = day.limits.duration("commitment_transport_tolerance")
    seen = (version for version in in_time if version.from_platform or version.received_at <= due)
    sent = (version for version in in_time if _delay(version) - _blind(day, version) <= tolerance)
    return next(seen, None) or next(sent, None)


def _in_time(
    day: EnterpriseDay, version: Received[SafetyCommitment], deadline: datetime, due: datetime
) -> Announced:
    """On time; or sent in time and received late; or announced anew, which a setting may call late."""
    standing = announcement(day)
    if standing is not None and _is_another(day, version, standing):
        rule = day.limits["commitment_reannounced_after_deadline"].value
        if rule == LATE_WHEN_ANEW and published_at(standing) > due:
            return Announced(State.LATE, deadline, due, Blame.ENTERPRISE, standing)
        return Announced(State.SUPERSEDED, deadline, due, None, version)
    if version.received_at <= due or version.from_platform:
        return Announced(State.ON_TIME, deadline, due, None, version)
    blame = Blame.OURS if _blind(day, version) else Blame.TRANSPORT
    return Announced(State.SENT_IN_TIME_RECEIVED_LATE, deadline, due, blame, version)


def _is_another(
    day: EnterpriseDay, first: Received[SafetyCommitment], standing: Received[SafetyCommitment]
) -> bool:
    """Whether what stands is not what was announced: it says something else, or came after a withdrawal."""
    if standing is first:
        return False
    one, other = first.message, standing.message
    head = {"id": one.id, "seq": one.seq, "occurred_at": one.occurred_at, "company_code": one.company_code}
    unsaid = any(version.message.state == "withdrawn" for version in day.commitments)
    return unsaid or replace(other, **head) != one


def _on_its_way(day: EnterpriseDay) -> timedelta:
    """How long an announcement in time may take to us; in an exported table it stands at once."""
    given = day.limits.duration("commitment_transport_tolerance")
    return given if day.exports is None else timedelta(0)


def _cut_off_with_us(day: EnterpriseDay, heard_until: datetime) -> Reason | None:
    """Why what was said in a gap that lost nothing may not have arrived yet, as the gap is just over."""
    tolerance = day.limits.duration("commitment_transport_tolerance")
    start, _ = calendar.day_bounds(day.day)
    for gap in blind_for(day, "commitment"):
        wait = min(gap.end - gap.start, tolerance)
        if gap.lossless and gap.overlap(start, heard_until) and day.as_of < gap.end + wait:
            return gap_reason(gap)
    return None


def _delay(version: Received[SafetyCommitment]) -> timedelta:
    return version.received_at - version.message.occurred_at


def _blind(day: EnterpriseDay, version: Received[SafetyCommitment]) -> timedelta:
    """How much of a version's way to us fell into our own or the platform's outages."""
    return blind_time(day.blind, version.message.occurred_at, version.received_at)
