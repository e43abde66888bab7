"""How did the tables become what they are? Alembic steps, run through campaigns.storage.schema only.

A step that has been released is never edited: a change of the tables is a new file in `versions`, named by the
next number, whose `upgrade` works on SQLite (there inside `op.batch_alter_table`) and PostgreSQL. A test compares
where the steps lead with the tables that the program declares.
"""
