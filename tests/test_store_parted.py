"""Sensors that go on disagreeing for days: told of every day, unless that is how they are now."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from rdchem.model.signal import APART, SignalState
from rdchem.model.source import Quantity, Source, SourceKind
from rdchem.readings.series import Floats
from rdchem.store.courses import CourseLimits, Files, courses
from rdchem.store.readings import write_readings
from tests.days import EIGHT
from tests.reading_rows import ReadingRow, columns

START, STEP = EIGHT - timedelta(hours=8), timedelta(minutes=5)
LIMITS = CourseLimits(timedelta(days=4), timedelta(days=2), timedelta(minutes=5))
PER_HOUR, PER_DAY = 12, 288
BEFORE, AFTER = 13, 10
"""Days before the first one judged, and of those."""
TOLD = (SignalState.DISAGREES, SignalState.CONTRADICTED)
DAYS = np.arange(-BEFORE * PER_DAY, AFTER * PER_DAY) / PER_DAY
QUANTITIES = {"A": Quantity.TEMPERATURE, "B": Quantity.TEMPERATURE, "L": Quantity.LEVEL, "F": Quantity.FLOW}
FAULTY = (DAYS >= 0) & (DAYS < 5)


def noise(seed: int, amount: float) -> Floats:
    return np.random.default_rng(seed).normal(0, amount, DAYS.size)


def pair(off: Floats, seed: int) -> dict[str, Floats]:
    """Two that go together, the other one off by so much."""
    turns = np.random.default_rng(seed).random(3)
    swings = zip((5.0, 3.0, 2.0), (1.0, 2.97, 7.02), turns, strict=True)
    process = sum(much * np.sin(2 * np.pi * (DAYS * times + turn)) for much, times, turn in swings)
    return {"A": process + noise(seed, 0.05), "B": 2 * process + 30 + noise(seed + 1, 0.05) + off}


def tank(idle: Floats, seed: int) -> dict[str, Floats]:
    """A tank filled in two hours out of six by a pump; where it is told so, the pump stands."""
    turn = np.arange(DAYS.size) % (6 * PER_HOUR)
    level = np.interp(turn, [0, 24, 48, 60], [1.0, 5.0, 5.0, 1.0]) + noise(seed, 0.01)
    return {"L": level, "F": np.where((turn < 24) & ~idle, 60.0, 2.0) + noise(seed + 1, 0.3)}


ASTRAY = np.select([(day <= DAYS) & (day + 1 > DAYS) for day in range(5)], [6.0, -5.0, 7.0, -8.0, 5.0])
HONEST = np.zeros(DAYS.size)
COMPANIES = {
    "honest": pair(HONEST, 10) | tank(HONEST > 0, 12),
    "five days off": pair(6.0 * FAULTY, 20),
    "two days off": pair(6.0 * ((DAYS >= 0) & (DAYS < 2)), 90),
    "off since four": pair(6.0 * (DAYS >= 4 / 24), 30),
    "recalibrated": pair(6.0 * (DAYS >= 0), 40),
    "astray": pair(ASTRAY, 50),
    "shut": tank(FAULTY, 60),
    "filled otherwise since": tank(DAYS >= 0, 70),
    "filled otherwise at times": tank(np.isin(np.arange(DAYS.size) // (6 * PER_HOUR), [50, 53, 55]), 80),
}


@pytest.fixture(scope="module")
def days(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("readings")
    paths = []
    for first in range(0, DAYS.size, PER_DAY):
        paths.append(folder / f"day{first // PER_DAY:02d}.parquet")
        write_readings(paths[-1], columns(list(rows(range(first, first + PER_DAY)))))
    return paths


def rows(places: range) -> Iterator[ReadingRow]:
    for company, shown in COMPANIES.items():
        for code, values in shown.items():
            for place in places:
                at = START + (place - BEFORE * PER_DAY) * STEP
                yield ReadingRow(
                    company, "G1", code, at, at, at, float(values[place]), "good", f"{code} {at}"
                )


def sources() -> dict[str, dict[str, Source]]:
    return {
        company: {
            code: Source(
                source_code=code,
                kind=SourceKind.SENSOR,
                name=code,
                gateway_code="G1",
                hazard_code="H1",
                quantity=QUANTITIES[code],
            )
            for code in shown
        }
        for company, shown in COMPANIES.items()
    }


@pytest.fixture(scope="module")
def told(days: list[Path]) -> dict[str, list[int]]:
    """Company -> the days on which its sensors are told to disagree or to be contradicted."""
    found: dict[str, list[int]] = {company: [] for company in COMPANIES}
    for day in range(AFTER):
        at = BEFORE + day
        files = Files([days[at]], days[at - 5 : at], days[0].parent / "learned", days[at - 12 : at - 5])
        start: datetime = START + timedelta(days=day)
        as_of = start + timedelta(days=1) - STEP
        for company, own in courses(files, sources(), start=start, as_of=as_of, limits=LIMITS).items():
            shown = [each.interval for one in own.values() for each in one.shown]
            if any(one.state in TOLD or APART in one.measure for one in shown):
                found[company].append(day)
    return found


@pytest.mark.parametrize(
    ("company", "expected"),
    [
        ("honest", []),
        ("five days off", [0, 1, 2, 3, 4, 5]),
        ("two days off", [0, 1]),
        ("off since four", [0, 1, 2, 3, 4]),
        ("recalibrated", [0, 1, 2, 3, 4]),
        ("astray", [0, 1, 2, 3, 4]),
        ("shut", [1, 2, 3, 4]),
        ("filled otherwise since", [1, 2, 3, 4]),
        ("filled otherwise at times", []),
    ],
)
def test_what_lasts_is_told_of_for_five_days_and_then_is_how_they_are(
    told: dict[str, list[int]], company: str, expected: list[int]
) -> None:
    """Who goes back after as long is told of once more: by then that was how they were. On its first day of
    rest it is the flow itself that is told of: so calm it never was.
    """
    assert told[company] == expected
