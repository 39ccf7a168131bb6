"""Judging by groups; notifications kept whole, so that whoever comes next can send what was not sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Add the table and the columns; notifications recorded before stay without a text."""
    op.create_table(
        "judgement_part",
        sa.Column("run", sa.String(length=64), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column(
            "basis", sa.String(length=64), nullable=False, comment="digest of what was known and judged by"
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "part"),
        comment="what one run judged of one group of enterprises, until it is gathered into a judgement",
    )
    for column in (
        sa.Column(
            "channel_id",
            sa.String(length=64),
            nullable=True,
            comment="digest of the address, which is secret",
        ),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("attachments", sa.Text(), nullable=True, comment="paths below the reports, one a line"),
        sa.Column("tried_at", sa.BigInteger(), nullable=True, comment="an attempt of unknown outcome"),
    ):
        op.add_column("notification", column)


def downgrade() -> None:
    """Take them away."""
    for name in ("tried_at", "attachments", "body", "channel_id"):
        op.drop_column("notification", name)
    op.drop_table("judgement_part")
