"""作业票编号不重复。

No two permits in force that day carry one ticket number, in this enterprise or in any other of the county.
Two records that say the same but for their id are one permit entered twice, a fault of the data only, and
everywhere else count as one. Which of two permits holds a number by right cannot be told from them: both
enterprises are shown the other's.

Basis: GB 30871-2022 4.6(特殊作业分别办理作业票;一票一号方可逐票核对)。
"""

from collections import defaultdict

from rdchem.declared import NO_PERMITS, each_once, journal_ids, records_in_force
from rdchem.model.day import EnterpriseDay, Received, TicketElsewhere
from rdchem.model.outcome import Fail, NotApplicable, Outcome, Pass, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or duplicate_record · duplicate_ticket · ticket_used_elsewhere for each such number."""
    by_number: dict[str, list[Received[HotWorkPermit]]] = defaultdict(list)
    for held in records_in_force(day):
        by_number[held.message.ticket_no].append(held)
    if not by_number:
        return NotApplicable(NO_PERMITS)
    found: list[Verdict] = []
    for number, permits in sorted(by_number.items()):
        if len(permits) > 1:
            found.append(_repeated(number, permits))
        if others := day.tickets_elsewhere.get(number):
            found.append(_shared(number, permits, others))
    return Fail(tuple(found)) if found else Pass()


def _repeated(number: str, permits: list[Received[HotWorkPermit]]) -> Verdict:
    same = len(each_once(permits)) == 1
    what = "内容相同,重复录入" if same else "内容不同"
    evidence = {
        "expected": "1 张",
        "actual": f"{len(permits)} 张",
        "difference": what,
        "ticket_no": number,
        "journal": [held.journal_id for held in permits],
    }
    mismatch = "duplicate_record" if same else "duplicate_ticket"
    severity = Severity.LOW if same else Severity.GENERAL
    text = f"作业票编号 {number} 有 {len(permits)} 张生效的作业票,{what}"
    return Verdict(mismatch, Subject("permit", number), severity, text, evidence)


def _shared(
    number: str, permits: list[Received[HotWorkPermit]], others: tuple[TicketElsewhere, ...]
) -> Verdict:
    names = "、".join(f"{other.enterprise}({other.company_code})" for other in others)
    evidence = {
        "expected": "全县唯一",
        "actual": f"另见于 {names}",
        "difference": f"共 {len(others) + 1} 家使用",
        "ticket_no": number,
        "journal": journal_ids([held.journal_id for held in permits], [one.journal_id for one in others]),
    }
    text = f"作业票编号 {number} 同日另见于 {names},需核实归属"
    return Verdict("ticket_used_elsewhere", Subject("permit", number), Severity.CONSIDERABLE, text, evidence)
