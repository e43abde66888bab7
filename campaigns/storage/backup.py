"""How is a copy of the database made while it is in use?"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import cast

from campaigns.storage.database import Database, make_file, shown
from campaigns.storage.errors import StoreExists, StoreRefused, StoreUnavailable


def back_up(database: Database, path: Path) -> None:
    """Write a whole, consistent copy to `path`, only its owner may read it; it appears whole or not at all.

    Raises StoreExists when something is there, StoreRefused for PostgreSQL, StoreUnavailable when it cannot be written.
    """
    if not database.is_sqlite:
        raise StoreRefused(
            f"A copy of {shown(database.url)} is made with PostgreSQL's own tool: pg_dump --format=custom. "
            "Nothing was copied."
        )
    if path.exists():
        raise StoreExists(f"{path} is there already and was left as it is. Name another file; nothing was copied.")
    half = path.with_name(path.name + ".part")
    try:
        half.unlink(missing_ok=True)
        make_file(half)
        _copy(database, half)
        os.link(half, path)  # refuses to replace, which a rename would do
        half.unlink()
    except (OSError, sqlite3.Error) as fault:
        half.unlink(missing_ok=True)
        raise StoreUnavailable(f"The copy {path} could not be written: {_why(fault)}. There is no copy.") from fault


def _why(fault: Exception) -> str:
    """The system's own word; the path it names is our half-made file, which says nothing to a person."""
    return (fault.strerror if isinstance(fault, OSError) else None) or str(fault)


def _copy(database: Database, path: Path) -> None:
    source = cast("sqlite3.Connection", database.connection.connection.driver_connection)
    with closing(sqlite3.connect(path)) as target:
        source.backup(target, pages=-1)
        target.execute("PRAGMA journal_mode = DELETE")
    with path.open("rb") as written:
        os.fsync(written.fileno())
