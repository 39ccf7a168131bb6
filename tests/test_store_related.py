"""What sources say against each other, out of the readings files: the same whoever is judged."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from rdchem.model.course import Course
from rdchem.model.source import Quantity, Source, SourceKind
from rdchem.store.courses import CourseLimits, Files, courses
from rdchem.store.readings import write_readings
from tests.days import EIGHT
from tests.reading_rows import ReadingRow, columns
from tests.siblings import PAST, TODAY, noise, process

START, STEP = EIGHT - timedelta(hours=8), timedelta(minutes=5)
LIMITS = CourseLimits(timedelta(days=4), timedelta(days=2), timedelta(minutes=5))
AS_OF = START + TODAY * STEP
SHIFTED, COPIED = slice(PAST + 36, PAST + 84), slice(PAST + 40, PAST + 100)
Found = dict[str, dict[str, Course]]


def signals() -> dict[tuple[str, str], np.ndarray]:
    """C1's B departs from A and C; C2's two go together; C3's B copies its sibling's neighbour."""
    shown = {}
    for number, (company, codes) in enumerate({"C1": "ABC", "C2": "AB", "C3": "ABX"}.items()):
        for place, code in enumerate(codes):
            of = process(10 * number + (7 if code == "X" else 0))
            shown[company, code] = np.round(of + noise(10 * number + place), 2)
    shown["C1", "B"][SHIFTED] += round(0.8 * shown["C1", "B"].std(), 2)
    shown["C3", "B"][COPIED] = shown["C3", "X"][COPIED]
    return shown


def rows() -> Iterator[tuple[datetime, ReadingRow]]:
    for (company, code), values in signals().items():
        for number, value in enumerate(values):
            at = START + (number - PAST) * STEP
            name = f"{company} {code} {number}"
            yield at, ReadingRow(company, "G1", code, at, at, at, float(value), "good", name)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("readings")
    paths: list[Path] = []
    for name, today in (("past", False), ("today", True)):
        paths.append(folder / f"{name}.parquet")
        write_readings(paths[-1], columns(row for at, row in rows() if (at >= START) == today))
    return Files(paths[1:], paths[:1], folder / "learned")


def told(files: Files, wanted: set[str] | None = None, *, limits: CourseLimits = LIMITS) -> Found:
    sources: dict[str, dict[str, Source]] = {}
    for company, code in signals():
        sources.setdefault(company, {})[code] = Source(
            source_code=code,
            kind=SourceKind.SENSOR,
            name=code,
            gateway_code="G1",
            hazard_code="H1",
            quantity=Quantity.LEVEL,
        )
    return courses(files, sources, start=START, as_of=AS_OF, limits=limits, wanted=wanted)


@pytest.fixture(scope="module")
def whole(files: Files) -> Found:
    return told(files)


def states(found: Found) -> dict[tuple[str, str], list[str]]:
    return {
        (company, code): [shown.interval.state.value for shown in one.shown]
        for company, own in found.items()
        for code, one in own.items()
        if one.shown
    }


def test_the_odd_one_of_three_is_told_of_with_what_it_should_show(whole: Found) -> None:
    assert states(whole)["C1", "B"] == ["disagrees"]
    [shown] = whole["C1"]["B"].shown
    assert (shown.interval.start, shown.interval.end) == (START + 36 * STEP, START + 84 * STEP)
    assert shown.interval.resembles and shown.interval.resembles.source_code in "AC"
    assert {one.split()[1] for one in shown.journal} == {"B", shown.interval.resembles.source_code}
    assert len(shown.repeated) > 10


def test_who_is_honest_is_not_told_of_and_what_was_copied_is_told_once(whole: Found) -> None:
    told_of = states(whole)
    assert told_of.keys() == {("C1", "B"), ("C3", "B"), ("C3", "X")}
    assert told_of["C3", "B"] == told_of["C3", "X"] == ["copied"]


def test_a_group_is_told_what_all_together_are(files: Files, whole: Found) -> None:
    for company in whole:
        assert told(files, {company}) == {company: whole[company]}


def test_from_a_shorter_past_than_the_setting_asks_for_nothing_is_said(files: Files) -> None:
    long = replace(LIMITS, least_past=timedelta(days=5))
    assert states(told(files, limits=long)).keys() == {("C3", "B"), ("C3", "X")}
