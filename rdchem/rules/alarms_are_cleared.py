"""报警在规定时间内处置并解除。

No alarm raised within the last days still stands, without a word of its end, for longer than the limit.

Basis: 危险化学品安全法第36条、第38条;全国通报的抽查类型“报警多(未销警)”;时限为本系统设置。
"""

from rdchem.alarm_record import LEVELS, Stood, alarms_stood
from rdchem.calendar import duration_text, local_text
from rdchem.declared import journal_ids, settled, unheard
from rdchem.liveness import in_service
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import NotApplicable, NotEvaluated, Outcome, Severity, Subject, Verdict
from rdchem.model.source import Source, SourceKind
from rdchem.rules.alarms_are_reported import NO_ALARMS
from rdchem.rules.major_hazard_sensors_are_online import OUT_OF_SCOPE, none_to_watch


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or alarm_standing for each such sensor."""
    if day.register.enterprise.state in ("shut_down", "out_of_scope"):
        return NotApplicable(OUT_OF_SCOPE)
    sensors = in_service(day, SourceKind.SENSOR)
    if not sensors:
        return none_to_watch(day, "no_sensors", "传感器")
    if not day.alarms_come:
        return NotEvaluated(NO_ALARMS)
    if reason := unheard(day, "alarm", day.as_of):
        return NotEvaluated(reason)  # of an alarm, or of its end
    most = day.limits.duration("alarm_stands_most")
    long = [one for one in alarms_stood(day) if one.until is None and day.as_of - one.since >= most]
    found = [
        _verdict(day, source, own)
        for code, source in sensors.items()
        if (own := [one for one in long if one.source_code == code])
    ]
    return settled(found, [])


def _verdict(day: EnterpriseDay, source: Source, own: list[Stood]) -> Verdict:
    oldest = min(own, key=lambda one: one.since)
    stands, most = day.as_of - oldest.since, day.limits.duration("alarm_stands_most")
    text = (
        f"{source.name}({source.source_code}){local_text(oldest.since)} 的{LEVELS[oldest.level]}"
        f"至今 {duration_text(stands)}未解除"
    )
    evidence = {
        "expected": f"{duration_text(most)}内解除",
        "actual": f"{len(own)} 条报警未解除",
        "difference": f"已 {duration_text(stands)}",
        "sources": [source.source_code],
        "names": [source.name],
        "journal": journal_ids(*(one.journal for one in own)),
    }
    subject = Subject("sensor", source.source_code)
    return Verdict("alarm_standing", subject, Severity.GENERAL, text, evidence)
