"""Whom may we call? Lists, import batches, persons, their numbers, and who stands on which list."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field

from campaigns.storage.columns import plain_json, words
from campaigns.storage.tables.base import Row, partial_unique, table_of

WITH_KEY = "person_key > ''"  # the words of index and question are one


class ListRow(Row, table=True):
    __tablename__ = "lead_list"

    id: int | None = Field(default=None, primary_key=True)
    name: str = words(unique=True)
    created_at: datetime
    created_by: str = words()


class BatchRow(Row, table=True):
    """One file that was imported. Rows stay after an undo, so ids are never given twice."""

    __tablename__ = "import_batch"
    __table_args__ = (
        partial_unique(
            "uq_import_batch_file_in_force",
            "list_id",
            "sha256",
            where_sqlite="undone_at IS NULL",
            where_postgresql="undone_at IS NULL",
        ),
    )

    id: int | None = Field(default=None, primary_key=True)
    list_id: int = Field(foreign_key="lead_list.id", index=True)
    source: str = words()
    sha256: str = words()
    actor: str = words()
    imported_at: datetime
    added: int = 0
    repeated: int = 0
    last_person_id: int = 0
    last_contact_point_id: int = 0
    undone_at: datetime | None = None
    undone_by: str = words(default="")


class PersonRow(Row, table=True):
    """`person_key`: as `campaigns.person_key` makes it, empty when the list gives none; `debt` as it was written."""

    __tablename__ = "person"
    __table_args__ = (
        Index("ix_person_key", "person_key", sqlite_where=text(WITH_KEY), postgresql_where=text(WITH_KEY)),
    )

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    first_name: str = words(default="")
    last_name: str = words(default="")
    display_name: str = words(default="")
    external_id: str = words(default="")
    timezone: str = words(default="")
    region: str = words(default="")
    postal_code: str = words(default="")
    country: str = words(default="")
    email: str = words(default="")
    language: str = words(default="")
    note: str = words(default="")
    person_key: str = words(default="")
    debt: str = words(default="")
    custom: Any = plain_json(nullable=False)


class ContactPointRow(Row, table=True):
    """A number of a person. Its id also tells the order in which his numbers stood in the file."""

    __tablename__ = "contact_point"

    id: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_id: int = Field(foreign_key="person.id", index=True)
    number: str = words(index=True)
    kind: str = words()
    region: str = words()
    zones: Any = plain_json(nullable=False)
    practice: bool
    extension: str = words(default="")


class MembershipRow(Row, table=True):
    __tablename__ = "list_membership"
    __table_args__ = (Index("ix_list_membership_person", "person_id"), Index("ix_list_membership_batch", "batch_id"))

    list_id: int = Field(foreign_key="lead_list.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", primary_key=True)
    batch_id: int = Field(foreign_key="import_batch.id")
    line: int  # of the file, so that a person on a list can be found in what was sent to us


LEAD_LIST = table_of(ListRow)
BATCH = table_of(BatchRow)
PERSON = table_of(PersonRow)
CONTACT_POINT = table_of(ContactPointRow)
MEMBERSHIP = table_of(MembershipRow)
