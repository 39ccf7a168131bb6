"""Scenarios of alarms: readings beyond a threshold that are told, are not, or are told too late."""

from datetime import time, timedelta

from rdchem.model.source import Alarm, Quantity, Source
from sensors_sim import faults
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.plan import Plan


class Exceed(Effect, frozen=True, kw_only=True):
    """A sensor of a quantity reads above its high alarm for a time, half-way to the end of its range.

    Not `alarmed`: no alarm is raised. `laxer`: the alarm is raised by a threshold this share of the way from
    the registered one to what is read.
    """

    quantity: Quantity
    since: time
    until: time
    alarmed: bool = True
    laxer: float = 0.0

    def fits(self, plan: Plan) -> bool:
        return bool(_with_an_alarm(plan, self.quantity))

    def apply(self, plan: Plan) -> list[Hit]:
        sensor = _with_an_alarm(plan, self.quantity)[0]
        code, high, top = sensor.source_code, sensor.high or 0.0, sensor.range_high or 0.0
        level = (high + top) / 2
        since, until = plan.window.at(self.since), plan.window.at(self.until)
        plan.signals[code] = faults.During(
            plan.signal(sensor), faults.Level(level), int(since.timestamp()), int(until.timestamp()), 0
        )
        if not self.alarmed:
            plan.unalarmed.add(code)
        if self.laxer:
            plan.alarms_at[code] = high + self.laxer * (level - high)
        return [Hit(f"sensor:{code}", since, until)]


class StandingAlarm(Effect, frozen=True, kw_only=True):
    """An alarm raised `hours` before the window, which still stands, or was cleared within the hour."""

    quantity: Quantity
    hours: float
    cleared: bool = False

    def fits(self, plan: Plan) -> bool:
        return bool(_with_an_alarm(plan, self.quantity))

    def apply(self, plan: Plan) -> list[Hit]:
        sensor = _with_an_alarm(plan, self.quantity)[0]
        raised = plan.window.start - timedelta(hours=self.hours)
        alarm = Alarm(
            id=f"{sensor.source_code}-standing",
            seq=1,
            occurred_at=raised,
            company_code=plan.company_code,
            simulated=True,
            gateway_code=sensor.gateway_code,
            source_code=sensor.source_code,
            level="high",
            state="cleared" if self.cleared else "raised",
            value=sensor.high,
            threshold=sensor.high,
            raised_at=raised,
            cleared_at=raised + timedelta(hours=1) if self.cleared else None,
        )
        plan.send(plan.window.start, alarm)
        return [Hit(f"sensor:{sensor.source_code}", raised)]


def _with_an_alarm(plan: Plan, quantity: Quantity) -> list[Source]:
    """Sensors with a registered high alarm that no scenario has bent yet."""
    return [
        one
        for one in plan.site.working_sensors
        if one.quantity is quantity
        and one.high is not None
        and one.range_high is not None
        and one.source_code not in plan.signals
    ]
