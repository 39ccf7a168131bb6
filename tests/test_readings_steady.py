"""Courses found for all sources of an enterprise at once are those found for each by itself."""

from datetime import timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rdchem.model.source import Source, SourceKind
from rdchem.readings.courses import course
from rdchem.readings.rows import Rows
from rdchem.readings.screen import instant
from rdchem.readings.steady import courses_of, steady

START = 1_789_430_400.0
GAP = timedelta(minutes=3)
AS_OF = instant(START + 86_400)


def source(code: str = "S1", **marks: float) -> Source:
    return Source(source_code=code, kind=SourceKind.SENSOR, name=code, **marks)


def rows(seconds: list[float], values: list[float], delays: list[float]) -> Rows:
    ids = [f"j{number}" for number in range(len(seconds))]
    return Rows(START + np.array(seconds), np.array(values), np.arange(len(seconds)), ids, np.array(delays))


@st.composite
def sent(draw: st.DrawFn) -> tuple[Source, Rows]:
    """A source and what it sent: mostly every minute, mostly well within its marks."""
    size = draw(st.integers(1, 14))
    steps = draw(st.lists(st.sampled_from([60.0, 60.0, 60.0, 61.0, 30.0, 179.0, 180.0, 600.0]), min_size=size,
                          max_size=size))  # fmt: skip
    some = [5.0, 5.0, 5.0, 5.1, 4.9, 5.0, 8.0, 2.0, 9.9, 10.0, 10.1, 0.0, -0.1, 6.5, float("nan")]
    values = draw(st.lists(st.sampled_from(some), min_size=size, max_size=size))
    if draw(st.booleans()):
        values = [5.0 + 0.1 * (number % 2) for number in range(size)]
    delays = draw(st.lists(st.sampled_from([0.0, 1.5, 3.0, 40.0, -2.0]), min_size=size, max_size=size))
    every = {"range_low": 0.0, "range_high": 10.0, "low": 2.0, "high": 8.0}
    named = draw(st.sets(st.sampled_from(sorted(every))))
    return source(**{name: every[name] for name in named}), rows(np.cumsum(steps).tolist(), values, delays)


@given(st.lists(sent(), min_size=1, max_size=5), st.booleans())
def test_all_at_once_or_one_by_one(told: list[tuple[Source, Rows]], signals: bool) -> None:
    sources = {f"S{number}": one for number, (one, _) in enumerate(told)}
    own = {f"S{number}": one for number, (_, one) in enumerate(told)}
    found = courses_of(own, sources, {}, least_gap=GAP, signals=signals)
    assert found == {
        code: course(own[code], one, None, least_gap=GAP, signals=signals) for code, one in sources.items()
    }


def test_a_sensor_as_it_should_be_is_steady_and_one_with_a_gap_is_not() -> None:
    minutes = [60.0 * number for number in range(60)]
    good, torn = (
        rows(minutes, [5.0] * 60, [1.0] * 60),
        rows([*minutes[:30], *(one + 600 for one in minutes[30:])], [5.0] * 60, [1.0] * 60),
    )
    marks = {"range_low": 0.0, "range_high": 10.0}
    sources = {code: source(code, **marks) for code in ("S1", "S2")}
    found = steady({"S1": good, "S2": torn}, sources, least_gap_s=180.0, signals=True)
    assert found.keys() == {"S1"}
    assert (found["S1"].step, found["S1"].delay) == (60.0, 1.0)


def test_of_nobody_nothing() -> None:
    assert courses_of({}, {}, {}, least_gap=GAP, signals=True) == {}
