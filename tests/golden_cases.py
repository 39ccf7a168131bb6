"""Golden cases: what was sent when, when it reached us, and what the ledger must say of it.

A file of tests/golden is one county with one journal; each case is one enterprise of it. Times are local, a
bare time of day is on the case's day. `payload` states what differs from a message with nothing wrong in it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml

from rdchem.calendar import SHANGHAI

FOLDER = Path(__file__).parent / "golden"
AREA = "320623"
DAY = date(2026, 9, 15)


@dataclass(frozen=True)
class Expected:
    """One square of the ledger as of an instant; `detail` is a class of mismatch or a reason code."""

    day: date
    as_of: str
    enterprise: str
    rule: str
    outcome: str
    detail: str


@dataclass(frozen=True)
class Golden:
    """One enterprise: its envelopes, its squares, its announcement states (day, as of, state, whose blame),
    words of its findings and of its announcement's line, codes of its quarantine rows, and the decisions its
    findings rest on (None: not said).
    """

    title: str
    company: str
    envelopes: tuple[dict[str, Any], ...]
    expected: tuple[Expected, ...]
    states: tuple[tuple[date, str, str, str], ...]
    words: tuple[str, ...]
    quarantine: tuple[str, ...]
    suppressed: tuple[str, ...] | None


def county(name: str) -> tuple[list[Golden], list[dict[str, Any]], dict[str, Any]]:
    """The cases of a file, all their envelopes in the order they were received, and its rulebook file."""
    stated = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    events = [_event(event) for entry in stated if "listener" in entry for event in entry["listener"]]
    cases = [
        _case(f"3206{number:05}", entry) for number, entry in enumerate(stated, start=1) if "case" in entry
    ]
    envelopes = events + [envelope for case in cases for envelope in case.envelopes]
    [rulebook] = [entry["rulebook"] for entry in stated if "rulebook" in entry] or [{}]
    ordered = sorted(envelopes, key=lambda one: datetime.fromisoformat(one["received_at"]))
    return cases, ordered, rulebook


def _case(company: str, stated: Mapping[str, Any]) -> Golden:
    company = stated.get("company", company)
    unknown = stated.keys() - {
        "case",
        "company",
        "area",
        "state",
        "day",
        "registered",
        "sent",
        "expect",
        "states",
        "suppressed",
        "words",
        "quarantine",
    }
    assert not unknown, f"{stated['case']}: {unknown}"
    day = stated.get("day", DAY)
    since = stated.get("registered") or f"{day - timedelta(days=1)} 18:00"
    enterprise = {
        "name": f"企业{company}",
        "area_code": stated.get("area", AREA),
        "credit_code": _credit_code(company),
        "state": stated.get("state", "operating"),
    }
    sent = [{"kind": "register", "at": since, "payload": {"enterprise": enterprise}}, *stated["sent"]]
    return Golden(
        stated["case"],
        company,
        tuple(_envelope(company, day, message, stated.get("area", AREA)) for message in sent),
        tuple(_expected(company, day, text) for text in stated["expect"]),
        tuple(_state(day, text) for text in stated.get("states", ())),
        tuple(stated.get("words", ())),
        tuple(stated.get("quarantine", ())),
        tuple(stated["suppressed"]) if "suppressed" in stated else None,
    )


def _expected(company: str, day: date, text: str) -> Expected:
    as_of, rule, outcome, detail = (*text.split(" "), "")[:4]
    return Expected(day, as_of, company, rule, outcome, detail)


def _state(day: date, text: str) -> tuple[date, str, str, str]:
    as_of, state, blame = (*text.split(" "), "")[:3]
    return day, as_of, state, blame


def _envelope(company: str, day: date, sent: Mapping[str, Any], area: str) -> dict[str, Any]:
    kind, at = sent["kind"], _at(day, sent["at"])
    payload = {"kind": kind, "id": f"{company}-{kind}", "seq": 1, "occurred_at": at, "company_code": company}
    payload |= _plain(kind, company, day) | dict(_local(day, sent.get("payload", {})))
    if sent.get("under") == "credit_code":
        company = payload["company_code"] = _credit_code(company)
    topic = f"rdchem/v1/{area}/{company}/{kind}" + ("/G1" if kind == "readings" else "")
    return _line(_at(day, sent.get("received", sent["at"])), topic, payload)


def _plain(kind: str, company: str, day: date) -> dict[str, Any]:
    sensor = {"kind": "sensor", "name": "液位", "hazard_code": "H1", "gateway_code": "G1"}
    messages: dict[str, dict[str, Any]] = {
        "register": {
            "hazards": [{"hazard_code": "H1", "name": "罐区", "level": 2}],
            "gateways": [{"gateway_code": "G1"}],
            "sources": [{"source_code": code, **sensor} for code in ("S1", "S2")],
        },
        "commitment": {
            "day": str(day),
            "promised_by": "王建国",
            "units": {"total": 3, "running": 2, "stopped": 1, "overhaul": 0},
            "hot_work": {"special": 0, "grade_1": 0, "grade_2": 0},
            "items": [],
        },
        "hot_work_permit": {"ticket_no": "T-1", "status": "approved", "place": "泵区", "issued_at": None},
        "readings": {"gateway_code": "G1", "readings": [["S1", 1.0], ["S2", 2.0]]},
    }
    return messages[kind]


def _credit_code(company: str) -> str:
    return f"91320623MA{company[-7:]}X"


def _event(stated: Mapping[str, Any]) -> dict[str, Any]:
    at = _at(DAY, stated["at"])
    payload = {"kind": "listener_event", "listener": "listener-1", "occurred_at": at, "period_s": 7200.0}
    payload |= {name: value for name, value in stated.items() if name != "at"}
    return _line(at, "rdchem/v1/self/listener-1/listener_event", payload)


def _line(received_at: str, topic: str, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "received_at": received_at,
        "topic": topic,
        "payload": json.dumps(payload, ensure_ascii=False),
    }


def _local(day: date, said: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The payload with bare times of day made instants; whatever else a case says stays as it says it."""
    for name, value in said.items():
        if isinstance(value, list):
            yield name, [dict(_local(day, one)) for one in value]
        elif name.endswith("_at") and "T" not in value:
            yield name, _at(day, value)
        else:
            yield name, value


def _at(day: date, text: str) -> str:
    moment = datetime.fromisoformat(text) if " " in text else datetime.combine(day, time.fromisoformat(text))
    return moment.replace(tzinfo=SHANGHAI).isoformat()
