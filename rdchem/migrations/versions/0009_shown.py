"""What a report shows beside a verdict is kept with it; of earlier verdicts it is worked out when asked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add the columns, empty."""
    for name in ("judgement", "judgement_part"):
        op.add_column(
            name,
            sa.Column(
                "shown",
                sa.Text(),
                nullable=True,
                comment="what a report shows beside it, by enterprise",
            ),
        )


def downgrade() -> None:
    """Take them away; nothing is lost that could not be worked out."""
    for name in ("judgement", "judgement_part"):
        op.drop_column(name, "shown")
