"""动火作业票的有效期不超过规定时限。

The planned time of each permit in force that day, of hot work and of confined space, is no longer than its
grade or operation allows. A permit without its planned times, or one that ends before it starts, cannot be
judged and is said so.

Basis: GB 30871-2022 5.1.5(特级、一级不超过 8 小时,二级不超过 72 小时)、6(受限空间不超过 24 小时);2022-10-01
前为 GB 30871-2014 5.2。
"""

from typing import Final

from rdchem.calendar import duration_text, local_text
from rdchem.declared import NO_PERMITS, others_in_force, permits_in_force
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import (
    Fail,
    NotApplicable,
    NotEvaluated,
    Outcome,
    Pass,
    Reason,
    Severity,
    Subject,
    Verdict,
)
from rdchem.model.permit import HotWorkPermit, Permit

_CONFINED_SPACE: Final = "permit_validity_confined_space"


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or validity_over_limit for each permit planned for too long."""
    permits: list[Received[Permit]] = [*permits_in_force(day)]
    if _CONFINED_SPACE in day.limits.in_force:
        permits += others_in_force(day, Operation.CONFINED_SPACE)
    if not permits:
        return NotApplicable(NO_PERMITS)
    verdicts, unclear = [], []
    for received in permits:
        permit = received.message
        start, end = permit.plan_start_at, permit.plan_end_at
        if start is None or end is None or end <= start:
            unclear.append(permit.ticket_no)
            continue
        name = _CONFINED_SPACE
        if isinstance(permit, HotWorkPermit):
            name = f"permit_validity_{permit.grade.value}"
        limit = day.limits.duration(name)
        if end - start > limit:
            text = (
                f"{permit.title} "
                f"计划 {local_text(start)} 至 {local_text(end)},"
                f"有效期 {duration_text(end - start)},超过规定的 {duration_text(limit)},"
                f"依据 {day.limits[name].source}"
            )
            evidence = {
                "expected": f"不超过 {duration_text(limit)}",
                "actual": duration_text(end - start),
                "difference": duration_text(end - start - limit),
                "journal": [received.journal_id],
            }
            subject = Subject("permit", permit.ticket_no)
            verdicts.append(Verdict("validity_over_limit", subject, Severity.CONSIDERABLE, text, evidence))
    reason = Reason("data_insufficient", f"计划时间缺失或先后颠倒的作业票:{'、'.join(unclear)}")
    if verdicts:
        return Fail(tuple(verdicts), (reason,) if unclear else ())
    return NotEvaluated(reason) if unclear else Pass()
