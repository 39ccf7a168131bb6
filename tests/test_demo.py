"""The demo: it proves what it shows, and can tell when it does not hold."""

import subprocess
import sys
from datetime import date
from pathlib import Path

import msgspec
import pytest

from sensors_sim.comparison import compare
from sensors_sim.demo import since_last_time
from sensors_sim.morning import morning
from sensors_sim.parts import Part, PartFailedError, python
from sensors_sim.truth import Truth
from sensors_sim.window import Window
from tests.installation import ROOT

DAY = "2026-09-15"


def test_the_demo_finds_what_it_seeded_under_a_path_with_blanks(tmp_path: Path) -> None:
    """That the same comes out to the byte each time is shown of recordings, `test_sensors_sim_replay`."""
    out = tmp_path / "一 二"
    county = ("--enterprises", "8", "--seed", "3")
    command = [sys.executable, "-m", "sensors_sim.demo", *county, "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "异常报告" in done.stdout and "与上次演示相比" not in done.stdout
    assert (out / DAY / "exceptions.html").stat().st_size > 1000


@pytest.mark.parametrize(
    ("left", "said"),
    [({}, ""), ({"exceptions.html": b"1"}, "逐字节相同"), ({"exceptions.html": b"2"}, "有变化")],
)
def test_the_demo_says_whether_anything_changed_since_the_last_one(left: dict[str, bytes], said: str) -> None:
    told = since_last_time(left, {"exceptions.html": b"1"})
    assert said in told and bool(said) == bool(told)


def test_the_demo_refuses_a_day_it_cannot_play() -> None:
    command = [sys.executable, "-m", "sensors_sim.demo", "--day", "tomorrow"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 4
    assert "2026-09-15" in done.stderr and "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def truth() -> Truth:
    return morning(1, 100, Window(date(2026, 9, 15))).truth


def test_the_documents_say_what_the_demo_seeds(truth: Truth) -> None:
    findings, innocents, broken = (
        len(truth.findings), len({one.scenario for one in truth.innocents}), len(truth.quarantine),
    )  # fmt: skip
    english, chinese = (
        (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md")
    )
    assert f"{findings} seeded exceptions, {innocents} look-alikes" in english
    assert f"and {broken} broken payloads" in english
    assert f"播下 {findings} 项异常、{innocents} 种看似异常" in chinese and f"{broken} 条损坏的" in chinese


def test_a_perfect_verdict_equals_the_truth(truth: Truth) -> None:
    verdict = {"findings": [msgspec.to_builtins(one) for one in truth.findings]}
    quarantine = [msgspec.to_builtins(one) for one in truth.quarantine]
    assert compare(truth, verdict, quarantine).equal


def test_a_missed_an_invented_and_a_repeated_thing_all_show(truth: Truth) -> None:
    first, *others = [msgspec.to_builtins(one) for one in truth.findings]
    invented = first | {"subject": "enterprise:nobody"}
    quarantine = [msgspec.to_builtins(one) for one in truth.quarantine]
    compared = compare(truth, {"findings": [*others, others[0], invented]}, quarantine[1:])
    assert not compared.equal
    assert {one[3] for one in compared.missed} == {first["subject"], quarantine[0]["topic"]}
    assert {one[3] for one in compared.extra} == {"enterprise:nobody", others[0]["subject"]}


def test_a_part_that_ends_early_is_named_with_the_end_of_its_log(tmp_path: Path) -> None:
    with (
        Part("broker", python("no_such_module"), {}, tmp_path) as part,
        pytest.raises(PartFailedError, match="no_such_module"),
    ):
        part.wait_until_logged("ready")
