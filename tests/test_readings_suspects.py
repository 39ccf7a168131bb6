"""All sources of an enterprise at once: what is found of each alone is found of it among the others."""

import numpy as np
import pytest

from rdchem.readings.learned import Learned, learn
from rdchem.readings.replay import COARSE_S, may_be_near, nearest
from rdchem.readings.screen import of_values
from rdchem.readings.screened import Usual, screened
from rdchem.readings.series import DAY_S, Floats, Series
from rdchem.readings.sorted_day import SortedDay
from rdchem.readings.suspects import suspects

PAST_DAYS = 8
ROWS = 1440
STEP_S = DAY_S / ROWS
DAY = 20_000


def signal(seed: int) -> Floats:
    """A day's swing, a slow wandering and noise, each of its own size."""
    random = np.random.default_rng(seed)
    size = (PAST_DAYS + 1) * ROWS
    slow = np.convolve(random.normal(0, 1, size + 360), np.ones(361) / 361, "valid")
    swing, wander, noise = random.uniform(0.5, 4), random.uniform(5, 30), random.uniform(0.02, 0.3)
    day = np.sin(np.arange(size) / ROWS * 2 * np.pi + random.uniform(0, 6))
    return np.round(50 + swing * day + wander * slow + random.normal(0, noise, size), 2)


def faulty(values: Floats, fault: str, random: np.random.Generator) -> Floats:
    """The last day of a signal with a fault in it."""
    today, before = values[-ROWS:].copy(), values[-2 * ROWS : -ROWS]
    deviation = values.std()
    part = slice(ROWS // 4, ROWS)
    if fault == "stuck":
        today[600:800] = today[600]
    if fault == "trembling":
        today[part] = today[part.start] + random.normal(0, 0.03 * deviation, today[part].size)
    if fault == "replayed":
        today = before.copy()
    if fault == "replayed with noise":
        today = before + random.normal(0, 0.03 * deviation, ROWS)
    if fault == "offset":
        today[part] += 3 * deviation
    if fault == "drift":
        today[: -ROWS // 8] += 3.5 * deviation * np.linspace(0, 1, ROWS - ROWS // 8)
    if fault == "missing":
        today[300:330] = np.nan
    if fault == "white":
        today = today[0] + random.normal(0, 1.5 * deviation, ROWS)
    if fault == "typed":
        today[part] = np.round(20 * today[part]) / 20
    if fault == "louder":
        today[part] += random.normal(0, 2, today[part].size).round(2)
    if fault == "calculated":
        today[part] += random.normal(0, 0.1, today[part].size)
        return today
    return np.round(today, 2)


FAULTS = (
    *("", "stuck", "trembling", "replayed", "replayed with noise", "offset", "drift", "missing", "white"),
    *("typed", "louder", "calculated"),
)
Built = tuple[SortedDay, dict[str, Learned], dict[str, Series]]


@pytest.fixture(scope="module")
def built() -> Built:
    """Four sources a fault; of one nothing is learned, one begins late, the past of one is kept by hours."""
    learned, series = {}, {}
    seconds = DAY * DAY_S + np.arange(-PAST_DAYS * ROWS, ROWS) * STEP_S
    for number in range(4 * len(FAULTS)):
        values = signal(number)
        today = faulty(values, FAULTS[number // 4], np.random.default_rng(number))
        name = f"s{number:02d}"
        grid_s = 3600.0 if number == 13 else COARSE_S
        usual = learn(Series(seconds[:-ROWS], values[:-ROWS]), grid_s=grid_s)
        if number != 6 and usual is not None:
            learned[name] = usual
        late = 400 if number == 9 else 0
        series[name] = Series(seconds[-ROWS:][late:], today[late:])
    starts = np.cumsum([0, *(one.seconds.size for one in series.values())])
    day = SortedDay(
        tuple(series),
        starts.astype(np.int64),
        np.concatenate([one.seconds * 1e6 for one in series.values()]).astype(np.int64),
        np.concatenate([one.values for one in series.values()]),
        np.zeros(starts[-1], np.uint8),
        np.zeros(len(series), np.int64),
    )
    return day, learned, series


def test_what_is_found_alone_is_found_among_the_others(built: Built) -> None:
    day, learned, series = built
    alone = [
        (
            place,
            one.state.value,
            round(one.start.timestamp() * 1e6),
            round(one.end.timestamp() * 1e6),
            one.why,
        )
        for place, (name, own) in enumerate(series.items())
        for one in sorted(of_values(own.present(), learned.get(name)), key=lambda one: (one.start, one.end))
    ]
    among = [
        (int(one.source[0]), one.state, int(one.begin_us[0]), int(one.end_us[0]), one.why[0])
        for one in screened(day, Usual(learned, {}, 0.0), [])
    ]
    assert among == alone
    assert any("白度" in why for *_, why in among)
    states = {"stuck", "stuck_with_jitter", "replayed", "offset", "drift", "digits", "noisy"}
    assert {state for _, state, *_ in among} == states
    assert {(place // 4, state) for place, state, *_ in among} >= {
        (9, "digits"),
        (10, "noisy"),
        (11, "digits"),
    }


def test_few_are_looked_at_in_vain(built: Built) -> None:
    day, learned, _ = built
    looked = suspects(day, day.value, learned)
    honest = [place for place in range(4) if looked.asked(place) is not None]
    assert len(honest) <= 2
    assert looked.still[:4].sum() == 0
    assert looked.asked(6) is None  # nothing is known of it but itself
    assert looked.still[6]
    assert looked.asked(9) == looked.asked(13) != looked.asked(0)  # all, as its day or grid is


def test_what_may_be_near_is_asked_of_each_row_by_itself() -> None:
    random = np.random.default_rng(8)
    pasts = np.cumsum(random.normal(0, 1, (6, 400)), axis=1)
    today = np.cumsum(random.normal(0, 1, (6, 96)), axis=1)
    today[1], today[3] = pasts[1, 50:146], pasts[3, 200:296] + random.normal(0, 0.01, 96)
    within = np.full(6, 0.05)
    within[5] = nearest(today[5], pasts[5], 900.0).distance
    found = may_be_near(today, pasts, within)
    assert found[[1, 3, 5]].all()
    alone = [
        may_be_near(now[None], then[None], np.array([0.05]))[0]
        for now, then in zip(today, pasts, strict=True)
    ]
    assert found[:5].tolist() == alone[:5]
    assert not found[[0, 2]].any()
