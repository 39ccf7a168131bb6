"""重大危险源传感器实时在线。

Every sensor of the enterprise that is in service has sent within the offline limit. Silence with a common
cause is one finding: the whole enterprise, or one gateway. A silence the enterprise declared is no finding
until its planned return is past. What our own blindness covers, or a clock that lags, is not evaluated.

Basis: 如东县应急管理局2022年工作方案附件2第5项(实时在线);危险化学品安全法第36条。
"""

from collections.abc import Mapping

from rdchem.blindness import blind_reason
from rdchem.calendar import duration_text, local_text
from rdchem.declared import journal_ids
from rdchem.liveness import Liveness, by_cause, declaration_for, in_service, is_overdue, states
from rdchem.model.day import EnterpriseDay
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
from rdchem.model.source import Source, SourceKind
from rdchem.silence_picture import silence_picture

OUT_OF_SCOPE = Reason("shut_down_or_out_of_scope", "企业登记为关停或不在监管范围")
_CLASSES = {"enterprise": "enterprise_offline", "gateway": "gateway_offline", "sensor": "sensor_offline"}
_SEVERITIES = {
    "enterprise": Severity.MAJOR,
    "gateway": Severity.CONSIDERABLE,
    "sensor": Severity.GENERAL,
}
_NAMES = {"enterprise": "企业全部传感器", "gateway": "网关", "sensor": "传感器"}


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or enterprise_offline · gateway_offline · sensor_offline · declared_offline_overdue."""
    if day.register.enterprise.state in ("shut_down", "out_of_scope"):
        return NotApplicable(OUT_OF_SCOPE)
    sensors = in_service(day, SourceKind.SENSOR)
    if not sensors:
        return none_to_watch(day, "no_sensors", "传感器")
    live = states(day, SourceKind.SENSOR)
    silent = {code for code, state in live.items() if state in (Liveness.SILENT, Liveness.NEVER_SEEN)}
    declared = {code: found for code in silent if (found := declaration_for(day, code))}
    overdue = {code for code, (record, _) in declared.items() if is_overdue(record, day.as_of)}
    verdicts = _verdicts(day, silent - declared.keys(), sensors)
    verdicts += _verdicts(day, overdue, sensors, overdue=True)
    reasons = _not_evaluated(day, live)
    if verdicts:
        return Fail(tuple(verdicts), reasons)
    return NotEvaluated(reasons[0]) if reasons else Pass()


def none_to_watch(day: EnterpriseDay, code: str, what: str) -> Outcome:
    """No source in service: nothing to ask of an enterprise without hazards, else an open question."""
    if day.register.hazards:
        return NotEvaluated(Reason(code, f"登记有重大危险源,但没有在用的{what},无从判定"))
    return NotApplicable(Reason(code, f"登记中没有重大危险源,也没有在用的{what}"))


def _verdicts(
    day: EnterpriseDay,
    failing: set[str],
    sensors: Mapping[str, Source],
    *,
    overdue: bool = False,
) -> list[Verdict]:
    verdicts = []
    for kind, cause_code, codes in by_cause(failing, sensors):
        code = cause_code or day.company_code
        seen = [day.readings[one] for one in codes if one in day.readings]
        newest = max((one.occurred_at for one in seen), default=None)
        since = f"最近数据 {local_text(newest)}" if newest else "回看期内无任何数据"
        text = f"{_NAMES[kind]} {code} 离线(共 {len(codes)} 个点),{since}"
        records = [found for one in codes if (found := declaration_for(day, one))]
        if overdue:
            planned = min(record.plan_online_at for record, _ in records if record.plan_online_at)
            text += f";已申报离线,计划 {local_text(planned)} 恢复,已超期 {duration_text(day.as_of - planned)}"
        evidence: dict[str, object] = {
            "expected": f"{duration_text(day.limits.duration('source_offline_after'))}内有数据",
            "actual": since,
            "difference": duration_text(day.as_of - newest) if newest else None,
            "sources": codes,
            "names": [sensors[one].name for one in codes],
            "journal": journal_ids(
                sorted({one.journal_id for one in seen}),
                sorted({journal_id for _, journal_id in records}),
                sorted({day.register.source_ids[one] for one in codes if one not in day.readings}),
            ),
        }
        evidence |= silence_picture(day, codes, sensors)
        mismatch = "declared_offline_overdue" if overdue else _CLASSES[kind]
        verdicts.append(Verdict(mismatch, Subject(kind, code), _SEVERITIES[kind], text, evidence))
    return verdicts


def _not_evaluated(day: EnterpriseDay, live: Mapping[str, Liveness]) -> tuple[Reason, ...]:
    unknown = sorted(code for code, state in live.items() if state is Liveness.UNKNOWN)
    lagging = sorted(code for code, state in live.items() if state is Liveness.LAGGING)
    reasons = []
    if unknown:
        why = blind_reason(day, "readings")
        reasons.append(Reason(why.code, f"{why.text}:{len(unknown)} 个点({some(unknown)})"))
    if new := sorted(code for code, state in live.items() if state is Liveness.NEW):
        reasons.append(Reason("newly_registered", f"登记不足一个离线时限,尚无从判定:{some(new)}"))
    if lagging:
        text = f"{len(lagging)} 个点刚有数据到达但采集时间陈旧(时钟偏慢或补传),无法判定:{some(lagging)}"
        reasons.append(Reason("clock_or_backlog", text))
    return tuple(reasons)


def some(codes: list[str]) -> str:
    """The first ten of some codes."""
    return "、".join(codes[:10]) + ("…" if len(codes) > 10 else "")
