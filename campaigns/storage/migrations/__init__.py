"""How did the tables become what they are? Alembic steps, run through campaigns.storage.schema only."""
