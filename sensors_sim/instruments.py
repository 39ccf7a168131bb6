"""The instruments of a tank farm: ranges and thresholds they are registered with, digits they show."""

from dataclasses import dataclass
from typing import Final

from rdchem.model.source import Quantity


@dataclass(frozen=True, slots=True)
class Instrument:
    """A kind of instrument: its unit, the measuring ranges it is sold with, and its thresholds.

    `low_low … high_high` are shares of the range; `digits` after the point are shown.
    """

    code: str
    label: str
    tag: str
    unit: str
    ranges: tuple[tuple[float, float], ...]
    digits: int
    low_low: float
    low: float
    high: float
    high_high: float


INSTRUMENTS: Final[dict[Quantity, Instrument]] = {
    Quantity.TEMPERATURE: Instrument(
        "01", "温度", "TI", "℃", ((-20.0, 80.0), (0.0, 200.0), (0.0, 400.0)), 1,
        0.05, 0.1, 0.8, 0.9,
    ),
    Quantity.PRESSURE: Instrument(
        "02", "压力", "PI", "MPa", ((0.0, 1.0), (0.0, 1.6), (0.0, 4.0)), 3,
        0.04, 0.08, 0.75, 0.85,
    ),
    Quantity.LEVEL: Instrument(
        "03", "液位", "LI", "m", ((0.0, 6.0), (0.0, 10.0), (0.0, 15.0)), 3,
        0.05, 0.1, 0.85, 0.9,
    ),
    Quantity.FLOW: Instrument(
        "04", "流量", "FI", "m3/h", ((0.0, 50.0), (0.0, 120.0), (0.0, 300.0)), 2,
        0.02, 0.05, 0.85, 0.95,
    ),
    Quantity.COMBUSTIBLE_GAS: Instrument(
        "05", "可燃气体", "GA", "%LEL", ((0.0, 100.0),), 1,
        0.0, 0.0, 0.25, 0.5,
    ),
    Quantity.TOXIC_GAS: Instrument(
        "06", "有毒气体", "GT", "ppm", ((0.0, 20.0), (0.0, 50.0)), 2,
        0.0, 0.0, 0.4, 0.6,
    ),
}  # fmt: skip


def thresholds(instrument: Instrument, span: tuple[float, float]) -> dict[str, float]:
    """Range and thresholds as registered: range_low ≤ low_low ≤ low < high ≤ high_high ≤ range_high."""
    bottom, top = span
    shares = {name: getattr(instrument, name) for name in ("low_low", "low", "high", "high_high")}
    marks = {
        name: round(bottom + share * (top - bottom), instrument.digits) for name, share in shares.items()
    }
    return {"range_low": bottom, **marks, "range_high": top}
