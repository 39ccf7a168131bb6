"""The streams of a site: readings once a minute from each gateway, camera states every five minutes.

Of sensors whose past is to be known, the days before the window are told as well: hour by hour, each hour's
readings in one batch, every enterprise at a minute of its own so that the county never speaks all at once.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from rdchem.messages import topic_of
from rdchem.model.source import CameraState, CameraStatus, Quantity, Reading, Readings, Source, SourceKind
from sensors_sim.instruments import INSTRUMENTS
from sensors_sim.pictures import Pictures, pictures
from sensors_sim.plan import Plan
from sensors_sim.signals import Signal
from sensors_sim.streams import stream
from sensors_sim.window import GRID_SECONDS, compact_text
from sensors_sim.wire import Sent

READING_PERIOD: Final = timedelta(minutes=1)
CAMERA_PERIOD: Final = timedelta(minutes=5)
_SAMPLING_MS: Final = 5_000
"""A gateway asks its sensors one after the other, within this time before it sends."""
_RECORDED_HOURS: Final = 4 * 24 + 9
_STALE_PACE: Final = 60
"""Stale collect times advance by one second while so many pass."""
_FINER: Final = 3
"""So many more decimals than its instrument gives."""


@dataclass(frozen=True, slots=True)
class Point:
    """A sensor as its gateway asks it, `before_ms` milliseconds before a batch leaves.

    From `stale_from` on its collect time all but stands still, and so does what it gives; from `finer_from`
    on it has more decimals than its instrument gives.
    """

    code: str
    signal: Signal
    digits: int
    before_ms: int
    stale_from: datetime | None
    finer_from: datetime | None

    def read(self, at: datetime, second: int) -> Reading:
        """Its reading in the batch of an instant, which is given in seconds as well."""
        digits = self.digits
        if self.finer_from is not None and at >= self.finer_from:
            digits += _FINER
        if self.stale_from is None or at < self.stale_from:
            return Reading(self.code, round(self.signal.at(second), digits), -self.before_ms)
        stale_s = int((at - self.stale_from).total_seconds()) * (_STALE_PACE - 1) // _STALE_PACE
        value = self.signal.at(second - stale_s)
        return Reading(self.code, round(value, digits), -self.before_ms - 1000 * stale_s)


def telemetry(plan: Plan) -> Iterator[Sent]:
    """All readings and camera states of one enterprise, in order of time."""
    codes = [gateway.gateway_code for gateway in plan.site.gateways]
    streams = [_readings(plan, code) for code in codes]
    if plan.recorded:
        streams += [_recorded(plan, code) for code in codes]
    return heapq.merge(*streams, _camera_states(plan), key=lambda sent: sent.order)


def _readings(plan: Plan, gateway_code: str) -> Iterator[Sent]:
    asked = list(points(plan, gateway_code))
    topic = ""
    for at in instants(plan, gateway_code, READING_PERIOD):
        second = int(at.timestamp())
        readings = [
            point.read(at, second)
            for point in asked
            if point.code not in plan.silences or not plan.is_silent(point.code, at)
        ]
        if not readings:
            continue
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


def _recorded(plan: Plan, gateway_code: str) -> Iterator[Sent]:
    """The days before the window, an hour a batch; the last of them leaves as the window opens."""
    asked = [point for point in points(plan, gateway_code) if point.code in plan.recorded]
    late = timedelta(minutes=plan.site.index % 60)
    slot = _slot(plan, gateway_code, READING_PERIOD)
    for hours in range(_RECORDED_HOURS, -1, -1) if asked else ():
        end = plan.window.start - timedelta(hours=hours)
        moments = list(_grid(end - timedelta(hours=1), end, READING_PERIOD, slot))
        readings = [
            Reading(one.source_code, one.value, one.offset_ms - round((end - at).total_seconds() * 1000))
            for at in moments
            for one in [point.read(at, int(at.timestamp())) for point in asked]
        ]
        batch = Readings(
            id=f"{gateway_code}-{compact_text(end)}-recorded",
            seq=1,
            occurred_at=end,
            company_code=plan.company_code,
            simulated=True,
            gateway_code=gateway_code,
            readings=readings,
        )
        yield Sent(min(end + late, plan.window.start), topic_of(plan.enterprise.area_code, batch), batch)


def points(plan: Plan, gateway_code: str) -> Iterator[Point]:
    """The sensors a gateway asks, registered or not, each day in the same order and rhythm."""
    random = stream(plan.seed, gateway_code, "polling")
    strays = [_stray(code, gateway) for gateway, code in plan.strays]
    for sensor in (*plan.site.working_sensors, *strays):
        if sensor.gateway_code == gateway_code and sensor.quantity is not None:
            yield Point(
                code=sensor.source_code,
                signal=plan.signal(sensor),
                digits=INSTRUMENTS[sensor.quantity].digits,
                before_ms=random.randrange(_SAMPLING_MS),
                finer_from=plan.finer_from.get(sensor.source_code),
                stale_from=plan.stale_from.get(sensor.source_code),
            )


def _stray(code: str, gateway_code: str) -> Source:
    """A sensor nobody registered: to all appearance a thermometer."""
    return Source(
        source_code=code,
        kind=SourceKind.SENSOR,
        name="",
        gateway_code=gateway_code,
        quantity=Quantity.TEMPERATURE,
        range_low=0.0,
        range_high=200.0,
    )


def _camera_states(plan: Plan) -> Iterator[Sent]:
    gateway_code = plan.site.video_gateway.gateway_code
    codes = [camera.source_code for camera in plan.site.cameras]
    codes += [code for gateway, code in plan.strays if gateway == gateway_code]
    seen = {code: pictures(plan.seed, code) for code in codes}
    for at in instants(plan, gateway_code, CAMERA_PERIOD):
        cameras = [_state(plan, code, seen[code], at) for code in codes if not plan.is_silent(code, at)]
        if not cameras:
            continue
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


def _state(plan: Plan, code: str, seen: Pictures, at: datetime) -> CameraState:
    down = plan.cameras_down.get(code)
    if down is not None and (down.since is None or at >= down.since):
        return down
    return seen.state(code, min(at, plan.frozen_from.get(code, at)))


def instants(plan: Plan, gateway_code: str, period: timedelta) -> Iterator[datetime]:
    """The instants of the window at which a gateway sends: its slot of the ten-second grid in every period.

    Its slot is the same on every day.
    """
    period = plan.periods.get(gateway_code, period)
    return _grid(plan.window.start, plan.window.end, period, _slot(plan, gateway_code, period))


def _slot(plan: Plan, gateway_code: str, period: timedelta) -> int:
    seconds = int(period.total_seconds())
    return stream(plan.seed, gateway_code, "slot").randrange(seconds // GRID_SECONDS)


def _grid(start: datetime, end: datetime, period: timedelta, slot: int) -> Iterator[datetime]:
    since_period = timedelta(seconds=int(start.timestamp()) % int(period.total_seconds()))
    at = start - since_period + timedelta(seconds=slot * GRID_SECONDS)
    while at < end:
        if at >= start:
            yield at
        at += period
