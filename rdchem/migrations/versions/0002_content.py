"""What a message says but for its version and time: registers sent again every day are read once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add the column, empty for messages projected before (each stands for itself), and its index."""
    comment = "a hash of it but for version and time"
    op.add_column("message", sa.Column("content", sa.String(length=24), nullable=True, comment=comment))
    columns = ["kind", "content", "occurred_at", "received_at"]
    op.create_index("message_by_content", "message", columns, unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("message_by_content", table_name="message")
    with op.batch_alter_table("message") as message:
        message.drop_column("content")
