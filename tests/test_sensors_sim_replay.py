"""What is recorded, received or replayed is judged to the same bytes; on another day, finds the same."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import zstandard

from rdchem.recording import read_recording
from sensors_sim.parts import Part
from tests.conftest import Broker
from tests.installation import Installation

DAY, NEXT = "2026-09-15", "2026-09-16"
END = "2026-09-15T09:22:00+08:00"


@dataclass(frozen=True)
class Recorded:
    """A morning heard by a listener and by the recorder: the verdict, and the recording."""

    verdict: str
    file: Path
    more: dict[str, str]


def environment(installation: Installation) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RDCHEM_")}
    return inherited | installation.variables


def listening(installation: Installation, name: str = "listener") -> Part:
    arguments = ["ingest", "--replay", "--until", END]
    return Part(name, "rdchem.cli", arguments, environment(installation), installation.home / "logs")


def verdict(installation: Installation, day: str = DAY) -> str:
    return installation.run("judge", day, "--format", "json").stdout


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    folder = tmp_path_factory.mktemp("recorded")
    broker = Broker(folder)
    broker.start()
    more = {"RDCHEM_MQTT_PORT": str(broker.port)}
    home, file = Installation(folder / "home", more=more), folder / "wire.jsonl.zst"
    record = ["record", "--out", str(file), "--clock", "--until", END, "--seed", "11"]
    with (
        listening(home) as listener,
        Part("recorder", "sensors_sim", record, environment(home), folder) as recorder,
    ):
        listener.wait_until_logged("已订阅")
        recorder.wait_until_logged("已订阅")
        home.simulate("publish", "--seed", "11", "--enterprises", "8", "--port", str(broker.port))
        listener.answer()
        recorder.answer()
    broker.stop()
    return Recorded(verdict(home), file, more)


def replayed(recorded: Recorded, broker: Broker, home: Path, times: int = 1) -> Installation:
    """A home that listened to the recording, so many times."""
    installation = Installation(home, more={"RDCHEM_MQTT_PORT": str(broker.port)})
    for number in range(times):
        with listening(installation, f"listener-{number}") as listener:
            listener.wait_until_logged("已订阅")
            installation.simulate("replay", recorded.file)
            listener.answer()
    return installation


def findings(text: str) -> set[tuple[str, str, str, str]]:
    names = ("rule", "enterprise", "subject", "mismatch")
    return {tuple(one[name] for name in names) for one in json.loads(text)["findings"]}  # type: ignore[misc]


def test_the_recording_received_is_judged_to_the_same_bytes(recorded: Recorded, tmp_path: Path) -> None:
    home = Installation(tmp_path)
    home.run("receive", recorded.file)
    assert findings(recorded.verdict)
    assert verdict(home) == recorded.verdict


@pytest.mark.parametrize("times", [1, 2])
def test_the_recording_replayed_is_judged_to_the_same_bytes_also_when_it_comes_again(
    recorded: Recorded, own_mosquitto: Broker, tmp_path: Path, times: int
) -> None:
    assert verdict(replayed(recorded, own_mosquitto, tmp_path / "home", times)) == recorded.verdict


def test_on_another_working_day_the_findings_are_the_same(recorded: Recorded, tmp_path: Path) -> None:
    home, later = Installation(tmp_path), tmp_path / "later.jsonl.zst"
    home.simulate("replay", recorded.file, "--day", NEXT, "--out", later)
    home.run("receive", later)
    moved = verdict(home, NEXT)
    assert findings(moved.replace(NEXT, DAY)) == findings(recorded.verdict)
    outcomes = [[one["outcome"] for one in json.loads(text)["ledger"]] for text in (moved, recorded.verdict)]
    assert outcomes[0] == outcomes[1]


def test_the_header_says_what_was_recorded(recorded: Recorded) -> None:
    header = read_recording(recorded.file).header
    assert header is not None
    assert (header.rdchem_recording, header.seed) == (1, 11)
    assert header.catalogue_sha256


@pytest.mark.parametrize(
    ("damage", "says"),
    [("version", "版本为 99"), ("cut", "末尾缺失"), ("empty", "空文件"), ("plain", "zstd")],
)
@pytest.mark.parametrize("verb", ["receive", "replay"])
def test_what_is_no_whole_recording_is_refused_in_a_sentence(
    recorded: Recorded, tmp_path: Path, damage: str, says: str, verb: str
) -> None:
    content = recorded.file.read_bytes()
    other = msgspec.json.encode({"rdchem_recording": 99})
    broken = tmp_path / "broken.jsonl.zst"
    damaged = {"version": zstandard.compress(other), "cut": content[:-5], "empty": b"", "plain": other}
    broken.write_bytes(damaged[damage])
    home = Installation(tmp_path / "home")
    module, arguments = {
        "receive": ("rdchem.cli", ("receive", broken)),
        "replay": ("sensors_sim", ("replay", broken, "--out", tmp_path / "out.jsonl")),
    }[verb]
    done = home._python(module, arguments, False)
    assert done.returncode == 4, done.stderr
    assert says in done.stderr and "Traceback" not in done.stderr
