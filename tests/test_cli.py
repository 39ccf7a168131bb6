"""The command line: the wrong thing ends in a sentence that helps and an exit code, never in a traceback."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rdchem.foreign_text import visible
from tests.conftest import free_port
from tests.installation import ROOT, Installation

GOOD = {
    "received_at": "2026-09-15T08:50:00+08:00",
    "topic": "rdchem/v1/320623/320600001/register",
    "payload": json.dumps(
        {
            "kind": "register",
            "id": "r-1",
            "seq": 1,
            "occurred_at": "2026-09-15T08:50:00+08:00",
            "company_code": "320600001",
            "enterprise": {"name": "甲厂", "area_code": "320623"},
        },
        ensure_ascii=False,
    ),
}


@pytest.fixture
def here(tmp_path: Path) -> Installation:
    return Installation(tmp_path / "home")


def refused(installation: Installation, code: int, *arguments: str | Path) -> str:
    done = installation.run(*arguments, check=False)
    assert done.returncode == code, done.stderr
    assert "Traceback" not in done.stderr and "错误" in done.stderr
    return done.stderr


def jsonl(path: Path, *lines: object) -> Path:
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("judge", "2026-02-30"), "应如 2026-09-15"),
        (("judge", "2026-09-15", "--as-of", "nine"), "应如 09:21"),
        (("judge", "2026-09-15", "--as-of", "2199-01-01T00:00:00+08:00"), "还没有到"),
        (("judge", "2026-09-15", "--format", "xml"), "table 或 json"),
        (("explain", "F-000000000000"), "没有编号以"),
        (("raw", "0" * 24), "日志中没有编号"),
        (("receive", "missing.jsonl"), "无法读取文件"),
        (("load", "missing.xlsx"), "无法读取文件"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_unusable_input_ends_with_4(here: Installation, arguments: tuple[str, ...], says: str) -> None:
    assert says in refused(here, 4, *arguments)


def test_a_day_without_register_or_verdict_is_not_ready(here: Installation) -> None:
    assert "没有任何企业登记" in refused(here, 6, "judge", "2026-09-15")
    assert "尚未判定" in refused(here, 6, "report", "2026-09-15")


def test_a_broker_that_is_not_there_is_not_ready(here: Installation) -> None:
    nobody = Installation(here.home, more={"RDCHEM_MQTT_PORT": str(free_port())})
    assert "连不上消息代理" in refused(nobody, 6, "ingest", "--until-idle", "1")


def test_a_wrong_setting_is_named(here: Installation) -> None:
    wrong = Installation(here.home, more={"RDCHEM_MQTT_PORT": "many"})
    assert "RDCHEM_MQTT_PORT" in refused(wrong, 3, "verify")
    nowhere = Installation(here.home, database_url="oracle-ish://x")
    assert "RDCHEM_DATABASE_URL" in refused(nowhere, 3, "project")


def test_a_home_that_cannot_be_written_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file, not a folder", encoding="utf-8")
    assert str(tmp_path / "home") in refused(Installation(tmp_path / "home"), 1, "verify")


def test_a_production_journal_takes_replayed_envelopes_only_when_told(tmp_path: Path) -> None:
    production = Installation(tmp_path / "home", journal_kind="production")
    file = jsonl(tmp_path / "one.jsonl", GOOD)
    assert "--replay" in refused(production, 5, "receive", file)
    production.run("receive", file, "--replay")
    verdict = production.judge("2026-09-15")
    assert {entry["enterprise"] for entry in verdict["ledger"]} == {"320600001"}


def test_one_bad_line_keeps_the_whole_recording_out(here: Installation, tmp_path: Path) -> None:
    file = jsonl(tmp_path / "two.jsonl", GOOD, {"topic": "x"})
    assert "第 2 行" in refused(here, 4, "receive", file)
    assert "没有任何企业登记" in refused(here, 6, "judge", "2026-09-15")


def test_a_damaged_journal_is_found_and_named(here: Installation, tmp_path: Path) -> None:
    here.run("receive", jsonl(tmp_path / "one.jsonl", GOOD))
    assert "日志完好" in here.run("verify").stderr
    [segment] = here.home.rglob("*.seg")
    content = bytearray(segment.read_bytes())
    content[-3] ^= 0x20
    segment.write_bytes(content)
    assert segment.name in refused(here, 5, "verify")


def test_a_journal_whose_end_was_taken_away_is_found_by_what_the_database_remembers(
    here: Installation, tmp_path: Path
) -> None:
    here.run("receive", jsonl(tmp_path / "one.jsonl", GOOD))
    here.run("project")
    [segment] = here.home.rglob("*.seg")
    segment.unlink()
    assert segment.name in refused(here, 5, "verify")


def test_a_verdict_as_table_names_rules_in_chinese_and_says_where_to_go_on(
    here: Installation, tmp_path: Path
) -> None:
    here.run("receive", jsonl(tmp_path / "one.jsonl", GOOD))
    told = here.run("judge", "2026-09-15").stdout
    assert "安全承诺公告" in told and "rdchem explain F-" in told


def test_the_whole_of_a_bad_file_row_is_kept(here: Installation, tmp_path: Path) -> None:
    table = tmp_path / "企业.csv"
    table.write_text(
        "企业编码,企业名称,区划代码,更新时间\n"
        "320600001,甲厂,320623,2026-09-01 08:00:00\n"
        "320600002,乙厂,320623,去年\n",
        encoding="gbk",
    )
    told = here.run("load", table).stderr
    assert "1 条报文,1 行隔离" in told
    [row] = json.loads(here.run("quarantine", "--format", "json").stdout)
    assert (row["file"], row["row"], bool(row["column"]), bool(row["reason"])) == ("企业.csv", 3, True, True)
    assert "乙厂" in here.run("raw", row["journal_id"]).stdout


def test_help_is_chinese_and_quick_to_reach(here: Installation) -> None:
    assert "采集进程" in here.run("--help").stdout


@pytest.mark.parametrize("program", ["rdchem.cli", "sensors_sim.cli"])
def test_what_a_command_does_not_need_is_not_imported(program: str) -> None:
    asked = f"import sys, {program}; print(*sys.modules)"
    told = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    heavy = {"pandas", "scipy", "pyarrow", "sqlalchemy", "pydantic", "openpyxl", "great_expectations"}
    assert not heavy & set(told.stdout.split())


def test_foreign_text_cannot_steer_the_terminal() -> None:
    hostile = "a\x1b[2J\u202ebc\x07\n\tok"
    assert visible(hostile) == "a\\u001b[2J\\u202ebc\\u0007\n\tok"
