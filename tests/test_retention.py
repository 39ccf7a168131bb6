"""What is too old goes, and nothing else; the chain, the rebuilt projections and the seals still fit."""

import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from rdchem import intake, jobs, kept, online_jobs, quality_jobs, removals, report_jobs, retention, seals
from rdchem.compaction import compact
from rdchem.console import explanation_text
from rdchem.errors import ConfigurationError, InputError, JournalError, NotReadyError
from rdchem.explain import explain
from rdchem.home import Home as Installed
from rdchem.kept import read_kept
from rdchem.messages import kind_on
from rdchem.model.commitment import HotWorkCounts
from rdchem.model.source import GatewayPresence
from rdchem.rebuild import rebuild
from rdchem.retention import retain, total
from rdchem.rulebook import rulebook_on
from rdchem.segment import Record, microseconds
from rdchem.store import readings_files
from rdchem.store.connection import open_database
from rdchem.store.readings import READINGS_SCHEMA, stored
from tests.days import AS_OF, DAY, EIGHT, commitment, permit, register, sensor
from tests.homes import HOUR, Home, bad_row, batch, recorded, rows
from tests.installation import ROOT, Installation

TODAY = DAY
NOW = EIGHT + 2 * HOUR
MIDNIGHT = EIGHT - 8 * HOUR
LONG_AGO, LATELY = EIGHT - timedelta(days=450), EIGHT - timedelta(days=100)
TABLES = ("segment", "message", "quarantine", "removal")
READINGS, PAPERS = "retention_readings", "retention_papers"


def presence(number: int, at: datetime) -> GatewayPresence:
    return GatewayPresence(
        id=f"p{number}",
        seq=1,
        occurred_at=at,
        company_code="C1",
        gateway_code="G1",
        state="online",
        session=1,
    )


def said(number: int, at: datetime) -> list[Record]:
    """Something of every kind, received at one instant."""
    return [
        recorded(batch(number, 1.0, at), at),
        recorded(permit("C1", f"T{number}"), at),
        recorded(commitment("C1", id=f"c{number}"), at),
        recorded(register("C1"), at) if number == 1 else recorded(presence(number, at), at),
        Record(microseconds(at), "?", b"not understood %d" % number),
    ]


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    home = Home(tmp_path, database_url)
    for number, at in enumerate((LONG_AGO, LATELY, EIGHT), start=1):
        home.keep(said(number, at), [recorded(batch(10 + number, 2.0, at), at + HOUR)])
        home.keep(
            [recorded(permit("C1", f"F{number}"), at, "file:a.xlsx#1"), bad_row(number, at)], stream="files"
        )
        home.keep([Record(microseconds(at), f"file/{number}", b"raw", origin="file:a.xlsx")], stream="files")
    return home


@pytest.fixture
def engine(home: Home) -> Iterator[Engine]:
    engine = open_database(home.settings.url)
    intake.project_all(home.settings, engine)
    yield engine
    engine.dispose()


def seal(home: Home, day: date = TODAY) -> seals.Seal:
    made = seals.seal(home.journal, day)
    path = seals.path_of(home.settings.home, day)
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(seals.encoded(made))
    return made


def left(home: Home) -> Counter[tuple[str, datetime]]:
    """Kind and day of receipt of every record in the journal, but for what tells of removals."""
    found: Counter[tuple[str, datetime]] = Counter()
    for segment in home.journal.segments_after({}):
        for record in segment.records:
            if segment.header.stream != removals.STREAM:
                kind = kind_on(record.topic) or record.topic.split("/")[0]
                found[kind, record.received_at.replace(hour=0)] += 1
    return found


def readings(home: Home, engine: Engine) -> list[tuple[Any, ...]]:
    """Every reading that counts, whatever file it is in."""
    with engine.connect() as connection:
        paths = [home.settings.readings_path / name for name in readings_files.counted(connection)]
    tables = [table for path in paths for table in stored(path, READINGS_SCHEMA.names)]
    return sorted(tuple(row.values()) for table in tables for row in table.to_pylist())


def projections(home: Home, engine: Engine) -> dict[str, Any]:
    return {"readings": readings(home, engine), **{name: rows(engine, name) for name in TABLES}}


def inspected(home: Home, engine: Engine) -> list[str]:
    return intake.inspect(home.settings, engine).problems


def test_what_is_too_old_goes_by_kind_and_the_rest_stays_in_its_place(home: Home, engine: Engine) -> None:
    sealed, before = seal(home), left(home)
    places = {
        row["journal_id"]: (row["stream"], row["segment"], row["position"]) for row in rows(engine, "message")
    }
    done = retain(home.settings, TODAY, NOW, engine)
    old, late = LONG_AGO.replace(hour=0), LATELY.replace(hour=0)
    assert before - left(home) == Counter(
        {
            ("readings", old): 2, ("hot_work_permit", old): 2, ("commitment", old): 1, ("?", old): 1,
            ("bad-row", old): 1, ("file", old): 1, ("readings", late): 2, ("gateway_presence", late): 1,
        }
    )  # fmt: skip
    assert left(home) - before == Counter()
    assert {one.rule.name: one.records for one in done.removed} == {
        READINGS: {"readings": 4, "gateway_presence": 1},
        PAPERS: {"hot_work_permit": 2, "commitment": 1, "other": 1, "bad_row": 1, "file": 1},
    }
    for row in rows(engine, "message"):
        place = places[row["journal_id"]]
        assert (row["stream"], row["segment"], row["position"]) == place
        assert home.journal.record(*place).journal_id == row["journal_id"]
    for stream in home.journal.streams():
        assert home.journal.numbers(stream) == [one.seq for one in home.journal.headers(stream)] != []
    assert inspected(home, engine) == []
    assert seals.problems(home.journal, sealed) == [], "a seal of before still proves its past"
    assert total(intake.inspect(home.settings, engine).removed) == done.removed


def test_rebuilt_the_projections_are_the_same(home: Home, engine: Engine) -> None:
    seal(home)
    retain(home.settings, TODAY, NOW, engine)
    before = projections(home, engine)
    assert len(before["readings"]) == 4 and before["removal"] and before["quarantine"]
    rebuild(home.settings, engine)
    assert projections(home, engine) == before
    assert inspected(home, engine) == []


def test_a_second_run_finds_nothing_and_a_later_one_takes_from_what_was_left(
    home: Home, engine: Engine
) -> None:
    seal(home)
    first = retain(home.settings, TODAY, NOW, engine)
    files = {path: path.read_bytes() for path in home.journal.path.rglob("*.*")}
    assert retain(home.settings, TODAY, NOW + HOUR, engine).records == 0
    assert {path: path.read_bytes() for path in home.journal.path.rglob("*.*")} == files
    later = TODAY + timedelta(days=320)
    seal(home, later)
    second = retain(home.settings, later, NOW + timedelta(days=320), engine)
    assert second.removed[0].records == {
        "hot_work_permit": 2, "commitment": 1, "other": 1, "bad_row": 1, "file": 1
    }  # fmt: skip
    assert second.removed[1].records == {"readings": 2, "gateway_presence": 1}
    before = projections(home, engine)
    assert inspected(home, engine) == []
    assert sum(one.records for one in [first, second]) == sum(
        sum(one.records.values()) for one in intake.inspect(home.settings, engine).removed
    )
    rebuild(home.settings, engine)
    assert projections(home, engine) == before


def test_what_came_again_since_stays_until_its_last_copy_is_too_old(
    tmp_path: Path, database_url: str
) -> None:
    home, at = Home(tmp_path, database_url), MIDNIGHT - timedelta(days=90)
    again = recorded(batch(1, 1.0, at), at - HOUR)
    home.keep([again, recorded(batch(2, 1.0, at), at - HOUR)], stream="a")
    home.keep([Record(microseconds(at) + 5, again.topic, again.payload)], stream="b")
    engine = open_database(home.settings.url)
    intake.project_all(home.settings, engine)
    seal(home)
    assert retain(home.settings, TODAY, NOW, engine).records == 1
    [row] = rows(engine, "message")
    assert (row["journal_id"], row["copies"], len(readings(home, engine))) == (again.journal_id, 2, 4)
    before = projections(home, engine)
    rebuild(home.settings, engine)
    assert projections(home, engine) == before
    tomorrow = TODAY + timedelta(days=1)
    seal(home, tomorrow)
    assert retain(home.settings, tomorrow, NOW, engine).records == 2
    assert (rows(engine, "message"), readings(home, engine)) == ([], [])
    assert inspected(home, engine) == []
    engine.dispose()


def test_a_segment_over_the_edge_loses_what_is_before_it(tmp_path: Path) -> None:
    home, edge = Home(tmp_path), MIDNIGHT - timedelta(days=90)
    tick = timedelta(microseconds=1)
    home.keep([recorded(batch(1, 1.0, edge), edge - tick), recorded(batch(2, 1.0, edge), edge)])
    engine = open_database(home.settings.url)
    intake.project_all(home.settings, engine)
    seal(home)
    assert retain(home.settings, TODAY, NOW, engine).records == 1
    assert [row["subject"] for row in rows(engine, "message")] == ["b2"]
    engine.dispose()


def test_the_stream_goes_on_after_its_newest_segment_was_thinned_out(home: Home, engine: Engine) -> None:
    later = TODAY + timedelta(days=500)
    seal(home, later)
    retain(home.settings, later, NOW, engine)
    assert not list((home.journal.path / "listener-1").glob("*.seg"))
    with home.journal.writer("listener-1") as writer:
        assert (writer.seq, writer.last_received_at) == (6, EIGHT + HOUR)
    home.keep(said(9, NOW))
    intake.project_all(home.settings, engine)
    assert inspected(home, engine) == []


def test_compacted_readings_go_and_no_file_of_them_is_left(home: Home, engine: Engine) -> None:
    for day in (LONG_AGO.date(), LATELY.date(), DAY):
        compact(home.settings, day, engine)
    seal(home)
    retain(home.settings, TODAY, NOW, engine)
    assert {row[0] for row in readings(home, engine)} == {"C1"} and len(readings(home, engine)) == 4
    with engine.connect() as connection:
        [name] = readings_files.counted(connection)
    assert {path.parent.name for path in home.settings.readings_path.rglob("bucket*")} == {f"day={DAY}"}
    assert name.startswith(f"day={DAY}/")


def test_nothing_that_is_not_sealed_is_touched(home: Home, engine: Engine) -> None:
    before = left(home)
    for day in (None, (LONG_AGO + timedelta(days=1)).date()):
        if day is not None:
            seal(home, day)
        with pytest.raises(NotReadyError, match="尚未封存"):
            retain(home.settings, TODAY, NOW, engine)
        shown = retain(home.settings, TODAY, NOW, engine, dry_run=True)
        assert shown.records == 11 and any("尚未封存" in one for one in shown.doubts)
    assert left(home) == before


def test_a_journal_that_is_not_as_it_was_sealed_is_not_touched(home: Home, engine: Engine) -> None:
    made = seal(home)
    forged = seals.StreamSeal(
        stream="listener-1", seq=6, sha256="0" * 64, segments=6, records=18, last_received_at=EIGHT
    )
    path = seals.path_of(home.settings.home, TODAY)
    path.write_bytes(
        seals.encoded(seals.Seal(rdchem_seal=1, day=TODAY, journal=made.journal, streams=[forged]))
    )
    with pytest.raises(JournalError, match="不删除任何记录"):
        retain(home.settings, TODAY, NOW, engine)


def test_less_than_the_law_says_is_refused_and_what_nobody_confirmed_is_told(
    home: Home, engine: Engine
) -> None:
    def rulebook(**days: int) -> None:
        path = home.settings.home / "rulebook.yaml"
        entries = "".join(
            f"  {name}: {{title: t, unit: days, values: [{{value: {value}, since: 2022-01-01, source: 局令, "
            "confirmed: true}]}\n"
            for name, value in days.items()
        )
        path.write_text(f"limits:\n{entries}", encoding="utf-8")
        home.settings.rulebook_file = path

    seal(home)
    rulebook(retention_papers=364)
    with pytest.raises(ConfigurationError, match="短于规定的 365 天"):
        retain(home.settings, TODAY, NOW, engine)
    rulebook(retention_papers=365, retention_readings=366)
    with pytest.raises(ConfigurationError, match="短于读数的"):
        retain(home.settings, TODAY, NOW, engine)
    rulebook(retention_papers=365, retention_readings=20)
    assert ["短于 30 天" in one for one in retain(home.settings, TODAY, NOW, engine).doubts] == [True]
    shipped = retention.rules_on(TODAY, rulebook_on(TODAY).limits)[1]
    assert len(shipped) == 2 and all("未经确认" in one for one in shipped)


@pytest.fixture
def thinned(home: Home, engine: Engine) -> Path:
    seal(home)
    retain(home.settings, TODAY, NOW, engine)
    [path] = (home.journal.path / "listener-1").glob("*.kept")
    return path


def test_a_changed_byte_of_what_was_left_is_named(home: Home, engine: Engine, thinned: Path) -> None:
    whole = thinned.read_bytes()
    for at in (3, 80, len(whole) // 2, len(whole) - 1):
        thinned.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        [problem] = inspected(home, engine)
        assert str(thinned) in problem and f"第 {at} 字节" in problem


def test_what_was_taken_away_without_being_stated_is_told(home: Home, engine: Engine, thinned: Path) -> None:
    whole, found = thinned.read_bytes(), read_kept(thinned)
    first = found.stubs[0]
    poorer = [kept.Stub(first.header, first.sha256, first.size, first.begins_us, [], []), *found.stubs[1:]]
    thinned.write_bytes(kept.encoded(kept.Kept(poorer, found.removed, found.oldest_us)))
    [problem] = inspected(home, engine)
    assert "没有与之相符的删除记录" in problem
    thinned.unlink()
    assert any("保留文件不见了" in one for one in inspected(home, engine))
    with pytest.raises(JournalError, match=r"未重建|不在"):
        rebuild(home.settings, engine)
    thinned.write_bytes(whole)
    assert inspected(home, engine) == []


def test_without_the_stream_that_states_it_nothing_is_believed(
    home: Home, engine: Engine, thinned: Path
) -> None:
    [statement] = (home.journal.path / removals.STREAM).glob("*.seg")
    statement.unlink()
    told = inspected(home, engine)
    assert any(str(thinned) in one and "没有与之相符的删除记录" in one for one in told)
    assert any(str(statement) in one for one in told), "the manifest remembers it"


DIES = """
import os, signal, sys
from datetime import date, datetime
from pathlib import Path
from rdchem import removals, retention
from rdchem.settings import Settings

step, calls = sys.argv[1], int(sys.argv[2])

def dying(owner, name):
    real, left = getattr(owner, name), [calls]
    def call(*given, **more):
        found = real(*given, **more)
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return found
    setattr(owner, name, call)

owner = {"rename": Path, "unlink": Path, "write_durably": retention, "record_of": removals,
         "_project_removals": retention, "sync_folder": removals}[step]
dying(owner, step)
retention.retain(Settings(), date.fromisoformat(sys.argv[3]), datetime.fromisoformat(sys.argv[4]))
sys.exit(7)
"""


@pytest.mark.parametrize(
    ("step", "calls", "then"),
    [
        ("write_durably", 1, "retain"),
        ("record_of", 1, "retain"),
        ("sync_folder", 1, "project"),
        ("rename", 3, "retain"),
        ("rename", 4, "rebuild"),
        ("rename", 5, "project"),
        ("unlink", 1, "rebuild"),
        ("unlink", 3, "retain"),
        ("unlink", 4, "project"),
        ("_project_removals", 2, "retain"),
    ],
)
def test_killed_anywhere_the_next_run_finishes(
    home: Home, engine: Engine, step: str, calls: int, then: str
) -> None:
    seal(home)
    whole = Home(home.settings.home / "twin")
    for segment in home.journal.segments_after({}):
        whole.keep(segment.records, stream=segment.header.stream)
    twin = open_database(whole.settings.url)
    intake.project_all(whole.settings, twin)
    seal(whole)
    retain(whole.settings, TODAY, NOW, twin)
    given = [step, str(calls), TODAY.isoformat(), NOW.isoformat()]
    variables = {"RDCHEM_HOME": str(home.settings.home), "RDCHEM_DATABASE_URL": home.settings.url}
    done = subprocess.run([sys.executable, "-c", DIES, *given], cwd=ROOT, env=variables, check=False)
    assert done.returncode == -signal.SIGKILL
    assert inspected(home, engine) == []
    if then == "project":
        intake.project_all(home.settings, engine)
        assert inspected(home, engine) == []
    if then == "rebuild":
        rebuild(home.settings, engine)
        assert inspected(home, engine) == []
    retain(home.settings, TODAY, NOW, engine)
    assert left(home) == left(whole)
    ours, theirs = projections(home, engine), projections(whole, twin)
    assert {**ours, "segment": 0} == {**theirs, "segment": 0}
    assert inspected(home, engine) == []
    assert not list(home.journal.path.rglob("*.draft"))
    twin.dispose()


@pytest.fixture
def judged_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """C1 announces nothing, C2 announces what contradicts itself; a sensor of each reads."""
    home = Home(tmp_path)
    counts = HotWorkCounts(special=0, grade_1=3, grade_2=0)
    home.keep(
        [
            recorded(register("C1", sensor("S1")), EIGHT - HOUR),
            recorded(register("C2", sensor("S1")), EIGHT - HOUR),
            recorded(commitment("C2", hot_work=counts), EIGHT),
            recorded(batch(1, 1.0, EIGHT), EIGHT),
        ]
    )
    monkeypatch.setenv("RDCHEM_HOME", str(tmp_path))
    intake.project_all(home.settings)
    return home


def squares(home: Home) -> dict[tuple[str, str], str]:
    """Enterprise and rule -> outcome, with the code of its reason where it was not evaluated."""
    jobs.judge(DAY, AS_OF)
    return {
        (line["enterprise"], line["rule"]): line["outcome"]
        if line["outcome"] != "not_evaluated"
        else line["reason"]["code"]
        for line in jobs.verdict(DAY, AS_OF)["ledger"]
    }


def remove(home: Home, days: int) -> None:
    later = DAY + timedelta(days=days)
    seal(home, later)
    retain(home.settings, later, NOW + timedelta(days=days))


ANNOUNCED, COUNTED = "commitment_is_announced_by_deadline", "hot_work_counts_match_line_items"
ONLINE = "major_hazard_sensors_are_online"


def test_a_day_whose_data_are_gone_accuses_nobody(judged_home: Home) -> None:
    before = squares(judged_home)
    assert before["C1", ANNOUNCED] == "fail" and before["C2", ANNOUNCED] == "pass"
    assert before["C2", COUNTED] == "fail" and before["C2", ONLINE] == "fail"
    remove(judged_home, 100)  # the readings, and with them whether the platform was down
    then = squares(judged_home)
    assert then["C1", ANNOUNCED] == "removed" and then["C2", ANNOUNCED] == "pass"
    assert then["C2", COUNTED] == "fail" and then["C2", ONLINE] == "removed"
    remove(judged_home, 440)
    then = squares(judged_home)
    assert {square for square, outcome in then.items() if outcome != "removed"} == set()
    [line] = [one for one in jobs.verdict(DAY, AS_OF)["announcements"] if one["enterprise"] == "C1"]
    assert (line["state"], line["blame"]) == ("unknown_ours", "ours")
    assert "按保存期限删除" in line["reason"]["text"]


def test_what_shows_a_day_whose_data_are_gone_is_refused_but_its_report_is_kept(judged_home: Home) -> None:
    squares(judged_home)

    def report() -> dict[str, bytes]:
        folder = Path(report_jobs.report(DAY, AS_OF)["folder"])
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    told = report()
    remove(judged_home, 100)
    assert report() == told
    engine = Installed.open().engine
    with engine.begin() as connection:  # as one judged before it was kept
        connection.exec_driver_sql("UPDATE judgement SET shown = NULL")
    with pytest.raises(InputError, match=r"读数.*按保存期限删除.*90 天"):
        report()
    with pytest.raises(InputError, match="按保存期限删除"):
        quality_jobs.check(DAY, AS_OF)
    with pytest.raises(InputError, match="按保存期限删除"):
        online_jobs.online(DAY, DAY, "source")
    assert len(report_jobs.reconcile(DAY, AS_OF, "C2")) == 1
    remove(judged_home, 440)
    with pytest.raises(InputError, match=r"按保存期限删除.*400 天"):
        report_jobs.reconcile(DAY, AS_OF, "C2")


def test_explained_the_bytes_that_are_gone_are_said_to_be(judged_home: Home) -> None:
    squares(judged_home)
    found = {one["rule"]: one for one in jobs.verdict(DAY, AS_OF)["findings"]}
    key, [journal_id] = found[COUNTED]["key"], found[COUNTED]["evidence"]["journal"]
    installed = Installed.open()
    [whole] = explain(installed, key)
    assert [one.journal_id for one in whole.messages] == [journal_id] and not whole.missing
    remove(judged_home, 440)
    [gone] = explain(installed, key)
    assert gone.missing == (journal_id,) and not gone.messages
    text = explanation_text(gone)
    assert "按保存期限删除" in text and "400 天" in text and "rdchem verify" not in text
    installed.engine.dispose()


def test_by_the_command_line(tmp_path: Path) -> None:
    home = Home(tmp_path)
    for number, at in enumerate((LONG_AGO, LATELY), start=1):
        home.keep(said(number, at))
    here = Installation(tmp_path, journal_kind="production")
    refused = here.run("retain", TODAY.isoformat(), check=False)
    assert refused.returncode == 6 and "尚未封存" in refused.stderr
    here.run("seal", TODAY.isoformat())
    before = {path: path.read_bytes() for path in home.journal.path.rglob("*.*")}
    shown = here.run("retain", TODAY.isoformat(), "--dry-run").stderr
    assert "将删除 6 条记录,涉及 2 段" in shown and "90 天" in shown and "未经确认" in shown
    assert {path: path.read_bytes() for path in home.journal.path.rglob("*.*")} == before
    assert "已删除 6 条记录" in here.run("retain", TODAY.isoformat()).stderr
    told = here.run("verify", "--seal", str(tmp_path / "seals" / f"{TODAY}.json")).stderr
    assert "日志完好" in told and "按保存期限删除" in told and "readings 2 条" in told
    assert "还没有到" in here.run("retain", "2099-01-01", check=False).stderr
