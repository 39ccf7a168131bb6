"""The same morning as files and as recorded envelopes, and what the command line says of bad requests."""

import base64
import csv
import hashlib
import json
import sys
from datetime import UTC, date, datetime
from pathlib import Path

import openpyxl
import pytest

from sensors_sim.cli import main
from sensors_sim.envelopes import envelopes
from sensors_sim.files import write_files
from sensors_sim.morning import morning
from sensors_sim.snapshot import snapshot
from sensors_sim.window import Window
from sensors_sim.wire import Sent

WINDOW = Window(date(2026, 9, 15))


@pytest.fixture(scope="module")
def timeline() -> list[Sent]:
    return list(morning(1, 100, WINDOW).timeline())


def test_files_hold_what_was_known_at_the_cut_off(timeline: list[Sent], tmp_path: Path) -> None:
    written = write_files(snapshot(timeline, WINDOW.as_of), tmp_path)
    assert len(written) == 12
    with (tmp_path / "sensors.csv").open(encoding="gbk", newline="") as file:
        sensors = list(csv.DictReader(file))
    assert {row["TARGET_TYPE"] for row in sensors} == {"温度", "压力", "液位", "流量", "可燃气体", "有毒气体"}
    assert max(row["LAST_COLLECT_TIME"] for row in sensors) <= "2026-09-15 09:21:00"
    assert any(not row["LAST_COLLECT_TIME"] for row in sensors)
    assert (tmp_path / "hazards.csv").read_bytes().startswith(b"\xef\xbb\xbfCOMPANY_CODE,")
    assert (tmp_path / "offline.csv").read_text(encoding="utf-8").startswith("企业编码,申报编号,")
    sheet = openpyxl.load_workbook(tmp_path / "commitments.xlsx")["Sheet1"]
    rows = list(sheet.iter_rows(values_only=True))
    created = [row[rows[0].index("CREATE_TIME")] for row in rows[1:]]
    assert max(map(str, created)) == "2026-09-15 09:20:20"
    assert all(isinstance(row[rows[0].index("COMPANY_CODE")], str) for row in rows[1:])


def test_equal_mornings_give_equal_files(tmp_path: Path) -> None:
    digests = []
    for name in ("one", "two"):
        made = morning(2, 6, WINDOW)
        written = write_files(snapshot(made.timeline(), WINDOW.as_of), tmp_path / name)
        digests.append({path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in written})
    assert digests[0] == digests[1]


def test_envelopes_carry_every_payload_as_it_was(timeline: list[Sent]) -> None:
    for line, sent in zip(envelopes(timeline), timeline, strict=True):
        envelope = json.loads(line)
        payload = envelope.get("payload")
        raw = base64.b64decode(envelope["payload_b64"]) if payload is None else payload.encode()
        assert raw == sent.payload
        assert datetime.fromisoformat(envelope["received_at"]) == sent.at.astimezone(UTC)
        assert (envelope["topic"], envelope["qos"]) == (sent.topic, 1)
        assert envelope["retain"] == ("/gateway_presence/" in sent.topic)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["truth", "--day", "2026-13-01"], "日期或时刻不对"),
        (["truth", "--day", "2040-06-01"], "没有 2040 年的放假安排"),
        (["truth", "--enterprises", "0"], "企业数应在"),
        (["publish", "--speed", "fast"], "倍速"),
        (["publish", "--from", "09:30"], "应早于"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_exit_code_4(
    arguments: list[str], says: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["sensors_sim", *arguments])
    with pytest.raises(SystemExit) as stopped:
        main()
    assert stopped.value.code == 4
    error = capsys.readouterr().err
    assert says in error
    assert "Traceback" not in error
