"""Values of sizes no number holds together: whatever a file has in it, it is judged, without a warning."""

import warnings

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rdchem.readings.learned import learn
from rdchem.readings.of_file import screen_after, screen_alone
from rdchem.readings.series import Series, ordered

SIZES = (1e29, -1e29, 1e15, 123456.789, 1.0, 0.1, 1e-15, 1e-300, 5e-324, 0.0, -0.0, np.nan, np.inf)


@st.composite
def series(draw: st.DrawFn) -> Series:
    """Some hundred rows of a few of these values, rarely and often; perhaps with noise, or rounded."""
    few = draw(st.lists(st.sampled_from(SIZES), min_size=2, max_size=5, unique_by=repr))
    random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    count, step_s = draw(st.integers(3, 900)), draw(st.sampled_from([60.0, 300.0, 3600.0, 86400.0]))
    values = random.choice(np.array(few), count, p=random.dirichlet(np.full(len(few), 0.5)))
    values = values + random.normal(0, 1, count) * draw(st.sampled_from([0.0, 0.0, 1e-9, 1.0, 1e9]))
    waits = random.exponential(step_s, count) if draw(st.booleans()) else np.full(count, step_s)
    return ordered(1.7e9 + np.cumsum(waits), np.round(values, 2) if draw(st.booleans()) else values)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(series())
def test_whatever_the_sizes_it_is_judged(whole: Series) -> None:
    at = whole.seconds.size * 7 // 10
    past, shown = (Series(whole.seconds[part], whole.values[part]) for part in (slice(at), slice(at, None)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for one in (
            screen_alone(whole, until=float(whole.seconds[-1])),
            screen_after(shown, past, learn(past), until=float(whole.seconds[-1]) + 1e5),
        ):
            assert all(interval.start <= interval.end and interval.why for interval in one)
