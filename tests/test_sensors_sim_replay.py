"""What is recorded, received or replayed is judged to the same bytes; on another day, finds the same."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen

import msgspec
import pytest
import zstandard

from rdchem.calendar import business_day
from rdchem.recording import read_recording
from sensors_sim.parts import Part, python
from tests.conftest import Broker
from tests.installation import ROOT, Installation

DAY, NEXT = "2026-09-15", "2026-09-16"
END = "2026-09-15T09:22:00+08:00"


@dataclass(frozen=True)
class Recorded:
    """A morning heard by a listener and by the recorder: the verdict, and the recording."""

    verdict: str
    file: Path
    more: dict[str, str]


def listening(installation: Installation, name: str = "listener") -> Part:
    command = python("rdchem.cli", "ingest", "--replay", "--until", END)
    return Part(name, command, installation.environment, installation.home / "logs")


def recording(installation: Installation, file: Path, *more: str) -> Part:
    command = python("sensors_sim", "record", "--out", str(file), *more)
    return Part("recorder", command, installation.environment, file.parent / "logs")


def verdict(installation: Installation, day: str = DAY) -> str:
    return installation.run("judge", day, "--format", "json").stdout


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recorded]:
    folder = tmp_path_factory.mktemp("recorded")
    broker = Broker(folder)
    broker.start()
    try:
        yield record_a_morning(folder, broker)
    finally:
        broker.stop()


def record_a_morning(folder: Path, broker: Broker) -> Recorded:
    more = {"RDCHEM_MQTT_PORT": str(broker.port)}
    home, file = Installation(folder / "home", more=more), folder / "wire.jsonl.zst"
    with (
        listening(home) as listener,
        recording(home, file, "--clock", "--until", END, "--seed", "11") as recorder,
    ):
        listener.wait_until_logged("已订阅")
        recorder.wait_until_logged("已订阅")
        home.simulate("publish", "--seed", "11", "--enterprises", "8", "--port", str(broker.port))
        listener.answer()
        recorder.answer()
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
    if verb == "receive":
        done = home.run("receive", broken, check=False)
    else:
        done = home.simulate("replay", broken, "--out", tmp_path / "out.jsonl", check=False)
    assert done.returncode == 4, done.stderr
    assert says in done.stderr and "Traceback" not in done.stderr


def test_only_the_topics_asked_for_are_replayed(recorded: Recorded, tmp_path: Path) -> None:
    home, part = Installation(tmp_path), tmp_path / "part.jsonl"
    home.simulate("replay", recorded.file, "--topic", "rdchem/v1/+/+/commitment/#", "--out", part)
    topics = {record.topic.split("/")[4] for record in read_recording(part).records}
    assert topics == {"commitment"}
    done = home.simulate("replay", recorded.file, "--topic", "x/#", "--out", tmp_path / "no", check=False)
    assert done.returncode == 4 and "没有报文符合" in done.stderr


def test_in_a_loop_each_round_is_a_day_later(recorded: Recorded, tmp_path: Path) -> None:
    Installation(tmp_path).simulate("replay", recorded.file, "--loop", "3", "--out", tmp_path / "l.jsonl")
    once, looped = read_recording(recorded.file).records, read_recording(tmp_path / "l.jsonl").records
    days = Counter(business_day(record.received_at).isoformat() for record in looped)
    assert days == {DAY: len(once), NEXT: len(once), "2026-09-17": len(once)}


def test_a_recorder_killed_leaves_what_it_had_heard(own_mosquitto: Broker, tmp_path: Path) -> None:
    home = Installation(tmp_path / "home", more={"RDCHEM_MQTT_PORT": str(own_mosquitto.port)})
    file = tmp_path / "killed.jsonl.zst"
    with (
        (tmp_path / "log").open("w+") as log,
        Popen(
            python("sensors_sim", "record", "--out", str(file)), cwd=ROOT, env=home.environment, stderr=log
        ) as recorder,
    ):
        while "已订阅" not in (tmp_path / "log").read_text(encoding="utf-8"):
            assert recorder.poll() is None
        home.simulate("publish", "--enterprises", "1", "--port", str(own_mosquitto.port))
        while len(read_recording(file).records) < 30:
            assert recorder.poll() is None
        recorder.kill()
    heard = read_recording(file)
    assert not heard.cut and len(heard.records) >= 30
