"""超过报警值的传感器都上报了报警。

A sensor whose readings lay beyond the first alarm threshold registered for it, for as long as the limit says,
raised an alarm of that side by then, or one raised before still stood. And the threshold an alarm names is
not laxer than the registered one: who moves it out alarms too late. Where the platform passes on no alarms at
all, from nobody, nothing can be said; nor where one may have been lost on us.

Basis: 危险化学品安全法第36条、第38条(监测、监控设施、设备正常、有效);全国监测预警系统的漏报
(isUnderreporting)与云端、边缘阈值之分,判定口径为本系统设置。
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from math import isclose
from typing import Final

from rdchem.alarm_record import LEVELS, Stood, alarms_stood
from rdchem.calendar import duration_text, local_text, span_text
from rdchem.declared import journal_ids, settled, unheard
from rdchem.liveness import in_service
from rdchem.model.course import Beyond
from rdchem.model.day import EnterpriseDay
from rdchem.model.outcome import NotApplicable, NotEvaluated, Outcome, Reason, Severity, Subject, Verdict
from rdchem.model.source import Source, SourceKind
from rdchem.rules.major_hazard_sensors_are_online import OUT_OF_SCOPE, none_to_watch

_SIDES: Final = {"high": "高于", "low": "低于"}
NO_ALARMS: Final = Reason("alarms_not_passed_on", "平台近期没有传来任何企业的报警,有无漏报无从判定")


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or alarm_missing · threshold_loosened for each such sensor."""
    if day.register.enterprise.state in ("shut_down", "out_of_scope"):
        return NotApplicable(OUT_OF_SCOPE)
    sensors = in_service(day, SourceKind.SENSOR)
    if not sensors:
        return none_to_watch(day, "no_sensors", "传感器")
    if not day.alarms_come:
        return NotEvaluated(NO_ALARMS)
    if day.courses is None:
        return NotEvaluated(Reason("not_looked_at", "未取当日读数,有无漏报未判定"))
    alarms = alarms_stood(day)
    found = list(_loosened(sensors, alarms))
    if reason := unheard(day, "alarm", day.as_of):
        return settled(found, [reason])
    return settled([*_missing(day, sensors, alarms), *found], [])


def _missing(day: EnterpriseDay, sensors: Mapping[str, Source], alarms: list[Stood]) -> Iterator[Verdict]:
    due = day.limits.duration("alarm_due_after")
    for code, source in sensors.items():
        course = (day.courses or {}).get(code)
        own = [one for one in alarms if one.source_code == code]
        silent = [
            one
            for one in (course.beyond if course else ())
            if one.end - one.start >= due and not any(_tells(alarm, one) for alarm in own)
        ]
        if silent:
            yield _not_raised(day, source, silent)


def _tells(alarm: Stood, beyond: Beyond) -> bool:
    """Whether an alarm of that side stood at some time of the stretch."""
    until: datetime = alarm.until or beyond.end
    return alarm.side == beyond.side and alarm.since <= beyond.end and until >= beyond.start


def _not_raised(day: EnterpriseDay, source: Source, silent: list[Beyond]) -> Verdict:
    worst = max(silent, key=lambda one: (one.end - one.start, one.start))
    unit, lasted = source.unit or "", duration_text(worst.end - worst.start)
    farthest = f"{'最高' if worst.side == 'high' else '最低'} {worst.farthest:g}{unit}"
    due = duration_text(day.limits.duration("alarm_due_after"))
    when = span_text(worst.start, worst.end)
    text = (
        f"{source.name}({source.source_code}){when} {_SIDES[worst.side]}报警值 {worst.threshold:g}{unit},"
        f"{farthest},持续 {lasted},没有报警记录"
    )
    evidence = {
        "expected": f"超过报警值 {worst.threshold:g}{unit} 达 {due}的,有报警",
        "actual": f"{farthest},无报警",
        "difference": f"持续 {lasted}未报",
        "intervals": [span_text(one.start, one.end) for one in silent],
        "sources": [source.source_code],
        "names": [source.name],
        "journal": journal_ids(*(one.journal for one in silent)),
    }
    return Verdict("alarm_missing", Subject("sensor", source.source_code), Severity.MAJOR, text, evidence)


def _loosened(sensors: Mapping[str, Source], alarms: list[Stood]) -> Iterator[Verdict]:
    for code, source in sensors.items():
        lax = [one for one in alarms if one.source_code == code and _laxer(source, one) is not None]
        if lax:
            yield _moved(source, lax)


def _laxer(source: Source, alarm: Stood) -> float | None:
    """The threshold an alarm named, if the registered one would have told earlier."""
    registered: float | None = getattr(source, alarm.level)
    named = alarm.said[-1].message.threshold
    if registered is None or named is None or isclose(registered, named, rel_tol=1e-6, abs_tol=1e-9):
        return None
    return named if (named > registered) == (alarm.side == "high") else None


def _moved(source: Source, lax: list[Stood]) -> Verdict:
    last = lax[-1]
    registered, named, unit = getattr(source, last.level), _laxer(source, last) or 0.0, source.unit or ""
    where = "边缘" if last.said[-1].message.threshold_by == "edge" else "云端"
    text = (
        f"{source.name}({source.source_code}){local_text(last.since)} 的{LEVELS[last.level]}按{where}阈值 "
        f"{named:g}{unit} 发出,登记的是 {registered:g}{unit}:报警放宽"
    )
    evidence = {
        "expected": f"{LEVELS[last.level]} {registered:g}{unit}",
        "actual": f"{named:g}{unit}({where})",
        "difference": f"放宽 {abs(named - registered):g}{unit}",
        "sources": [source.source_code],
        "names": [source.name],
        "journal": journal_ids(*(one.journal for one in lax)),
    }
    subject = Subject("sensor", source.source_code)
    return Verdict("threshold_loosened", subject, Severity.CONSIDERABLE, text, evidence)
