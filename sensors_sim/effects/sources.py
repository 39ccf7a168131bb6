"""Scenarios of sensors, cameras and gateways: silence, declared or not, and codes nobody registered."""

from datetime import datetime, time, timedelta
from typing import Literal

from rdchem.model.source import CameraState, OfflineDeclaration, OutOfService, Source
from sensors_sim.effects.effect import Effect, Hit
from sensors_sim.plan import Plan
from sensors_sim.presence import birth, will_of


class Silence(Effect, frozen=True):
    """Sensors send nothing from a time of day on (or never at all): one, a gateway's, or all.

    With `declared_until` the enterprise declared it offline until then; with `stopped` the sensor was
    properly taken out of service.
    """

    scope: Literal["sensor", "gateway", "enterprise"]
    since: time | None
    declared_until: time | None = None
    stopped: bool = False

    def fits(self, plan: Plan) -> bool:
        return self.scope != "gateway" or len(plan.site.gateways) > 1

    def apply(self, plan: Plan) -> list[Hit]:
        silent_from = plan.window.at(self.since) if self.since else plan.window.start
        sensors = self._sensors(plan)
        plan.silence([sensor.source_code for sensor in sensors], silent_from)
        gateways = sorted({sensor.gateway_code or "" for sensor in sensors})
        if self.declared_until is not None:
            codes = [] if self.scope == "enterprise" else [sensor.source_code for sensor in sensors]
            declare_offline(plan, codes, silent_from, plan.window.at(self.declared_until))
        elif self.stopped:
            _take_out_of_service(plan, sensors)
        elif self.scope != "sensor" and self.since:
            for gateway in gateways:
                plan.send(silent_from, will_of(birth(plan.company_code, gateway, plan.window.start)))
        since = plan.window.at(self.declared_until) if self.declared_until else silent_from
        codes_by_scope = {
            "enterprise": plan.company_code,
            "gateway": gateways[0],
            "sensor": sensors[0].source_code,
        }
        return [Hit(f"{self.scope}:{codes_by_scope[self.scope]}", since)]

    def _sensors(self, plan: Plan) -> list[Source]:
        working = plan.site.working_sensors
        random = plan.random("silence")
        if self.scope == "sensor":
            return [random.choice(working)]
        if self.scope == "enterprise":
            return list(working)
        gateway = random.choice(plan.site.gateways).gateway_code
        return [sensor for sensor in working if sensor.gateway_code == gateway]


class CameraDown(Effect, frozen=True):
    """A camera reported offline since a time of day, perhaps declared so until another."""

    since: time
    declared_until: time | None = None

    def apply(self, plan: Plan) -> list[Hit]:
        code = plan.random("camera").choice(plan.site.cameras).source_code
        since = plan.window.at(self.since)
        until = plan.window.at(self.declared_until) if self.declared_until else None
        put_camera_down(plan, code, since, until)
        return [Hit(f"camera:{code}", until or since)]


class CameraSilent(Effect, frozen=True):
    """No word of a camera from a time of day on, or none at all."""

    since: time | None

    def apply(self, plan: Plan) -> list[Hit]:
        code = plan.random("camera").choice(plan.site.cameras).source_code
        since = plan.window.at(self.since) if self.since else plan.window.start
        plan.silence([code], since)
        return [Hit(f"camera:{code}", since)]


class Stray(Effect, frozen=True):
    """A sensor or camera that sends although nobody registered it."""

    kind: Literal["sensor", "camera"]

    def apply(self, plan: Plan) -> list[Hit]:
        gateway = plan.site.gateways[0] if self.kind == "sensor" else plan.site.video_gateway
        hazard = plan.site.hazards[0].hazard_code
        code = f"{hazard}{'01' if self.kind == 'sensor' else '09'}{plan.random('stray').randint(901, 999)}"
        plan.strays.append((gateway.gateway_code, code))
        return [Hit(f"source:{code}")]


def put_camera_down(plan: Plan, code: str, since: datetime, until: datetime | None) -> None:
    """A camera is reported offline from an instant on; with `until`, declared so until then."""
    plan.cameras_down[code] = CameraState(
        camera_code=code, online=False, since=since, offline_reason="设备断电", plan_online_at=until
    )
    if until is not None:
        declare_offline(plan, [code], since, until)


def declare_offline(plan: Plan, codes: list[str], offline_at: datetime, until: datetime) -> None:
    """Send the enterprise's offline declaration, made when the silence began. No codes: all sources."""
    said_at = max(offline_at, plan.window.start)
    declaration = OfflineDeclaration(
        id=f"offline-{plan.company_code}-{plan.window.day:%Y%m%d}",
        seq=1,
        occurred_at=said_at,
        company_code=plan.company_code,
        simulated=True,
        offline_type="设备检修",
        offline_reason="计划检修,已采取人工巡检措施",
        offline_at=offline_at,
        plan_online_at=until,
        source_codes=codes,
        attachment="检修方案.pdf",
    )
    plan.send(plan.window.leaves(said_at), declaration)


def _take_out_of_service(plan: Plan, sensors: list[Source]) -> None:
    stopped_at = plan.window.start - timedelta(days=3)
    for sensor in sensors:
        record = OutOfService(
            id=f"stop-{sensor.source_code}",
            seq=1,
            occurred_at=stopped_at,
            company_code=plan.company_code,
            simulated=True,
            source_code=sensor.source_code,
            stopped=True,
            stop_at=stopped_at,
            stop_reason="储罐清空停用",
            stop_by="示例管理员",
        )
        plan.send(plan.window.start, record)
