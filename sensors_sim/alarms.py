"""The alarms of a site: what its honest edge raises and clears as readings cross the registered thresholds.

Honest processes never cross them, so only sensors that a scenario bends are looked at.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, Literal

from rdchem.model.source import Alarm, Source
from sensors_sim.plan import Plan
from sensors_sim.telemetry import READING_PERIOD, instants, points
from sensors_sim.window import compact_text
from sensors_sim.wire import Sent, sent

Level = Literal["high", "low"]
_LEVELS: Final[tuple[Level, ...]] = ("high", "low")


def alarms(plan: Plan) -> Iterator[Sent]:
    """Every alarm of one enterprise, sensor by sensor."""
    bent = plan.signals.keys() - plan.unalarmed
    for sensor in plan.site.working_sensors:
        if sensor.source_code in bent:
            for level in _LEVELS:
                yield from _of(plan, sensor, level)


def _of(plan: Plan, sensor: Source, level: Level) -> Iterator[Sent]:
    registered: float | None = getattr(sensor, level)
    threshold = plan.alarms_at.get(sensor.source_code, registered) if level == "high" else registered
    if threshold is None:
        return
    raised: datetime | None = None
    for at, value in _values(plan, sensor):
        beyond = value > threshold if level == "high" else value < threshold
        if beyond == (raised is None):
            cleared_at = None if beyond else at
            raised = at if raised is None else raised
            alarm = Alarm(
                id=f"{sensor.source_code}-{level}-{compact_text(raised)}",
                seq=1 if beyond else 2,
                occurred_at=at,
                company_code=plan.company_code,
                simulated=True,
                gateway_code=sensor.gateway_code,
                source_code=sensor.source_code,
                level=level,
                state="raised" if beyond else "cleared",
                value=value,
                threshold=threshold,
                raised_at=raised,
                cleared_at=cleared_at,
            )
            raised = raised if beyond else None
            yield sent(at, plan.enterprise.area_code, alarm)


def _values(plan: Plan, sensor: Source) -> Iterator[tuple[datetime, float]]:
    code, gateway = sensor.source_code, sensor.gateway_code or ""
    point = next(one for one in points(plan, gateway) if one.code == code)
    for at in instants(plan, gateway, READING_PERIOD):
        value = point.read(at, int(at.timestamp())).value
        if value is not None and not plan.is_silent(code, at):
            yield at, value
