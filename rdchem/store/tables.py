"""The tables. Those up to `removal` are projections of the journal; the rest was decided and sent, or
(`watch` to `state_change`) is what sweeps through the day remember.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from rdchem.segment import instant, microseconds


class Instant(TypeDecorator[datetime]):
    """A UTC instant, kept as whole microseconds since 1970."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:  # noqa: ARG002 - SQLAlchemy's signature
        """To the database."""
        return None if value is None else microseconds(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """From the database."""
        return None if value is None else instant(value)


metadata = MetaData()

segment = Table(
    "segment",
    metadata,
    Column("stream", String(60), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("sha256", String(64), nullable=False),
    Column("previous", String(64), nullable=False),
    Column("records", Integer, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("first_received_at", Instant, nullable=False),
    Column("last_received_at", Instant, nullable=False),
    comment="manifest of the journal: the segments already projected",
)

message = Table(
    "message",
    metadata,
    Column("journal_id", String(24), primary_key=True),
    Column("kind", String(40), nullable=False),
    Column("company_code", String(40), nullable=False),
    Column("subject", String(120), nullable=False),
    Column("applies_from", Instant, nullable=False),
    Column("applies_until", Instant, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("origin", Text, nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("stream", String(60), nullable=False),
    Column("segment", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("copies", Integer, nullable=False, comment="how often the same bytes came, this one included"),
    Column("body", Text),
    Column("content", String(24), comment="a hash of it but for version and time"),
    Column(
        "seq",
        BigInteger,
        comment="the sender's number of the version; none for what a listener says of itself",
    ),
    Column("statement", String(24), comment="a hash of what it says"),
    Column("last_received_at", Instant, nullable=False, server_default="0", comment="its last copy"),
    Index("message_by_kind", "kind", "received_at"),
    Index("message_by_content", "kind", "content", "occurred_at", "received_at"),
    Index("message_by_subject", "kind", "subject"),
    Index("message_by_identity", "kind", "company_code", "subject", "seq"),
)

quarantine = Table(
    "quarantine",
    metadata,
    Column("stream", String(60), primary_key=True),
    Column("segment", Integer, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("journal_id", String(24), nullable=False, index=True),
    Column("received_at", Instant, nullable=False),
    Column("topic", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("code", String(40), nullable=False),
    Column("reason", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("row", Integer, nullable=False),
    Column("column", Text, nullable=False),
)

readings_file = Table(
    "readings_file",
    metadata,
    Column("path", Text, primary_key=True),
    Column("rows", Integer, nullable=False),
    Column("first_received_at", Instant, nullable=False),
    Column("last_received_at", Instant, nullable=False),
    comment="Parquet files of readings that count; others in the folder are left-overs of a crash",
)

removal = Table(
    "removal",
    metadata,
    Column("rule", String(40), primary_key=True),
    Column("before", Instant, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False, comment="the run was as of"),
    Column("title", Text, nullable=False),
    Column("days", Integer, nullable=False),
    Column("source", Text, nullable=False),
    comment="received before this instant, what a rule speaks of is gone, but for what came again since",
)

judgement = Table(
    "judgement",
    metadata,
    Column("day", Date, primary_key=True),
    Column("as_of", Instant, primary_key=True),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Column("shown", Text, nullable=True, comment="what a report shows beside it, by enterprise"),
)
"""The view `ledger` shows its squares to whoever asks in SQL: day, as_of, enterprise, rule, outcome …"""

finding = Table(
    "finding",
    metadata,
    Column("key", String(20), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("rule", String(80), nullable=False),
    Column("enterprise", String(40), nullable=False),
    Column("digest", String(64), nullable=False),
    Column("body", Text, nullable=False),
    Index("finding_by_day", "day", "enterprise"),
    comment="every version of every finding; a re-run that says the same adds none",
)

quality_failure = Table(
    "quality_failure",
    metadata,
    Column("day", Date, primary_key=True),
    Column("as_of", Instant, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("table", String(40), nullable=False),
    Column("expectation", String(80), nullable=False),
    Column("column", String(80), nullable=False),
    Column("severity", String(20), nullable=False),
    Column("message", Text, nullable=False),
    Column("enterprise", String(40), nullable=False),
    Column("key", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("journal_id", String(24), nullable=False),
    Column("dimension", String(20), nullable=False),
    Column("critical", Boolean, nullable=False),
    Column("finding", String(20), nullable=False, index=True),
)

quality_run = Table(
    "quality_run",
    metadata,
    Column("day", Date, primary_key=True),
    Column("as_of", Instant, primary_key=True),
    Column("failures", Integer, nullable=False),
    Column("scores", Text, nullable=False, server_default="[]", comment="a list as JSON"),
    comment="that the checks ran at all, also when they found nothing",
)
"""The view `quality_score` shows its scores to whoever asks in SQL: day, as_of, enterprise, table …"""

judgement_part = Table(
    "judgement_part",
    metadata,
    Column("run", String(64), primary_key=True),
    Column("part", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("as_of", Instant, nullable=False),
    Column("basis", String(64), nullable=False, comment="digest of what was known and judged by"),
    Column("body", Text, nullable=False),
    Column("shown", Text, nullable=True, comment="what a report shows beside it, by enterprise"),
    comment="what one run judged of one group of enterprises, until it is gathered into a judgement",
)

notification = Table(
    "notification",
    metadata,
    Column("key", String(64), primary_key=True, comment="digest of channel, day and report"),
    Column("day", Date, nullable=False),
    Column("channel", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    Column("sent_at", Instant),
    Column("attempts", Integer, nullable=False),
    Column("error", Text),
    Column("channel_id", String(64), comment="digest of the address, which is secret"),
    Column("body", Text),
    Column("attachments", Text, comment="paths below the reports, one a line"),
    Column("tried_at", Instant, comment="an attempt of unknown outcome"),
)

watch = Table(
    "watch",
    metadata,
    Column("company_code", String(40), primary_key=True),
    Column("credit_code", String(40), nullable=False, comment="the other code it may send under"),
    Column("examine_at", Instant, comment="when time alone may change its state"),
    Column("body", Text, nullable=False),
    Index("watch_by_examine_at", "examine_at"),
    Index("watch_by_credit_code", "credit_code"),
    comment="what the last sweep knew of each enterprise's sources",
)

sweep = Table(
    "sweep",
    metadata,
    Column("as_of", Instant, primary_key=True, autoincrement=False),
    Column("heard", Text, nullable=False, comment="enterprises heard in each of the last minutes"),
    Column("files", Integer, nullable=False),
    Column("heard_enterprises", Integer, nullable=False),
    Column("examined", Integer, nullable=False),
    Column("changes", Integer, nullable=False),
)

outage = Table(
    "outage",
    metadata,
    Column("company_code", String(40), primary_key=True),
    Column("cause", String(20), primary_key=True),
    Column("code", String(120), primary_key=True),
    Column("found_at", Instant, primary_key=True),
    Column("since", Instant),
    Column("until", Instant),
    Column("explained", String(20), nullable=False),
    Column("times", Integer, nullable=False),
    Column("announced", Boolean, nullable=False),
    Column("settled", Boolean, nullable=False),
    Column("sources", Text, nullable=False),
    Index("outage_by_enterprise", "company_code", "until"),
    Index("outage_by_until", "settled", "until"),
)

state_change = Table(
    "state_change",
    metadata,
    Column("as_of", Instant, primary_key=True, comment="the sweep that saw it"),
    Column("position", Integer, primary_key=True),
    Column("company_code", String(40), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("cause", String(20), nullable=False),
    Column("code", String(120), nullable=False),
    Column("found_at", Instant, nullable=False, comment="of the outage it is a change of"),
    Column("sources", Integer, nullable=False),
    Column("told", Boolean, nullable=False, comment="people are to hear of it"),
    Column("text", Text, nullable=False),
    Index("state_change_by_enterprise", "company_code", "as_of"),
)
