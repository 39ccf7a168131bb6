"""Every record of the journal comes to one thing: a message, a quarantine row, a raw file or a clock tick."""

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem import calendar
from rdchem.messages import CLOCK_TOPIC, TOPIC_ROOT, encode, kind_of, topic_of
from rdchem.model.commitment import DeclaredWork
from rdchem.model.listener import ListenerEvent
from rdchem.model.message import Message
from rdchem.model.source import OfflineDeclaration, OutOfService, Reading, Readings
from rdchem.projection import BadRowRecord, MessageRow, Place, Projected, project
from rdchem.segment import PLAIN, Header, Record, Segment, instant, microseconds
from tests.days import DAY, EIGHT, commitment, item, permit, register
from tests.nouns import AREA, LETTERS, events, messages
from tests.reading_rows import rows_of

RECEIVED = EIGHT + timedelta(seconds=2)
FOREVER = datetime(2100, 1, 1, tzinfo=UTC)
FILE = "file:承诺.xlsx"


def segment(records: Sequence[Record], seq: int = 1, stream: str = "listener-1") -> Segment:
    header = Header(
        version=PLAIN,
        stream=stream,
        seq=seq,
        previous="",
        records=len(records),
        first_received_us=0,
        last_received_us=0,
    )
    return Segment(header, records, "", 0)


def record(topic: str, payload: bytes, origin: str = "mqtt") -> Record:
    return Record(microseconds(RECEIVED), topic, payload, origin=origin)


def recorded(message: Message, origin: str = "mqtt") -> Record:
    return record(topic_of(AREA, message), encode(message), origin)


def projected(*records: Record) -> Projected:
    return project([segment(records)])


def row_of(message: Message, origin: str = "mqtt") -> MessageRow:
    [row] = projected(recorded(message, origin)).messages
    return row


def event(**said: Any) -> ListenerEvent:
    plain: dict[str, Any] = {"listener": "listener-1", "event": "alive", "occurred_at": EIGHT}
    return ListenerEvent(**(plain | said))


def batch(*readings: Reading, occurred_at: datetime = EIGHT) -> Readings:
    return Readings(
        id="b1",
        seq=1,
        occurred_at=occurred_at,
        company_code="C1",
        gateway_code="G1",
        readings=list(readings),
    )


def bad_row(**said: Any) -> Record:
    plain = {"file": "承诺.xlsx", "row": 7, "column": "COMMITE_DATE", "code": "bad_date"}
    bad = BadRowRecord(**(plain | {"reason": "日期读不懂", "cells": '{"a":1}'} | said))
    return record("bad-row/ab12", encode(bad), f"{FILE}#7")


def test_a_message_becomes_one_row_that_leads_back_to_its_bytes() -> None:
    message = commitment("C1", simulated=True)
    one, other = recorded(message), recorded(permit("C1", "T1"))
    rows = project([segment([]), segment([other, one], seq=5, stream="s")]).messages
    assert [row.kind for row in rows] == ["hot_work_permit", "commitment"]
    assert rows[1] == MessageRow(
        journal_id=one.journal_id,
        kind="commitment",
        company_code="C1",
        subject=message.id,
        applies_from=calendar.day_bounds(DAY)[0],
        applies_until=calendar.day_bounds(DAY)[1],
        occurred_at=EIGHT,
        received_at=RECEIVED,
        origin="mqtt",
        simulated=True,
        place=Place("s", 5, 1),
        body=encode(message).decode(),
        content=None,
        seq=message.seq,
        statement=hashlib.sha256(encode(message)).hexdigest()[:24],
    )


def test_a_register_sent_again_says_the_same_and_a_changed_one_does_not() -> None:
    first = register("C1")
    again = msgspec.structs.replace(first, seq=9, occurred_at=EIGHT + timedelta(days=1))
    changed = msgspec.structs.replace(again, hazards=[])
    rows = projected(*(recorded(one) for one in (first, again, changed))).messages
    contents = [row.content for row in rows]
    assert contents[0] == contents[1] != contents[2] and None not in contents


def test_what_was_sent_is_the_body_blanks_and_all() -> None:
    message = commitment("C1")
    payload = b"  " + json.dumps(json.loads(encode(message)), indent=1, ensure_ascii=True).encode()
    [row] = projected(record(topic_of(AREA, message), payload)).messages
    assert row.body == payload.decode()


def test_a_raw_file_and_a_clock_tick_leave_no_row() -> None:
    file = record("file/ab12", b"PK\x03\x04 \xff", FILE)
    tick = record(CLOCK_TOPIC, b'{"now":"2026-09-15T00:00:00Z"}')
    assert projected(file, tick) == Projected()


@pytest.mark.parametrize("topic", ["file/ab12", "bad-row/ab12"])
def test_topics_of_files_mean_nothing_when_they_come_from_outside(topic: str) -> None:
    for origin in ("mqtt", "replay", "self"):
        [row] = projected(record(topic, b"{}", origin)).quarantine
        assert row.code == "bad_topic"


def test_a_bad_row_of_a_file_is_kept_aside_with_its_place_in_the_file() -> None:
    record_ = bad_row()
    [row] = projected(record_).quarantine
    assert (row.file, row.row, row.column, row.code) == ("承诺.xlsx", 7, "COMMITE_DATE", "bad_date")
    assert (row.journal_id, row.origin) == (record_.journal_id, f"{FILE}#7")
    assert row.place == Place("listener-1", 1, 0)


def test_what_is_kept_aside_can_be_stored_whatever_is_in_it() -> None:
    cut = projected(
        bad_row(reason="坏\0" * 9_000, column="a\0b"),
        record("x\0y" * 20_000, b"?"),
        record(f"{TOPIC_ROOT}/{AREA}/C1/alarm", json.dumps({"kind": "alarm", "x" * 99_999: 1}).encode()),
    ).quarantine
    assert len(cut) == 3
    for row in cut:
        for text in (row.topic, row.origin, row.reason, row.file, row.column):
            assert "\0" not in text and len(text) <= 1000
    assert cut[0].column == "a␀b"


def test_a_broken_message_is_kept_aside_with_its_reason() -> None:
    record_ = record(f"{TOPIC_ROOT}/{AREA}/C1/alarm", b"\xff")
    [row] = projected(record_).quarantine
    assert (row.journal_id, row.received_at, row.topic) == (record_.journal_id, RECEIVED, record_.topic)
    assert (row.code, row.file, row.row) == ("not_json", "", 0)
    assert "UTF-8" in row.reason


@pytest.mark.parametrize(
    ("origin", "believed"), [("self", True), ("replay", True), ("mqtt", False), (FILE, False)]
)
def test_only_we_speak_of_our_own_intake(origin: str, believed: bool) -> None:
    said = projected(record(f"{TOPIC_ROOT}/self/listener-1/listener_event", encode(event()), origin))
    if believed:
        [row] = said.messages
        assert (row.kind, row.company_code, row.subject) == ("listener_event", "", "listener-1")
        assert said.quarantine == []
    else:
        assert said.messages == []
        assert [row.code for row in said.quarantine] == ["forged_event"]


def test_what_a_message_applies_to() -> None:
    hour, bounds = timedelta(hours=1), calendar.day_bounds(DAY)
    work = DeclaredWork(id="w", seq=1, occurred_at=EIGHT, company_code="C1", day=DAY, item=item("1"))
    late = permit("C1", "T1", started_at=EIGHT + hour, ended_at=EIGHT + 9 * hour)
    bare = permit("C1", "T1", plan_start_at=None, plan_end_at=None)
    swapped = permit("C1", "T1", plan_start_at=EIGHT + hour, plan_end_at=EIGHT - hour)
    offline = OfflineDeclaration(
        id="o", seq=1, occurred_at=EIGHT, company_code="C1", offline_type="检修", offline_reason="",
        offline_at=EIGHT + hour, plan_online_at=None,
    )  # fmt: skip
    stop = OutOfService(
        id="s",
        seq=1,
        occurred_at=EIGHT,
        company_code="C1",
        source_code="S1",
        stopped=True,
        stop_at=EIGHT - hour,
    )
    expected: list[tuple[Message, datetime, datetime]] = [
        (commitment("C1", day=date(2026, 9, 15)), *bounds),
        (work, *bounds),
        (late, EIGHT, EIGHT + 9 * hour),
        (bare, EIGHT, EIGHT),
        (swapped, EIGHT - hour, EIGHT + hour),
        (offline, EIGHT + hour, FOREVER),
        (stop, EIGHT - hour, FOREVER),
        (batch(Reading("S1", 1.0)), EIGHT, EIGHT),
    ]
    for message, start, end in expected:
        row = row_of(message)
        assert (row.applies_from, row.applies_until) == (start, end), kind_of(message)


def test_readings_become_rows_of_their_own_with_both_clocks() -> None:
    message = batch(Reading("S1", 1.5, -500, "bad"), Reading("S2", None), Reading("S1", 1.0))
    record_ = recorded(message)
    said = projected(record_)
    assert [row.body for row in said.messages] == [None]
    assert [(row.source_code, row.value, row.quality) for row in rows_of(said.readings)] == [
        ("S1", 1.5, "bad"),
        ("S2", None, "good"),
        ("S1", 1.0, "good"),
    ]
    first = rows_of(said.readings)[0]
    assert first.occurred_at == EIGHT - timedelta(milliseconds=500)
    assert (first.received_at, first.heard_at) == (RECEIVED, RECEIVED)
    assert (first.company_code, first.gateway_code, first.journal_id) == ("C1", "G1", record_.journal_id)


def test_of_a_platforms_export_the_collect_time_counts_as_heard() -> None:
    [row] = rows_of(projected(recorded(batch(Reading("S1", 1.0)), FILE)).readings)
    assert (row.received_at, row.heard_at) == (RECEIVED, EIGHT)


ORIGINS = st.sampled_from(["mqtt", "replay", "self"])
ANY_RECORD = st.one_of(
    st.builds(
        Record,
        received_us=st.integers(0, 4_000_000_000_000_000),
        topic=st.text(max_size=50) | st.sampled_from([CLOCK_TOPIC, "file/x", "bad-row/x"]),
        payload=st.binary(max_size=100),
        origin=ORIGINS,
    ),
    st.builds(recorded, messages(), st.sampled_from(["mqtt", "replay", FILE])),
    st.builds(
        record,
        st.just(f"{TOPIC_ROOT}/self/listener-1/listener_event"),
        events().map(encode) | st.binary(max_size=50),
        ORIGINS,
    ),
    st.builds(bad_row, reason=st.text(LETTERS | st.just("\0")), row=st.integers(0, 2**31)),
    st.builds(record, st.just("file/ab"), st.binary(max_size=50), st.just(FILE)),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(ANY_RECORD, max_size=8))
def test_nothing_raises_and_every_record_comes_to_exactly_one_thing(records: list[Record]) -> None:
    said = projected(*records)
    places = [row.place for row in [*said.messages, *said.quarantine]]
    silent = [
        Place("listener-1", 1, position)
        for position, one in enumerate(records)
        if one.topic == CLOCK_TOPIC or (one.topic.startswith("file/") and one.origin.startswith("file:"))
    ]
    order = sorted([*places, *silent], key=lambda place: place.position)
    assert order == [Place("listener-1", 1, position) for position in range(len(records))]
    for row in said.messages:
        assert instant(microseconds(row.applies_from)) <= row.applies_until
        assert row.journal_id == records[row.place.position].journal_id
    assert {row.journal_id for row in said.readings.batches} <= {row.journal_id for row in said.messages}


def test_a_commitment_of_a_day_no_calendar_knows_stops_nothing() -> None:
    for day in (date.max, date.min):
        [row] = projected(recorded(commitment("C1", day=day))).quarantine
        assert row.code == "bad_time"
