"""动火前气体分析结果不超过合格上限。

For each permit in force whose work has started, the last analysis at or before the start, of each gas at
each place, is within the limit. The limit depends on the gas's lower explosive limit (LEL), which no
message tells: over the higher limit is a finding for any gas, within the lower one passes for any gas,
between them nobody can judge. An earlier sample over the limit that was repeated, and samples taken during
the work, are left to others; so is whether a sample was taken at all. Only results in per cent by volume
are understood.

Basis: GB 30871-2022 5.3.2(爆炸下限 ≥ 4% 的不大于 0.5%,爆炸下限 < 4% 的不大于 0.2%,体积分数)。
"""

from datetime import datetime
from decimal import Decimal
from typing import Final

from rdchem.calendar import local_text
from rdchem.declared import nothing_started, settled, start_unknown, started_permits
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import GasAnalysis, HotWorkPermit

_VOLUME_PER_CENT: Final = frozenset(
    {"%", "%vol", "vol%", "%(vol)", "%(v/v)", "%v/v", "v/v%", "%(体积分数)", "体积分数%"}
)
"""Spellings of per cent by volume, lower case, without blanks; %LEL and ppm are other quantities."""


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or gas_over_limit for each permit that started on such a sample."""
    started, unclear = started_permits(day), start_unknown(day)
    if not started and not unclear:
        return NotApplicable(nothing_started(day))
    found: list[Verdict] = []
    for held, start in started:
        _judge(day, held, start, found, unclear)
    return settled(found, unclear)


def _judge(
    day: EnterpriseDay,
    held: Received[HotWorkPermit],
    start: datetime,
    found: list[Verdict],
    unclear: list[Reason],
) -> None:
    number = held.message.ticket_no
    samples = _last_samples(held.message, start)
    if not samples:
        unclear.append(Reason("data_insufficient", f"作业票 {number} 没有开工前的气体分析"))
    higher, lower = day.limits.number("gas_limit_lel_from_4"), day.limits.number("gas_limit_lel_below_4")
    over = []
    for sample in samples:
        what = f"作业票 {number} {_named(sample)}"
        if "".join(sample.unit.lower().split()).replace("(", "(").replace(")", ")") not in _VOLUME_PER_CENT:
            unclear.append(Reason("unit_not_understood", f"{what} 的单位“{sample.unit}”无法换算为体积分数"))
        elif sample.result is None or not sample.result >= 0:
            unclear.append(Reason("data_insufficient", f"{what} 的分析结果缺失或不成立"))
        elif sample.result > higher:
            over.append(sample)
        elif sample.result > lower:
            unclear.append(Reason("explosive_limit_unknown", f"{what} 为 {sample.result}%,爆炸下限未知"))
    if over:
        found.append(_verdict(held, over, higher))


def _last_samples(permit: HotWorkPermit, start: datetime) -> list[GasAnalysis]:
    """The last samples at or before the start, of each gas and place; several of one instant all count."""
    before = [one for one in permit.gas_analyses if one.analysed_at <= start]
    newest: dict[tuple[str, str | None], datetime] = {}
    for one in before:
        key = (one.gas, one.place)
        newest[key] = max(newest.get(key, one.analysed_at), one.analysed_at)
    return [one for one in before if one.analysed_at == newest[one.gas, one.place]]


def _verdict(held: Received[HotWorkPermit], over: list[GasAnalysis], limit: float) -> Verdict:
    permit = held.message
    said = [f"{_named(one)} {one.result}%({local_text(one.analysed_at)})" for one in over]
    excess = Decimal(str(max(one.result or 0 for one in over))) - Decimal(str(limit))
    text = (
        f"{permit.grade.label}动火作业票 {permit.ticket_no} 开工前气体分析 {'、'.join(said)},"
        f"超过合格上限 {limit}%(体积分数)"
    )
    evidence = {
        "expected": f"不大于 {limit}%(爆炸下限 < 4% 的更低)",
        "actual": "、".join(said),
        "difference": f"{excess.normalize():f}%",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    return Verdict("gas_over_limit", Subject("permit", permit.ticket_no), Severity.MAJOR, text, evidence)


def _named(sample: GasAnalysis) -> str:
    return f"{sample.place} {sample.gas}" if sample.place else sample.gas
