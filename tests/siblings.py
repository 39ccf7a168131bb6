"""Sensors of one hazard with four days of past and most of a day, a reading every five minutes."""

from collections.abc import Mapping

import numpy as np

from rdchem.model.source import Quantity, Source, SourceKind
from rdchem.readings.learned import Learned, learn
from rdchem.readings.rows import Rows
from rdchem.readings.series import DAY_S, Floats, Series

STEP_S = 300
PER_HOUR = 12
PER_DAY = 24 * PER_HOUR
PAST = 4 * PER_DAY
TODAY = 10 * PER_HOUR
LEAST_S = 2 * DAY_S


class Hazard:
    """What some sensors show: `values` of four days and ten hours, by code; of one quantity, or as told."""

    def __init__(
        self,
        values: Mapping[str, Floats],
        quantities: Mapping[str, Quantity] | None = None,
        hazards: Mapping[str, str] | None = None,
        past: int = PAST,
    ) -> None:
        self.rows: dict[str, Rows] = {}
        self.sources: dict[str, Source] = {}
        self.learned: dict[str, Learned] = {}
        for code, whole in values.items():
            seconds = np.arange(PAST - past, PAST) * float(STEP_S)
            usual = learn(Series(seconds, whole[PAST - past : PAST]))
            assert usual is not None
            self.learned[code] = usual
            self.rows[code] = rows(whole[PAST:], code)
            self.sources[code] = Source(
                source_code=code,
                kind=SourceKind.SENSOR,
                name=code,
                hazard_code=(hazards or {}).get(code, "H1"),
                quantity=(quantities or {}).get(code, Quantity.TEMPERATURE),
                range_low=-1000.0,
                range_high=1000.0,
            )


def rows(values: Floats, code: str) -> Rows:
    """Today's rows, each its own message."""
    seconds = PAST * float(STEP_S) + np.arange(values.size) * float(STEP_S)
    ids = [f"{code}-{number}" for number in range(values.size)]
    return Rows(seconds, values, np.arange(values.size), ids, np.ones(values.size))


def at(place: int) -> float:
    """The second a step of today begins with."""
    return float((PAST + place) * STEP_S)


def process(seed: int) -> Floats:
    """A process that swings by the day and faster, as far today as ever."""
    turns = np.random.default_rng(seed).random(3)
    steps = np.arange(PAST + TODAY)
    return sum(
        much * np.sin(2 * np.pi * (steps / period + turn))
        for much, period, turn in zip((5.0, 3.0, 2.0), (PER_DAY, 97, 41), turns, strict=True)
    ) + np.zeros(steps.size)


def noise(seed: int, amount: float = 0.05) -> Floats:
    """What an instrument adds."""
    return np.random.default_rng(seed).normal(0, amount, PAST + TODAY)
