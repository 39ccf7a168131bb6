"""动火作业期间附近的可燃气体不超过报警值。

For each hot-work permit in force whose work has begun, as reported: no combustible-gas detector near its
place read above its own registered high alarm for as long as the limit says, between the beginning of the
work and its end, or now. Near is what `rdchem.witness` takes for near. A reading above the alarm
contradicts the paper whatever the analysis says. Without a detector near that read at that time nothing is
said; nor where nobody knows when the work began.

Basis: GB 30871-2022 5.3(动火期间可燃气体浓度应合格,超限应停止作业);报警值为登记的高报值(GB/T 50493)。
"""

from rdchem.calendar import duration_text, local_text
from rdchem.declared import NO_PERMITS, NO_WORK_STARTED, has_begun, journal_ids, permits_in_force, settled
from rdchem.model.day import EnterpriseDay, Exceedance, GasWatch, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import HotWorkPermit
from rdchem.model.source import Source
from rdchem.witness import detectors_near, work_time

Told = tuple[Source, GasWatch, Exceedance]


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or gas_alarm_during_work for each permit contradicted so."""
    permits = permits_in_force(day)
    if not permits:
        return NotApplicable(NO_PERMITS)
    begun = [held for held in permits if has_begun(held.message)]
    if not begun:
        return NotApplicable(NO_WORK_STARTED)
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held in begun:
        near, during = detectors_near(day, held.message), work_time(day, held.message)
        if not near or during is None:
            text = f"作业票 {held.message.ticket_no} 的作业地点附近没有可对应的可燃气体探测器读数"
            unclear.append(Reason("no_witness", text))
            continue
        least = day.limits.duration("gas_exceedance_least")
        told = [
            (source, watched, one)
            for source, watched in near
            for one in watched.exceedances
            if min(one.end, during[1]) - max(one.start, during[0]) >= least
        ]
        if told:
            found.append(_verdict(held, told))
    return settled(found, unclear)


def _verdict(held: Received[HotWorkPermit], told: list[Told]) -> Verdict:
    permit = held.message
    source, watched, worst = max(told, key=lambda one: (one[2].peak - one[1].threshold, one[0].source_code))
    unit = source.unit or ""
    said = "、".join(_said(one, above) for one, _, above in told)
    lasted = duration_text(worst.end - worst.start)
    text = f"{permit.title} 作业期间,附近可燃气体超过高报值:{said}"
    evidence = {
        "expected": f"不超过高报值 {watched.threshold:g}{unit}",
        "actual": f"最高 {worst.peak:g}{unit}",
        "difference": f"{worst.peak - watched.threshold:g}{unit},持续 {lasted}",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "sources": sorted({one.source_code for one, _, _ in told}),
        "journal": journal_ids([held.journal_id], *(above.journal_ids for _, _, above in told)),
    }
    return Verdict(
        "gas_alarm_during_work", Subject("permit", permit.ticket_no), Severity.MAJOR, text, evidence
    )


def _said(source: Source, above: Exceedance) -> str:
    when = f"{local_text(above.start)} 至 {local_text(above.end)}"
    return f"{source.name}({source.source_code}){when} 最高 {above.peak:g}{source.unit or ''}"
