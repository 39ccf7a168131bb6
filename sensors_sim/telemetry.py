"""The streams of a site: readings once a minute from each gateway, camera states every five minutes."""

import heapq
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from rdchem.messages import topic_of
from rdchem.model.source import CameraState, CameraStatus, Quantity, Reading, Readings
from sensors_sim.instruments import Signal, signal
from sensors_sim.plan import Plan
from sensors_sim.window import GRID_SECONDS, Window, compact_text
from sensors_sim.wire import Sent

READING_PERIOD: Final = timedelta(minutes=1)
CAMERA_PERIOD: Final = timedelta(minutes=5)
_STRAY_SPAN: Final = (0.0, 200.0)
_SAMPLING_MS: Final = 5_000
"""A gateway asks its sensors one after the other, within this time before it sends."""

Polled = tuple[str, Signal, int]
"""A sensor's code, its signal, and how long before the batch it is asked, in milliseconds."""


def telemetry(plan: Plan) -> Iterator[Sent]:
    """All readings and camera states of one enterprise, in order of time."""
    gateways = (_readings(plan, gateway.gateway_code) for gateway in plan.site.gateways)
    return heapq.merge(*gateways, _camera_states(plan), key=lambda sent: sent.order)


def _readings(plan: Plan, gateway_code: str) -> Iterator[Sent]:
    polled = list(_polled(plan, gateway_code))
    topic = ""
    for at in _instants(plan.window, READING_PERIOD, plan.random(f"slot {gateway_code}").randrange(6)):
        readings = [
            Reading(code, wave.at(at), -before_ms)
            for code, wave, before_ms in polled
            if code not in plan.silent_from or at < plan.silent_from[code]
        ]
        if not readings:
            return
        batch = Readings(
            id=f"{gateway_code}-{compact_text(at)}",
            seq=1,
            occurred_at=at,
            company_code=plan.company_code,
            simulated=True,
            gateway_code=gateway_code,
            readings=readings,
        )
        topic = topic or topic_of(plan.enterprise.area_code, batch)
        yield Sent(at, topic, batch)


def _polled(plan: Plan, gateway_code: str) -> Iterator[Polled]:
    """The sensors a gateway asks, registered or not."""
    random = plan.random(f"polling {gateway_code}")
    for sensor in plan.site.working_sensors:
        quantity, low, high = sensor.quantity, sensor.range_low, sensor.range_high
        if sensor.gateway_code == gateway_code and quantity and low is not None and high is not None:
            wave = signal(plan.seed, sensor.source_code, quantity, (low, high))
            yield sensor.source_code, wave, random.randrange(_SAMPLING_MS)
    for stray_gateway, code in plan.strays:
        if stray_gateway == gateway_code:
            wave = signal(plan.seed, code, Quantity.TEMPERATURE, _STRAY_SPAN)
            yield code, wave, random.randrange(_SAMPLING_MS)


def _camera_states(plan: Plan) -> Iterator[Sent]:
    gateway_code = plan.site.video_gateway.gateway_code
    codes = [camera.source_code for camera in plan.site.cameras]
    codes += [code for gateway, code in plan.strays if gateway == gateway_code]
    for at in _instants(plan.window, CAMERA_PERIOD, plan.random("video slot").randrange(30)):
        cameras = [
            _state(plan, code, at)
            for code in codes
            if code not in plan.silent_from or at < plan.silent_from[code]
        ]
        if not cameras:
            return
        status = CameraStatus(
            id=f"{gateway_code}-{compact_text(at)}",
            seq=1,
            occurred_at=at,
            company_code=plan.company_code,
            simulated=True,
            gateway_code=gateway_code,
            cameras=cameras,
        )
        yield Sent(at, topic_of(plan.enterprise.area_code, status), status)


def _state(plan: Plan, code: str, at: datetime) -> CameraState:
    down = plan.cameras_down.get(code)
    if down is not None and (down.since is None or at >= down.since):
        return down
    return CameraState(camera_code=code, online=True)


def _instants(window: Window, period: timedelta, slot: int) -> Iterator[datetime]:
    """The instants of a window at which a gateway sends: its slot of the ten-second grid in every period."""
    seconds = int(period.total_seconds())
    since_period = timedelta(seconds=int(window.start.timestamp()) % seconds)
    at = window.start - since_period + timedelta(seconds=slot * GRID_SECONDS)
    while at < window.end:
        if at >= window.start:
            yield at
        at += period
