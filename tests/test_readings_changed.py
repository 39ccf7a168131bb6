"""For whom a longer past must be asked: whose sources ceased, or began, to go together."""

import numpy as np
import pytest

from rdchem.model.source import Quantity
from rdchem.readings.beside import Sensor
from rdchem.readings.changed import changed
from rdchem.readings.grid import Grid
from rdchem.readings.series import Floats
from tests.siblings import PAST, PER_DAY, PER_HOUR, STEP_S, noise, process


def pair(off: slice, much: float = 6.0) -> dict[str, Floats]:
    shown = {"A": process(5) + noise(1), "B": 2 * process(5) + 30 + noise(2)}
    shown["B"][off] += much
    return shown


def tank(idle: slice) -> dict[str, Floats]:
    turn = np.arange(PAST) % (6 * PER_HOUR)
    level = np.interp(turn, [0, 24, 48, 60], [1.0, 5.0, 5.0, 1.0])
    flow = np.where(turn < 24, 60.0, 2.0)
    flow[idle] = 2.0
    return {"L": level, "F": flow}


def found(shown: dict[str, Floats], *, step_s: float = STEP_S, **hazards: str) -> set[str]:
    quantities = {"L": Quantity.LEVEL, "F": Quantity.FLOW}
    known = {code: Sensor(quantities.get(code, Quantity.PRESSURE), hazards.get(code, "H1")) for code in shown}
    return changed({code: Grid(7, step_s, values[:PAST]) for code, values in shown.items()}, known)


@pytest.mark.parametrize("since", [PER_DAY, 2 * PER_DAY, PAST - PER_HOUR])
def test_who_goes_together_no_more(since: int) -> None:
    alone = {"X": process(8) + noise(3)}
    assert found(pair(slice(since, PAST)) | alone) == {"A", "B", "X"}
    assert found(pair(slice(since, PAST)) | alone, X="H2") == {"A", "B"}
    assert found(pair(slice(since, PAST)), B="H2") == set()


def test_who_began_to() -> None:
    assert found(pair(slice(0, 2 * PER_DAY))) == {"A", "B"}


def test_who_goes_together_as_ever_or_never_did() -> None:
    assert found(pair(slice(0, 0))) == set()
    assert found(pair(slice(2 * PER_DAY, 3 * PER_DAY))) == set()
    assert found({"A": process(5), "B": process(6)}) == set()


@pytest.mark.parametrize("since", [PER_DAY, 3 * PER_DAY])
def test_a_tank_that_is_filled_otherwise(since: int) -> None:
    assert found(tank(slice(since, PAST))) == {"L", "F"}


def test_a_tank_that_is_filled_as_ever_or_now_and_then_otherwise() -> None:
    assert found(tank(slice(0, 0))) == set()
    assert found(tank(slice(2 * PER_DAY, 2 * PER_DAY + 30))) == set()


def test_of_steps_longer_than_half_an_hour_nothing_is_asked() -> None:
    assert found(pair(slice(PER_DAY, PAST)), step_s=3600.0) == set()
