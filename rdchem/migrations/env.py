"""Run by alembic: migrations go over the connection rdchem hands in, never over one of their own."""

from alembic import context

from rdchem.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
