"""Trials of faulty days, and the score of whoever judges them."""

from pathlib import Path
from random import Random

import numpy as np
import pytest
from typer.testing import CliRunner

from rdchem.errors import InputError
from sensors_sim.cli import app
from sensors_sim.signal_commands import BEGIN, END
from sensors_sim.signal_score import scored
from sensors_sim.signal_trials import DAY_S, FAULTS, Shown, Trial, from_folder, simulated, trials


@pytest.fixture(scope="module")
def temperature() -> Shown:
    return next(iter(simulated(1, 1)))


@pytest.fixture(scope="module")
def tried(temperature: Shown) -> list[Trial]:
    return list(trials(temperature, Random("1"), 1))


def test_a_trial_of_every_fault_and_an_honest_one(tried: list[Trial]) -> None:
    assert [trial.fault.name if trial.fault else "" for trial in tried] == ["", *(f.name for f in FAULTS)]
    assert {round(trial.end - trial.start) for trial in tried} == {DAY_S}


def test_only_the_faulty_day_is_touched_and_it_is(tried: list[Trial]) -> None:
    honest = tried[0].days
    for trial in tried[1:]:
        rows = trial.days.seconds.size
        inside = (honest.seconds[:rows] >= trial.start) & (honest.seconds[:rows] < trial.end)
        changed = trial.days.values != honest.values[:rows]
        assert not (changed & ~inside).any()
        assert changed.any() or rows < honest.values.size


def test_a_replay_shows_the_day_before(tried: list[Trial], temperature: Shown) -> None:
    replay = next(trial for trial in tried if trial.fault and trial.fault.name == "replay")
    shown = replay.days.between(replay.start, replay.end)
    before = temperature.between(replay.start - DAY_S, replay.end - DAY_S)
    assert np.array_equal(shown.values, before.values)


def test_equal_seeds_make_equal_trials(tried: list[Trial]) -> None:
    again = list(trials(next(iter(simulated(1, 1))), Random("1"), 1))
    assert all(
        np.array_equal(one.days.values, other.days.values) for one, other in zip(tried, again, strict=True)
    )


def test_the_score_counts_what_is_found_and_what_is_not(temperature: Shown) -> None:
    score = scored([temperature], 1, 1)
    assert [tally.trials for tally in score.tallies.values()] == [1] * len(FAULTS)
    assert score.clean_days == 3
    assert len(score.tallies["stuck"].overlaps) == 1
    assert score.tallies["silent"].delays == [1]
    flat = Shown("flat", temperature.seconds, np.full(temperature.seconds.size, 7.0), 1)
    missed = scored([flat], 1, 1)
    assert missed.tallies["offset"].overlaps == []
    assert missed.flagged_days == 0  # that a signal never moved is usual for it
    assert "| 无故障的天 | 3 | 误报 0(0.0%)" in missed.markdown()


def test_a_signal_alone_is_judged_by_itself(temperature: Shown) -> None:
    score = scored([temperature], 1, 1, alone=True)
    assert score.clean_days == 17
    assert {name: len(tally.overlaps) for name, tally in score.tallies.items()} == dict.fromkeys(
        score.tallies, 1
    )


def test_too_short_a_signal_has_no_trials(temperature: Shown) -> None:
    assert (
        list(trials(temperature.between(0, float(temperature.seconds[0]) + 9 * DAY_S), Random("1"), 1)) == []
    )


def test_a_day_without_rows_is_no_trial(temperature: Shown) -> None:
    gone = (temperature.seconds < temperature.seconds[0] + 14 * DAY_S) | (
        temperature.seconds > temperature.seconds[0] + 17 * DAY_S
    )
    gappy = Shown("gappy", temperature.seconds[gone], temperature.values[gone], temperature.digits)
    made = [trial for seed in range(3) for trial in trials(gappy, Random(seed), 2)]
    assert made
    assert all(trial.days.seconds.size for trial in made if trial.fault)
    scored([gappy], 1, 2)


def test_the_command_reads_a_folder_and_writes_its_table(tmp_path: Path, temperature: Shown) -> None:
    lines = [f"{int(at)},{value}" for at, value in zip(temperature.seconds, temperature.values, strict=True)]
    (tmp_path / "ti-1.csv").write_text("time,value\n" + "\n".join(lines), encoding="utf-8")
    document = tmp_path / "README.md"
    document.write_text(f"a\n{BEGIN}\nold\n{END}\nb\n", encoding="utf-8")
    result = CliRunner().invoke(app, ["signals", "--series", str(tmp_path), "--write", str(document)])
    assert result.exit_code == 0, result.output
    written = document.read_text(encoding="utf-8")
    assert written.startswith(f"a\n{BEGIN}\n| 故障")
    assert "old" not in written
    with pytest.raises(InputError, match=r"没有 \.csv"):
        list(from_folder(tmp_path / "none"))
