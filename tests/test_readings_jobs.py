"""`rdchem readings`: a simulated morning's readings, from the journal to the frames."""

from datetime import date, time
from pathlib import Path

import pandas as pd
import pytest
import yaml

from rdchem import intake
from rdchem.day_facts import facts
from rdchem.errors import NotReadyError
from rdchem.home import Home
from rdchem.readings_jobs import Wish, judge_readings, task_of
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store.connection import open_database
from sensors_sim.morning import Morning, morning
from sensors_sim.window import Window

DAY = date(2026, 9, 15)


@pytest.fixture(scope="module")
def made() -> Morning:
    return morning(3, 4, Window(DAY, opens=time(9, 5)))


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, made: Morning) -> Home:
    settings = Settings(home=tmp_path_factory.mktemp("home"), database_url="", journal_kind="replay")
    with intake.open_journal(settings).writer("test") as writer:
        writer.append([Record(microseconds(one.at), one.topic, one.payload) for one in made.timeline()])
    return Home(settings, open_database(settings.url))


def test_every_sensor_that_sent_is_told_of(home: Home, made: Morning) -> None:
    as_of = made.window.as_of
    judged = judge_readings(home, DAY, as_of, Wish("process"))
    told = judged.summary.set_index(["company_code", "source_code"])["last_us"]
    known = facts(home, DAY, as_of).days
    assert len(known) == 4
    for one in known:
        for code, seen in one.readings.items():
            assert told[one.company_code, code] == microseconds(seen.occurred_at)
    assert (judged.summary["count"] > 1).all()


def test_each_enterprise_is_held_to_its_own_silence(home: Home, made: Morning, tmp_path: Path) -> None:
    as_of = made.window.as_of
    intake.project_all(home.settings, home.engine)
    first, *others = [one.company_code for one in facts(home, DAY, as_of).days]
    signed = {"since": DAY, "reason": "县局文件", "author": "张三", "document": "通知第3号"}
    entry = {"id": "O1", "limit": "source_offline_after", "value": 1, "enterprise": first, **signed}
    book = tmp_path / "rulebook.yaml"
    book.write_text(yaml.safe_dump({"overrides": [entry]}, allow_unicode=True), encoding="utf-8")
    its_own = Home(home.settings.model_copy(update={"rulebook_file": book}), home.engine)
    points = task_of(its_own, DAY, as_of, Wish("process")).points
    asked = {code: set(points.silent_us[slice(*points.enterprises[code])]) for code in [first, *others]}
    assert asked == {first: {60 * 10**6}} | {code: {600 * 10**6} for code in others}


def test_files_elsewhere_are_found_by_an_address_fsspec_knows(home: Home, made: Morning) -> None:
    near = judge_readings(home, DAY, made.window.as_of, Wish("process"))
    far = f"file://{home.settings.readings_path}"
    task = task_of(home, DAY, made.window.as_of, Wish("process", root=far))
    assert all(name.startswith(far) for name in task.files)
    found = judge_readings(home, DAY, made.window.as_of, Wish("process", root=far))
    pd.testing.assert_frame_equal(found.summary, near.summary)


def test_a_day_without_readings_is_refused_with_advice(home: Home, made: Morning, tmp_path: Path) -> None:
    with pytest.raises(NotReadyError, match="没有任何读数"):
        judge_readings(home, date(2026, 9, 1), made.window.as_of, Wish("process"))
