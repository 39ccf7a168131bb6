"""What was removed by the rules of retention, and when the last copy of a message came."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the table, and the column as if no copy had come later (`rdchem rebuild` puts that right)."""
    op.create_table(
        "removal",
        sa.Column("rule", sa.String(length=40), nullable=False),
        sa.Column("before", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False, comment="the run was as of"),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "before"),
        comment="received before this instant, what a rule speaks of is gone, but for what came again since",
    )
    with op.batch_alter_table("message") as message:
        message.add_column(
            sa.Column(
                "last_received_at",
                sa.BigInteger(),
                nullable=False,
                server_default="0",
                comment="its last copy",
            )
        )
    op.execute("UPDATE message SET last_received_at = received_at")


def downgrade() -> None:
    """Take them away."""
    with op.batch_alter_table("message") as message:
        message.drop_column("last_received_at")
    op.drop_table("removal")
