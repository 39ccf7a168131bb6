"""动火作业设有监护人且监护人不兼作业人。

Each permit in force names a guardian, and at least one guardian named is not among the workers. Names that
only stand in for one (无, 待定) are left to data quality. A permit that names neither guardian nor worker
comes from a platform that does not tell people apart, and one that names no worker cannot be compared: both
are said so. If our own intake was down today, a version with the guardian may have been lost on us.

Basis: GB 30871-2022 4.10(作业期间应设监护人)。
"""

import re

from rdchem.declared import NO_PERMITS, permits_in_force, settled, unheard, unrecorded
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or guardian_not_named · guardian_is_worker for each such permit."""
    permits = permits_in_force(day)
    if not permits:
        return NotApplicable(NO_PERMITS)
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in permits:
        number = held.message.ticket_no
        workers, guardians = _people(held.message.worker), _people(held.message.guardian)
        if not workers:
            missing = "监护人和作业人" if not guardians else "作业人"
            unclear.append(Reason("data_insufficient", f"作业票 {number} 未填写{missing},无从核对"))
        elif not guardians and (
            reason := unrecorded(held.message, "guardian") or unheard(day, "hot_work_permit", day.as_of)
        ):
            unclear.append(reason)
        elif guardians <= workers:
            found.append(_verdict(held))
    return settled(found, unclear)


def _people(text: str | None) -> frozenset[str]:
    """The people a field names, however they are divided and spaced."""
    parts = re.split(r"[、,,;;/\n]+", text or "")
    return frozenset(name for part in parts if (name := "".join(part.split())))


def _verdict(held: Received[HotWorkPermit]) -> Verdict:
    permit = held.message
    named = permit.guardian is not None and bool(_people(permit.guardian))
    head = f"{permit.grade.label}动火作业票 {permit.ticket_no}"
    evidence = {
        "expected": f"监护人与作业人({permit.worker})不是同一人" if named else "监护人姓名",
        "actual": permit.guardian if named else "未填写",
        "difference": "监护人兼作业人" if named else "缺监护人",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    subject = Subject("permit", permit.ticket_no)
    if named:
        text = f"{head} 监护人 {permit.guardian} 同时是作业人({permit.worker})"
        return Verdict("guardian_is_worker", subject, Severity.CONSIDERABLE, text, evidence)
    text = f"{head} 没有填写监护人"
    return Verdict("guardian_not_named", subject, Severity.CONSIDERABLE, text, evidence)
