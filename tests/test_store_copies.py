"""Who shows what another shows, out of the readings files: whoever is judged, all are looked at."""

from collections.abc import Iterator
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import pytest

from rdchem.model.course import Course, Shown
from rdchem.model.signal import SignalState
from rdchem.model.source import Source, SourceKind
from rdchem.store import copies
from rdchem.store.courses import CourseLimits, Files, courses
from rdchem.store.readings import write_readings
from tests.days import EIGHT
from tests.reading_rows import ReadingRow, columns

START, MINUTE = EIGHT - timedelta(hours=8), timedelta(minutes=1)
LIMITS = CourseLimits(timedelta(days=4), timedelta(days=2), timedelta(minutes=5))
CREDIT = "91320623MA0000001X"
HOURS = 5
SENT_AS = {
    "C1": {"A": "one", "B": "own B"},
    "C2": {"A": "one"},
    CREDIT: {"A": "own C3"},
    "C3": {"A": "own C3"},
}
"""Company as it sends -> source -> which signal it shows: C3 sends under its credit code as well."""
OWNERS = MappingProxyType({CREDIT: "C3"})
Found = dict[str, dict[str, Course]]


def rows() -> Iterator[ReadingRow]:
    names = sorted({signal for own in SENT_AS.values() for signal in own.values()})
    for company, own in SENT_AS.items():
        for code, signal in own.items():
            random = np.random.default_rng(names.index(signal))
            values = np.round(20 + np.cumsum(random.normal(0, 0.1, HOURS * 60)), 1)
            for number, value in enumerate(values):
                at = START + number * MINUTE
                yield ReadingRow(
                    company, "G1", code, at, at, at, float(value), "good", f"{company} {code} {number}"
                )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    folder = tmp_path_factory.mktemp("readings")
    write_readings(folder / "today.parquet", columns(rows()))
    return Files([folder / "today.parquet"], [], folder / "learned")


def told(files: Files, wanted: set[str] | None, *, signals: bool = True) -> Found:
    sources = {
        company: {
            code: Source(
                source_code=code,
                kind=SourceKind.SENSOR,
                name=code,
                gateway_code="G1",
                range_low=0,
                range_high=99,
            )
            for code in own
        }
        for company, own in SENT_AS.items()
    }
    as_of = START + timedelta(hours=HOURS)
    return courses(
        files, sources, start=START, as_of=as_of, limits=LIMITS, owners=OWNERS, wanted=wanted, signals=signals
    )


def shown(found: Found) -> dict[tuple[str, str], list[Shown]]:
    return {
        (company, code): list(one.shown)
        for company, own in found.items()
        for code, one in own.items()
        if one.shown
    }


def test_it_is_told_of_both_with_what_the_other_showed(files: Files) -> None:
    found = shown(told(files, None))
    assert found.keys() == {("C1", "A"), ("C2", "A")}, "who sends under two codes copies nobody"
    [ours] = found["C1", "A"]
    assert ours.interval.state is SignalState.COPIED
    assert (ours.interval.start, ours.interval.end) == (START, START + (HOURS * 60 - 1) * MINUTE)
    assert "企业 C2 的测点 A 同一时段" in ours.interval.why
    assert ours.drawn == ours.repeated != ()
    assert ours.journal == ("C1 A 0", "C1 A 299", "C2 A 0", "C2 A 299")


@pytest.mark.parametrize("at_once", [1, 1000])
def test_a_group_is_told_what_all_together_are(
    files: Files, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_AT_ONCE", at_once)
    whole = told(files, None)
    for company in SENT_AS:
        assert told(files, {company}) == {company: whole[company]}


def test_without_signals_nobody_is_asked(files: Files) -> None:
    assert shown(told(files, None, signals=False)) == {}
