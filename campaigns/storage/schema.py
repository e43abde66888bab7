"""Which version of the tables does a database hold, and how does it get to ours?

The steps are shipped inside the package. A database of another version is refused, never guessed at; an
upgrade of an SQLite file first makes a copy beside it. There is no way down: put the copy back.
"""

from __future__ import annotations

import functools
from datetime import datetime
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import URL

from campaigns.storage.backup import back_up
from campaigns.storage.database import Database, file_of, shown, url_of
from campaigns.storage.errors import SchemaMismatch, StoreMissing

_MIGRATIONS = Path(__file__).parent / "migrations"


@functools.cache
def newest() -> str:
    """The version this program works with."""
    head = ScriptDirectory(str(_MIGRATIONS)).get_current_head()
    assert head is not None
    return head


@functools.cache
def _known() -> tuple[str, ...]:
    return tuple(step.revision for step in ScriptDirectory(str(_MIGRATIONS)).walk_revisions())


def current(url: str) -> str | None:
    """The version of the tables there, or none for an empty database. Raises StoreMissing, StoreUnavailable."""
    database = Database(_existing(url))
    try:
        return version_of(database)
    finally:
        database.close()


def upgrade(url: str, *, now: datetime) -> tuple[str, str, Path | None]:
    """Bring an existing database to our version: (version before, version after, the copy made before).

    No copy is made when there is nothing to do, nor for PostgreSQL. All steps are one transaction.
    Raises StoreMissing, SchemaMismatch for a database that is no store or from a newer program, StoreUnavailable.
    """
    database = Database(_existing(url))
    try:
        before = version_of(database)
        if before == newest():
            return before, before, None
        if before is None or before not in _known():
            raise SchemaMismatch(_unknown_words(database, before))
        copy = _copy_before(database, now)
        build(database)
        return before, newest(), copy
    finally:
        database.close()


def build(database: Database, to: str = "head") -> None:
    """Run every step that is missing, up to and with a version, all in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = database.connection
    with database.transaction():
        command.upgrade(config, to)


def version_of(database: Database) -> str | None:
    """The version of the tables in an open database; none when it holds none of ours."""
    return MigrationContext.configure(database.connection).get_current_revision()


def require_newest(database: Database) -> None:
    """Raises SchemaMismatch, naming the command to run, unless the tables are of our version."""
    found = version_of(database)
    if found == newest():
        return
    if found not in _known():
        raise SchemaMismatch(_unknown_words(database, found))
    raise SchemaMismatch(
        f"{shown(database.url)} is of version {found}, this program needs {newest()}. Run `dialer db upgrade` (it "
        "makes a copy first). Nothing was stored or dialled."
    )


def _unknown_words(database: Database, found: str | None) -> str:
    where = shown(database.url)
    if found is None:
        return (
            f"{where} holds no dialer's tables. Run `dialer init` with another place, or put the right database back. "
            "Nothing was stored or dialled."
        )
    return (
        f"{where} is of version {found}, which this program does not know: it was written by a newer one. Install that "
        "program (see `dialer --version`), or put back the copy made before its upgrade. Nothing was stored or dialled."
    )


def _existing(url: str) -> URL:
    parsed = url_of(url)
    file = file_of(parsed)
    if file is not None and not file.is_file():
        raise StoreMissing(missing_words(file))
    return parsed


def missing_words(file: Path) -> str:
    """What is said when a database's file is not there."""
    return (
        f"There is no database at {file}. If there was one, put it or a backup back; to start with an empty one run "
        "`dialer init`. Nothing was stored or dialled."
    )


def _copy_before(database: Database, now: datetime) -> Path | None:
    if database.file is None:
        return None
    copy = database.file.with_name(f"{database.file.name}.before-{newest()}-{now:%Y%m%dT%H%M%SZ}")
    back_up(database, copy)
    return copy
