"""动火前气体分析结果不超过合格上限。

For each permit in force whose work has started, the last analysis at or before the start, of each gas at
each place, is within the limit, and so is the last one of each break today before work was resumed. The
limit depends on the gas's lower explosive limit (LEL): known for the gases of `limits/gases.yaml`. Of any
other gas, over the higher limit is a finding, within the lower one passes, and between them nobody can
judge. What does not burn (oxygen, nitrogen) has no limit here. An earlier sample over the limit that was
repeated, and samples taken while the work went on, are left to others; so is whether a sample was taken at
all. Only results in per cent by volume are understood.

Basis: GB 30871-2022 5.3.2(爆炸下限 ≥ 4% 的不大于 0.5%,爆炸下限 < 4% 的不大于 0.2%,体积分数);2022-10-01 前为
GB 30871-2014 5.4。
"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from rdchem.analyses import is_volume_per_cent, last_samples
from rdchem.breaks import resumed_today
from rdchem.calendar import local_text
from rdchem.declared import nothing_started, settled, start_unknown, started_permits
from rdchem.limits.gases import gas
from rdchem.model.day import EnterpriseDay, Received
from rdchem.model.outcome import NotApplicable, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.permit import GasAnalysis, HotWorkPermit

_LEL_BOUND: Final = 4.0
"""The lower explosive limit, per cent by volume, from which on the higher result is allowed."""


@dataclass(frozen=True, slots=True)
class _Over:
    """A sample over a limit; `sure`: the limit is that of the gas, not the highest of any."""

    sample: GasAnalysis
    limit: float
    sure: bool


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or gas_over_limit for each permit that started, or was resumed, on such a sample."""
    started, unclear = started_permits(day), start_unknown(day)
    if not started and not unclear:
        return NotApplicable(nothing_started(day))
    found: list[Verdict] = []
    for held, start in started:
        over = _judge(day, held.message, start, unclear)
        if over:
            found.append(_verdict(held, over))
    return settled(found, unclear)


def _judge(day: EnterpriseDay, permit: HotWorkPermit, start: datetime, unclear: list[Reason]) -> list[_Over]:
    samples = last_samples(permit, until=start)
    if not samples:
        unclear.append(Reason("data_insufficient", f"作业票 {permit.ticket_no} 没有开工前的气体分析"))
    for pause, resumed in resumed_today(day, permit):
        samples += last_samples(permit, until=resumed, since=pause.since)
    over = []
    for sample in samples:
        what = f"作业票 {permit.ticket_no} {_named(sample)}"
        known = gas(sample.gas, day.day)
        lel = None if known is None else known.lel
        if known is not None and lel is None:
            continue
        if not is_volume_per_cent(sample.unit):
            unclear.append(Reason("unit_not_understood", f"{what} 的单位“{sample.unit}”无法换算为体积分数"))
            continue
        if sample.result is None or not sample.result >= 0:
            unclear.append(Reason("data_insufficient", f"{what} 的分析结果缺失或不成立"))
            continue
        higher, lower = day.limits.number("gas_limit_lel_from_4"), day.limits.number("gas_limit_lel_below_4")
        allowed = lower if lel is not None and lel < _LEL_BOUND else higher
        if sample.result > allowed:
            over.append(_Over(sample, allowed, known is not None))
        elif known is None and sample.result > lower:
            unclear.append(Reason("explosive_limit_unknown", f"{what} 为 {sample.result}%,爆炸下限未知"))
    return over


def _verdict(held: Received[HotWorkPermit], over: list[_Over]) -> Verdict:
    permit = held.message
    said = [
        f"{_named(one.sample)} {one.sample.result}%({local_text(one.sample.analysed_at)})" for one in over
    ]
    excess = max(Decimal(str(one.sample.result)) - Decimal(str(one.limit)) for one in over)
    limits = "、".join(dict.fromkeys(f"{one.limit}%" for one in over))
    hint = "" if all(one.sure for one in over) else "(爆炸下限 < 4% 的更低)"
    text = f"{permit.title} 动火前气体分析 {'、'.join(said)},超过合格上限 {limits}(体积分数)"
    evidence = {
        "expected": f"不大于 {limits}{hint}",
        "actual": "、".join(said),
        "difference": f"{excess.normalize():f}%",
        "ticket_no": permit.ticket_no,
        "place": permit.place,
        "journal": [held.journal_id],
    }
    return Verdict("gas_over_limit", Subject("permit", permit.ticket_no), Severity.MAJOR, text, evidence)


def _named(sample: GasAnalysis) -> str:
    return f"{sample.place} {sample.gas}" if sample.place else sample.gas
