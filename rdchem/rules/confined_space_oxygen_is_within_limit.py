"""受限空间作业前氧含量合格。

For each confined-space permit in force whose work has started, the last analyses of oxygen at or before the
start, at each place, lie within the limits. Above the upper limit of ordinary air and up to that of
enriched air nobody can judge: no message tells whether the air is enriched. A permit without such an
analysis, or with one that is not in per cent by volume, cannot be judged.

Basis: GB 30871-2022 6(受限空间氧含量 19.5%–21%,富氧环境不大于 23.5%)。
"""

from decimal import Decimal

from rdchem.analyses import is_volume_per_cent, last_samples
from rdchem.calendar import local_text
from rdchem.declared import NO_PERMITS, NO_WORK_STARTED, has_begun, others_in_force, settled, work_start
from rdchem.limits.gases import OXYGEN, gas
from rdchem.model.commitment import Operation
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import GasAnalysis, SpecialWorkPermit


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or oxygen_out_of_range for each permit that started on such a sample."""
    permits = others_in_force(day, Operation.CONFINED_SPACE)
    if not permits:
        return NotApplicable(NO_PERMITS)
    begun = [
        (held, start)
        for held in permits
        if has_begun(held.message) and (start := work_start(held.message, day.as_of)) is not None
    ]
    if not begun:
        return NotApplicable(NO_WORK_STARTED)
    found: list[Verdict] = []
    unclear: list[Reason] = []
    for held, start in begun:
        samples = [
            one
            for one in last_samples(held.message, until=start)
            if (known := gas(one.gas, day.day)) is not None and known.name == OXYGEN
        ]
        if not samples:
            text = f"{held.message.title} 没有作业前的氧含量分析"
            unclear.append(Reason("data_insufficient", text))
        out = [one for one in samples if _is_out(day, held, one, unclear)]
        if out:
            found.append(_verdict(day, held, out))
    return settled(found, unclear)


def _is_out(
    day: EnterpriseDay, held: Received[SpecialWorkPermit], sample: GasAnalysis, unclear: list[Reason]
) -> bool:
    """Whether a sample is out of range; what cannot be said of it goes to `unclear`."""
    number, limits = held.message.ticket_no, day.limits
    if not is_volume_per_cent(sample.unit) or sample.result is None or sample.result < 0:
        text = f"作业票 {number} 氧含量分析结果缺失,或单位“{sample.unit}”无法换算为体积分数"
        unclear.append(Reason("unit_not_understood", text))
        return False
    if limits.number("oxygen_most") < sample.result <= limits.number("oxygen_most_in_enriched_air"):
        text = f"作业票 {number} 氧含量 {sample.result}%,是否富氧环境不详"
        unclear.append(Reason("enriched_air_unknown", text))
        return False
    return not limits.number("oxygen_least") <= sample.result <= limits.number("oxygen_most")


def _verdict(day: EnterpriseDay, held: Received[SpecialWorkPermit], out: list[GasAnalysis]) -> Verdict:
    permit, limits = held.message, day.limits
    least, most = limits.number("oxygen_least"), limits.number("oxygen_most")
    said = [f"{one.place or ''}{one.result}%({local_text(one.analysed_at)})" for one in out]
    gaps = [
        max(
            Decimal(str(least)) - Decimal(str(one.result)),
            Decimal(str(one.result)) - Decimal(str(most)),
        )
        for one in out
    ]
    text = f"{permit.title} 作业前氧含量 {'、'.join(said)},不在 {least:g}%–{most:g}% 之内"
    evidence = {
        "expected": f"{least:g}%–{most:g}%",
        "actual": "、".join(said),
        "difference": f"{max(gaps).normalize():f}%",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    subject = Subject("permit", permit.ticket_no)
    return Verdict("oxygen_out_of_range", subject, Severity.MAJOR, text, evidence)
