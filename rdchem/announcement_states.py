"""The state of an announcement as a line of the verdict: for programs and for the report. Pure."""

from typing import Any, Final

from rdchem.announcement import State, announced
from rdchem.calendar import UnknownYearError
from rdchem.decisions import Exemption
from rdchem.errors import ConfigurationError
from rdchem.model import outcome
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.document import AnnouncementLine, AnnouncementVersion, Reason

ANNOUNCEMENT_RULE: Final = "commitment_is_announced_by_deadline"
_LACKING: Final = frozenset({State.MISSING, State.LATE, State.WITHDRAWN})


def announcement_line(
    day: EnterpriseDay, exemption: Exemption | None, doubt: outcome.Reason | None = None
) -> AnnouncementLine:
    """The state with both clocks and every version. `exemption`: the decision that asks none, if any.

    Where a setting is missing or the year's rest days are not known, it is unknown, and we are to blame.
    `doubt`: why what is lacking says nothing of the enterprise.
    """
    try:
        found = announced(day)
    except (ConfigurationError, UnknownYearError) as error:
        state, said = "unknown_ours", {"reason": Reason(code="calculation_error", text=str(error))}
        return _line(day, exemption, state=state, blame="ours", **said)
    version = found.version
    if doubt is not None and found.state in _LACKING:
        reason = Reason(code=doubt.code, text=doubt.text)
        blame = "ours" if doubt.code == outcome.REMOVED else "transport"
        return _line(day, exemption, state=f"unknown_{blame}", blame=blame, reason=reason)
    return _line(
        day,
        exemption,
        state=found.state.value,
        blame=found.blame.value if found.blame else None,
        deadline=found.deadline.isoformat(),
        occurred_at=version.message.occurred_at.isoformat() if version else None,
        received_at=version.received_at.isoformat() if version else None,
        late_s=None if found.late is None else found.late.total_seconds(),
        reason=None if found.reason is None else Reason(code=found.reason.code, text=found.reason.text),
    )


def _line(day: EnterpriseDay, exemption: Exemption | None, **said: Any) -> AnnouncementLine:
    """A line of what was found, or of the decision that asks for nothing."""
    unsaid = dict.fromkeys(("deadline", "occurred_at", "received_at", "late_s", "blame", "reason"))
    if exemption is not None:
        reason = Reason(code="exempt", text=f"{exemption.label}:{exemption.told}")
        said = {"state": "exempt", "deadline": said.get("deadline"), "reason": reason}
    return AnnouncementLine(
        enterprise=day.company_code,
        exemption=exemption,
        versions=[_version(one) for one in day.commitments],
        **{**unsaid, **said},
    )


def _version(one: Received[SafetyCommitment]) -> AnnouncementVersion:
    return AnnouncementVersion(
        journal_id=one.journal_id,
        id=one.message.id,
        seq=one.message.seq,
        state=one.message.state,
        occurred_at=one.message.occurred_at.isoformat(),
        received_at=one.received_at.isoformat(),
    )
