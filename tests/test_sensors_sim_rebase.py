"""A message moved to another day is the same message, on that day."""

from datetime import UTC, date, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from rdchem.messages import CLOCK_TOPIC, decode, topic_of
from rdchem.model.commitment import SafetyCommitment
from rdchem.model.permit import HotWorkPermit
from rdchem.segment import Record, microseconds
from sensors_sim.morning import morning
from sensors_sim.rebase import rebased, rebased_payload
from sensors_sim.window import Window

DAYS = st.integers(-400, 400).filter(bool)
SENT = [
    one for one in morning(3, 6, Window(date(2026, 9, 15))).timeline() if not isinstance(one.content, bytes)
]


@given(st.sampled_from(SENT), DAYS)
def test_moved_there_and_back_only_the_id_is_new(sent: object, days: int) -> None:
    topic, payload = sent.topic, sent.payload  # type: ignore[attr-defined]
    back = decode(topic, rebased_payload(topic, rebased_payload(topic, payload, days), -days))
    original = decode(topic, payload)
    assert back.id != original.id  # type: ignore[union-attr]
    assert msgspec.structs.replace(back, id=original.id) == original  # type: ignore[union-attr,arg-type]


def test_every_date_and_instant_moves_and_numbers_stay() -> None:
    for sent in SENT:
        moved = decode(sent.topic, rebased_payload(sent.topic, sent.payload, 2))
        match moved, sent.content:
            case SafetyCommitment(), SafetyCommitment() as said:
                assert moved.day == said.day + timedelta(days=2)
                assert [one.begin_at for one in moved.items or ()] == [
                    one.begin_at and one.begin_at + timedelta(days=2) for one in said.items or ()
                ]
            case HotWorkPermit(), HotWorkPermit() as held:
                assert moved.ticket_no == held.ticket_no
                assert moved.plan_end_at == held.plan_end_at + timedelta(days=2)  # type: ignore[operator]
                assert [one.analysed_at for one in moved.gas_analyses] == [
                    one.analysed_at + timedelta(days=2) for one in held.gas_analyses
                ]


def test_versions_of_one_message_stay_versions_of_one_message() -> None:
    permit = next(one for one in SENT if isinstance(one.content, HotWorkPermit))
    newer = msgspec.structs.replace(permit.content, seq=9)  # type: ignore[type-var]
    topic = topic_of("320623", newer)  # type: ignore[arg-type]
    ids = {
        decode(topic, rebased_payload(topic, msgspec.json.encode(one), 1)).id  # type: ignore[union-attr]
        for one in (permit.content, newer)
    }
    assert len(ids) == 1


@given(st.binary(max_size=40), DAYS)
def test_what_is_no_message_stays_as_it_is(payload: bytes, days: int) -> None:
    at = microseconds(datetime(2026, 9, 15, tzinfo=UTC))
    for topic in ("rdchem/v1/320623/1/readings/g", CLOCK_TOPIC, "other"):
        [moved] = rebased([Record(at, topic, payload, 1, False, "replay")], days)
        assert moved.payload == payload
        assert moved.received_us == at + days * 86_400_000_000
