"""From a finding, or any journal id, back to the raw bytes it rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Final

from rdchem import calendar
from rdchem.errors import InputError
from rdchem.home import Home
from rdchem.intake import open_journal, project_all
from rdchem.model.quality import QualityFailure
from rdchem.store import intake, quality, quarantine, retention, verdicts

_EVER: Final = datetime.fromtimestamp(0, UTC)


@dataclass(frozen=True, slots=True)
class RawMessage:
    """A record of the journal: where it stands, when and how it came, and its bytes."""

    journal_id: str
    topic: str
    origin: str
    received_at: datetime
    copies: int
    stream: str
    segment: int
    position: int
    payload: bytes


@dataclass(frozen=True, slots=True)
class Explanation:
    """A finding with every raw message named by its evidence; `missing` ids are no longer in the journal, by
    the rules that are told in `removed`, or for no good reason if that is empty.
    """

    finding: Mapping[str, Any]
    messages: tuple[RawMessage, ...]
    missing: tuple[str, ...]
    removed: tuple[str, ...] = ()


def explain(home: Home, prefix: str) -> list[Explanation]:
    """The findings whose key begins with `prefix`, explained. Raises InputError if there is none."""
    with home.engine.connect() as connection:
        findings = verdicts.findings_by_key(connection, prefix)
        findings += [(day, _told(day, row)) for day, row in quality.findings(connection, prefix)]
    if not findings:
        raise InputError(
            f"没有编号以 {prefix} 开头的异常。编号形如 F-0123456789ab(数据质量为 Q-…),见异常报告;"
            "还没有判定过的,请先运行 rdchem judge。"
        )
    return [_explain_one(home, day, finding) for day, finding in findings]


def raw(home: Home, journal_id: str) -> RawMessage | None:
    """The record behind a message or a quarantine row, None if neither is known."""
    with home.engine.connect() as connection:
        message = intake.find_message(connection, journal_id)
        row = message or quarantine.find_quarantined(connection, journal_id)
    if row is None:
        return None
    return _raw(home, row, row["copies"] if message is not None else 1)


def kept_aside(day: date | None) -> Sequence[Mapping[Any, Any]]:
    """The quarantine's rows, oldest first: all of them, or what was received on one day."""
    home = Home.open()
    project_all(home.settings, home.engine)
    start, end = calendar.day_bounds(day) if day else (_EVER, datetime.now(UTC))
    with home.engine.connect() as connection:
        return quarantine.quarantined(connection, since=start, as_of=end)


def quarantined(journal_id: str) -> list[tuple[Mapping[Any, Any], RawMessage]]:
    """Every quarantine row whose id begins so, with its raw message."""
    home = Home.open()
    project_all(home.settings, home.engine)
    with home.engine.connect() as connection:
        rows = quarantine.quarantined_by_id(connection, journal_id)
    return [(row, _raw(home, row, 1)) for row in rows]


def _raw(home: Home, row: Mapping[Any, Any], copies: int) -> RawMessage:
    record = open_journal(home.settings).record(row["stream"], row["segment"], row["position"])
    return RawMessage(
        row["journal_id"],
        record.topic,
        record.origin,
        record.received_at,
        copies,
        row["stream"],
        row["segment"],
        row["position"],
        record.payload,
    )


def _told(day: date, row: QualityFailure) -> dict[str, Any]:
    """A row that is not fit, in the form of a finding."""
    return {
        "key": row.finding,
        "severity": row.severity.value,
        "enterprise": row.enterprise or "全部",
        "message": row.message,
        "rule": row.expectation,
        "mismatch": row.dimension.label,
        "subject": f"{row.table}:{row.key}",
        "basis": f"数据质量检查,{day}",
        "evidence": {"actual": row.value, "journal": [row.journal_id] if row.journal_id else []},
    }


def _explain_one(home: Home, day: date, finding: Mapping[str, Any]) -> Explanation:
    ids = finding["evidence"]["journal"]
    found = {journal_id: raw(home, journal_id) for journal_id in ids}
    messages = tuple(message for message in found.values() if message is not None)
    missing = tuple(one for one, message in found.items() if message is None)
    start, _ = calendar.day_bounds(day)
    with home.engine.connect() as connection:
        gone = retention.removed_of(connection, start=start, since=start) if missing else {}
    return Explanation(finding, messages, missing, tuple(dict.fromkeys(why.text for why in gone.values())))
