"""The readings of each source out of Parquet files are what a plain loop finds, however few are in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.store import held
from rdchem.store import rows as store
from rdchem.store.readings import write_readings
from tests.days import EIGHT
from tests.reading_rows import ReadingRow, columns, in_files

SECOND = timedelta(seconds=1)
Told = dict[str, dict[str, list[tuple[float, float, str]]]]
"""Company -> source -> second of collecting, delay and message of each reading."""

ROWS = st.lists(
    st.builds(
        lambda occurred, received, company, source, journal: ReadingRow(
            company,
            "G1",
            source,
            EIGHT + occurred * SECOND,
            EIGHT + received * SECOND,
            EIGHT + received * SECOND,
            1.0,
            "good",
            journal,
        ),
        occurred=st.integers(-5, 5),
        received=st.integers(-5, 9),
        company=st.sampled_from(["C2", "C1", "企3"]),
        source=st.sampled_from(["S2", "S10", "企"]),
        journal=st.sampled_from(["j3", "j1", "j2"]),
    ),
    max_size=40,
)


def naive(rows: Sequence[ReadingRow], since: datetime, until: datetime, as_of: datetime) -> Told:
    """What `by_company` promises, said with nothing but loops."""
    kept = [row for row in rows if since <= row.occurred_at <= until and since <= row.received_at <= as_of]
    found: dict[tuple[str, str, datetime], dict[str, datetime]] = {}
    for row in kept:
        heard = found.setdefault((row.company_code, row.source_code, row.occurred_at), {})
        heard[row.journal_id] = min(row.heard_at, heard.get(row.journal_id, row.heard_at))
    told: Told = {}
    for (company, source, occurred), heard in sorted(found.items()):
        at, journal_id = max((heard_at, name) for name, heard_at in heard.items())
        reading = (occurred.timestamp(), (at - occurred).total_seconds(), journal_id)
        told.setdefault(company, {}).setdefault(source, []).append(reading)
    return told


def read(files: Sequence[Path], since: datetime, until: datetime, as_of: datetime) -> list[tuple[str, Told]]:
    return [
        (
            company,
            {
                source: [
                    (second, delay, one.ids[journal])
                    for second, delay, journal in zip(one.seconds, one.delays, one.journal, strict=True)
                ]
                for source, one in own.items()
            },
        )
        for company, own in store.by_company(files, since=since, until=until, received=(since, as_of))
    ]  # type: ignore[return-value]


@settings(max_examples=60, deadline=None)
@given(
    rows=ROWS, cuts=st.lists(st.integers(0, 40), max_size=3), since=st.integers(-6, 3), lot=st.integers(1, 30)
)
def test_it_is_what_a_plain_loop_finds_however_files_and_lots_are_cut(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ReadingRow], cuts: list[int], since: int, lot: int
) -> None:
    folder = tmp_path_factory.mktemp("readings")
    files = in_files(folder, rows, cuts)
    times = EIGHT + since * SECOND, EIGHT + 4 * SECOND, EIGHT + 7 * SECOND
    expected = naive(rows, *times)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "LOT", lot)
        found = read(files, *times)
    assert dict(found) == expected and [company for company, _ in found] == [*expected]


def test_only_companies_asked_for_are_read_and_no_lot_is_larger_than_it_must_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def row(company: str, second: int) -> ReadingRow:
        at = EIGHT + second * SECOND
        return ReadingRow(company, "G", "S", at, at, at, 1.0, "good", "j")

    path = tmp_path / "a.parquet"
    write_readings(path, columns([row(company, second) for company in "CABD" for second in range(3)]))
    lots: list[set[str]] = []
    received_rows = held.received_rows

    def watched(*args: object, wanted: Callable[[str], bool]) -> object:
        lots.append({code for code in "ABCD" if wanted(code)})
        return received_rows(*args, wanted=wanted)  # type: ignore[arg-type]

    monkeypatch.setattr(held, "received_rows", watched)
    monkeypatch.setattr(store, "LOT", 7)
    span = {"since": EIGHT, "until": EIGHT + 9 * SECOND, "received": (EIGHT, EIGHT + 9 * SECOND)}
    found = [code for code, _ in store.by_company([path], companies={"A", "B", "D", "none"}, **span)]  # type: ignore[arg-type]
    assert found == ["A", "B", "D"] and lots == [{"A", "B"}, {"D"}]
    assert [*store.by_company([], **span)] == []  # type: ignore[arg-type]
