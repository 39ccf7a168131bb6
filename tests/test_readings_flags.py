"""The standard flags: figures published with ioos_qc 3.0 (tests/test_qartod.py), and what is ours."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rdchem.model.signal import Flag
from rdchem.readings import flags
from rdchem.readings.series import Floats

NAN = float("nan")
QUARTER_S = 900.0


def at_every(step_s: float, count: int) -> Floats:
    return np.arange(count) * step_s


def test_gross_range_as_published() -> None:
    values = np.array([5, 10, 15, 20, 25, 30, 35, 40, 45, 51, NAN])
    found = flags.gross_range(values, fail=(10, 50), suspect=(20, 40))
    assert found.tolist() == [4, 3, 3, 1, 1, 1, 1, 1, 3, 4, 9]


SPIKES = [
    ([10, 12, 999.99, 13, 15, 40, 9, 9], 25, 50, [2, 4, 4, 4, 1, 3, 1, 2]),
    ([-10, -12, -999.99, -13, -15, -40, -9, -9], 25, 50, [2, 4, 4, 4, 1, 3, 1, 2]),
    ([-100, -99, -99, -98], 25, 50, [2, 1, 1, 2]),
    (
        [10, 12, 999.99, 13, 15, 40, 9, 9, NAN, 10, 10, 999.99, 10, NAN],
        25, 50,
        [2, 4, 4, 4, 1, 3, 1, 2, 9, 2, 4, 4, 2, 9],
    ),
    (
        [-0.189, -0.0792, -0.0122, 0.0457, 0.0671, 0.0213, -0.0488, -0.1463, -0.2438, -0.3261,
         -0.3871, -0.4054, -0.3932, -0.3383, -0.2804, -0.2347, -0.2134, -0.2347, -0.2926, -0.3597,
         -0.442, -0.509, 0, -0.5944, -0.57, -0.4267, -0.2926, -0.1585, -0.0945, -0.0762],
        0.5, 1,
        [2] + [1] * 21 + [3] + [1] * 6 + [2],
    ),
    (
        [3, 4.99, 5, 6, 8, 6, 6, 6.75, 6, 6, 5.3, 6, 6, 9, 5, NAN, 4, 4],
        0.5, 1,
        [2, 3, 1, 1, 4, 3, 1, 3, 1, 1, 3, 1, 4, 4, 2, 9, 2, 2],
    ),
    (
        [3, 4.99, 5, 6, 8, 6, 6, 6.75, 6, 6, 5.3, 6, 6, 9, 5, NAN, 4, 4],
        0.5, None,
        [2, 3, 1, 1, 3, 3, 1, 3, 1, 1, 3, 1, 3, 3, 2, 9, 2, 2],
    ),
    (
        [3, 4.99, 5, 6, 8, 6, 6, 6.75, 6, 6, 5.3, 6, 6, 9, 5, NAN, 4, 4],
        None, 1,
        [2, 1, 1, 1, 4, 1, 1, 1, 1, 1, 1, 1, 4, 4, 2, 9, 2, 2],
    ),
]  # fmt: skip


@pytest.mark.parametrize(("values", "suspect", "fail", "expected"), SPIKES)
def test_spike_as_published(
    values: list[float], suspect: float | None, fail: float | None, expected: list[int]
) -> None:
    found = flags.spike(at_every(1, len(values)), np.array(values, float), suspect=suspect, fail=fail)
    assert found.tolist() == expected


RATED = [2, 10, 2.1, 3, 4, 5, 7, 10, 0, 2, 2.2, 2, 1, 2, 3, 90, 91, 92, 93, 1, 2, 3, 4, 5]
RATES = [
    (RATED, None, [1, 3, 3, 1, 1, 1, 1, 1, 3, 1, 1, 1, 1, 1, 1, 3, 1, 1, 1, 3, 1, 1, 1, 1]),
    (RATED, 10, [1, 3, 3, 1, 1, 1, 1, 1, 4, 1, 1, 1, 1, 1, 1, 4, 1, 1, 1, 4, 1, 1, 1, 1]),
    ([2, 10, 2, 3, NAN, NAN, 7, 10], None, [1, 3, 3, 1, 9, 9, 1, 1]),
    ([-2, -10, -2, -3], None, [1, 3, 3, 1]),
]


@pytest.mark.parametrize(("values", "fail", "expected"), RATES)
def test_rate_of_change_as_published(values: list[float], fail: float | None, expected: list[int]) -> None:
    found = flags.rate_of_change(
        at_every(QUARTER_S, len(values)),
        np.array(values, float),
        suspect=5 / 15 / 60,
        fail=fail / 15 / 60
        if fail
        else None,  # so divided, a last digit below 10 / 900: a fall by 10 is above
    )
    assert found.tolist() == expected


FLATS = [
    (
        QUARTER_S,
        [1, 2, 2.0001, 2, 2.0001, 2, 2.0001, 2, 4, 5, 3, 3.0001, 3.0005, 3.00001],
        (3000, 4800, 0.01),
        [1, 1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3],
    ),
    (
        QUARTER_S,
        [2, 2.0001, 2, 2.0001, 2, 2.0001, 2, 4, 5, 3, 3.0001, 3.0005, 3.00001],
        (3000, 4800, 0.01),
        [1, 1, 1, 3, 3, 4, 4, 1, 1, 1, 1, 1, 3],
    ),
    (
        QUARTER_S,
        [1, NAN, NAN, 2, 2.0001, 2, 2.0001, 2, 4, NAN, 3, NAN, NAN, 3.00001],
        (3000, 4800, 0.01),
        [1, 9, 9, 1, 3, 3, 4, 4, 1, 9, 1, 9, 9, 3],
    ),
    (1, [1, 1, 1, 1, 1, 6, 5, 4, 3, 2], (3, 6, 4), [1, 1, 1, 3, 3, 1, 1, 1, 3, 3]),
    *((1, [5] * count, (3, 5, 0.1), [1, 1, 1, 3, 3, 4][:count]) for count in range(7)),
]


@pytest.mark.parametrize(("step_s", "values", "limits", "expected"), FLATS)
def test_flat_line_as_published(
    step_s: float, values: list[float], limits: tuple[float, float, float], expected: list[int]
) -> None:
    suspect_s, fail_s, tolerance = limits
    shown = np.array(values, float)
    seconds = at_every(step_s, len(values))
    for turned in (shown, -shown):
        found = flags.flat_line(seconds, turned, suspect_s=suspect_s, fail_s=fail_s, tolerance=tolerance)
        assert found.tolist() == expected


def test_precedence_as_published() -> None:
    tests = [[1, 1, 1, 9, 1, 1, 9, 9], [2, 1, 1, 1, 1, 1, 9, 9], [1, 3, 3, 4, 3, 1, 2, 9]]
    merged = flags.merged([np.array(test, np.uint8) for test in tests])
    assert merged.tolist() == [1, 3, 3, 4, 3, 1, 2, 9]


def test_a_flat_line_of_tolerance_zero_is_found_and_a_long_gap_is_none() -> None:
    seconds = at_every(60, 6)
    flat = flags.flat_line(seconds, np.full(6, 2.0), suspect_s=120, fail_s=240, tolerance=0)
    assert flat.tolist() == [1, 1, 3, 3, 4, 4]
    seconds[3:] += 7200
    apart = flags.flat_line(seconds, np.full(6, 2.0), suspect_s=120, fail_s=240, tolerance=0)
    assert apart.tolist() == [1, 1, 3, 1, 1, 3]


def test_a_stopped_stream_is_not_good() -> None:
    seconds = at_every(60, 4)
    assert flags.gap(seconds, suspect_s=120, fail_s=600, until=180).tolist() == [1, 1, 1, 1]
    assert flags.gap(seconds, suspect_s=120, fail_s=600, until=180 + 121).tolist() == [1, 1, 1, 3]
    assert flags.gap(seconds, suspect_s=120, fail_s=600, until=180 + 601).tolist() == [1, 1, 1, 4]


def test_a_gap_is_told_at_the_row_after_it() -> None:
    seconds = np.array([0.0, 60, 60 + 121, 60 + 121 + 601, NAN])
    assert flags.gap(seconds, suspect_s=120, fail_s=600, until=783).tolist() == [1, 1, 3, 4, 9]


def test_attenuated_signal_on_both_sides() -> None:
    values = np.array([0.0, 2, 0, 2, 1, 1, 1, 1])
    found = flags.attenuated_signal(at_every(60, 8), values, window_s=180, suspect=0.9, fail=0.1, min_rows=3)
    assert found.tolist() == [2, 2, 1, 1, 3, 3, 3, 4]


def test_reception_late_early_and_unknown() -> None:
    seconds, received = np.zeros(6), np.array([0, 61, 601, -29, -31, NAN])
    found = flags.reception(seconds, received, suspect_s=60, fail_s=600, ahead_s=30)
    assert found.tolist() == [1, 3, 4, 1, 4, 9]


def test_syntax() -> None:
    found = flags.syntax(np.array([0, NAN, 1, 2]), np.array([1.0, 1.0, np.inf, NAN]))
    assert found.tolist() == [1, 4, 4, 9]


def test_what_is_not_given_is_an_error() -> None:
    seconds, values = at_every(1, 3), np.ones(3)
    with pytest.raises(TypeError):
        flags.gross_range(values)  # type: ignore[call-arg]
    with pytest.raises(TypeError):
        flags.flat_line(seconds, values, suspect_s=1, fail_s=2, tolerence=0)  # type: ignore[call-arg]
    with pytest.raises(ValueError, match="threshold"):
        flags.spike(seconds, values, suspect=None, fail=None)
    with pytest.raises(ValueError, match="missing"):
        flags.rate_of_change(seconds, values, suspect=NAN, fail=None)
    with pytest.raises(ValueError, match="within"):
        flags.gross_range(values, fail=(0, 1), suspect=(0, 2))
    with pytest.raises(ValueError, match="one length"):
        flags.merged([np.ones(2, np.uint8), np.ones(3, np.uint8)])
    with pytest.raises(ValueError, match="one length"):
        flags.spike(seconds, np.ones(2), suspect=1, fail=2)


numbers = st.one_of(st.floats(-1e6, 1e6), st.sampled_from([NAN, np.inf, -np.inf]))


@given(st.lists(st.tuples(st.integers(0, 50), numbers), max_size=40), st.randoms())
def test_any_rows_in_any_order_have_their_flags(rows: list[tuple[int, float]], shuffle: object) -> None:
    """Rows of different instants: a permutation of rows permutes the flags."""
    rows = list({instant: (instant, value) for instant, value in rows}.values())
    order = list(range(len(rows)))
    shuffle.shuffle(order)  # type: ignore[attr-defined]
    straight, mixed = all_flags(rows), all_flags([rows[at] for at in order])
    for one, other in zip(straight, mixed, strict=True):
        assert one[order].tolist() == other.tolist()
        assert set(one.tolist()) <= set(Flag)


def all_flags(rows: list[tuple[int, float]]) -> list[flags.Flags]:
    seconds, values = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows], float)
    tests = [
        flags.gross_range(values, fail=(-1e5, 1e5), suspect=(-10, 10)),
        flags.spike(seconds, values, suspect=1, fail=100),
        flags.rate_of_change(seconds, values, suspect=1, fail=100),
        flags.flat_line(seconds, values, suspect_s=3, fail_s=6, tolerance=0.5),
        flags.gap(seconds, suspect_s=2, fail_s=10, until=60),
        flags.attenuated_signal(seconds, values, window_s=5, suspect=1, fail=0.1, min_rows=2),
        flags.syntax(seconds, values),
    ]
    return [*tests, flags.merged(tests)]
