"""Quality rows say their dimension and identity and whether rules abstain on them; scores are kept."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


_Columns = tuple[tuple[str, sa.types.TypeEngine[Any]], ...]
_ROWS: _Columns = (
    ("day", sa.Date()),
    ("as_of", sa.BigInteger()),
    ("position", sa.Integer()),
    ("table", sa.String(length=40)),
    ("expectation", sa.String(length=80)),
    ("column", sa.String(length=80)),
    ("severity", sa.String(length=20)),
    ("message", sa.Text()),
    ("enterprise", sa.String(length=40)),
    ("key", sa.Text()),
    ("value", sa.Text()),
    ("journal_id", sa.String(length=24)),
)
_MORE: _Columns = (
    ("dimension", sa.String(length=20)),
    ("critical", sa.Boolean()),
    ("finding", sa.String(length=20)),
)


def upgrade() -> None:
    """Rows written before are thrown away: they are made again by checking the day again."""
    _make_failures_anew(*_ROWS, *_MORE)
    op.create_index("ix_quality_failure_finding", "quality_failure", ["finding"], unique=False)
    op.create_table(
        "quality_score",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.String(length=40), nullable=False),
        sa.Column("table", sa.String(length=40), nullable=False),
        sa.Column("dimension", sa.String(length=20), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "as_of", "enterprise", "table", "dimension"),
    )


def downgrade() -> None:
    """As before; the rows are lost, and made again by checking the day again."""
    op.drop_table("quality_score")
    op.drop_index("ix_quality_failure_finding", table_name="quality_failure")
    _make_failures_anew(*_ROWS)


def _make_failures_anew(*columns: tuple[str, sa.types.TypeEngine[Any]]) -> None:
    op.drop_table("quality_failure")
    op.execute("DELETE FROM quality_run")
    op.create_table(
        "quality_failure",
        *(sa.Column(name, kind, nullable=False) for name, kind in columns),
        sa.PrimaryKeyConstraint("day", "as_of", "position"),
    )
