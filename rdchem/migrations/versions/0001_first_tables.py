"""The first tables: the journal's projections, verdicts, findings, quality rows, notifications."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "finding",
        sa.Column("key", sa.String(length=20), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("enterprise", sa.String(length=40), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "version"),
        comment="every version of every finding; a re-run that says the same adds none",
    )
    op.create_index("finding_by_day", "finding", ["day", "enterprise"], unique=False)
    op.create_table(
        "judgement",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("day", "as_of"),
    )
    op.create_table(
        "ledger",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day", "as_of", "enterprise", "rule"),
    )
    op.create_table(
        "message",
        sa.Column("journal_id", sa.String(length=24), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("company_code", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("applies_from", sa.BigInteger(), nullable=False),
        sa.Column("applies_until", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.Column("stream", sa.String(length=60), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column(
            "copies", sa.Integer(), nullable=False, comment="how often the same bytes came, this one included"
        ),
        sa.Column("body", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("journal_id"),
    )
    op.create_index("message_by_kind", "message", ["kind", "received_at"], unique=False)
    op.create_index("message_by_subject", "message", ["kind", "subject"], unique=False)
    op.create_table(
        "notification",
        sa.Column("key", sa.String(length=64), nullable=False, comment="digest of channel, day and report"),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("key"),
    )
    op.create_table(
        "quality_failure",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("table", sa.String(length=40), nullable=False),
        sa.Column("expectation", sa.String(length=80), nullable=False),
        sa.Column("column", sa.String(length=80), nullable=False),
        sa.Column("severity", sa.String(length=20), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.String(length=40), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("journal_id", sa.String(length=24), nullable=False),
        sa.PrimaryKeyConstraint("day", "as_of", "position"),
    )
    op.create_table(
        "quality_run",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "as_of"),
        comment="that the checks ran at all, also when they found nothing",
    )
    op.create_table(
        "quarantine",
        sa.Column("stream", sa.String(length=60), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("journal_id", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "segment", "position"),
    )
    op.create_index(op.f("ix_quarantine_journal_id"), "quarantine", ["journal_id"], unique=False)
    op.create_table(
        "readings_file",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("first_received_at", sa.BigInteger(), nullable=False),
        sa.Column("last_received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("path"),
        comment="Parquet files of readings that count; others in the folder are left-overs of a crash",
    )
    op.create_table(
        "segment",
        sa.Column("stream", sa.String(length=60), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("first_received_at", sa.BigInteger(), nullable=False),
        sa.Column("last_received_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("stream", "seq"),
        comment="manifest of the journal: the segments already projected",
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("segment")
    op.drop_table("readings_file")
    op.drop_index(op.f("ix_quarantine_journal_id"), table_name="quarantine")
    op.drop_table("quarantine")
    op.drop_table("quality_run")
    op.drop_table("quality_failure")
    op.drop_table("notification")
    op.drop_index("message_by_subject", table_name="message")
    op.drop_index("message_by_kind", table_name="message")
    op.drop_table("message")
    op.drop_table("ledger")
    op.drop_table("judgement")
    op.drop_index("finding_by_day", table_name="finding")
    op.drop_table("finding")
