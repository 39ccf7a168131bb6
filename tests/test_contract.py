"""The contract under schemas/: in step with the types, valid by its own standards, its examples true."""

import re
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from rdchem import contract
from rdchem.messages import CLOCK_TOPIC, ENTERPRISE_KINDS, KINDS, InvalidMessage, decode, encode, topic_of
from rdchem.model.message import Message

SCHEMAS = Path(__file__).parent.parent / "schemas"
VALID = sorted((SCHEMAS / "examples" / "valid").glob("*.json"))
INVALID = sorted((SCHEMAS / "examples" / "invalid").glob("*.json"))


def schema(kind: str) -> dict[str, Any]:
    return msgspec.json.decode((SCHEMAS / f"{kind}.json").read_bytes())


def validator(kind: str) -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(schema(kind))


def test_what_is_committed_is_what_the_types_say() -> None:
    assert contract.drifted(SCHEMAS) == []


def test_drift_is_seen_whether_a_file_changed_is_missing_or_is_left_over(tmp_path: Path) -> None:
    contract.write(tmp_path)
    assert contract.drifted(tmp_path) == []
    (tmp_path / "alarm.json").write_text("{}", encoding="utf-8")
    (tmp_path / "verdict.json").unlink()
    (tmp_path / "penalty.json").write_text("{}", encoding="utf-8")
    assert contract.drifted(tmp_path) == ["alarm.json", "penalty.json", "verdict.json"]


@pytest.mark.parametrize("path", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_each_schema_is_valid_by_its_dialect(path: Path) -> None:
    document = msgspec.json.decode(path.read_bytes())
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(document)


def test_there_is_a_valid_example_of_each_kind() -> None:
    assert {path.stem for path in VALID} == set(KINDS)


@pytest.mark.parametrize("path", VALID, ids=lambda path: path.stem)
def test_a_valid_example_is_taken_by_schema_and_decoder_alike(path: Path) -> None:
    kind, payload = path.stem, path.read_bytes()
    validator(kind).validate(msgspec.json.decode(payload))
    noun = msgspec.json.decode(payload, type=KINDS[kind])
    topic = (
        topic_of("320623", noun)
        if isinstance(noun, Message)
        else f"rdchem/v1/self/{noun.listener}/listener_event"
    )
    assert decode(topic, payload) == noun
    assert decode(topic, encode(noun)) == noun


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_an_invalid_example_is_refused_for_the_reason_given(path: Path) -> None:
    example = msgspec.json.decode(path.read_bytes())
    refusal = decode(example["topic"], example["payload"].encode())
    assert isinstance(refusal, InvalidMessage)
    assert (refusal.code, bool(refusal.reason)) == (example["code"], True)


FORMATS_NOT_STRUCTURE = {"commitment-impossible-day", "commitment-time-without-offset"}
"""`format` is an annotation in 2020-12: a plain validator lets these two pass, the decoder does not."""


@pytest.mark.parametrize("path", INVALID, ids=lambda path: path.stem)
def test_the_schema_refuses_what_is_wrong_in_structure_and_only_that(path: Path) -> None:
    example = msgspec.json.decode(path.read_bytes())
    kind = "".join(example["topic"].split("/")[4:5])
    if example["code"] == "not_json" or kind not in KINDS:
        return  # nothing a schema could speak of
    ok = validator(kind).is_valid(msgspec.json.decode(example["payload"]))
    assert ok == (example["code"] != "schema" or path.stem in FORMATS_NOT_STRUCTURE)


def test_invalid_examples_cover_every_reason_an_enterprise_can_meet() -> None:
    codes = {msgspec.json.decode(path.read_bytes())["code"] for path in INVALID}
    source = Path(decode.__code__.co_filename).read_text(encoding="utf-8")
    assert codes | {"too_large"} == set(re.findall(r'InvalidMessage\(\s*"([a-z_]+)"', source))


@pytest.fixture(scope="module")
def asyncapi() -> dict[str, Any]:
    return yaml.safe_load((SCHEMAS / "asyncapi.yaml").read_text(encoding="utf-8"))


def test_asyncapi_has_a_channel_an_operation_and_a_message_for_each_kind(asyncapi: dict[str, Any]) -> None:
    assert asyncapi["asyncapi"].startswith("3.")
    assert set(asyncapi["channels"]) == {*KINDS, "clock"}
    assert set(asyncapi["operations"]) == set(ENTERPRISE_KINDS)
    assert set(asyncapi["components"]["messages"]) == {*KINDS, "clock"}


def test_asyncapi_addresses_are_the_topics_messages_travel_on(asyncapi: dict[str, Any]) -> None:
    for kind, noun in ENTERPRISE_KINDS.items():
        message = msgspec.json.decode(
            (SCHEMAS / "examples" / "valid" / f"{kind}.json").read_bytes(), type=noun
        )
        address = asyncapi["channels"][kind]["address"]
        names = re.findall(r"{(\w+)}", address)
        assert set(names) == set(asyncapi["channels"][kind]["parameters"])
        values = {name: getattr(message, name, "320623") for name in names}
        assert address.format(**values) == topic_of("320623", message)
    assert asyncapi["channels"]["clock"]["address"] == CLOCK_TOPIC


def test_asyncapi_references_lead_somewhere(asyncapi: dict[str, Any]) -> None:
    def references(node: Any) -> list[str]:
        if isinstance(node, dict):
            return [*([node["$ref"]] if "$ref" in node else []), *references(list(node.values()))]
        return [one for part in node for one in references(part)] if isinstance(node, list) else []

    found = references(asyncapi)
    assert len(found) == 2 * len(asyncapi["channels"]) + len(ENTERPRISE_KINDS)
    for reference in found:
        if reference.startswith("#/"):
            node: Any = asyncapi
            for step in reference[2:].split("/"):
                node = node[step]
        else:
            assert (SCHEMAS / reference).is_file()
