"""The identity of a message in full, and a hash of what it says: a changed version shows."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the columns, empty for messages projected before (`rdchem rebuild` fills them), and their index."""
    comment = "the sender's number of the version; none for what a listener says of itself"
    op.add_column("message", sa.Column("seq", sa.BigInteger(), nullable=True, comment=comment))
    comment = "a hash of what it says"
    op.add_column("message", sa.Column("statement", sa.String(length=24), nullable=True, comment=comment))
    columns = ["kind", "company_code", "subject", "seq"]
    op.create_index("message_by_identity", "message", columns, unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("message_by_identity", table_name="message")
    with op.batch_alter_table("message") as message:
        message.drop_column("statement")
        message.drop_column("seq")
