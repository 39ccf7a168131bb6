"""What sweeps through the day remember: enterprises under watch, outages, and what changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "watch",
        sa.Column("company_code", sa.String(length=40), nullable=False),
        sa.Column(
            "credit_code", sa.String(length=40), nullable=False, comment="the other code it may send under"
        ),
        sa.Column(
            "examine_at", sa.BigInteger(), nullable=True, comment="when time alone may change its state"
        ),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_code"),
        comment="what the last sweep knew of each enterprise's sources",
    )
    op.create_index("watch_by_examine_at", "watch", ["examine_at"], unique=False)
    op.create_index("watch_by_credit_code", "watch", ["credit_code"], unique=False)
    op.create_table(
        "sweep",
        sa.Column("as_of", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column(
            "heard", sa.Text(), nullable=False, comment="enterprises heard in each of the last minutes"
        ),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("heard_enterprises", sa.Integer(), nullable=False),
        sa.Column("examined", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("as_of"),
    )
    op.create_table(
        "outage",
        sa.Column("company_code", sa.String(length=40), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("explained", sa.String(length=20), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.Column("settled", sa.Boolean(), nullable=False),
        sa.Column("sources", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company_code", "cause", "code", "found_at"),
    )
    op.create_index("outage_by_enterprise", "outage", ["company_code", "until"], unique=False)
    op.create_index("outage_by_until", "outage", ["settled", "until"], unique=False)
    op.create_table(
        "state_change",
        sa.Column("as_of", sa.BigInteger(), nullable=False, comment="the sweep that saw it"),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("company_code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("cause", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=False, comment="of the outage it is a change of"),
        sa.Column("sources", sa.Integer(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False, comment="people are to hear of it"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", "position"),
    )
    op.create_index("state_change_by_enterprise", "state_change", ["company_code", "as_of"], unique=False)


def downgrade() -> None:
    """Forget what sweeps remembered."""
    for table in ("state_change", "outage", "sweep", "watch"):
        op.drop_table(table)
