"""How does Alembic run our steps? On the connection it is given, in the transaction that is already open."""

from __future__ import annotations

from alembic import context

from campaigns.storage.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    transactional_ddl=False,  # the transaction is campaigns.storage.schema's
)
context.run_migrations()
