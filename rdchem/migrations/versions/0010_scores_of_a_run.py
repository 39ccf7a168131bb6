"""The quality scores of a day are kept with the run that gave them, and shown as the table they were."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

_NAMES = ("enterprise", "table", "dimension", "asked", "failed")
_SQLITE = """
CREATE VIEW quality_score AS
SELECT quality_run.day, quality_run.as_of,
       json_extract(score.value, '$.enterprise') AS enterprise,
       json_extract(score.value, '$.table') AS "table",
       json_extract(score.value, '$.dimension') AS dimension,
       json_extract(score.value, '$.asked') AS asked,
       json_extract(score.value, '$.failed') AS failed
FROM quality_run, json_each(quality_run.scores) AS score
"""
_POSTGRESQL = """
CREATE VIEW quality_score AS
SELECT quality_run.day, quality_run.as_of,
       score ->> 'enterprise' AS enterprise,
       score ->> 'table' AS "table",
       score ->> 'dimension' AS dimension,
       (score ->> 'asked')::bigint AS asked,
       (score ->> 'failed')::bigint AS failed
FROM quality_run, LATERAL json_array_elements(quality_run.scores::json) AS score
"""
_RUN = sa.table("quality_run", sa.column("day", sa.Date()), sa.column("as_of"), sa.column("scores"))
_SCORE = sa.table("quality_score", sa.column("day", sa.Date()), sa.column("as_of"), *map(sa.column, _NAMES))


def upgrade() -> None:
    """A column of each run and a view in place of the table."""
    scores = sa.Column("scores", sa.Text(), nullable=False, server_default="[]", comment="a list as JSON")
    op.add_column("quality_run", scores)
    _keep_with_their_runs(op.get_bind())
    op.drop_table("quality_score")
    op.execute(_POSTGRESQL if op.get_bind().dialect.name == "postgresql" else _SQLITE)


def _keep_with_their_runs(connection: sa.Connection) -> None:
    told = [_SCORE.c[name] for name in _NAMES]
    for day, as_of in connection.execute(sa.select(_RUN.c.day, _RUN.c.as_of)).all():
        own = sa.select(*told).where(_SCORE.c.day == day, _SCORE.c.as_of == as_of)
        rows = connection.execute(own.order_by(*told[:3]))
        body = json.dumps([dict(row._mapping) for row in rows], ensure_ascii=False)
        of_run = sa.update(_RUN).where(_RUN.c.day == day, _RUN.c.as_of == as_of)
        connection.execute(of_run.values(scores=body))


def downgrade() -> None:
    """A table again, with all the view shows."""
    op.create_table(
        "scores",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("enterprise", sa.String(length=40), nullable=False),
        sa.Column("table", sa.String(length=40), nullable=False),
        sa.Column("dimension", sa.String(length=20), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.Column("failed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "as_of", "enterprise", "table", "dimension"),
    )
    op.execute("INSERT INTO scores SELECT * FROM quality_score")
    op.execute("DROP VIEW quality_score")
    op.rename_table("scores", "quality_score")
    op.drop_column("quality_run", "scores")
