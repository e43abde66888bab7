"""How is the database spoken to? One connection, used by one thread, with transactions that are durable or nothing.

The connection belongs to the thread that opened it; SQLite refuses any other. Transactions are begun and
ended here by name, not by the driver: on SQLite every one that may write begins IMMEDIATE, so that it never
fails half-way for want of the lock.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, CursorResult, Engine, Executable, Table, create_engine, event, insert, make_url, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import URL, ExceptionContext
from sqlalchemy.exc import DatabaseError, DBAPIError, InterfaceError, InternalError, OperationalError
from sqlalchemy.pool import NullPool, StaticPool

from campaigns.storage.errors import StoreError, StoreUnavailable

BUSY_TIMEOUT_MS = 5000
_CALLING_KEY = 0x6469616C  # the advisory lock under which claims and do-not-call entries take their turns

Rows = Sequence[Mapping[str, Any]]
Result = CursorResult[*tuple[Any, ...]]


def url_of(url: str) -> URL:
    """The parsed address of a database. Raises StoreError for anything but SQLite and PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername not in ("sqlite", "postgresql+psycopg"):
        raise StoreError(
            f"{parsed.drivername!r} is no database we know. Use sqlite:///FILE or "
            "postgresql://HOST/NAME. Nothing was stored."
        )
    return parsed


def file_of(url: URL) -> Path | None:
    """The file of an SQLite database; none for PostgreSQL and for one in memory."""
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(str(url.database))


class Database:
    """One open connection. Not safe for threads: it belongs to the one that made it."""

    def __init__(self, url: URL, *, durable: bool = True) -> None:
        self.url = url
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.file = file_of(url)
        self.find_erasure_key: Callable[[], bytes | None] = lambda: None
        self._erasure_key: bytes | None = None
        self._depth = 0
        self._engine = _engine(url, self.is_sqlite)
        if self.is_sqlite and not durable:
            event.listen(self._engine, "connect", _wait_for_no_disk)
        event.listen(self._engine, "handle_error", self._in_our_words)
        self._connection = self._engine.connect().execution_options(preserve_rowcount=True)
        self._inode = self.file.stat().st_ino if self.file else None

    @property
    def connection(self) -> Connection:
        """The connection itself, for migrations and backup."""
        return self._connection

    @property
    def erasure_key(self) -> bytes | None:
        """By which erased numbers are recognised (storage.pseudonyms); looked for until it is there."""
        if self._erasure_key is None:
            self._erasure_key = self.find_erasure_key()
        return self._erasure_key

    def close(self) -> None:
        """Let go of the database; what was committed stays."""
        self._connection.close()
        self._engine.dispose()

    def execute(self, statement: Executable, values: Mapping[str, Any] | Rows | None = None) -> Result:
        """Run one statement (a sequence of values: once for each). Raises StoreUnavailable, IntegrityError."""
        self._back_after_a_loss()
        return self._connection.execute(statement, values)

    def insert_many(self, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
        """Insert rows that hold every column of the table, in its order, ready for the driver.

        Text has gone through `storable`, JSON through `json_text`. Three times as fast as `execute`, which converts
        value by value; meant for imports.
        """
        if rows:
            dialect = sqlite.dialect() if self.is_sqlite else PGDialect_psycopg(paramstyle="format")  # type: ignore[no-untyped-call]
            statement = insert(table).compile(dialect=dialect, column_keys=[column.name for column in table.c])
            self._connection.exec_driver_sql(str(statement), list(rows))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is done inside is stored durably at the end, or nothing of it.

        An inner one joins the outermost: it is durable when that ends. When it fails alone, and the fault is
        caught between the two, its own part is undone and the rest goes on, on both databases alike.
        """
        inner = self._depth > 0
        self._driver(f"SAVEPOINT inner_{self._depth}") if inner else self._begin()
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            self._undo(f"ROLLBACK TO SAVEPOINT inner_{self._depth}" if inner else "ROLLBACK")
            raise
        self._depth -= 1
        self._driver(f"RELEASE SAVEPOINT inner_{self._depth}") if inner else self._commit()

    def take_turn(self) -> None:
        """Let claims and do-not-call entries happen one after another; held until the transaction ends.

        SQLite has a single writer anyway. On PostgreSQL this is what makes "listed before the intent" a fact.
        """
        if not self.is_sqlite:
            self.execute(_TAKE_TURN)

    def _begin(self) -> None:
        self._must_still_be_there()
        self._driver("BEGIN IMMEDIATE" if self.is_sqlite else "BEGIN")

    def _commit(self) -> None:
        try:
            self._driver("COMMIT")
        except StoreUnavailable:
            self._undo("ROLLBACK")
            raise

    def _undo(self, words: str) -> None:
        if self._connection.invalidated:
            return  # the link is gone, and what it had begun with it
        try:
            self._connection.exec_driver_sql(words)
        except (
            DBAPIError,
            StoreUnavailable,
        ):  # SQLite has rolled back by itself (disk full), or the link is gone: nothing is stored
            return

    def _back_after_a_loss(self) -> None:
        """A lost link to PostgreSQL ends the transaction it was lost in; the next one begins with a new link."""
        if not self._connection.invalidated:
            return
        if self._depth:
            raise StoreUnavailable(
                f"The link to {shown(self.url)} was lost in the midst of a transaction. Nothing of it was stored and "
                "nothing may be dialled for it; do the whole step again."
            )
        self._connection.rollback()

    def _driver(self, words: str) -> None:
        self._back_after_a_loss()
        self._connection.exec_driver_sql(words)

    def _must_still_be_there(self) -> None:
        if self._inode is None or self.file is None:
            return
        try:
            same = self.file.stat().st_ino == self._inode
        except OSError:
            same = False
        if not same:
            raise StoreUnavailable(
                f"The database file {self.file} was removed or replaced while in use. Nothing was stored, nothing may "
                "be dialled. Put the file back (or a backup) and start again."
            )

    def _in_our_words(self, context: ExceptionContext) -> StoreUnavailable | None:
        """What the database did wrong becomes StoreUnavailable, be it while asking or while reading the answer."""
        fault = context.sqlalchemy_exception
        if type(fault) not in _FAILURES or not isinstance(fault, DBAPIError):
            return None
        return StoreUnavailable(
            f"The database {shown(self.url)} failed: {_first_line(fault)}. Nothing of this step was stored and nothing "
            "may be dialled until it works again; check the disk and who else holds the database."
        )


# The database's fault, not a mistake in what was asked of it: locked, full, gone, damaged.
_FAILURES = (OperationalError, InterfaceError, InternalError, DatabaseError)
_TAKE_TURN = text(f"SELECT pg_advisory_xact_lock({_CALLING_KEY})")


def _engine(url: URL, is_sqlite: bool) -> Engine:
    if not is_sqlite:
        return create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    engine = create_engine(
        url,
        poolclass=StaticPool,
        isolation_level="AUTOCOMMIT",
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": True},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "temp_store = MEMORY",
        "cache_size = -65536",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _wait_for_no_disk(connection: sqlite3.Connection, _record: object) -> None:
    connection.execute("PRAGMA synchronous = OFF")


def make_file(path: Path) -> None:
    """An empty file only its owner may read or write. Raises FileExistsError when it is there already."""
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.fchmod(handle, 0o600)
    os.close(handle)


def shown(url: URL) -> str:
    """The address without its password, for a person's eyes."""
    return str(file_of(url) or url.render_as_string(hide_password=True))


def _first_line(fault: DBAPIError) -> str:
    return str(fault.orig).strip().splitlines()[0] if str(fault.orig).strip() else type(fault.orig).__name__
