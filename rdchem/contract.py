"""`schemas/` from the nouns: JSON Schemas (2020-12) of messages and verdict, and an AsyncAPI document.

The types in `rdchem.model` are the one place where a field is written; this module only writes them down in
the standards' words, and `drifted` proves that what is committed is what the types say.
"""

import inspect
from pathlib import Path
from typing import Any, Final

import msgspec
import yaml

from rdchem.messages import BY_GATEWAY, CLOCK_TOPIC, ENTERPRISE_KINDS, KINDS, MAX_PAYLOAD_BYTES, TOPIC_ROOT
from rdchem.model import document

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_SCHEMA_FORMAT: Final = "application/schema+json;version=draft-2020-12"
_CLOCK: Final = {
    "$schema": _DIALECT,
    "$id": "urn:rdchem:v1:clock",
    "title": "仿真县的报时(只在仿真中出现,不是企业报文)",
    "type": "object",
    "properties": {"now": {"type": "string", "format": "date-time"}},
    "required": ["now"],
}
_PARAMETERS: Final = {
    "area_code": "6 位行政区划代码,如 320623",
    "company_code": "企业编码(文本,前导零有意义);与报文中的 company_code 一致",
    "gateway_code": "网关编码;与报文中的 gateway_code 一致",
    "listener": "采集端名称",
}


def write(folder: Path) -> None:
    """Write every generated file."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in generated().items():
        (folder / name).write_text(text, encoding="utf-8")


def drifted(folder: Path) -> list[str]:
    """Names of files that are not what the types say: changed, missing, or of a kind that is gone."""
    expected = generated()
    present = {path.name for path in folder.glob("*") if path.suffix in (".json", ".yaml")}
    return sorted(
        name
        for name in present | expected.keys()
        if name not in expected
        or name not in present
        or (folder / name).read_text(encoding="utf-8") != expected[name]
    )


def generated() -> dict[str, str]:
    """File name -> content, for all of `schemas/` but its examples."""
    files = {f"{kind}.json": _json(message_schema(kind)) for kind in KINDS}
    files["clock.json"] = _json(_CLOCK)
    files["verdict.json"] = _json(_schema(document.Verdict, "verdict"))
    files["asyncapi.yaml"] = yaml.safe_dump(_asyncapi(), allow_unicode=True, sort_keys=False, width=110)
    return files


def message_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of a message kind's payload."""
    return _schema(KINDS[kind], kind)


def _schema(noun: type, name: str) -> dict[str, Any]:
    schema: dict[str, Any] = _dedented(msgspec.json.schema(noun))
    return {"$schema": _DIALECT, "$id": f"urn:rdchem:v1:{name}", **schema}


def _dedented(node: Any) -> Any:
    """The same schema with docstrings flush left; before Python 3.13 they keep the source's indentation."""
    if isinstance(node, list):
        return [_dedented(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {
        name: inspect.cleandoc(value)
        if name == "description" and isinstance(value, str)
        else _dedented(value)
        for name, value in node.items()
    }


def _json(schema: dict[str, Any]) -> str:
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"


def _asyncapi() -> dict[str, Any]:
    kinds = {kind: _address(kind) for kind in ENTERPRISE_KINDS}
    kinds["listener_event"] = f"{TOPIC_ROOT}/self/{{listener}}/listener_event"
    kinds["clock"] = CLOCK_TOPIC
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "rdchem 接入约定",
            "version": "1.0.0",
            "description": "企业与平台经 MQTT 3.1.1(或更新)以 QoS 1 发布;报文为 UTF-8 JSON,不超过 "
            f"{MAX_PAYLOAD_BYTES} 字节。网关上下线报文须保留(retain),其离线报文兼作遗嘱。"
            "同一 id 的报文以 seq 较大者为准;同一内容重复发送无妨。",
        },
        "defaultContentType": "application/json",
        "channels": {kind: _channel(kind, address) for kind, address in kinds.items()},
        "operations": {
            kind: {
                "action": "receive",
                "channel": {"$ref": f"#/channels/{kind}"},
                "bindings": {"mqtt": {"qos": 1, "retain": kind == "gateway_presence"}},
            }
            for kind in ENTERPRISE_KINDS
        },
        "components": {"messages": {kind: _message(kind) for kind in kinds}},
    }


def _address(kind: str) -> str:
    gateway = "/{gateway_code}" if kind in BY_GATEWAY else ""
    return f"{TOPIC_ROOT}/{{area_code}}/{{company_code}}/{kind}{gateway}"


def _channel(kind: str, address: str) -> dict[str, Any]:
    parameters = {
        name: {"description": text} for name, text in _PARAMETERS.items() if f"{{{name}}}" in address
    }
    channel: dict[str, Any] = {
        "address": address,
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"}},
    }
    return channel | ({"parameters": parameters} if parameters else {})


def _message(kind: str) -> dict[str, Any]:
    about = inspect.getdoc(KINDS[kind]) if kind in KINDS else str(_CLOCK["title"])
    return {
        "name": kind,
        "summary": (about or kind).splitlines()[0],
        "contentType": "application/json",
        "payload": {"schemaFormat": _SCHEMA_FORMAT, "schema": {"$ref": f"./{kind}.json"}},
    }
