"""重大危险源传感器的读数真实反映现场。

What a sensor shows is what it measures: within its range and its unit, neither stuck nor trembling on
the spot, neither its own past nor another's signal played again, without spikes, without a shift or
drift away from its usual course, with the noise and the last digits its instrument always had, and
collected when it says. It goes with the sensors of its hazard it always went with, and a level does not
rise while the flow that feeds it stands, nor fall while the one that empties it does. Each finding names
the interval, what was compared, and what it resembles. A signal is compared with its own past; where less
of it is known than the setting asks for, only what needs none is judged. What was not heard is the affair
of `major_hazard_sensors_are_online`.

Basis: 危险化学品安全法第38条(不得关闭、破坏监测设施或者篡改、隐瞒、销毁其数据);安全生产法第36条。
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from rdchem.calendar import duration_text, local_text, span_text
from rdchem.declared import journal_ids
from rdchem.liveness import Liveness, in_service, states
from rdchem.model.course import Course, Shown
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
from rdchem.model.signal import APART, SHIFTED, STATE_LABELS, Resemblance, SignalState
from rdchem.model.source import Source, SourceKind
from rdchem.rules.major_hazard_sensors_are_online import OUT_OF_SCOPE, none_to_watch, some

UNIT_ERROR: Final = "unit_error"
STALE: Final = "stale"
_BY_THE_PLANT: Final = (*SHIFTED, SignalState.STUCK_WITH_JITTER, SignalState.NOISY)
_FORGED: Final = (SignalState.REPLAYED, SignalState.COPIED)
_DUE: Final = {
    SignalState.DISAGREES: ("与一直同步的同类测点一致", "按同类测点推算"),
    SignalState.CONTRADICTED: ("与同一重大危险源的流量相符", "流量,按比例"),
}
"""What is due where another sensor is held against it, and what the picture shows of that one."""
_CLASSES: Final = {
    SignalState.STUCK: "stuck",
    SignalState.STUCK_WITH_JITTER: "stuck_with_jitter",
    SignalState.REPLAYED: "replayed",
    SignalState.COPIED: "copied",
    SignalState.OFFSET: "offset",
    SignalState.DRIFT: "drift",
    SignalState.DISAGREES: "disagrees",
    SignalState.CONTRADICTED: "contradicted",
    SignalState.DIGITS: "digits",
    SignalState.NOISY: "noisy",
    SignalState.SPIKE: "spikes",
    SignalState.OUT_OF_RANGE: "out_of_range",
}
_AS_STRONG: Final = 0.5
_WHOLE: Final = 0.1
"""How near the logarithm of a factor must be to a whole number to be a mistaken unit."""
_MOST_INTERVALS: Final = 6


def check(day: EnterpriseDay) -> Outcome:
    """Pass, or stuck · stuck_with_jitter · replayed · copied · offset · drift · disagrees · contradicted ·
    digits · noisy · spikes · out_of_range · unit_error · stale for each such sensor.
    """
    if day.register.enterprise.state in ("shut_down", "out_of_scope"):
        return NotApplicable(OUT_OF_SCOPE)
    sensors = in_service(day, SourceKind.SENSOR)
    if not sensors:
        return none_to_watch(day, "no_sensors", "传感器")
    if day.courses is None:
        return NotEvaluated(Reason("not_looked_at", "未取当日读数,信号真伪未判定"))
    courses = {code: day.courses[code] for code in sensors if code in day.courses}
    plant = [(code, one) for code, own in courses.items() for one in own.shown if _may_be_the_plant(one)]
    verdicts = [
        _verdict(sensors[code], mismatch, shown, sensors)
        for code, course in courses.items()
        for mismatch, shown in _by_class(_told(code, course, sensors, plant)).items()
    ]
    verdicts += [_stale(day, sensors[code]) for code in stale_sensors(day)]
    reasons = _unknown(day, courses, len(sensors))
    if verdicts:
        return Fail(tuple(verdicts), reasons)
    return NotEvaluated(reasons[0]) if reasons else Pass()


def _unknown(day: EnterpriseDay, courses: Mapping[str, Course], sensors: int) -> tuple[Reason, ...]:
    reasons = []
    if not courses:
        reasons.append(Reason("nothing_sent", "当日没有任何点位的读数,信号真伪无从判定"))
    least = day.limits.duration("signal_past_least")
    if short := sorted(code for code, course in courses.items() if course.past < least):
        text = f"{len(short)} 个点的历史不足 {duration_text(least)},只判定不需要历史的项目:{some(short)}"
        reasons.append(Reason("no_history", text))
    elif courses and len(courses) < sensors:
        text = f"{sensors - len(courses)} 个点当日没有读数,信号真伪无从判定"
        reasons.append(Reason("partly_nothing_sent", text))
    return tuple(reasons)


def _told(
    code: str, course: Course, sensors: Mapping[str, Source], plant: Iterable[tuple[str, Shown]]
) -> list[Shown]:
    """What is told of a sensor: not what the plant explains, for it started up, shut down, or rests. That is
    so where another sensor of the hazard shifts, drifts or grows quiet at the same time, unless a sibling did
    not go along; a shift or drift is explained by another's only if that is half as strong or more. Nor what
    only a sensor out of service says against it.
    """
    siblings = [
        shown
        for other, shown in plant
        if other != code and sensors[other].hazard_code == sensors[code].hazard_code
    ]
    return [
        shown
        for shown in course.shown
        if (_held_against(shown) or code) in sensors
        and not (_may_be_the_plant(shown) and any(_alike(shown, one) for one in siblings))
    ]


def _held_against(shown: Shown) -> str | None:
    """The other sensor that one is held against; None where it stands by itself."""
    other = shown.interval.resembles
    return other.source_code if other and shown.interval.state in _DUE else None


def _may_be_the_plant(shown: Shown) -> bool:
    return shown.interval.state in _BY_THE_PLANT and APART not in shown.interval.measure


def _alike(shown: Shown, sibling: Shown) -> bool:
    ours, theirs = shown.interval, sibling.interval
    together = (min(ours.end, theirs.end) - max(ours.start, theirs.start)).total_seconds()
    if together <= 0:
        return False
    if ours.state not in SHIFTED or theirs.state not in SHIFTED:
        return True
    strength = abs(theirs.measure.get("strength", 0.0))
    return strength >= _AS_STRONG * abs(ours.measure.get("strength", 0.0))


def _by_class(several: Sequence[Shown]) -> dict[str, list[Shown]]:
    """The intervals of a sensor by class of mismatch. A shift and a drift are one trouble: the longer
    names it.
    """
    found: dict[str, list[Shown]] = {}
    lasting = {state: _lasting(several, state) for state in SHIFTED}
    shifted = max(SHIFTED, key=lambda state: lasting[state])
    for shown in several:
        state = shown.interval.state
        if state in SHIFTED:
            state = shifted
        found.setdefault(_mismatch(state, shown), []).append(shown)
    return found


def _lasting(several: Iterable[Shown], state: SignalState) -> float:
    return sum(
        (one.interval.end - one.interval.start).total_seconds()
        for one in several
        if one.interval.state is state
    )


def _mismatch(state: SignalState, shown: Shown) -> str:
    if state is SignalState.OUT_OF_RANGE and _power(shown):
        return UNIT_ERROR
    return _CLASSES[state]


def _power(shown: Shown) -> int:
    """Which power of ten its readings are of the usual ones; 0 where none, or nothing is usual."""
    measure = shown.interval.measure
    return power_of_ten(measure["factor"]) if "factor" in measure else 0


def power_of_ten(factor: float) -> int:
    """Which power of ten (other than 1) a factor is near; 0 if none."""
    if factor <= 0:
        return 0
    power = math.log10(factor)
    return round(power) if abs(power - round(power)) <= _WHOLE else 0


def _verdict(
    sensor: Source, mismatch: str, several: Sequence[Shown], sensors: Mapping[str, Source]
) -> Verdict:
    first = max(several, key=lambda one: one.interval.end - one.interval.start)
    label = "单位错误" if mismatch == UNIT_ERROR else STATE_LABELS[first.interval.state]
    intervals = [span_text(one.interval.start, one.interval.end) for one in several[:_MOST_INTERVALS]]
    longest = span_text(first.interval.start, first.interval.end)
    why = f"读数约为平时的 10 的 {_power(first)} 次方倍" if mismatch == UNIT_ERROR else first.interval.why
    text = f"传感器 {sensor.name}({sensor.source_code})读数{label}:{longest},{why}"
    other = first.interval.resembles
    evidence: dict[str, object] = {
        "expected": f"读数在量程 {sensor.range_low:g}–{sensor.range_high:g} {sensor.unit or ''}内,随现场变化"
        if sensor.range_low is not None and sensor.range_high is not None
        else "读数随现场变化",
        "actual": why,
        "difference": f"共 {len(several)} 段" if len(several) > 1 else _lasted(first),
        "intervals": intervals,
        "resembles": None
        if other is None
        else f"{_named(other, sensor)} {span_text(other.start, other.end)}",
        "sources": [sensor.source_code],
        "names": [sensor.name],
        "chart": chart(first, sensor),
        "journal": journal_ids(sorted({one for shown in several for one in shown.journal})),
    }
    if beside := _held_against(first):
        due, dashed = _DUE[first.interval.state]
        evidence |= {
            "expected": due,
            "resembles": None,
            "sources": [sensor.source_code, beside],
            "names": [sensor.name, sensors[beside].name],
            "chart": chart(first, sensor) | {"dashed": dashed},
        }
    severity = Severity.CONSIDERABLE if first.interval.state in _FORGED else Severity.GENERAL
    return Verdict(mismatch, Subject("sensor", sensor.source_code), severity, text, evidence)


def _named(other: Resemblance, sensor: Source) -> str:
    source = other.source_code or sensor.source_code
    return f"{other.company_code}/{source}" if other.company_code else source


def _lasted(shown: Shown) -> str:
    return duration_text(shown.interval.end - shown.interval.start)


def chart(shown: Shown, sensor: Source) -> dict[str, object]:
    """What is needed to draw an interval: times in seconds since 1970, values in the unit of the source."""
    return {
        "from": round(shown.interval.start.timestamp()),
        "to": round(shown.interval.end.timestamp()),
        "unit": sensor.unit or "",
        "drawn": [list(point) for point in shown.drawn],
        "repeated": [list(point) for point in shown.repeated],
    }


def stale_sensors(day: EnterpriseDay) -> list[str]:
    """Sensors heard lately with old collect times, while another of the same gateway is up to date: it is not
    the gateway's clock, nor a backlog.
    """
    live, sensors = states(day, SourceKind.SENSOR), in_service(day, SourceKind.SENSOR)
    current = {sensors[code].gateway_code for code, state in live.items() if state is Liveness.ONLINE}
    return [
        code
        for code, state in sorted(live.items())
        if state is Liveness.LAGGING and sensors[code].gateway_code in current
    ]


def _stale(day: EnterpriseDay, sensor: Source) -> Verdict:
    seen = day.readings[sensor.source_code]
    age = duration_text(seen.received_at - seen.occurred_at)
    stopped = local_text(seen.occurred_at)
    text = f"传感器 {sensor.name}({sensor.source_code})数据陈旧:仍在上传,采集时间停在 {stopped}"
    evidence = {
        "expected": f"采集时间距到达不超过 {duration_text(day.limits.duration('source_offline_after'))}",
        "actual": f"{local_text(seen.received_at)} 收到的是 {local_text(seen.occurred_at)} 的读数",
        "difference": f"晚 {age},同一网关的其他点正常",
        "intervals": [span_text(seen.occurred_at, seen.received_at)],
        "sources": [sensor.source_code],
        "names": [sensor.name],
        "journal": journal_ids([seen.journal_id]),
    }
    return Verdict(STALE, Subject("sensor", sensor.source_code), Severity.GENERAL, text, evidence)
