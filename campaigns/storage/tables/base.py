"""What do all tables share? Their own catalogue of tables, and rules for names of constraints."""

from __future__ import annotations

from sqlalchemy import Index, MetaData, Table, text
from sqlmodel import SQLModel

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Row(SQLModel):
    """The root of all tables, apart from any other SQLModel in the same process."""

    metadata = METADATA


def table_of(row: type[Row]) -> Table:
    """The Core table that a row class defines."""
    return METADATA.tables[str(row.__tablename__)]


def partial_unique(name: str, *columns: str, where_sqlite: str, where_postgresql: str) -> Index:
    """A unique index over the rows for which the condition holds; both databases know it, in their own words."""
    return Index(
        name,
        *columns,
        unique=True,
        sqlite_where=text(where_sqlite),
        postgresql_where=text(where_postgresql),
    )
