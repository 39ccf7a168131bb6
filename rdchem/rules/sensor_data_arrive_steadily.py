"""重大危险源传感器数据连续及时上传。

A sensor that comes and goes, or whose readings come seldom or late, is not online in real time, though
none of its silences reaches the offline limit. Its silences are counted, not told one by one; all
sensors of a gateway or an enterprise in the same trouble are one finding. Silences we were blind in do
not count, nor those of declared sources.

Basis: 如东县应急管理局2022年工作方案附件2第5项(实时在线);危险化学品安全法第36条。
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from rdchem.blindness import blind_for
from rdchem.calendar import duration_text, span_text
from rdchem.declared import journal_ids
from rdchem.liveness import by_cause, declaration_for, in_service
from rdchem.model.course import Course, Gap
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
from rdchem.rules.major_hazard_sensors_are_online import OUT_OF_SCOPE, none_to_watch
from rdchem.rules.sensor_signals_are_true import stale_sensors
from rdchem.silence_picture import silence_picture

_NAMES: Final = {"enterprise": "企业全部传感器", "gateway": "网关", "sensor": "传感器"}
_LEAST_ROWS: Final = 3
_LEAST_WATCHED: Final = timedelta(minutes=15)
_MOST_INTERVALS: Final = 6


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or flapping · slow for each such cause."""
    if day.register.enterprise.state in ("shut_down", "out_of_scope"):
        return NotApplicable(OUT_OF_SCOPE)
    sensors = in_service(day, SourceKind.SENSOR)
    if not sensors:
        return none_to_watch(day, "no_sensors", "传感器")
    if day.courses is None:
        return NotEvaluated(Reason("not_looked_at", "未取当日读数,上传是否连续未判定"))
    courses = {code: day.courses[code] for code in sensors if code in day.courses}
    if not courses:
        return NotEvaluated(Reason("nothing_sent", "当日没有任何点位的读数,上传是否连续无从判定"))
    gaps = {code: own for code, course in courses.items() if (own := _habit(day, code, course))}
    steps = {code: _slow_step(day, course) for code, course in courses.items()}
    slow = {code: step for code, step in steps.items() if step is not None}
    verdicts = [_flapping(day, *cause, sensors, gaps) for cause in by_cause(gaps, sensors)]
    told = {*slow} - {*stale_sensors(day)} - gaps.keys()
    verdicts += [_slow(day, *cause, sensors, courses, slow) for cause in by_cause(told, sensors)]
    return Fail(tuple(verdicts)) if verdicts else Pass()


def _habit(day: EnterpriseDay, code: str, course: Course) -> list[Gap]:
    """The silences of a sensor, if within the flapping window there were so many that it is a habit."""
    if not course.gaps or declaration_for(day, code):
        return []
    blind = blind_for(day, "readings")
    gaps = [one for one in course.gaps if not any(gap.overlap(one.start, one.end) for gap in blind)]
    times, within = int(day.limits.number("flapping_times")), day.limits.duration("flapping_within")
    often = any(
        last.start - first.start <= within for first, last in zip(gaps, gaps[times - 1 :], strict=False)
    )
    return gaps if often else []


def _slow_step(day: EnterpriseDay, course: Course) -> timedelta | None:
    """How far apart slow readings come; None if they are not slow, or too few to tell."""
    step = course.step
    if step is None or course.rows < _LEAST_ROWS or course.last_at - course.first_at < _LEAST_WATCHED:
        return None
    return step if max(step, course.delay) >= day.limits.duration("slow_step") else None


def _flapping(
    day: EnterpriseDay,
    kind: str,
    cause_code: str,
    codes: list[str],
    sensors: Mapping[str, Source],
    gaps: Mapping[str, Sequence[Gap]],
) -> Verdict:
    own = max((gaps[code] for code in codes), key=len)
    lost = sum((one.end - one.start for one in own), timedelta(0))
    times = day.limits.number("flapping_times")
    code = cause_code or day.company_code
    who = f"{_NAMES[kind]} {code}"
    text = f"{who} 反复上下线 {len(own)} 次(共 {len(codes)} 个点),无数据合计 {duration_text(lost)}"
    evidence: dict[str, object] = {
        "expected": f"{duration_text(day.limits.duration('flapping_within'))}内中断少于 {times:g} 次",
        "actual": f"中断 {len(own)} 次",
        "difference": f"合计 {duration_text(lost)}无数据",
        "intervals": [span_text(one.start, one.end) for one in own[:_MOST_INTERVALS]],
        "sources": codes,
        "names": [sensors[one].name for one in codes],
        "journal": journal_ids(sorted({journal for one in own for journal in one.journal})),
    }
    most = next(code for code in codes if gaps[code] is own)
    evidence |= silence_picture(day, [most], sensors, own)
    severity = Severity.GENERAL if kind == "sensor" else Severity.CONSIDERABLE
    return Verdict("flapping", Subject(kind, code), severity, text, evidence)


def _slow(
    day: EnterpriseDay,
    kind: str,
    cause_code: str,
    codes: list[str],
    sensors: Mapping[str, Source],
    courses: Mapping[str, Course],
    steps: Mapping[str, timedelta],
) -> Verdict:
    slowest = max(codes, key=lambda one: max(steps[one], courses[one].delay))
    worst, step, limit = courses[slowest], steps[slowest], duration_text(day.limits.duration("slow_step"))
    said = (
        f"每 {duration_text(step)}才有一条读数"
        if step >= worst.delay
        else f"读数晚 {duration_text(worst.delay)}以上才到达"
    )
    code = cause_code or day.company_code
    evidence = {
        "expected": f"读数间隔和到达延迟均小于 {limit}",
        "actual": said,
        "difference": duration_text(max(step, worst.delay)),
        "intervals": [span_text(worst.first_at, worst.last_at)],
        "sources": codes,
        "names": [sensors[one].name for one in codes],
        "journal": journal_ids(sorted({one for code in codes for one in courses[code].journal})),
    }
    text = f"{_NAMES[kind]} {code} 上传过慢(共 {len(codes)} 个点):{said}"
    return Verdict("slow", Subject(kind, code), Severity.GENERAL, text, evidence)
