"""What is projected into the database: put as often as one likes, in any order, it comes to the same rows."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from rdchem import calendar
from rdchem.known import Known
from rdchem.messages import encode
from rdchem.model.day import Received
from rdchem.model.permit import TicketStatus
from rdchem.model.source import Enterprise, Register
from rdchem.register import fold_register
from rdchem.segment import Record, microseconds
from rdchem.store import intake as store
from rdchem.store import manifest, quarantine
from rdchem.store.connection import open_database
from tests.days import DAY, EIGHT, commitment, permit, register, sensor
from tests.homes import HOUR, Home, bad_row, put, recorded, rows

FOREVER = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = open_database(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Home:
    return Home(tmp_path, database_url)


def test_the_same_message_again_is_counted_and_its_earliest_receipt_kept(engine: Engine, home: Home) -> None:
    said = commitment("C1")
    put(engine, home, recorded(said, EIGHT + HOUR), recorded(said, EIGHT), recorded(said, EIGHT + 2 * HOUR))
    put(engine, home, recorded(said, EIGHT - HOUR, "replay"), stream="replay")
    [row] = rows(engine, "message")
    assert row["copies"] == 4
    assert (row["received_at"], row["origin"], row["stream"]) == (EIGHT - HOUR, "replay", "replay")
    assert home.journal.record(row["stream"], row["segment"], row["position"]).received_at == EIGHT - HOUR
    assert row["body"] == encode(said).decode()


def test_messages_are_those_received_by_the_as_of(engine: Engine, home: Home) -> None:
    late, early = commitment("C1", seq=2), commitment("C1")
    put(
        engine, home, recorded(late, EIGHT + HOUR), recorded(early, EIGHT), recorded(permit("C1", "T"), EIGHT)
    )

    def told(as_of: datetime, since: datetime | None = None) -> list[str]:
        with engine.connect() as connection:
            known = store.messages(connection, ["commitment"], as_of=as_of, since=since)
        return [one.body for one in known]

    one, two = encode(early).decode(), encode(late).decode()
    tick = timedelta(microseconds=1)
    assert told(EIGHT - tick) == []
    assert told(EIGHT) == [one]
    assert told(EIGHT + HOUR - tick) == [one]
    assert sorted(told(EIGHT + HOUR)) == sorted([one, two])
    assert told(EIGHT + HOUR, since=EIGHT + tick) == [two]


def test_messages_come_oldest_statement_first_whatever_order_they_came_in(engine: Engine, home: Home) -> None:
    said = [commitment("C1", occurred_at=EIGHT + hours * HOUR, seq=hours) for hours in (3, 1, 2)]
    put(engine, home, *[recorded(one, EIGHT - number * HOUR) for number, one in enumerate(said)])
    with engine.connect() as connection:
        known = store.messages(connection, ["commitment"], as_of=EIGHT)
    assert [one.body for one in known] == [encode(said[number]).decode() for number in (1, 2, 0)]
    assert [one.company_code for one in known] == ["C1"] * 3


def test_what_stands_is_said_once_as_it_was_said_last(engine: Engine, home: Home) -> None:
    one = register("C1", sensor("A"))
    daily = [msgspec.structs.replace(one, seq=n, occurred_at=EIGHT + n * HOUR) for n in range(1, 6)]
    other = register("C1", sensor("A", in_use=False), seq=3, occurred_at=EIGHT + 3 * HOUR + HOUR / 2)
    put(engine, home, *(recorded(said, said.occurred_at) for said in [*daily, other]))

    def told(as_of: datetime) -> list[str]:
        with engine.connect() as connection:
            return [known.body for known in store.standing(connection, ["register"], as_of=as_of)]

    bodies = [encode(said).decode() for said in (*daily, other)]
    assert told(EIGHT) == []
    assert told(EIGHT + 3 * HOUR) == [bodies[2]]
    assert told(EIGHT + 4 * HOUR - HOUR / 4) == [bodies[2], bodies[5]]
    assert told(FOREVER) == [bodies[5], bodies[4]]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["A", "B"]), st.booleans(), st.integers(0, 3), st.integers(0, 3), st.booleans()
        ),
        max_size=9,
    )
)
def test_what_stands_folds_to_the_same_register_as_all_that_was_ever_said(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, bool, int, int, bool]]
) -> None:
    folder = tmp_path_factory.mktemp("register")
    engine = open_database(f"sqlite:///{folder / 'x.db'}")
    records = [
        recorded(
            register(
                "C1", sensor(code, in_use=in_use), seq=seq, occurred_at=EIGHT + hour * HOUR,
                enterprise=Enterprise(name="示例化工", area_code="320623") if named else None,
            ),
            EIGHT + number * HOUR,
        )
        for number, (code, in_use, hour, seq, named) in enumerate(said)
    ]  # fmt: skip
    put(engine, Home(folder, ""), *records)
    with engine.connect() as connection:
        standing = store.standing(connection, ["register"], as_of=FOREVER)
        everything = store.messages(connection, ["register"], as_of=FOREVER)
    engine.dispose()
    assert folded(standing) == folded(everything)


def folded(known: list[Known]) -> object:
    decode = msgspec.json.Decoder(Register).decode
    entries = [Received(one.journal_id, one.received_at, decode(one.body)) for one in known]
    entries.sort(key=lambda one: (one.message.occurred_at, one.message.seq, one.journal_id))
    register = fold_register(entries)
    return register and (register.enterprise, register.hazards, register.sources)


def test_permits_of_other_days_apply_when_they_reach_into_the_day(engine: Engine, home: Home) -> None:
    start, end = calendar.day_bounds(DAY)
    tick = timedelta(microseconds=1)
    lives = {
        "long before": (start - 80 * HOUR, start - 8 * HOUR),
        "until midnight": (start - 8 * HOUR, start),
        "overnight": (start - 4 * HOUR, start + 4 * HOUR),
        "three days": (start - 30 * HOUR, end + 30 * HOUR),
        "within": (start + HOUR, end - HOUR),
        "last instant": (end - tick, end + HOUR),
        "next day": (end, end + HOUR),
    }
    put(
        engine,
        home,
        *[
            recorded(permit("C1", ticket, plan_start_at=begins, plan_end_at=ends), start - 90 * HOUR)
            for ticket, (begins, ends) in lives.items()
        ],
    )
    with engine.connect() as connection:
        known = store.messages_applying(connection, ["hot_work_permit"], start=start, end=end, as_of=FOREVER)
    assert {ticket for ticket in lives if any(f'"{ticket}"' in one.body for one in known)} == {
        "until midnight", "overnight", "three days", "within", "last instant",
    }  # fmt: skip


def test_every_version_of_a_permit_comes_with_the_one_that_touches_the_day(
    engine: Engine, home: Home
) -> None:
    start, end = calendar.day_bounds(DAY)
    moved = permit("C1", "T1", plan_start_at=end + HOUR, plan_end_at=end + 2 * HOUR, seq=2)
    other = permit("C1", "T2", plan_start_at=end + HOUR, plan_end_at=end + 2 * HOUR)
    done = permit("C1", "T1", seq=3, status=TicketStatus.CLOSED)
    put(
        engine,
        home,
        recorded(permit("C1", "T1"), EIGHT),
        recorded(moved, EIGHT + HOUR),
        recorded(other),
        recorded(done, EIGHT + 2 * HOUR),
    )

    def versions(as_of: datetime) -> list[str]:
        with engine.connect() as connection:
            known = store.messages_applying(
                connection, ["hot_work_permit"], start=start, end=end, as_of=as_of
            )
        return sorted(one.body for one in known)

    first, second, third = (encode(one).decode() for one in (permit("C1", "T1"), moved, done))
    assert versions(EIGHT) == [first]
    assert versions(EIGHT + HOUR) == sorted([first, second])
    assert versions(FOREVER) == sorted([first, second, third])


def test_a_version_received_later_does_not_bring_the_earlier_ones_into_an_earlier_as_of(
    engine: Engine, home: Home
) -> None:
    start, end = calendar.day_bounds(DAY)
    elsewhere = permit("C1", "T1", plan_start_at=end + HOUR, plan_end_at=end + 2 * HOUR)
    put(engine, home, recorded(elsewhere, EIGHT), recorded(permit("C1", "T1", seq=2), EIGHT + HOUR))
    with engine.connect() as connection:
        for as_of, count in ((EIGHT, 0), (EIGHT + HOUR, 2)):
            known = store.messages_applying(
                connection, ["hot_work_permit"], start=start, end=end, as_of=as_of
            )
            assert len(known) == count


def test_what_is_kept_aside_comes_with_the_place_of_its_bytes(engine: Engine, home: Home) -> None:
    garbage = Record(microseconds(EIGHT), "rdchem/v1/?", b"\xff\0")
    put(engine, home, bad_row(3, EIGHT + HOUR), garbage, garbage)
    with engine.connect() as connection:
        found = quarantine.quarantined(connection, since=EIGHT, as_of=EIGHT + HOUR)
        [later] = quarantine.quarantined(connection, since=EIGHT + HOUR, as_of=EIGHT + HOUR)
        assert quarantine.quarantined(connection, since=EIGHT - HOUR, as_of=EIGHT - HOUR) == []
        assert dict(quarantine.find_quarantined(connection, garbage.journal_id) or {}) == dict(found[0])
        assert quarantine.find_quarantined(connection, "0" * 24) is None
        assert store.find_message(connection, garbage.journal_id) is None
    assert [row["code"] for row in found] == ["bad_topic", "bad_topic", "bad_date"]
    assert (later["file"], later["row"], later["column"]) == ("a.csv", 3, "x")
    for row in found:
        raw = home.journal.record(row["stream"], row["segment"], row["position"])
        assert raw.journal_id == row["journal_id"]


def test_rows_of_a_file_loaded_again_are_listed_once(engine: Engine, home: Home) -> None:
    put(engine, home, bad_row(3, EIGHT), bad_row(4, EIGHT))
    put(engine, home, bad_row(3, EIGHT + HOUR), bad_row(4, EIGHT + HOUR), bad_row(4, EIGHT + HOUR, "其他"))
    with engine.connect() as connection:
        both = quarantine.quarantined(connection, since=EIGHT, as_of=FOREVER)
        second = quarantine.quarantined(connection, since=EIGHT + HOUR, as_of=FOREVER)
    assert sorted((row["row"], row["received_at"]) for row in both) == [
        (3, EIGHT), (4, EIGHT), (4, EIGHT + HOUR),
    ]  # fmt: skip
    assert [row["reason"] for row in second] == ["其他"]


def test_a_fresh_database_has_reached_nothing(engine: Engine) -> None:
    with engine.connect() as connection:
        assert manifest.reached(connection) is None
        assert manifest.projected(connection) == {}


def test_loading_counts_only_where_nothing_came_another_way(engine: Engine, home: Home) -> None:
    def loaded(as_of: datetime) -> dict[str, datetime] | None:
        with engine.connect() as connection:
            return store.loaded(connection, as_of)

    assert loaded(FOREVER) == {}
    said, held = commitment("C1"), permit("C1", "T")
    put(engine, home, recorded(said, EIGHT, "file:a.csv#2"), recorded(held, EIGHT + HOUR, "file:b.csv#2"))
    put(engine, home, recorded(commitment("C2"), EIGHT + 2 * HOUR, "file:c.csv#2"), stream="later")
    assert loaded(EIGHT) == {"commitment": EIGHT}
    assert loaded(FOREVER) == {"commitment": EIGHT + 2 * HOUR, "hot_work_permit": EIGHT + HOUR}
    put(engine, home, recorded(commitment("C3"), EIGHT + 3 * HOUR), stream="wire")
    assert loaded(EIGHT + 2 * HOUR) is not None
    assert loaded(EIGHT + 3 * HOUR) is None
