"""The same again is a copy and changes nothing; something else under one identity shows."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import permutations
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import Engine

from rdchem.messages import encode, topic_of
from rdchem.model.message import Message
from rdchem.segment import Record, microseconds
from rdchem.store import versions as store
from rdchem.store.connection import open_database
from rdchem.versions import ChangedVersion, Said, changed_versions
from tests.days import EIGHT, commitment, permit
from tests.homes import AREA, HOUR, Home, batch, put, recorded, rows

TICK = timedelta(microseconds=1)


def said(number: int, statement: str, hour: int, **identity: str) -> Said:
    plain = {"kind": "commitment", "company_code": "C1", "id": "x"} | identity
    return Said(**plain, seq=1, received_at=EIGHT + hour * HOUR, journal_id=f"j{number}", origin="mqtt",
                statement=statement)  # fmt: skip


def ids(found: list[ChangedVersion]) -> list[tuple[str, str]]:
    return [(one.first.journal_id, one.changed.journal_id) for one in found]


def test_a_changed_content_stands_beside_the_first_in_whatever_order_they_are_given() -> None:
    all_said = [said(1, "a", 0), said(2, "a", 1), said(3, "b", 2), said(4, "a", 3), said(5, "b", 4)]
    for order in permutations(all_said):
        assert ids(changed_versions(order, since=EIGHT, as_of=EIGHT + 9 * HOUR)) == [("j1", "j3")]


def test_three_contents_are_two_changes_and_other_identities_none() -> None:
    others = [said(6, "z", 0, id="y"), said(7, "y", 0, company_code="C2"), said(8, "x", 0, kind="permit")]
    found = changed_versions(
        [said(1, "a", 0), said(2, "b", 1), said(3, "c", 2), *others], since=EIGHT, as_of=EIGHT + 9 * HOUR
    )
    assert ids(found) == [("j1", "j2"), ("j1", "j3")]


def test_a_change_counts_on_the_day_it_came() -> None:
    both = [said(1, "a", 0), said(2, "b", 2)]
    at = EIGHT + 2 * HOUR
    assert ids(changed_versions(both, since=at, as_of=at)) == [("j1", "j2")]
    assert changed_versions(both, since=EIGHT, as_of=at - TICK) == []
    assert changed_versions(both, since=at + TICK, as_of=at + HOUR) == []


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    return Home(tmp_path, database_url)


def otherwise(message: Message) -> bytes:
    """The same said in other bytes."""
    fields = msgspec.json.decode(encode(message))
    return msgspec.json.format(msgspec.json.encode(dict(reversed(fields.items()))), indent=1)


def test_from_the_journal_each_change_is_found_with_both_its_records(engine: Engine, home: Home) -> None:
    first, other = commitment("C1"), commitment("C1", promised_by="李四")
    at = EIGHT + HOUR
    put(
        engine, home,
        recorded(first), recorded(first, at), recorded(permit("C1", "T1")), recorded(batch(1, 1.0, EIGHT)),
        Record(microseconds(at), topic_of(AREA, first), otherwise(first)),
        Record(microseconds(at), topic_of("320612", first), encode(first)),
        recorded(commitment("C1", seq=2, promised_by="李四")), recorded(commitment("C2")),
    )  # fmt: skip
    changed_batch = msgspec.structs.replace(batch(1, 1.0, EIGHT), readings=batch(1, 2.0, EIGHT).readings)
    put(engine, home, recorded(other, at), recorded(changed_batch, at), stream="later")
    with engine.connect() as connection:
        found = store.changed(connection, since=EIGHT, as_of=at)
        assert store.changed(connection, since=EIGHT, as_of=at - TICK) == []
        assert store.changed(connection, since=at + TICK, as_of=at + HOUR) == []
    assert ids(found) == [
        (recorded(first).journal_id, recorded(other).journal_id),
        (recorded(batch(1, 1.0, EIGHT)).journal_id, recorded(changed_batch).journal_id),
    ]
    assert [(one.changed.kind, one.changed.id, one.changed.seq) for one in found] == [
        ("commitment", first.id, 1), ("readings", "b1", 1),
    ]  # fmt: skip
    kept = {row["journal_id"]: row["copies"] for row in rows(engine, "message")}
    assert kept[recorded(first).journal_id] == 2, "counted, and no version of its own"
    assert kept[recorded(other).journal_id] == 1, "a version of its own"
