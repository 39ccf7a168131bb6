"""A journal and its database, and records to put into them."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, select

from rdchem import intake
from rdchem.journal import Journal
from rdchem.messages import encode, topic_of
from rdchem.model.message import Message
from rdchem.model.source import Reading, Readings
from rdchem.projection import BadRowRecord
from rdchem.segment import Record, microseconds
from rdchem.settings import Settings
from rdchem.store import tables
from tests.days import EIGHT

HOUR = timedelta(hours=1)
AREA = "320623"


def recorded(message: Message, at: datetime = EIGHT, origin: str = "mqtt") -> Record:
    return Record(microseconds(at), topic_of(AREA, message), encode(message), origin=origin)


def bad_row(row: int, at: datetime, reason: str = "日期读不懂") -> Record:
    bad = BadRowRecord(file="a.csv", row=row, column="x", code="bad_date", reason=reason, cells="")
    return Record(microseconds(at), "bad-row/ab12", encode(bad), origin=f"file:a.csv#{row}")


def batch(number: int, value: float, at: datetime) -> Readings:
    return Readings(
        id=f"b{number}", seq=1, occurred_at=at, company_code="C1", gateway_code="G1",
        readings=[Reading("S1", value), Reading(f"S{number}", value, -1000)],
    )  # fmt: skip


class Home:
    """A journal and the settings of its projections."""

    def __init__(self, folder: Path, url: str = "") -> None:
        self.settings = Settings(home=folder, database_url=url)
        self.journal = Journal(self.settings.journal_path)

    def keep(self, *groups: Sequence[Record], stream: str = "listener-1") -> None:
        with self.journal.writer(stream) as writer:
            for group in groups:
                writer.append(group)


def put(engine: Engine, home: Home, *records: Record, stream: str = "s") -> None:
    home.keep(records, stream=stream)
    intake.project_all(home.settings, engine)


def rows(engine: Engine, table: str) -> list[dict[str, Any]]:
    chosen = tables.metadata.tables[table]
    with engine.connect() as connection:
        found = connection.execute(select(chosen).order_by(*chosen.primary_key)).mappings()
        return [dict(row) for row in found]
