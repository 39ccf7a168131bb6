"""同一地点的交叉作业相互关联、统一协调。

No two permits in force, of different operations or of different contractors, are for one place at one time
without either of them naming the other as associated. One place is one name, blanks and case aside; the
time is the planned one, from the reported beginning to the reported end where there are such. Several
permits of one operation and one crew are one job. A pair of which a source has no such field cannot be
judged.

Basis: GB 30871-2022 4(同一作业区域的交叉作业应统一协调管理;条款号待核,见规定值)。
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from rdchem.calendar import duration_text, local_text
from rdchem.declared import NO_PERMITS, journal_ids, settled, unheard, unrecorded
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import Permit
from rdchem.places import plain
from rdchem.side_by_side import Held, kind_for, permits_of

Span = tuple[datetime, datetime]


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or not_coordinated for each permit that crosses others so."""
    permits = [held for operation in Operation for held in permits_of(day, operation)]
    if not permits:
        return NotApplicable(NO_PERMITS)
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held, others in _crossing(permits):
        alone = [
            other
            for other in others
            if other.message.ticket_no not in held.message.associated_tickets
            and held.message.ticket_no not in other.message.associated_tickets
        ]
        told = [one for one in (held, *alone) if not unrecorded(one.message, "associated_tickets")]
        kinds = {kind_for(one.message.operation) for one in (held, *alone)}
        lost = next((why for kind in sorted(kinds) if (why := unheard(day, kind, day.as_of))), None)
        if alone and (reason := lost or (None if told else unrecorded(held.message, "associated_tickets"))):
            unclear.append(reason)
        elif alone:
            found.append(_verdict(held, alone))
    return settled(found, unclear)


def _crossing(permits: list[Held]) -> Iterator[tuple[Held, list[Held]]]:
    """Each permit with the later ones (by begin, then number) it crosses at its place."""
    places: dict[str, list[tuple[Span, Held]]] = defaultdict(list)
    for held in permits:
        place, span = plain(held.message.place or ""), _span(held.message)
        if place and span is not None:
            places[place].append((span, held))
    for _, there in sorted(places.items()):
        there.sort(key=lambda one: (one[0][0], one[1].message.ticket_no, one[1].message.id))
        for number, (span, held) in enumerate(there):
            others = []
            for (begin, _), other in there[number + 1 :]:
                if begin >= span[1]:
                    break
                if _are_different_jobs(held.message, other.message):
                    others.append(other)
            if others:
                yield held, others


def _span(permit: Permit) -> Span | None:
    begin = permit.started_at or permit.plan_start_at
    end = permit.ended_at or permit.checked_at or permit.plan_end_at
    return (begin, end) if begin is not None and end is not None and begin < end else None


def _are_different_jobs(one: Permit, other: Permit) -> bool:
    contractors = plain(one.contractor or ""), plain(other.contractor or "")
    return one.operation is not other.operation or (all(contractors) and contractors[0] != contractors[1])


def _verdict(held: Held, alone: list[Held]) -> Verdict:
    permit = held.message
    spans = [_span(one.message) for one in (held, *alone)]
    known = [span for span in spans if span is not None]
    begin = known[1][0]  # of the later one
    common = min(known[0][1], known[1][1]) - begin
    names = "、".join(one.message.title for one in alone)
    text = f"交叉作业:{permit.title} 与 {names} 同在“{permit.place}”、时间重合,均未关联对方"
    evidence = {
        "expected": "作业票相互关联,有统一协调",
        "actual": f"{names} 自 {local_text(begin)} 起与之重合,未关联",
        "difference": f"重合 {duration_text(common)}",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "permits": [one.message.ticket_no for one in alone],
        "journal": journal_ids([held.journal_id], [one.journal_id for one in alone]),
    }
    subject = Subject("permit", permit.ticket_no)
    return Verdict("not_coordinated", subject, Severity.GENERAL, text, evidence)
