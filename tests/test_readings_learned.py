"""What is usual is the same whether learned of one source by itself or of many at once."""

import os
import time
from pathlib import Path

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.readings.keeping import packed, unpacked
from rdchem.readings.learned import Learned, learn, learn_all
from rdchem.readings.series import DAY_S, Series
from rdchem.store.learned_past import FOLDER, is_kept, keep_pasts

START = 20_000 * DAY_S


@st.composite
def pasts(draw: st.DrawFn) -> Series:
    """Two to five days of a source: any cadence, with holes, rests, steps; some begin or end elsewhere."""
    every = draw(st.sampled_from([300.0, 300.0, 300.0, 900.0, 3600.0]))
    days = draw(st.sampled_from([3.5, 3.5, 3.5, 2.0, 5.0]))
    random = np.random.default_rng(draw(st.integers(0, 1000)))
    seconds = START + draw(st.sampled_from([0.0, 0.0, 5000.0])) + np.arange(0, days * DAY_S, every)
    swing, noise = draw(st.sampled_from([0.0, 3.0])), draw(st.sampled_from([0.0, 0.1, 0.1]))
    values = 20 + swing * np.sin(seconds / DAY_S * 2 * np.pi) + random.normal(0, 1, seconds.size) * noise
    if draw(st.booleans()):
        values += np.cumsum(random.normal(0, 0.05, seconds.size))
    values = np.round(values, 2)
    first = draw(st.integers(0, seconds.size - 1))
    after = first + draw(st.integers(0, seconds.size // 2))
    kind = draw(st.sampled_from(["whole", "hole", "missing", "step", "rest", "mornings"]))
    if kind == "missing":
        values[first:after] = np.nan
    elif kind == "step":
        values[first:after] += 9.0
    elif kind == "rest":
        values = np.maximum(values, 20.5)
    kept = np.ones(seconds.size, np.bool_)
    if kind == "hole":
        kept[first:after] = False
    elif kind == "mornings":
        kept = seconds % DAY_S < 7200
    return Series(seconds[kept], values[kept])


def known(learned: Learned | None) -> bytes | None:
    return None if learned is None else packed(learned, exact=True)


@settings(deadline=None, max_examples=60)
@given(st.lists(pasts(), min_size=1, max_size=6))
def test_together_or_one_by_one(several: list[Series]) -> None:
    assert [*map(known, learn_all(several))] == [known(learn(one)) for one in several]


def test_together_in_steps_of_a_quarter_of_an_hour() -> None:
    random = np.random.default_rng(3)
    seconds = START + np.arange(0, 4 * DAY_S, 60.0)
    several = [Series(seconds, np.cumsum(random.normal(0, 1, seconds.size))) for _ in range(3)]
    found = learn_all(several, grid_s=900.0)
    assert [*map(known, found)] == [known(learn(one, grid_s=900.0)) for one in several]
    assert all(one is not None and one.past.step_s == 900.0 and one.likeness > 0 for one in found)


def test_of_two_values_nothing_is_learned_and_the_others_keep_their_places() -> None:
    short, long = Series(np.array([1.0, 2.0]), np.ones(2)), Series(np.arange(9.0), np.arange(9.0))
    found = learn_all([short, long, short])
    assert [one is None for one in found] == [True, False, True]
    assert learn_all([]) == []


def test_what_is_kept_exactly_comes_back_to_the_last_bit() -> None:
    random = np.random.default_rng(4)
    learned = learn(Series(START + np.arange(0, 4 * DAY_S, 300.0), random.normal(20, 1, 1152)))
    assert learned is not None
    again = unpacked(packed(learned, exact=True))
    assert known(again) == known(learned)
    assert (again.past.values == learned.past.values).all()
    assert not (unpacked(packed(learned)).past.values == learned.past.values).all()


def test_what_was_learned_and_not_asked_for_in_a_week_goes(tmp_path: Path) -> None:
    folder = tmp_path / FOLDER
    old, asked, elsewhere = folder / "old.parquet", folder / "asked.parquet", tmp_path / "other.parquet"
    assert not is_kept(old)
    for path in (old, asked, elsewhere):
        keep_pasts(path, [])
        os.utime(path, (time.time() - 8 * DAY_S,) * 2)
    assert is_kept(asked)
    keep_pasts(folder / "new.parquet", [])
    keep_pasts(tmp_path / "another.parquet", [])
    assert sorted(path.name for path in folder.iterdir()) == ["asked.parquet", "new.parquet"]
    assert elsewhere.exists()
