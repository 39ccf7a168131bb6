"""Compaction changes how readings are kept and nothing that is said of them."""

import atexit
import fcntl
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from rdchem import compaction, upkeep
from rdchem.compaction import compact
from rdchem.errors import NotReadyError
from rdchem.settings import Settings
from rdchem.store import buckets, readings_files
from rdchem.store.buckets import bucket_count
from rdchem.store.compacted import batches_path, row_groups
from rdchem.store.connection import open_database
from rdchem.store.dealing import deal
from rdchem.store.gas import gas_watches
from rdchem.store.last_seen import last_readings
from rdchem.store.readings import (
    READINGS_SCHEMA,
    heard_by_minute,
    is_compacted,
    write_readings,
)
from rdchem.store.rows import by_company
from tests.days import DAY, EIGHT
from tests.reading_rows import ReadingRow, columns

SECOND = timedelta(seconds=1)
EVER = (
    datetime.fromisoformat("1970-01-01T00:00:00+00:00"),
    datetime.fromisoformat("2100-01-01T00:00:00+00:00"),
)


@cache
def _empty_database() -> Path:
    home = Path(tempfile.mkdtemp(prefix="rdchem-empty-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    open_database(f"sqlite:///{home / 'rdchem.db'}").dispose()
    return home / "rdchem.db"


class Installation:
    """A folder of readings and the table of those that count, without a journal."""

    def __init__(self, home: Path) -> None:
        shutil.copyfile(_empty_database(), home / "rdchem.db")
        self.settings = Settings(home=home, database_url="", journal_kind="replay")
        self.engine: Engine = open_database(self.settings.url)
        self.folder = self.settings.readings_path

    def add(self, name: str, rows: Sequence[ReadingRow]) -> None:
        if rows:
            write_readings(self.folder / name, columns(rows))
            received = [row.received_at for row in rows]
            with self.engine.begin() as connection:
                readings_files.add(connection, name, len(rows), min(received), max(received))

    def compact(self, day: date = DAY, workers: int | None = None) -> compaction.Compacted:
        return compact(self.settings, day, self.engine, workers=workers)

    def files(self, since: datetime = EVER[0], as_of: datetime = EVER[1]) -> list[Path]:
        with self.engine.connect() as connection:
            return [self.folder / name for name in readings_files.within(connection, since, as_of)]

    def said(self, since: datetime, as_of: datetime) -> object:
        """All that is asked of readings files."""
        files = self.files(since, as_of)
        arguments = {"since": since, "as_of": as_of}
        gas = gas_watches(files, {"C1": {"S1": 1.0}, "企3": {"S10": 0.0}}, **arguments)
        rows = by_company(files, since=since, until=as_of, received=(since, as_of), companies={"C2", "企3"})
        sent = [
            (company, code, own.seconds.tolist(), own.delays.tolist(), [own.ids[at] for at in own.journal])
            for company, sources in rows
            for code, own in sources.items()
        ]
        return last_readings(files, **arguments), heard_by_minute(files, **arguments), gas, sent

    def rows(self) -> list[tuple[object, ...]]:
        """Every reading that counts, in an order of its own."""
        tables = []
        for path in self.files():
            names = READINGS_SCHEMA.names
            tables += [*row_groups(path, names)] if is_compacted(path) else [pq.read_table(path)]
        found = [tuple(row.values()) for table in tables for row in table.to_pylist()]
        return sorted(found, key=repr)


def reading(occurred: int, received: int, **changes: object) -> ReadingRow:
    at = EIGHT + received * SECOND
    row = ReadingRow("C1", "G1", "S1", EIGHT + occurred * SECOND, at, at, 1.5, "good", "j1")
    return replace(row, **changes)


VALUES = st.none() | st.sampled_from(
    [0.0, -0.0, 1.0, 12.34, -0.1, 1e-7, 1 / 3, 3e9, 1e300, float("inf"), 21474836.47]
)
ROWS = st.lists(
    st.builds(
        reading,
        occurred=st.integers(-5, 5) | st.sampled_from([-40_000, 90_000, -(10**9)]),
        received=st.integers(-5, 200),
        company_code=st.sampled_from(["C1", "C2", "企3"]),
        gateway_code=st.sampled_from(["G1", "G2"]),
        source_code=st.sampled_from(["S1", "S2", "S10"]),
        value=VALUES,
        quality=st.sampled_from(["good", "bad", "uncertain"]),
        journal_id=st.sampled_from(["j1", "j2", "j3"]),
    ),
    max_size=40,
)


@settings(max_examples=40, deadline=None)
@given(
    rows=ROWS,
    cuts=st.lists(st.integers(0, 40), max_size=3),
    since=st.integers(-6, 100),
    as_of=st.integers(-3, 200),
)
def test_nothing_that_is_said_of_readings_changes(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ReadingRow], cuts: list[int], since: int, as_of: int
) -> None:
    home = Installation(tmp_path_factory.mktemp("home"))
    edges = [0, *sorted(cuts), len(rows)]
    for number, (begin, end) in enumerate(pairwise(edges)):
        home.add(f"{number}.parquet", rows[begin:end])
    window = EIGHT + since * SECOND, EIGHT + as_of * SECOND
    before = home.rows(), home.said(*window), home.said(*EVER)
    done = home.compact()
    assert (home.rows(), home.said(*window), home.said(*EVER)) == before
    assert done.readings == sum(map(within, rows))
    assert home.compact().written == 0


def within(row: ReadingRow) -> bool:
    return -8 * 3600 <= (row.occurred_at - EIGHT) / SECOND < 16 * 3600


@settings(max_examples=25, deadline=None)
@given(rows=ROWS.filter(bool), cut=st.integers(0, 40), order=st.randoms(use_true_random=False))
def test_the_bytes_follow_from_the_readings_however_they_came(
    tmp_path_factory: pytest.TempPathFactory, rows: list[ReadingRow], cut: int, order: object
) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    homes = [Installation(tmp_path_factory.mktemp("home")) for _ in range(2)]
    homes[0].add("all.parquet", rows)
    homes[0].compact()
    cut %= len(rows) + 1
    homes[1].add("a.parquet", shuffled[:cut])
    homes[1].compact()
    homes[1].add("b.parquet", shuffled[cut:])
    homes[1].compact()
    one, other = (
        {path.name: path.read_bytes() for name in home.files() if is_compacted(name) for path in both(name)}
        for home in homes
    )
    assert one == other


def both(path: Path) -> tuple[Path, Path]:
    return path, batches_path(path)


def test_a_late_reading_is_folded_in_and_not_seen_before_it_came(tmp_path: Path) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1)])
    home.compact()
    home.add("b.parquet", [reading(60, 7200, journal_id="late")])
    home.compact()
    [path] = home.files()
    assert is_compacted(path)
    early = last_readings([path], since=EVER[0], as_of=EIGHT + 7199 * SECOND)
    late = last_readings([path], since=EVER[0], as_of=EIGHT + 7200 * SECOND)
    assert (early["C1"]["S1"].journal_id, late["C1"]["S1"].journal_id) == ("j1", "late")


def test_what_speaks_of_another_day_waits_for_that_day(tmp_path: Path) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1), reading(-86_400, 2, journal_id="yesterday's")])
    assert home.compact().readings == 1
    assert [is_compacted(path) for path in home.files()] == [True, False]
    assert home.compact(DAY - timedelta(days=1)).readings == 1
    assert all(is_compacted(path) for path in home.files())
    assert len(home.rows()) == 2


def test_many_readings_go_into_several_buckets_by_several_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(buckets, "READINGS_A_BUCKET", 10)
    monkeypatch.setattr(compaction, "_WORTH_A_PROCESS", 0)
    rows = [
        reading(at, at, company_code=f"C{number}", value=at / 10) for at in range(4) for number in range(12)
    ]
    home = Installation(tmp_path)
    for at in range(3):
        home.add(f"{at}.parquet", rows[at::3])
    before = home.rows()
    assert home.compact(workers=2).taken == 3
    assert len(home.files()) > 4
    assert home.rows() == before


Break = Callable[[pytest.MonkeyPatch], None]


def _no_rename(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compaction, "_write", _fail)


def _no_commit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(readings_files, "replace", _fail)


def _no_clearing(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(compaction.os, "utime", _fail)


def _fail(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("broken", [_no_rename, _no_commit, _no_clearing])
def test_broken_off_anywhere_it_can_be_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: Break
) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1), reading(90_000, 1)])
    home.compact()
    home.add("b.parquet", [reading(5, 6), reading(5, 7), reading(90_000, 8)])
    before = home.rows()
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        broken(patch)
        home.compact()
    assert home.rows() == before
    home.compact()
    assert home.rows() == before
    assert [is_compacted(path) for path in home.files()].count(True) == 1


def test_the_running_day_is_brought_into_order_as_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RDCHEM_HOME", str(tmp_path))
    home, now = Installation(tmp_path), datetime.now(UTC)
    for number in range(2):
        row = reading(number, 1, occurred_at=now, received_at=now, heard_at=now, journal_id=f"j{number}")
        home.add(f"{number}.parquet", [row])
        assert upkeep.compact_today() == {"readings": number + 1, "taken": number + 1, "written": 1}
    assert [is_compacted(path) for path in home.files()] == [True]


def test_what_is_received_meanwhile_waits_for_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1)])
    write = compaction.write_compacted

    def meanwhile(path: Path, bucket: buckets.Bucket) -> None:
        with (tmp_path / ".projection.lock").open("ab") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        home.add("b.parquet", [reading(5, 6)])
        write(path, bucket)

    monkeypatch.setattr(compaction, "write_compacted", meanwhile)
    home.compact()
    assert [is_compacted(path) for path in home.files()] == [False, True]
    assert len(home.rows()) == 2


@pytest.mark.parametrize("deleted", [False, True])
def test_what_was_removed_meanwhile_does_not_come_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, deleted: bool
) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1)])
    home.add("b.parquet", [reading(5, 6)])

    def removed(dealing: compaction.Dealing) -> int:
        with home.engine.begin() as connection:
            readings_files.replace(connection, ["a.parquet"], [])
        if deleted:
            (home.folder / "a.parquet").unlink()
        return deal(dealing)

    monkeypatch.setattr(compaction, "deal", removed)
    with pytest.raises(NotReadyError, match="再运行一次"):
        home.compact()
    monkeypatch.undo()
    assert home.files() == [home.folder / "b.parquet"]
    assert home.compact().readings == 1


def test_a_file_that_counts_and_is_gone_is_named(tmp_path: Path) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1)])
    home.add("b.parquet", [reading(5, 6)])
    (home.folder / "b.parquet").unlink()
    with pytest.raises(NotReadyError, match=r"b\.parquet 缺失.*rdchem rebuild"):
        home.compact()


def test_files_that_no_longer_count_go_when_nobody_can_be_reading_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1)])
    home.compact()
    assert (home.folder / "a.parquet").exists()
    home.compact()
    assert (home.folder / "a.parquet").exists()
    monkeypatch.setattr(compaction, "_GRACE_S", -1.0)
    home.compact()
    assert not (home.folder / "a.parquet").exists()
    assert len(home.rows()) == 1


def test_a_typical_day_takes_little_room(tmp_path: Path) -> None:
    """63 points every ten seconds for an hour, three gateways, two decimals: bytes a reading, all columns."""
    rows = [
        reading(
            at,
            at + 1,
            gateway_code=f"G{source % 3}",
            source_code=f"S{source}",
            value=round(50 + (at * 7919 * (source + 1) % 21) / 100, 2),
            journal_id=f"{at:012x}{source % 3:012x}",
        )
        for at in range(0, 3600, 10)
        for source in range(63)
    ]
    home = Installation(tmp_path)
    home.add("a.parquet", rows)
    done = home.compact()
    assert done.readings == len(rows)
    assert done.size / done.readings < 4


def test_a_day_becomes_several_buckets_only_when_it_is_large() -> None:
    limit = buckets.READINGS_A_BUCKET
    assert [bucket_count(count) for count in (0, limit, limit + 1, 5 * limit)] == [1, 1, 2, 8]


def test_analysts_read_the_files_without_us(tmp_path: Path) -> None:
    home = Installation(tmp_path)
    home.add("a.parquet", [reading(0, 1, value=12.34), reading(1, 2, value=None)])
    home.compact()
    table = pq.read_table(home.files()[0], partitioning=None)
    assert table["occurred_at"].type == pa.timestamp("ms", tz="UTC")
    assert table["scaled"].to_pylist() == [1234, None]
    assert table["decimals"].to_pylist() == [2, 2]
