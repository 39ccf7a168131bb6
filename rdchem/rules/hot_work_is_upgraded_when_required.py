"""节假日、公休日和夜间的动火作业升级管理。

A 二级 permit raised by one grade is a 一级 permit, so no 二级 work begins on a rest day or at night. Only the
beginning that was reported counts: a 二级 permit may be planned over three days and nights without anybody
working in the dark. What hours are night is an assumption, and so says the finding. Whether a 一级 permit
should have been 特级 cannot be told from the permit.

Basis: GB 30871-2022 5.1.1(遇节假日、公休日、夜间或其他特殊情况,动火作业应升级管理)。
"""

from datetime import datetime, timedelta

from rdchem import calendar
from rdchem.calendar import UnknownYearError, local_text
from rdchem.declared import NO_PERMITS, has_begun, permits_in_force, settled
from rdchem.model.commitment import HotWorkGrade
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit

_INSTANT = timedelta(microseconds=1)


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or upgrade_not_done for each 二级 permit whose work began on a rest day or at night."""
    permits = permits_in_force(day)
    if not permits:
        return NotApplicable(NO_PERMITS)
    begun = [
        held for held in permits if held.message.grade is HotWorkGrade.GRADE_2 and has_begun(held.message)
    ]
    if not begun:
        return NotApplicable(Reason("no_second_grade_started", "当日没有已开工的二级动火作业"))
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in begun:
        began = held.message.started_at
        if began is None:
            text = f"二级动火作业票 {held.message.ticket_no} 已开工,但没有开工时间"
            unclear.append(Reason("data_insufficient", text))
            continue
        try:
            if when := _special_time(day, began):
                found.append(_verdict(held, began, when))
        except UnknownYearError as unknown:
            unclear.append(Reason("calendar_unknown", f"{unknown},无法判断是否需要升级管理"))
    return settled(found, unclear)


def _special_time(day: EnterpriseDay, began: datetime) -> str | None:
    """What makes the time of a beginning one of raised grade, in words; None if nothing does."""
    if calendar.touches_night(began, began + _INSTANT, day.limits):
        hours = f"{day.limits.time('night_starts'):%H:%M}–{day.limits.time('night_ends'):%H:%M}"
        return f"夜间(按 {hours} 计)"
    return "公休日或节假日" if calendar.is_rest_day(calendar.business_day(began)) else None


def _verdict(held: Received[HotWorkPermit], began: datetime, when: str) -> Verdict:
    permit = held.message
    text = f"二级动火作业票 {permit.ticket_no} {local_text(began)} 开工,属{when},未按升级管理办理一级作业票"
    evidence = {
        "expected": f"{when}开工的应为一级及以上",
        "actual": f"二级,{local_text(began)} 开工",
        "difference": "低 1 级",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    return Verdict("upgrade_not_done", Subject("permit", permit.ticket_no), Severity.GENERAL, text, evidence)
