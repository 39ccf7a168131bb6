"""Points of the county that real series drive, as the command line names them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rdchem.errors import InputError
from sensors_sim.plan import Plan
from sensors_sim.series import Series, read_series


@dataclass(frozen=True)
class DrivenPoint:
    """Sensor `sensor` of enterprise `enterprise`, both counted from 1 in the order of the register."""

    enterprise: int
    sensor: int
    series: Series

    def drive(self, plans: Sequence[Plan]) -> None:
        """Let the sensor show the series. Raises InputError if there is none in use there."""
        if not 1 <= self.enterprise <= len(plans):
            raise InputError(f"--series:没有第 {self.enterprise} 家企业,共 {len(plans)} 家。")
        plan = plans[self.enterprise - 1]
        sensors = plan.site.sensors
        if not 1 <= self.sensor <= len(sensors):
            raise InputError(f"--series:这家企业没有第 {self.sensor} 个传感器,共 {len(sensors)} 个。")
        sensor = sensors[self.sensor - 1]
        if not sensor.in_use:
            raise InputError(f"--series:第 {self.sensor} 个传感器未在用,请另选一个。")
        plan.signals[sensor.source_code] = self.series

    def told(self, plans: Sequence[Plan]) -> str:
        """Which sensor it is, for the reader."""
        plan = plans[self.enterprise - 1]
        sensor = plan.site.sensors[self.sensor - 1]
        return f"{plan.enterprise.name} {sensor.name}({sensor.source_code},{sensor.unit})"


def driven_point(text: str) -> DrivenPoint:
    """A point as typed: `1:3=level.csv`. Raises InputError."""
    place, _, path = text.partition("=")
    enterprise, _, sensor = place.partition(":")
    if not (enterprise.isdecimal() and sensor.isdecimal() and path):
        raise InputError(f"--series {text!r} 不对:应为 企业序号:传感器序号=文件,如 1:3=液位.csv。")
    return DrivenPoint(int(enterprise), int(sensor), read_series(Path(path)))
