"""Scenarios of how sources are heard: gateways that die or flap, late, stale and missing readings."""

import dataclasses
from datetime import time, timedelta
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from rdchem.model.source import Gateway
from sensors_sim.county import draw_sensors
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.plan import Plan
from sensors_sim.presence import birth, will_of

_FIRST_CHILD = 101


class LoseBigGateway(Effect, frozen=True):
    """One more gateway is registered with so many sensors, all in use; at a time of day it dies."""

    children: Annotated[int, Meta(ge=2, le=800)]
    since: time

    def apply(self, plan: Plan) -> list[Hit]:
        site, random = plan.site, plan.random("big gateway")
        gateway = Gateway(gateway_code=f"{plan.company_code}G09", name="9号采集网关")
        numbers = range(_FIRST_CHILD, _FIRST_CHILD + self.children)
        children = tuple(
            msgspec.structs.replace(sensor, in_use=True)
            for sensor in draw_sensors(random, site.hazards, (gateway,), numbers)
        )
        plan.site = dataclasses.replace(
            site, gateways=(*site.gateways, gateway), sensors=(*site.sensors, *children)
        )
        since = plan.window.at(self.since)
        plan.silence([sensor.source_code for sensor in children], since)
        plan.send(since, will_of(birth(plan.company_code, gateway.gateway_code, plan.window.start)))
        return [Hit(f"gateway:{gateway.gateway_code}", since)]


class Flap(Effect, frozen=True, kw_only=True):
    """A sensor or gateway falls silent at a time of day and returns, several times; then it stays."""

    scope: Literal["sensor", "gateway"]
    since: time
    silent_s: int
    online_s: int
    times: Annotated[int, Meta(ge=1)]

    def apply(self, plan: Plan) -> list[Hit]:
        sensors = plan.site.working_sensors
        chosen = plan.random("flap").choice(sensors)
        gateway = chosen.gateway_code or ""
        if self.scope == "gateway":
            codes = [sensor.source_code for sensor in sensors if sensor.gateway_code == gateway]
        else:
            codes = [chosen.source_code]
        since = back = plan.window.at(self.since)
        session = birth(plan.company_code, gateway, plan.window.start)
        for number in range(self.times):
            gone = since + number * timedelta(seconds=self.silent_s + self.online_s)
            back = gone + timedelta(seconds=self.silent_s)
            plan.silence(codes, gone, back)
            if self.scope == "gateway":
                plan.send(gone, will_of(session))
                session = birth(plan.company_code, gateway, back, after=session.session)
                plan.send(back, session)
        return [Hit(f"{self.scope}:{gateway if self.scope == 'gateway' else codes[0]}", since, back)]


class MissFromBatch(Effect, frozen=True):
    """From a time of day on, a gateway's batches come without so many of its sensors."""

    sensors: Annotated[int, Meta(ge=1)]
    since: time

    def fits(self, plan: Plan) -> bool:
        return len(self._of_a_gateway(plan)) > self.sensors

    def apply(self, plan: Plan) -> list[Hit]:
        since = plan.window.at(self.since)
        codes = sorted(plan.random("miss").sample(self._of_a_gateway(plan), self.sensors))
        plan.silence(codes, since)
        return [Hit(f"sensor:{code}", since) for code in codes]

    def _of_a_gateway(self, plan: Plan) -> list[str]:
        first = plan.site.gateways[0].gateway_code
        return [one.source_code for one in plan.site.working_sensors if one.gateway_code == first]


class SendSlowly(Effect, frozen=True):
    """A gateway sends once in so many minutes only, all morning."""

    every_min: Annotated[int, Meta(ge=2, le=30)]

    def apply(self, plan: Plan) -> list[Hit]:
        code = plan.random("slow").choice(plan.site.gateways).gateway_code
        plan.periods[code] = timedelta(minutes=self.every_min)
        return [Hit(f"gateway:{code}", plan.window.start)]


class GoStale(Effect, frozen=True):
    """From a time of day on, a sensor's collect times all but stand still: its batches bring old readings."""

    since: time

    def apply(self, plan: Plan) -> list[Hit]:
        code = plan.random("stale").choice(plan.site.working_sensors).source_code
        plan.stale_from[code] = plan.window.at(self.since)
        return [Hit(f"sensor:{code}", plan.stale_from[code])]


class FreezePicture(Effect, frozen=True):
    """A camera reported online shows the same picture from a time of day on."""

    since: time

    def apply(self, plan: Plan) -> list[Hit]:
        code = plan.random("frozen").choice(plan.site.cameras).source_code
        plan.frozen_from[code] = plan.window.at(self.since)
        return [Hit(f"camera:{code}", plan.frozen_from[code])]
