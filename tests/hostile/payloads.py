"""Whatever somebody may send: valid messages spoilt in every way we could think of, from a seed."""

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from rdchem.messages import BY_GATEWAY, TOPIC_ROOT

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "schemas" / "examples" / "valid"
Spoilt = tuple[str, bytes]
"""A topic and a payload."""
Spoil = Callable[[random.Random, str, dict[str, Any]], Spoilt]
_TIMES: Final = (
    "1970-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "2026-09-15T08:00:00", "", "now",
    "2026-09-15 08:00", "2026-13-45T99:99:99+08:00", "20260915080000", "-1", "2026-09-15T08:00:00+99:99",
)  # fmt: skip
_TOKENS: Final = (
    b"NaN",
    b"Infinity",
    b"-Infinity",
    b"1e999",
    b"-0",
    b"0x10",
    b"01",
    b"1.",
    b".5",
    b"9" * 400,
)
_TEXTS: Final = (
    "\x00",
    "\x1b[2J",
    "\u202e",
    "\ufeff",
    "💥" * 50,
    "A" * 70_000,
    "';DROP TABLE message;--",
    "𝟏𝟐",
    "١٢",
)


def examples() -> list[tuple[str, dict[str, Any]]]:
    """Every valid message with its topic."""
    said = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(EXAMPLES.glob("*.json"))]
    return [(_topic(one), one) for one in said]


def _topic(said: dict[str, Any]) -> str:
    kind = said["kind"]
    if kind == "listener_event":
        return f"{TOPIC_ROOT}/self/{said['listener']}/{kind}"
    gateway = f"/{said['gateway_code']}" if kind in BY_GATEWAY else ""
    return f"{TOPIC_ROOT}/320623/{said['company_code']}/{kind}{gateway}"


def dump(value: Any) -> bytes:
    """As a sender would write it."""
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")


def seeds() -> list[bytes]:
    """The valid messages as a fuzzer begins with: a byte that chooses the topic, and the payload."""
    return [bytes([number]) + dump(said) for number, (_, said) in enumerate(examples())]


def _untouched(_: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    return topic, dump(said)


def _bytes_changed(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    payload = bytearray(dump(said))
    for _ in range(chance.randrange(1, 8)):
        payload[chance.randrange(len(payload))] = chance.randrange(256)
    return topic, bytes(payload)


def _not_utf8(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    codec = chance.choice(["utf-16", "gbk", "utf-32", "utf-16-be"])
    return topic, json.dumps(said, ensure_ascii=False).encode(codec, "replace")


def _no_json(chance: random.Random, topic: str, _: dict[str, Any]) -> Spoilt:
    return topic, chance.choice(
        [b"", b"\x00", b"null", b"[]", b'"x"', b"1", b"<xml/>", chance.randbytes(chance.randrange(300))]
    )


def _cut(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    payload = dump(said)
    return topic, payload[: chance.randrange(len(payload))]


def _deep(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    depth = chance.choice([10, 200, 1000, 5000])
    nested = b"[" * depth + b"]" * depth if chance.random() < 0.5 else b'{"a":' * depth + b"1" + b"}" * depth
    if chance.random() < 0.3:
        return topic, nested
    return topic, dump(said | {_field(chance, said): "@"}).replace(b'"@"', nested, 1)


def _odd_number(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    return topic, dump(said | {_field(chance, said): "@"}).replace(b'"@"', chance.choice(_TOKENS), 1)


def _number_as_text(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    return topic, dump(
        _deeply(said, lambda one: str(one) if isinstance(one, int | float) else one, chance, 0.5)
    )


def _text_as_number(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    return topic, dump(_deeply(said, lambda one: 7 if isinstance(one, str) else one, chance, 0.1))


def _odd_text(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    odd = chance.choice(_TEXTS)
    return topic, dump(_deeply(said, lambda one: odd if isinstance(one, str) else one, chance, 0.1))


def _odd_time(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    odd = chance.choice(_TIMES)
    timed = [name for name, value in said.items() if isinstance(value, str) and value[:2] == "20"] or [
        "occurred_at"
    ]
    return topic, dump(said | {chance.choice(timed): odd})


def _same_key_twice(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    name = _field(chance, said)
    return topic, dump(said)[:-1] + b"," + dump({name: chance.choice([said[name], None, 1, "x"])})[1:]


def _missing_field(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    name = _field(chance, said)
    return topic, dump({key: value for key, value in said.items() if key != name})


def _unknown_field(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    return topic, dump(
        said | {chance.choice(["x", "__proto__", "id ", "ID", ""]): chance.choice([1, None, {}])}
    )


def _unknown_kind(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    kind = chance.choice(["", "register ", "READINGS", "listener_event", "../x", "x" * 300])
    parts = topic.split("/")
    parts[4:5] = [kind] if chance.random() < 0.5 else parts[4:5]
    return "/".join(parts), dump(said | {"kind": kind})


def _other_enterprise(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    parts = topic.split("/")
    if len(parts) > 3:
        parts[3] = chance.choice(["320600099", "", ".", "甲", "a" * 41, "self"])
    return "/".join(parts), dump(said)


def _other_area(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    parts = topic.split("/")
    parts[2] = chance.choice(["320624", "", "32062", "3206233", "self", "simulated", "abcdef"])
    return "/".join(parts), dump(said)


def _odd_topic(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    at = chance.randrange(len(topic) + 1)
    odd = chance.choice(
        ["\x00", "\x01", "\x1b[31m", "\n", "\u2028", "+", "#", "/", "//", "\x7f", "💥", "a" * 65_000]
    )
    return topic[:at] + odd + topic[at:], dump(said)


def _many(chance: random.Random, topic: str, said: dict[str, Any]) -> Spoilt:
    lists = [name for name, value in said.items() if isinstance(value, list) and value]
    if not lists:
        return topic, dump(said) * 2
    name = chance.choice(lists)
    return topic, dump(said | {name: said[name] * chance.choice([0, 2, 300])})


def _field(chance: random.Random, said: dict[str, Any]) -> str:
    return chance.choice(list(said))


def _deeply(value: Any, change: Callable[[Any], Any], chance: random.Random, share: float) -> Any:
    if isinstance(value, dict):
        return {key: _deeply(one, change, chance, share) for key, one in value.items()}
    if isinstance(value, list):
        return [_deeply(one, change, chance, share) for one in value]
    return change(value) if chance.random() < share else value


WAYS: Final[dict[str, Spoil]] = {
    way.__name__.removeprefix("_"): way
    for way in (
        _untouched, _bytes_changed, _not_utf8, _no_json, _cut, _deep, _odd_number, _number_as_text, _odd_text,
        _text_as_number, _odd_time, _same_key_twice, _missing_field, _unknown_field, _unknown_kind,
        _odd_topic, _other_enterprise, _other_area, _many,
    )
}  # fmt: skip


def spoilt(seed: int, count: int) -> Iterator[tuple[str, str, bytes]]:
    """So many payloads: the way each was spoilt, its topic, its bytes. Equal seeds give equal payloads."""
    chance, known, ways = random.Random(seed), examples(), list(WAYS.items())
    for _ in range(count):
        way, spoil = chance.choice(ways)
        topic, said = chance.choice(known)
        yield (way, *spoil(chance, topic, said))
