"""The ledger is what the kept verdicts say, shown as a table: kept once, it cannot differ from them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

_SQLITE = """
CREATE VIEW ledger AS
SELECT judgement.day, judgement.as_of,
       json_extract(square.value, '$.enterprise') AS enterprise,
       json_extract(square.value, '$.rule') AS rule,
       json_extract(square.value, '$.outcome') AS outcome,
       json_extract(square.value, '$.reason.code') AS reason_code,
       json_extract(square.value, '$.reason.text') AS reason_text
FROM judgement, json_each(judgement.body, '$.ledger') AS square
"""
_POSTGRESQL = """
CREATE VIEW ledger AS
SELECT judgement.day, judgement.as_of,
       square ->> 'enterprise' AS enterprise,
       square ->> 'rule' AS rule,
       square ->> 'outcome' AS outcome,
       square -> 'reason' ->> 'code' AS reason_code,
       square -> 'reason' ->> 'text' AS reason_text
FROM judgement, LATERAL json_array_elements(judgement.body::json -> 'ledger') AS square
"""


def upgrade() -> None:
    """A view in place of the table."""
    op.drop_table("ledger")
    op.execute(_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE)


def downgrade() -> None:
    """A table again, with all the view shows."""
    op.create_table(
        "squares",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.String(length=40), nullable=False),
        sa.Column("rule", sa.String(length=80), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason_code", sa.String(length=60), nullable=True),
        sa.Column("reason_text", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("day", "as_of", "enterprise", "rule"),
    )
    op.execute("INSERT INTO squares SELECT * FROM ledger")
    op.execute("DROP VIEW ledger")
    op.rename_table("squares", "ledger")
