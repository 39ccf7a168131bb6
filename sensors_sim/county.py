"""The simulated county: its enterprises with their hazards, gateways, sensors and cameras.

Enterprise number i is drawn from its own streams: it is the same in a county of 5 and in one of 5,000.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Final

from rdchem.errors import InputError
from rdchem.model.source import Enterprise, Gateway, Hazard, Quantity, Source, SourceKind
from sensors_sim.instruments import INSTRUMENTS, thresholds
from sensors_sim.names import MOST_ENTERPRISES, enterprise_name
from sensors_sim.streams import stream

AREA_CODE: Final = "320623"
_CODE_SPACE: Final = 99_991
"""A prime: stepping through it scatters the codes without meeting one twice."""
_CODE_STEP: Final = 48_271
_NAME_STEP: Final = 7_919
_QUANTITIES: Final = {
    Quantity.TEMPERATURE: 14,
    Quantity.PRESSURE: 12,
    Quantity.LEVEL: 12,
    Quantity.FLOW: 6,
    Quantity.COMBUSTIBLE_GAS: 10,
    Quantity.TOXIC_GAS: 3,
}
"""How often each quantity is met, out of 57 sensors."""
_NOT_IN_USE: Final = 0.01
_SUBSTANCES: Final = ("甲醇", "苯", "液氨", "液氯", "丙烯", "环氧乙烷", "甲苯", "氯乙烯")


@dataclass(frozen=True)
class Site:
    """One enterprise as registered: sensors on 1–3 gateways, cameras on a video gateway of their own."""

    index: int
    company_code: str
    enterprise: Enterprise
    hazards: tuple[Hazard, ...]
    gateways: tuple[Gateway, ...]
    video_gateway: Gateway
    sensors: tuple[Source, ...]
    cameras: tuple[Source, ...]

    @cached_property
    def working_sensors(self) -> tuple[Source, ...]:
        """The sensors registered as in use."""
        return tuple(sensor for sensor in self.sensors if sensor.in_use)


def county(seed: int, enterprises: int) -> Iterator[Site]:
    """The first `enterprises` enterprises of the county of a seed, in order of registration."""
    if not 1 <= enterprises <= MOST_ENTERPRISES:
        raise InputError(f"企业数应在 1 到 {MOST_ENTERPRISES} 之间,给出的是 {enterprises}。")
    return (site(seed, index) for index in range(enterprises))


def site(seed: int, index: int) -> Site:
    """Enterprise number `index` of the county of a seed."""
    offsets = stream(seed, "county")
    number = (offsets.randrange(_CODE_SPACE) + index * _CODE_STEP) % _CODE_SPACE
    name = enterprise_name((offsets.randrange(MOST_ENTERPRISES) + index * _NAME_STEP) % MOST_ENTERPRISES)
    company_code = f"3206{number:05d}"
    random = stream(seed, company_code, "register")
    enterprise = Enterprise(
        name=name,
        area_code=AREA_CODE,
        credit_code=f"91320623MA{number:07d}X",
        state="trial" if random.random() < 0.05 else "operating",
    )
    hazards = tuple(_hazard(random, company_code, n + 1) for n in range(random.randint(1, 3)))
    gateways = tuple(
        Gateway(gateway_code=f"{company_code}G{n + 1:02d}", name=f"{n + 1}号采集网关")
        for n in range(random.randint(1, 3))
    )
    video = Gateway(gateway_code=f"{company_code}V01", name="视频网关")
    sensors = tuple(draw_sensors(random, hazards, gateways, range(1, random.randint(48, 66) + 1)))
    cameras = tuple(_cameras(random, hazards, video))
    return Site(index, company_code, enterprise, hazards, gateways, video, sensors, cameras)


def _hazard(random: Random, company_code: str, number: int) -> Hazard:
    level = random.choices((1, 2, 3, 4), weights=(1, 2, 4, 5))[0]
    name = f"{random.choice(_SUBSTANCES)}{random.choice(('罐区', '装置', '仓库'))}"
    return Hazard(hazard_code=f"{company_code}{number:03d}", name=name, level=level)


def draw_sensors(
    random: Random, hazards: tuple[Hazard, ...], gateways: tuple[Gateway, ...], numbers: range
) -> Iterator[Source]:
    """The sensors of these running numbers, dealt out over hazards and gateways."""
    quantities = random.choices(list(_QUANTITIES), list(_QUANTITIES.values()), k=len(numbers))
    for number, quantity in zip(numbers, quantities, strict=True):
        instrument = INSTRUMENTS[quantity]
        hazard = hazards[number % len(hazards)]
        tag_no = f"{instrument.tag}-{number:03d}"
        yield Source(
            source_code=f"{hazard.hazard_code}{instrument.code}{number:03d}",
            kind=SourceKind.SENSOR,
            name=f"{hazard.name}{instrument.label}{tag_no}",
            hazard_code=hazard.hazard_code,
            gateway_code=gateways[number % len(gateways)].gateway_code,
            quantity=quantity,
            tag_no=tag_no,
            unit=instrument.unit,
            in_use=random.random() >= _NOT_IN_USE,
            **thresholds(instrument, random.choice(instrument.ranges)),
        )


def _cameras(random: Random, hazards: tuple[Hazard, ...], video: Gateway) -> Iterator[Source]:
    for number in range(1, random.randint(5, 7) + 1):
        hazard = hazards[number % len(hazards)]
        yield Source(
            source_code=f"{hazard.hazard_code}09{number:03d}",
            kind=SourceKind.CAMERA,
            name=f"{hazard.name}{number}号摄像机",
            hazard_code=hazard.hazard_code,
            gateway_code=video.gateway_code,
        )
