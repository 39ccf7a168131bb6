"""特级动火作业期间连续监测气体。

Each 特级 permit whose work has begun says that gas is monitored continuously. A permit that says it is not
is a finding; one whose source does not tell cannot be judged.

Basis: GB 30871-2022 5.3.1 d)(特级动火作业期间应连续进行监测)。
"""

from rdchem.begun import special_begun
from rdchem.declared import settled, unheard
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or not_monitored for each such permit."""
    at_work = special_begun(day)
    if isinstance(at_work, NotApplicable):
        return at_work
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in at_work:
        monitored = held.message.continuous_monitoring
        if monitored is None:
            text = f"作业票 {held.message.ticket_no} 的数据来源没有说明是否连续监测"
            unclear.append(Reason("data_insufficient", text))
        elif not monitored:
            if reason := unheard(day, "hot_work_permit", day.as_of):
                unclear.append(reason)
            else:
                found.append(_verdict(held))
    return settled(found, unclear)


def _verdict(held: Received[HotWorkPermit]) -> Verdict:
    permit = held.message
    evidence = {
        "expected": "作业期间连续监测",
        "actual": "未连续监测",
        "difference": "缺连续监测",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    text = f"{permit.title} 已开工,作业期间没有连续监测气体"
    subject = Subject("permit", permit.ticket_no)
    return Verdict("not_monitored", subject, Severity.CONSIDERABLE, text, evidence)
