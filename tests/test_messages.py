"""Every message there and back; whatever else comes is an InvalidMessage with its reason, never an error."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rdchem.messages import (
    BY_GATEWAY,
    CLOCK_TOPIC,
    ENTERPRISE_KINDS,
    KINDS,
    MAX_PAYLOAD_BYTES,
    InvalidMessage,
    decode,
    encode,
    kind_of,
    topic_of,
)
from rdchem.model.listener import ListenerEvent
from rdchem.model.message import Message
from tests.nouns import AREA, LETTERS, events, messages, nouns

TOPIC = f"rdchem/v1/{AREA}/C1/gateway_presence/G1"
PRESENCE = {
    "kind": "gateway_presence",
    "id": "G1#1",
    "seq": 1,
    "occurred_at": "2026-09-15T08:00:00+08:00",
    "company_code": "C1",
    "gateway_code": "G1",
    "session": 1,
    "state": "online",
}
OWN = "rdchem/v1/self/listener-1/listener_event"


def presence(**changes: Any) -> bytes:
    return json.dumps(PRESENCE | changes).encode()


def code_of(topic: str, payload: bytes) -> str:
    """The reason code, or `ok`."""
    said = decode(topic, payload)
    if isinstance(said, InvalidMessage):
        assert said.reason
        return said.code
    return "ok"


def register_of(area: str) -> bytes:
    kind, said = "register", {"enterprise": {"name": "某厂", "area_code": area}}
    plain = {name: PRESENCE[name] for name in ("id", "seq", "occurred_at", "company_code")}
    return json.dumps({"kind": kind, **plain, **said}).encode()


@pytest.mark.parametrize("kind", ENTERPRISE_KINDS)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_kind_comes_back_from_the_topic_it_belongs_on(kind: str, data: st.DataObject) -> None:
    message: Message = data.draw(nouns(ENTERPRISE_KINDS[kind]))
    area = getattr(getattr(message, "enterprise", None), "area_code", AREA)
    topic, payload = topic_of(area, message), encode(message)
    assert decode(topic, payload) == message
    assert kind_of(message) == topic.split("/")[4] == kind
    assert (len(topic.split("/")) == 6) == (kind in BY_GATEWAY)


@settings(max_examples=40, deadline=None)
@given(events())
def test_what_the_listener_says_comes_back_from_its_own_topic(event: ListenerEvent) -> None:
    assert decode(f"rdchem/v1/self/{event.listener}/listener_event", encode(event)) == event


def test_kinds_are_named_once_each() -> None:
    assert [str(noun.__struct_config__.tag) for noun in KINDS.values()] == list(KINDS)
    assert set(ENTERPRISE_KINDS) >= BY_GATEWAY


@pytest.mark.parametrize(
    ("topic", "payload", "code"),
    [
        (TOPIC, presence(), "ok"),
        (TOPIC, presence().ljust(MAX_PAYLOAD_BYTES), "ok"),
        (TOPIC, presence().ljust(MAX_PAYLOAD_BYTES + 1), "too_large"),
        (CLOCK_TOPIC, b'{"now": "2026-09-15T00:00:00Z"}', "bad_topic"),
        ("", presence(), "bad_topic"),
        (f"{TOPIC}\n", presence(), "bad_topic"),
        (f"{TOPIC}/more", presence(), "bad_topic"),
        (TOPIC.replace("v1", "v2"), presence(), "bad_topic"),
        (TOPIC.replace(AREA, "32062"), presence(), "bad_topic"),
        (TOPIC.replace(AREA, "32062३"), presence(), "bad_topic"),
        (TOPIC.replace("C1", "企业"), presence(), "bad_topic"),
        (TOPIC.replace("C1", "C" * 41), presence(), "bad_topic"),
        (TOPIC.replace("gateway_presence", "gossip"), presence(), "unknown_kind"),
        (TOPIC.replace("gateway_presence", "listener_event"), presence(), "unknown_kind"),
        (TOPIC, presence(company_code="C2"), "topic_mismatch"),
        (TOPIC, presence(gateway_code="G2"), "topic_mismatch"),
        (TOPIC.removesuffix("/G1"), presence(), "topic_mismatch"),
        (f"rdchem/v1/{AREA}/C1/register", register_of(AREA), "ok"),
        (f"rdchem/v1/{AREA}/C1/register/G1", register_of(AREA), "topic_mismatch"),
        (f"rdchem/v1/{AREA}/C1/register", register_of("320624"), "topic_mismatch"),
        (TOPIC, presence(kind="readings"), "schema"),
        (TOPIC, presence(session=-1), "schema"),
        (TOPIC, presence(session="1"), "schema"),
        (TOPIC, presence(seq=10**30), "schema"),
        (TOPIC, presence(occurred_at="2026-09-15T08:00:00"), "schema"),
        (TOPIC, presence(occurred_at="2026-02-30T08:00:00Z"), "schema"),
        (TOPIC, presence(id=""), "schema"),
        (TOPIC, presence(company_code="C1\n"), "schema"),
        (TOPIC, presence(extra=1), "schema"),
        (TOPIC, b"null", "schema"),
        (TOPIC, b"{}", "schema"),
        (TOPIC, b"", "not_json"),
        (TOPIC, presence()[:-1], "not_json"),
        (TOPIC, presence() + b"{}", "not_json"),
        (TOPIC, presence(id="甲").replace(b"\\u7532", "甲".encode("gb18030")), "not_json"),
        (TOPIC, presence(id="a\0"), "nul_character"),
        (TOPIC, presence(id="a\\u0000"), "ok"),
        (TOPIC, presence(occurred_at="1999-12-31T23:59:59Z"), "bad_time"),
        (TOPIC, presence(occurred_at="2000-01-01T00:00:00Z"), "ok"),
        (TOPIC, presence(occurred_at="2099-12-31T23:59:59Z"), "ok"),
        (TOPIC, presence(occurred_at="2100-01-01T00:00:00Z"), "bad_time"),
    ],
)
def test_each_reason_has_its_code(topic: str, payload: bytes, code: str) -> None:
    assert code_of(topic, payload) == code


def test_gateways_are_named_in_the_topic_only_where_the_kind_is_by_gateway() -> None:
    alarm = {name: PRESENCE[name] for name in ("id", "seq", "occurred_at", "company_code", "gateway_code")}
    alarm |= {"kind": "alarm", "source_code": "S1", "level": "high", "state": "raised", "value": 1.5}
    payload = json.dumps(alarm | {"raised_at": "2026-09-15T08:00:00+08:00"}).encode()
    assert code_of(f"rdchem/v1/{AREA}/C1/alarm", payload) == "ok"
    assert code_of(f"rdchem/v1/{AREA}/C1/alarm/G1", payload) == "topic_mismatch"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "ok"),
        ({"listener": "other"}, "topic_mismatch"),
        ({"event": "died"}, "schema"),
        ({"period_s": 0}, "schema"),
        ({"occurred_at": "0001-01-01T00:00:00Z"}, "bad_time"),
    ],
)
def test_reasons_of_what_a_listener_says(changes: dict[str, Any], code: str) -> None:
    plain = {"kind": "listener_event", "listener": "listener-1", "event": "alive"}
    event = plain | {"occurred_at": "2026-09-15T08:00:00+08:00"} | changes
    assert code_of(OWN, json.dumps(event).encode()) == code


EXTREMES = ["0001-01-01T00:00:00+08:00", "9999-12-31T23:59:59-12:00", "1999-12-31T00:00:00Z"]


@settings(max_examples=60, deadline=None)
@given(message=messages(), extreme=st.sampled_from(EXTREMES), data=st.data())
def test_a_time_no_calendar_knows_is_refused_wherever_it_stands(
    message: Message, extreme: str, data: st.DataObject
) -> None:
    area = getattr(getattr(message, "enterprise", None), "area_code", AREA)
    body = json.loads(encode(message))
    place, field = data.draw(st.sampled_from(list(times_in(body))))
    place[field] = extreme[:10] if field == "day" else extreme
    assert code_of(topic_of(area, message), json.dumps(body).encode()) == "bad_time"


def times_in(body: Any) -> Any:
    """Every (object, field) of a message's JSON that holds a date or an instant."""
    for field, value in body.items():
        if value is not None and (field.endswith("_at") or field in ("day", "since")):
            yield body, field
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, dict):
                yield from times_in(inner)


HOSTILE = {
    "empty": b"",
    "nul bytes": b"\0" * 100,
    "deep arrays": b"[" * 1_000_000,
    "deep tag": presence().replace(b'"gateway_presence"', b"[" * 200_000 + b"]" * 200_000, 1),
    "deep value": presence(session="?").replace(b'"?"', b'{"a":' * 200_000 + b"1" + b"}" * 200_000),
    "huge": b'"' + b"x" * (MAX_PAYLOAD_BYTES * 2) + b'"',
    "huge number": presence(session=0).replace(b'"session": 0', b'"session": 1' + b"0" * 100_000),
    "endless fraction": presence(session=0).replace(b'"session": 0', b'"session": 0.' + b"3" * 100_000),
    "nan": presence(session=0).replace(b'"session": 0', b'"session": NaN'),
    "infinity": presence(session=0).replace(b'"session": 0', b'"session": -Infinity'),
    "out of range": presence(session=0).replace(b'"session": 0', b'"session": 1e999'),
    "not utf-8": presence(id="?").replace(b'"?"', b'"\xff\xfe\xc0\x80"'),
    "utf-16": presence().decode().encode("utf-16"),
    "byte order mark": b"\xef\xbb\xbf" + presence(),
    "lone high surrogate": presence(id="?").replace(b'"?"', b'"\\ud800"'),
    "lone low surrogate": presence(id="?").replace(b'"?"', b'"\\udc00"'),
    "raw surrogate": presence(id="?").replace(b'"?"', b'"\xed\xa0\x80"'),
    "unknown field, surrogate": presence(x=1).replace(b'"x"', b'"\\ud800"'),
    "unknown field, not utf-8": presence(x=1).replace(b'"x"', b'"\xff"'),
    "unknown field, long": presence(**{"x" * 1_000_000: 1}),
    "control characters": presence(id="?").replace(b"?", b"\x01\x02"),
    "backslashes": presence(id="?").replace(b"?", b"\\" * 1_000_001 + b"u0000"),
}


@pytest.mark.parametrize("payload", HOSTILE.values(), ids=HOSTILE)
def test_hostile_payloads_are_refused_without_an_error(payload: bytes) -> None:
    assert code_of(TOPIC, payload) in ("not_json", "schema", "too_large", "nul_character")
    assert code_of(OWN, payload) != "ok"


def test_of_a_field_given_twice_the_last_counts() -> None:
    said = decode(TOPIC, presence().replace(b'"seq": 1', b'"seq": 1, "seq": 2'))
    assert isinstance(said, Message) and said.seq == 2


@settings(max_examples=300, deadline=None)
@given(
    topic=st.one_of(
        st.text(max_size=60),
        st.just(OWN),
        st.sampled_from(list(KINDS)).map(lambda kind: f"rdchem/v1/{AREA}/C1/{kind}"),
        st.just(TOPIC),
    ),
    payload=st.one_of(
        st.binary(max_size=200),
        st.recursive(
            st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=9), inner),
        ).map(lambda value: json.dumps(value).encode()),
        st.dictionaries(st.sampled_from(list(PRESENCE)), st.text(LETTERS) | st.integers()).map(
            lambda changes: presence(**changes)
        ),
    ),
)
def test_nothing_that_arrives_raises(topic: str, payload: bytes) -> None:
    said = decode(topic, payload)
    assert isinstance(said, Message | ListenerEvent | InvalidMessage)
    if not isinstance(said, InvalidMessage):
        assert msgspec.json.decode(encode(said)) == json.loads(encode(said))


@settings(max_examples=100, deadline=None)
@given(messages(), st.data())
def test_a_message_cut_short_or_with_a_byte_changed_never_raises(
    message: Message, data: st.DataObject
) -> None:
    area = getattr(getattr(message, "enterprise", None), "area_code", AREA)
    topic, payload = topic_of(area, message), encode(message)
    at = data.draw(st.integers(0, len(payload) - 1))
    assert isinstance(decode(topic, payload[:at]), InvalidMessage)
    decode(topic, payload[:at] + bytes([data.draw(st.integers(0, 255))]) + payload[at + 1 :])


def test_a_grade_nobody_knows_names_the_profile_to_edit() -> None:
    path = Path(__file__).parents[1] / "schemas/examples/invalid/permit-unknown-grade.json"
    example = json.loads(path.read_text(encoding="utf-8"))
    refused = decode(example["topic"], example["payload"].encode())
    assert isinstance(refused, InvalidMessage) and refused.code == "schema"
    assert "profile.yaml 的 hot_work_grade" in refused.reason
